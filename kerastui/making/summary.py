"""An array's figures, gathered block by block."""

from __future__ import annotations

from typing import Any

import numpy as np

from .results import Summary


class Tally:
    """Gathers a `Summary` from blocks."""

    def __init__(self) -> None:
        self._least = np.inf
        self._greatest = -np.inf
        self._sum = 0.0
        self._count = 0
        self._not_finite = 0

    def add(self, block: np.ndarray[Any, Any]) -> None:
        """Count a block."""
        values = block.reshape(-1)
        if values.dtype.kind == "f":
            finite = np.isfinite(values)
            if not finite.all():
                self._not_finite += int(values.size - np.count_nonzero(finite))
                values = values[finite]
        if values.size and values.dtype.kind in "biuf":
            self._least = min(self._least, float(values.min()))
            self._greatest = max(self._greatest, float(values.max()))
            self._sum += float(values.sum(dtype="float64"))
            self._count += values.size

    def summary(self, shape: tuple[int, ...], dtype: str) -> Summary:
        """Return the figures of all blocks."""
        if not self._count:
            return Summary(shape, dtype, not_finite=self._not_finite)
        mean = self._sum / self._count
        return Summary(shape, dtype, self._least, mean, self._greatest, self._not_finite)

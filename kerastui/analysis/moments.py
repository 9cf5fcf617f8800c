"""Count, extremes, mean, deviation and norms, gathered slice by slice and merged exactly enough.

Everything is summed in float64. Where the mean of a slice is large beside its deviation, the
squares are those of the distances from the mean, and slices are merged by Chan, Golub and
LeVeque, "Algorithms for computing the sample variance" (1983): neither cancels as a sum of
squares less a square of sums would. They are merged in an order of their own, so that figures
are the same to the last bit whichever thread was when done with which slice.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .numbers import Array, real_parts, scalar_product
from .results import Number, Statistics

_MOST = 1 << 16
"""Slices that are remembered, 16 billion elements; beyond that some are merged as they come."""


class _Part(NamedTuple):
    """Sums over finite elements, divided by `Moments.scale`."""

    size: int
    mean: float
    squares: float
    """Of deviations from the mean."""
    sizes: float
    """Absolute values."""


class Moments:
    """Gathers `Statistics` without quantiles; one to a thread, then merged.

    `scale` is what elements are divided by before they are summed, a power of two: only needed
    where squares would leave the range of float64 (see `wanted_scale`).
    """

    def __init__(self, scale: float = 1.0) -> None:
        self.count = self.nan = self.inf = self.negative_inf = self.zeros = 0
        self.least: Number | None = None
        self.greatest: Number | None = None
        self.finite = 0
        self._scale = scale
        self._parts: list[_Part] = []
        self._room, self._flags = np.empty(0), np.empty(0, bool)

    def add(self, elements: Array) -> None:
        """Count a flat slice of at most `streaming.SLICE` elements."""
        values = real_parts(elements)
        self.count += values.size
        if not values.size:
            return
        least, greatest = values.min().item(), values.max().item()
        # What is infinite or none is so after a subtraction as well.
        if values.dtype.kind == "f" and not math.isfinite(greatest - least):
            values = self._finite(values)
            if not values.size:
                return
            least, greatest = values.min().item(), values.max().item()
        self._stretch(least, greatest)
        if self._room.size < values.size:
            self._room, self._flags = np.empty(values.size), np.empty(values.size, bool)
        if least <= 0 <= greatest:
            other = np.not_equal(values, 0, out=self._flags[: values.size])
            self.zeros += values.size - int(np.count_nonzero(other))
        with np.errstate(all="ignore"):  # what overflows is done again, see `wanted_scale`
            self._sum_up(values, least >= 0 or greatest <= 0)

    def _sum_up(self, values: Array, one_sign: bool) -> None:
        room = self._room[: values.size]
        self._copy(values, room)
        total = float(room.sum())
        squares = scalar_product(room, room)
        mean = total / room.size
        sizes = abs(total) if one_sign else float(np.abs(room, out=room).sum())
        if not mean * total < squares / 2:  # the square of sums would cancel
            if not one_sign:
                self._copy(values, room)
            room -= mean
            squares = scalar_product(room, room)
        else:
            squares -= mean * total
        self._take([_Part(room.size, mean, squares, sizes)])

    def _copy(self, values: Array, room: Array) -> None:
        np.copyto(room, values)
        if self._scale != 1.0:
            room /= self._scale

    def merge(self, other: Moments) -> None:
        """Count all that the other has counted, with the same scale."""
        self.count += other.count
        self.nan += other.nan
        self.inf += other.inf
        self.negative_inf += other.negative_inf
        self.zeros += other.zeros
        if other.least is not None and other.greatest is not None:
            self._stretch(other.least, other.greatest)
        self._take(other._parts)

    def _finite(self, values: Array) -> Array:
        self.nan += int(np.count_nonzero(np.isnan(values)))
        self.inf += int(np.count_nonzero(np.isinf(values)))
        self.negative_inf += int(np.count_nonzero(np.isneginf(values)))
        return values[np.isfinite(values)]

    def _stretch(self, least: Number, greatest: Number) -> None:
        self.least = least if self.least is None else min(self.least, least)
        self.greatest = greatest if self.greatest is None else max(self.greatest, greatest)

    def _take(self, parts: list[_Part]) -> None:
        self._parts += parts
        self.finite += sum(part.size for part in parts)
        if len(self._parts) > _MOST:
            self._parts = [_merged(self._parts)]

    def wanted_scale(self) -> float | None:
        """Return the scale that another pass needs for its squares; None if these will do."""
        if self._scale != 1.0 or self.least is None or self.greatest is None:
            return None
        largest = max(abs(float(self.least)), abs(float(self.greatest)))
        if largest == 0 or 1e-140 < largest < 1e140:
            return None
        return 2.0 ** (math.frexp(largest)[1] - 1)

    def statistics(self, quantiles: tuple[tuple[float, float], ...] = ()) -> Statistics:
        """Return the figures of all that was counted."""
        n, scale = self.finite, self._scale
        _, mean, squares, sizes = _merged(self._parts)
        known = self.least is not None
        constant = known and self.least == self.greatest
        return Statistics(
            count=self.count,
            min=_plain(self.least),
            max=_plain(self.greatest),
            # Not off by a rounding where there is nothing to round.
            mean=float(self.least or 0) if constant else mean * scale if n else None,
            std=0.0 if constant else math.sqrt(squares / n) * scale if n else None,
            l1=sizes * scale,
            l2=math.sqrt(squares + n * mean * mean) * scale,
            zeros=self.zeros,
            nan=self.nan,
            inf=self.inf,
            quantiles=quantiles,
        )


def _merged(parts: list[_Part]) -> _Part:
    """Return the sums over all parts; of the same parts the same, in whatever order they are."""
    size, mean, squares = 0, 0.0, 0.0
    for part in sorted(parts):
        total = size + part.size
        apart = part.mean - mean
        mean += apart * (part.size / total)
        squares += part.squares + apart * apart * (size * (part.size / total))
        size = total
    return _Part(size, mean, squares, sum(sorted(part.sizes for part in parts)))


def _plain(value: Number | None) -> Number | None:
    return int(value) if isinstance(value, bool) else value

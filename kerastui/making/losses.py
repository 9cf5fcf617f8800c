"""What a weight loses in another dtype: computed block by block, nothing is written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..errors import BadEdit
from ..files.bfloat16 import BFLOAT16
from ..model import ArraySource
from ..saving.sources import Array, SourceFiles, blocks
from ..saving.values import converted
from .results import Loss


def loss_of(sources: Iterable[ArraySource], dtype: str) -> Loss:
    """Return what the arrays together lose in `dtype` (``float16``, ``float32``, ``float64``).

    Raises SaveFailed for arrays that cannot be read, BadEdit for those that are no
    floating-point numbers.
    """
    total = Loss()
    with SourceFiles() as files:
        for source in sources:
            with files.reader(source) as reader:
                for index in blocks(reader.shape, 16, fortran=reader.fortran, chunks=None):
                    total += _block_loss(reader.read(index), np.dtype(dtype))
    return total


def _block_loss(block: Array, dtype: np.dtype[Any]) -> Loss:
    if block.dtype == BFLOAT16:
        wide = converted(block, np.dtype("float32"))
        block = block if wide is None else wide
    if block.dtype.kind != "f":
        raise BadEdit(f"Only floating-point numbers are converted, not {block.dtype.name}.")
    with np.errstate(all="ignore"):
        exact = block.astype("float64").reshape(-1)
        stored = exact.astype(dtype).astype("float64")
        finite = np.isfinite(exact)
        overflows = int(np.count_nonzero(finite & ~np.isfinite(stored)))
        underflows = int(np.count_nonzero((stored == 0) & (exact != 0)))
        whole = finite & np.isfinite(stored)
        difference = np.abs(stored[whole] - exact[whole])
        size = np.abs(exact[whole])
        normal = size >= np.finfo(dtype.name).smallest_normal
        relative = difference[normal] / size[normal]
    return Loss(
        block.size,
        float(difference.max(initial=0.0)),
        float(relative.max(initial=0.0)),
        overflows,
        underflows,
    )

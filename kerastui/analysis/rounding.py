"""Whether one array is another one converted to a dtype that holds less."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..files.arrays import StoredArray
from ..files.bfloat16 import from_bfloat16, to_bfloat16
from .numbers import Array

Rounding = Callable[[Array, Array], bool]
"""Tells of two flat slices of float64 whether rounding is all that sets them apart."""
_BITS = {"bfloat16": 8, "float16": 11, "float32": 24, "float64": 53}
"""Bits of precision, by name of the dtype."""


def rounding_of(old: StoredArray, new: StoredArray) -> Rounding | None:
    """Return what tells whether one array is the other rounded; None where neither can be.

    That takes two dtypes of floating point, of which one holds less.
    """
    names = [array.label if array.dtype.kind == "V" else array.dtype.name for array in (old, new)]
    bits = [_BITS.get(name, 0) for name in names]
    if 0 in bits or bits[0] == bits[1]:
        return None
    coarse = int(bits[1] < bits[0])
    name = names[coarse]

    def only_rounded(before: Array, after: Array) -> bool:
        fine, other = (before, after) if coarse else (after, before)
        return bool(np.array_equal(_rounded(fine, name), other, equal_nan=True))

    return only_rounded


def _rounded(numbers: Array, name: str) -> Array:
    with np.errstate(all="ignore"):
        if name == "bfloat16":
            return from_bfloat16(to_bfloat16(numbers))
        return numbers.astype(name)

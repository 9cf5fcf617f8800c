"""A weight as a matrix that is passed over in slabs: never more than some rows or columns of it."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from ..files.stored_array import StoredArray
from ..model import safe_text
from .matrix_results import NoMatrix
from .numbers import Array, decoder
from .streaming import Advance, no_advance, pieces, read_block

SLAB = 16 << 20
"""Bytes of a slab, as float64, at least."""
_LARGEST_SIDE = 4096
_WIDEST_SLAB = 256 << 20
"""Slabs of whole chunks, so that none is unpacked twice, may become as large."""

_PRECISIONS = {
    "bfloat16": 2.0**-7, "void16": 2.0**-7,
    "float8_e4m3fn": 2.0**-3, "float8_e4m3": 2.0**-3, "float8_e5m2": 2.0**-2,
}  # fmt: skip
"""Of dtypes that NumPy lacks."""


class Matrix:
    """An array of two or more axes: the last one goes across, all others down.

    So a convolution's kernel (height, width, in, out) has a column for each filter. Raises
    NoMatrix, NotNumeric, UnsafeFile.
    """

    def __init__(self, array: StoredArray, advance: Advance = no_advance) -> None:
        if len(array.shape) < 2 or not array.size:
            raise NoMatrix(
                f"{safe_text(array.path, 200)} is no matrix: it has "
                f"{'no elements' if not array.size else 'fewer than two axes'}."
            )
        array.check_whole()
        self._array, self._advance = array, advance
        self._decode = decoder(array)
        self.rows = math.prod(array.shape[:-1])
        self.columns = array.shape[-1]
        side = min(self.rows, self.columns, _LARGEST_SIDE)
        # Half of a Gram matrix: to add a slab's to the sum costs as much as the sum has elements.
        self._slab = max(SLAB, 4 * side * side)

    @property
    def is_complex(self) -> bool:
        """Whether its elements are complex."""
        return self._array.dtype.kind == "c"

    @property
    def precision(self) -> float:
        """Distance between 1 and the next number of the dtype that its elements have; 0: exact."""
        name = self._array.saved_as or self._array.label
        if name in _PRECISIONS:
            return _PRECISIONS[name]
        dtype = np.dtype(self._array.saved_as) if self._array.saved_as else self._array.dtype
        return float(np.finfo(dtype).eps) if dtype.kind in "fc" else 0.0

    @property
    def nbytes(self) -> int:
        """Bytes of all of it as float64 or complex128."""
        return self._array.size * (16 if self.is_complex else 8)

    def bands(self) -> Iterator[tuple[int, Array]]:
        """Yield bands of whole rows from the top, each with the number of its first row."""
        array, width = self._array, 8 * self.columns
        budget = max(self._slab, width)
        if array.chunks is not None:
            budget = max(
                budget, min(_WIDEST_SLAB, array.chunks[0] * math.prod(array.shape[1:]) * 8)
            )
        first = 0
        for index in pieces(array.shape, 8, None, budget):
            block = array.read(index) if array.fortran else read_block(array, index)
            band = self._numbers(block).reshape(-1, self.columns)
            yield first, band
            first += len(band)
            self._advance(block.nbytes)

    def stripes(self) -> Iterator[tuple[int, Array]]:
        """Yield stripes of whole columns from the left, each with the number of its first."""
        array, height = self._array, 8 * self.rows
        step = max(1, self._slab // height)
        if array.chunks is not None:
            chunk = array.chunks[-1]
            step = max(chunk, step - step % chunk) if chunk * height <= _WIDEST_SLAB else step
        others = [slice(0, length) for length in array.shape[:-1]]
        for first in range(0, self.columns, step):
            block = array.read((*others, slice(first, min(first + step, self.columns))))
            yield first, self._numbers(block).reshape(self.rows, -1)
            self._advance(block.nbytes)

    def whole(self) -> Array:
        """Return all of it."""
        return np.concatenate([band for _, band in self.bands()])

    def row(self, number: int) -> Array:
        """Return one row; only of a matrix that is stored as one."""
        return self._one(slice(number, number + 1), slice(0, self.columns))

    def column(self, number: int) -> Array:
        """Return one column; only of a matrix that is stored as one."""
        return self._one(slice(0, self.rows), slice(number, number + 1))

    def _one(self, down: slice, across: slice) -> Array:
        return self._numbers(self._array.read((down, across))).reshape(-1)

    def _numbers(self, block: Array) -> Array:
        return self._decode(block).astype("c16" if self.is_complex else "f8", copy=False)

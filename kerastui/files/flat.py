"""Blocks of an array that lies in one piece of a file, read without libhdf5.

What a block needs is read run by run; where the runs lie close together, they are read as one,
which takes one call of the system instead of thousands.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .read_at import ReadAt
from .stored_array import Array, Index

_CLOSE = 8
"""A stretch is read whole when no more than so many times of it is needed …"""
_SHORT = 64 << 10
"""… or when it has no more bytes than this."""
_MOST = 64 << 20
"""Bytes that are read at once."""


class Flat:
    """Reads blocks of an array in C's or Fortran's order that begins at a place of a file."""

    errors = (OSError, EOFError, ValueError, MemoryError)

    def __init__(
        self,
        read: ReadAt,
        start: int,
        shape: Sequence[int],
        dtype: np.dtype[Any],
        fortran: bool = False,
    ) -> None:
        self._read = read
        self._start = start
        self._order = -1 if fortran else 1  # one order is the other's with axes turned round
        self._dtype = dtype
        shape = tuple(shape)[:: self._order]
        self._strides = tuple(
            dtype.itemsize * math.prod(shape[axis + 1 :]) for axis in range(len(shape))
        )

    def read(self, index: Index) -> Array:
        """Return a block. Raises what is in `errors`."""
        parts = [(part.start, part.stop - part.start) for part in index[:: self._order]]
        size = tuple(count for _, count in parts)
        block = np.empty(size, self._dtype)
        if block.size:
            begin = self._start + sum(
                start * stride for (start, _), stride in zip(parts, self._strides, strict=True)
            )
            self._fill(block, begin, self._strides)
        return block if self._order > 0 else block.T

    def _fill(self, block: Array, begin: int, strides: tuple[int, ...]) -> None:
        """Fill a block whose first element lies at `begin`."""
        item = self._dtype.itemsize
        span = item + sum((n - 1) * s for n, s in zip(block.shape, strides, strict=True))
        close = span <= max(_SHORT, _CLOSE * block.nbytes) and span <= _MOST
        if close or not block.ndim or (block.ndim == 1 and strides[0] == item):
            data = self._read(begin, span)
            if len(data) < span:
                raise EOFError("it is cut off")
            block[...] = np.ndarray(block.shape, self._dtype, data, 0, strides)
            return
        for i, part in enumerate(block):
            self._fill(part, begin + i * strides[0], strides[1:])

    def reason(self, error: Exception) -> str:
        """Return the end of a sentence on what is wrong."""
        what = str(error).partition("\n")[0][:200] or type(error).__name__
        return f"cannot be read: the file is damaged, or being written ({what})."

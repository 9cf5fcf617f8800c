"""Arrays written block by block, as ``.npy`` or CSV, with no more in memory than a block."""

from __future__ import annotations

import math
from io import BytesIO
from itertools import product
from typing import IO, Any, Protocol

import numpy as np

from ..files.stored_array import Index
from .number_lines import lines_of
from .numbers import Array


class Writer(Protocol):
    """Takes the blocks of an array."""

    def put(self, index: Index, block: Array) -> None:
        """Write a block to its place. Raises OSError."""
        ...


class NpyWriter:
    """Writes a ``.npy`` in C's order; blocks may come in any order."""

    def __init__(self, file: IO[bytes], shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self._file, self._shape, self._dtype = file, shape, dtype
        header = BytesIO()
        described = {
            "descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape
        }  # fmt: skip
        np.lib.format.write_array_header_1_0(header, described)
        file.write(header.getvalue())
        self._start = header.tell()

    def put(self, index: Index, block: Array) -> None:
        """Write a block, as many bytes at once as lie side by side in the file."""
        data = np.ascontiguousarray(block, self._dtype)
        axis = len(self._shape)  # axes from here on are whole in the block
        while axis and data.shape[axis - 1] == self._shape[axis - 1]:
            axis -= 1
        axis = max(axis - 1, 0)
        length = math.prod(data.shape[axis:]) * self._dtype.itemsize
        view = memoryview(data.reshape(-1).view(np.uint8))  # pyright: ignore[reportArgumentType]
        begins = [part.start for part in index]
        for number, corner in enumerate(product(*(range(n) for n in data.shape[:axis]))):
            first = 0
            for a, size in enumerate(self._shape):
                first = first * size + begins[a] + (corner[a] if a < axis else 0)
            self._file.seek(self._start + first * self._dtype.itemsize)
            self._file.write(view[number * length : (number + 1) * length])


class CsvWriter:
    """Writes rows and columns as text, each number as short as its dtype allows.

    Blocks have to come in the order of the rows; one that does not have whole rows is a part
    of one row.
    """

    def __init__(self, file: IO[bytes], columns: int) -> None:
        self._file, self._columns = file, columns

    def put(self, index: Index, block: Array) -> None:
        """Write a block of two axes."""
        self._file.write(lines_of(block, "\n" if index[1].stop == self._columns else ","))

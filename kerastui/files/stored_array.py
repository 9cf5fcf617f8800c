"""An array whose values lie in a file, read a piece at a time: what all kinds of files come to."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ..errors import UnreadableFile, UnsafeFile
from ..model import safe_text
from ..model.figures import count, size

MAX_CHUNK = 256 << 20
"""Bytes of a chunk, which is always unpacked whole."""
_WHOLE = 1 << 30
_EXPANSION = 2000
"""An array over 1 GiB that declares so many times more than is stored is a bomb (deflate
cannot exceed 1032); a part of it can still be looked at."""

Array = np.ndarray[Any, Any]
Index = tuple[slice, ...]


class Blocks(Protocol):
    """How blocks of an array are read from its kind of file."""

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What `read` raises when it cannot."""
        ...

    def read(self, index: Index) -> Array:
        """Return a block as it is stored."""
        ...

    def reason(self, error: Exception) -> str:
        """Return the end of a sentence on what is wrong and what to do, from "is" or "cannot"."""
        ...


@dataclass(frozen=True)
class StoredArray:
    """An array whose values can be read."""

    path: str
    """What it is called in messages: the path of a dataset, the name of a file."""
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    label: str
    """NumPy's name of the dtype, or what the file says its raw bytes are (``bfloat16``)."""
    chunks: tuple[int, ...] | None
    stored_bytes: int
    blocks: Blocks
    run: tuple[int, int] | None
    """File descriptor and place in bytes, where the array lies in one piece as NumPy has it."""
    fortran: bool = False
    """Whether the elements of a run are in Fortran's order."""
    saved_as: str = ""
    """The dtype that its values are rounded to before they are looked at, as they will be when
    they are saved; "": as they are."""

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def in_one_run(self) -> bool:
        """Whether `read_run` may be used."""
        return self.run is not None

    def read(self, index: Index) -> Array:
        """Return a block. Raises UnreadableFile, UnsafeFile (a chunk that is too large)."""
        if self.chunks is not None:
            unpacked = math.prod(self.chunks) * self.dtype.itemsize
            if unpacked > MAX_CHUNK:
                raise UnsafeFile(
                    f"{self._name} is stored in chunks of {size(unpacked)}, which have to be "
                    f"unpacked whole; kerastui reads chunks of up to {size(MAX_CHUNK)}."
                )
        try:
            return self.blocks.read(index)
        except self.blocks.errors as error:
            raise self._unreadable(error) from error

    def read_run(self, begin: int, target: Array) -> Array:
        """Fill `target` with the elements from number `begin` on and return it.

        Only for arrays `in_one_run`, with a target of their dtype. Raises UnreadableFile.
        """
        assert self.run is not None
        descriptor, place = self.run
        view: Any = memoryview(target.reshape(-1).view(np.uint8)).cast("B")  # pyright: ignore[reportArgumentType]
        at, done = place + begin * self.dtype.itemsize, 0
        while done < len(view):
            try:
                got = os.preadv(descriptor, [view[done:]], at + done)
            except OSError as error:
                raise self._unreadable(error) from error
            if not got:
                raise UnreadableFile(
                    f"{self._name} is cut off: the file ends before its values do."
                )
            done += got
        return target

    def check_whole(self) -> None:
        """Raise UnsafeFile where reading all of it would take for ever and give nothing."""
        declared = self.size * self.dtype.itemsize
        if declared > _WHOLE and declared > _EXPANSION * self.stored_bytes:
            raise UnsafeFile(
                f"{self._name} declares {count(self.size)} elements and stores "
                f"{size(self.stored_bytes)}: a decompression bomb, or never written; it is not "
                "read as a whole."
            )

    @property
    def _name(self) -> str:
        return safe_text(self.path, 200)

    def _unreadable(self, error: Exception) -> UnreadableFile:
        return UnreadableFile(f"{self._name} {self.blocks.reason(error)}")


class _Memory:
    """Blocks of an array that is in memory."""

    errors = (MemoryError,)

    def __init__(self, values: Array) -> None:
        self._values = values

    def read(self, index: Index) -> Array:
        return self._values[index]

    def reason(self, error: Exception) -> str:
        return f"cannot be looked at: {error}."


def in_memory(name: str, values: Array) -> StoredArray:
    """Return an array that is not in a file yet as if it were in one."""
    kept = values.shape, values.dtype, values.dtype.name
    return StoredArray(name, *kept, None, values.nbytes, _Memory(values), None)

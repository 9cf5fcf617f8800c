"""Arrays in ``.npy`` files, and in the ``.npz`` archives that are made of them.

Nothing is unpickled, and nothing is mapped into memory: a file that is cut off while it is read
is an error then, not a signal.
"""

from __future__ import annotations

import math
import os
import tempfile
import zipfile
import zlib
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO, Any, BinaryIO

import numpy as np
from numpy.lib import format as npy

from ..errors import UnreadableFile, UnsafeFile
from ..model import safe_text
from .archive import CONFIG, MAX_UNPACKED, local_header_end
from .detect import ZIP_MAGIC, open_raw
from .flat import Flat
from .read_at import reader_of
from .stored_array import StoredArray

MAGIC = b"\x93NUMPY"
ERRORS = (
    OSError, ValueError, TypeError, EOFError, KeyError, RuntimeError, NotImplementedError,
    MemoryError, OverflowError, SyntaxError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What reading a damaged one raises, depending on where the damage is."""
_IN_MEMORY = 16 << 20
_PIECE = 1 << 20


@dataclass(frozen=True)
class Header:
    """What a ``.npy`` says of its array."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool
    """Whether the first axis changes fastest."""
    start: int
    """Where the values begin."""

    @property
    def nbytes(self) -> int:
        """Bytes of the values."""
        return math.prod(self.shape) * self.dtype.itemsize


def read_header(stream: IO[bytes]) -> Header:
    """Read the header of a ``.npy``, which leaves `stream` at the values. Raises ERRORS."""
    version = npy.read_magic(stream)
    header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, fortran, dtype = header(stream)
    return Header(tuple(shape), dtype, bool(fortran) and len(shape) > 1, stream.tell())


class NpyFile:
    """A ``.npy`` that was opened, or the members of an ``.npz``, which stay open together."""

    def __init__(self, path: str, file: BinaryIO, archive: zipfile.ZipFile | None) -> None:
        self._path = path
        self._file = file
        self._archive = archive
        self.closing = ExitStack()

    def array(self, member: str) -> StoredArray:
        """Return the array, or the member of that name. Raises UnreadableFile, UnsafeFile."""
        what = f"{self._path}:{member}" if self._archive else self._path
        try:
            if self._archive is None:
                self._file.seek(0)
                return _array(what, self._file, 0, self._file.seek(0, 2))
            return self._member(what, self._archive, f"{member}.npy")
        except ERRORS as error:
            raise UnreadableFile(
                f"{safe_text(what, 300)} cannot be read ({_why(error)})."
            ) from error

    def _member(self, what: str, archive: zipfile.ZipFile, name: str) -> StoredArray:
        info = archive.getinfo(name)
        if info.compress_type == zipfile.ZIP_STORED and not info.flag_bits & 0x1:
            start = local_header_end(self._file, info)
            if not start:
                raise ValueError("the archive is damaged")
            return _array(what, self._file, start, start + info.file_size)
        if info.file_size > MAX_UNPACKED:
            raise UnsafeFile(
                f"{safe_text(what, 300)} has {info.file_size:,} bytes; kerastui unpacks at most "
                f"{MAX_UNPACKED:,}."
            )
        with archive.open(info) as stream:
            if read_header(stream).nbytes > info.file_size:
                raise EOFError("it is cut off")
        target: Any = self.closing.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        with archive.open(info) as stream:
            while piece := stream.read(_PIECE):
                target.write(piece)
        target.flush()
        return _array(what, target, 0, target.tell(), info.compress_size)


def _array(
    what: str, file: BinaryIO, start: int, end: int, stored_bytes: int | None = None
) -> StoredArray:
    """Return the array whose ``.npy`` lies from `start` to `end` in a file."""
    file.seek(start)
    header = read_header(file)
    if header.dtype.hasobject:
        raise ValueError("it holds Python objects, which are never unpickled")
    if header.start + header.nbytes > end:
        raise EOFError("it is cut off")
    raw = header.dtype == np.dtype("V2")
    simple = (header.dtype.kind in "iufc" or raw) and hasattr(os, "preadv")
    return StoredArray(
        what, header.shape, header.dtype, "bfloat16" if raw else header.dtype.name, None,
        header.nbytes if stored_bytes is None else stored_bytes,
        Flat(
            reader_of(file.fileno()), header.start, header.shape, header.dtype, header.fortran
        ),
        (file.fileno(), header.start) if simple else None,
        header.fortran,
    )  # fmt: skip


def is_npy(path: str) -> bool:
    """Whether a file is a ``.npy``, or an archive but no model. Raises UnreadableFile."""
    with open_raw(path) as file:
        magic = file.read(len(MAGIC))
    if not magic.startswith(ZIP_MAGIC):
        return magic == MAGIC
    try:
        with zipfile.ZipFile(path) as archive:
            return CONFIG not in archive.namelist()
    except ERRORS:
        return False  # whoever opens archives of models explains what is wrong with it


@contextmanager
def open_npy(path: str) -> Generator[NpyFile]:
    """Open a ``.npy`` or an ``.npz``. Raises UnreadableFile."""
    with ExitStack() as stack:
        file = stack.enter_context(open_raw(path))
        archive = None
        if file.read(len(MAGIC)) != MAGIC:
            try:
                archive = stack.enter_context(zipfile.ZipFile(path))
            except ERRORS as error:
                raise UnreadableFile(
                    f"{safe_text(path, 300)} is no .npy, no .npz and no model file."
                ) from error
        opened = NpyFile(path, file, archive)
        stack.enter_context(opened.closing)
        yield opened


def _why(error: Exception) -> str:
    if isinstance(error, KeyError):
        return "there is no such array in it"
    return safe_text(str(error).partition("\n")[0], 200) or type(error).__name__

"""The HDF5 file in a ``.keras`` archive, written to where it lies.

Keras stores it uncompressed, and new values seldom need another amount of room; then nothing
has to be unpacked and packed again. Only the member's checksum is computed anew.
"""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Iterable
from typing import Any

import h5py

from ..files.archive import WEIGHTS, Archive, Window
from ..files.guards import is_dataset
from .archive import DESCRIPTOR, read_directory, write_directory
from .atomic import Draft
from .copying import Progress, write_all
from .opening import closed_after
from .state_edit import inside
from .values import Values, write_values

_h5py: Any = h5py
_PIECE = 1 << 20
_LOCAL_CRC = 14
"""Where the checksum stands in a local header (APPNOTE.TXT 4.3.7)."""
_FLAGS, _METHOD, _CRC = 2, 3, 6
"""Fields of a directory entry."""


class Stretch(Window):
    """A stretch of a file that can be written; what goes beyond its end is kept apart."""

    grown = False
    """Whether the file in it has become longer or shorter, so that it does not fit any more."""

    def writable(self) -> bool:
        """Say that it can be written."""
        return True

    def write(self, data: Any, /) -> int:
        """Write into the stretch, and nowhere else."""
        view = memoryview(data).cast("B")
        at = self.tell()
        room = max(0, min(len(view), self._length - at))
        self.grown |= room < len(view)
        self._file.seek(self._offset + at)
        write_all(self._file.fileno(), view[:room])
        self.seek(at + len(view))
        return len(view)

    def truncate(self, size: int | None = None, /) -> int:
        """Note another length; the file around stays as it is."""
        wanted = self.tell() if size is None else size
        self.grown |= wanted != self._length
        return wanted


def fits(source: int, archive: Archive, stream: Any, paths: Iterable[str]) -> bool:
    """Whether new values of the datasets at `paths` go where the old ones are.

    `stream` is the weights in `archive`, which is open in `source` as well.
    """
    _, members, _ = read_directory(source)
    member = next((m for m in members if m.name == WEIGHTS.encode()), None)
    if member is None or member.fields[_METHOD] != zipfile.ZIP_STORED:
        return False
    if member.fields[_FLAGS] & DESCRIPTOR or archive.weights_place() is None:
        return False
    with _h5py.File(stream, "r") as file:
        found = [inside(file, path) for path in paths]
        return all(is_dataset(d) and d.get_offset() is not None for d in found if d is not None)


def write_where_it_lies(draft: Draft, values: Values, progress: Progress) -> bool:
    """Write new values into the archive in `draft`; say no if that went beyond their places.

    The draft is of no use then. Raises SaveFailed, OSError.
    """
    with Archive(draft.path) as archive:
        place = archive.weights_place()
    if place is None:
        return False
    with io.FileIO(draft.path, "r+") as raw:
        stretch = Stretch(raw, *place)  # pyright: ignore[reportArgumentType]
        with closed_after(_h5py.File(stretch, "r+")) as file:
            write_values(file, values, progress)
            file.flush()
    if stretch.grown:
        return False
    draft.sync()  # the disk may have the data while they are read once more
    _restate(draft.descriptor, place)
    return True


def _restate(target: int, place: tuple[int, int]) -> None:
    """State the checksum of the weights, in the header before them and in the directory."""
    start, members, comment = read_directory(target)
    member = next(m for m in members if m.name == WEIGHTS.encode())
    crc, (begin, length) = 0, place
    os.lseek(target, begin, os.SEEK_SET)
    while length:
        piece = os.read(target, min(_PIECE, length))
        if not piece:
            raise EOFError("the file has become shorter")
        crc = zlib.crc32(piece, crc)
        length -= len(piece)
    os.lseek(target, member.offset + _LOCAL_CRC, os.SEEK_SET)
    write_all(target, struct.pack("<L", crc))
    member.fields[_CRC] = crc
    os.lseek(target, start, os.SEEK_SET)
    write_directory(target, start, members, comment)

"""The ``.keras`` archive: its texts, and the HDF5 file inside, in place.

Keras 3 writes members uncompressed, so that ``model.weights.h5`` can be opened where it
lies: h5py is given a file-like object that shows only that stretch. A compressed member is
unpacked through a stream with a cap, into memory or an unnamed temporary file.

Guards (THREATS.md): duplicate members, encrypted ones, names that leave the folder, headers
that disagree with the directory, sizes that do not fit the file, decompression bombs.
"""

from __future__ import annotations

import io
import os
import struct
import tempfile
import zipfile
import zlib
from types import TracebackType
from typing import IO, Any, BinaryIO

from ..errors import NotAModelFile, UnreadableFile, UnsafeFile
from .detect import HDF5_MAGIC, open_raw, signature_offset

CONFIG = "config.json"
METADATA = "metadata.json"
WEIGHTS = "model.weights.h5"

MAX_MEMBERS = 100_000
MAX_METADATA = 1 << 20
MAX_CONFIG = 64 << 20
MAX_UNPACKED = 8 << 30
"""Bytes of a compressed ``model.weights.h5`` that kerastui unpacks to look into it."""
MAX_EXPANSION = 1000
"""A member over 64 MiB that unpacks to more than this many times its size is a bomb
(genuine weights hardly shrink; deflate cannot exceed 1032)."""
_IN_MEMORY = 64 << 20
_CHUNK = 1 << 20
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")


class Window(io.RawIOBase):
    """A stretch of a file, shown as a file of its own: offset and length in bytes."""

    def __init__(self, file: BinaryIO, offset: int, length: int) -> None:
        super().__init__()
        self._file = file
        self._offset = offset
        self._length = length
        self._at = 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that it can be positioned."""
        return True

    def tell(self) -> int:
        """Return the position inside the stretch."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move inside the stretch."""
        base = (0, self._at, self._length)[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        """Fill `buffer` from the stretch; zeros never stand in for what is not there."""
        view = memoryview(buffer).cast("B")
        wanted = max(0, min(len(view), self._length - self._at))
        self._file.seek(self._offset + self._at)
        got = 0
        while got < wanted:
            count = self._file.readinto(view[got:wanted])  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue, reportUnknownVariableType]
            if not count:
                break
            got += int(count)  # pyright: ignore[reportUnknownArgumentType]
        self._at += got
        return got


class Archive:
    """An opened ``.keras`` archive. Use it in a ``with`` statement.

    Raises UnreadableFile, NotAModelFile (a zip without a Keras model) or UnsafeFile.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        self.file: BinaryIO = open_raw(path)
        try:
            self.size = os.fstat(self.file.fileno()).st_size
            self._zip = self._directory()
            self.members = {info.filename: info for info in self._zip.infolist()}
            self._check()
        except BaseException:
            self.file.close()
            raise
        self._closing: list[IO[bytes]] = []

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the archive; an inner HDF5 file must be closed before."""
        for file in self._closing:
            file.close()
        self._zip.close()
        self.file.close()

    def _directory(self) -> zipfile.ZipFile:
        try:
            return zipfile.ZipFile(self.file)
        except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError) as error:
            raise UnreadableFile(
                f"{self.path} is a damaged or cut-off archive: its directory is missing."
            ) from error
        except (struct.error, IndexError, OverflowError, MemoryError) as error:
            raise UnreadableFile(f"{self.path} is a damaged archive.") from error

    def _check(self) -> None:
        infos = self._zip.infolist()
        if len(infos) > MAX_MEMBERS:
            raise UnsafeFile(f"{self.path} has {len(infos):,} members; no Keras archive has.")
        if len(self.members) != len(infos):
            raise UnsafeFile(
                f"{self.path} has two members of the same name, so that two programs can read "
                "two different models from it; it is refused."
            )
        if CONFIG not in self.members:
            raise NotAModelFile(_not_keras(self.path, self.members))
        for info in infos:
            self._check_member(info)

    def _check_member(self, info: zipfile.ZipInfo) -> None:
        if info.flag_bits & 0x1:
            raise UnsafeFile(f"{self.path} is encrypted (member {info.filename}).")
        parts = info.filename.replace("\\", "/").split("/")
        if parts[0] == "" or ".." in parts or ":" in parts[0]:
            raise UnsafeFile(
                f"{self.path} has a member that would be written outside of a folder "
                f"({info.filename}); it is refused."
            )
        if not 0 <= info.header_offset <= self.size - info.compress_size:
            raise UnreadableFile(
                f"{self.path} is cut off or damaged: member {info.filename} ends after the file."
            )
        if info.file_size > _IN_MEMORY and info.file_size > MAX_EXPANSION * info.compress_size:
            raise UnsafeFile(
                f"{self.path} is a decompression bomb: {info.filename} unpacks from "
                f"{info.compress_size:,} to {info.file_size:,} bytes."
            )

    def read(self, name: str, limit: int) -> bytes | None:
        """Return a member's bytes, None if it is absent. Raises UnsafeFile over `limit`."""
        info = self.members.get(name)
        if info is None:
            return None
        if info.file_size > limit:
            raise _too_long(self.path, name, info.file_size, limit)
        self.data_offset(info)
        try:
            with self._zip.open(info) as stream:
                data = stream.read(limit + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
            raise self._damaged(name) from error
        except (NotImplementedError, RuntimeError) as error:
            raise UnreadableFile(
                f"{self.path}: {name} is compressed in a way that cannot be read here."
            ) from error
        if len(data) > limit:
            raise _too_long(self.path, name, len(data), limit)
        return data

    def data_offset(self, info: zipfile.ZipInfo) -> int:
        """Return where the member's data begin. Raises if header and directory disagree."""
        offset = local_header_end(self.file, info)
        if offset is None:
            raise self._damaged(info.filename)
        if not offset:
            raise UnsafeFile(
                f"{self.path}: the archive's directory and the header of {info.filename} "
                "disagree; it is refused."
            )
        if offset + info.compress_size > self.size:
            raise self._damaged(info.filename)
        return offset

    def weights_place(self) -> tuple[int, int] | None:
        """Return offset and length of the inner HDF5 when it lies there uncompressed.

        Raises UnsafeFile when another HDF5 file lies where libhdf5 would look for one.
        """
        info = self.members.get(WEIGHTS)
        if info is None:
            return None
        place: tuple[int, int] | None = None
        if info.compress_type == zipfile.ZIP_STORED:
            if info.file_size != info.compress_size:
                raise self._damaged(WEIGHTS)
            place = self.data_offset(info), info.file_size
        self._refuse_two_in_one(place)
        return place

    def open_weights(self) -> IO[bytes] | Window | None:
        """Return ``model.weights.h5`` as a file-like object, None if the archive has none."""
        info = self.members.get(WEIGHTS)
        if info is None:
            return None
        place = self.weights_place()
        if place is not None:
            return Window(self.file, *place)
        unpacked = self._unpack(info)
        self._closing.append(unpacked)
        return unpacked

    def _refuse_two_in_one(self, place: tuple[int, int] | None) -> None:
        """An HDF5 signature where libhdf5 looks for one, outside the weights: two models."""
        found = signature_offset(self.file, self.size, start=512)
        if found is not None and (place is None or not 0 <= found - place[0] < place[1]):
            raise UnsafeFile(
                f"{self.path} is a zip archive and an HDF5 file at once, so that two programs "
                "can read two different models from it; it is refused."
            )

    def _unpack(self, info: zipfile.ZipInfo) -> IO[bytes]:
        if info.file_size > MAX_UNPACKED:
            raise _too_long(self.path, WEIGHTS, info.file_size, MAX_UNPACKED)
        self.data_offset(info)
        target: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        left = info.file_size
        try:
            with self._zip.open(info) as stream:
                while chunk := stream.read(_CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        raise self._damaged(WEIGHTS)
                    target.write(chunk)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
            target.close()
            raise self._damaged(WEIGHTS) from error
        except (NotImplementedError, RuntimeError) as error:
            target.close()
            raise UnreadableFile(
                f"{self.path}: {WEIGHTS} is compressed in a way that cannot be read here."
            ) from error
        target.seek(0)
        if target.read(len(HDF5_MAGIC)) != HDF5_MAGIC:
            target.close()
            raise UnreadableFile(f"{self.path}: {WEIGHTS} inside is no HDF5 file.")
        target.seek(0)
        return target

    def _damaged(self, name: str) -> UnreadableFile:
        return UnreadableFile(f"{self.path} is cut off or damaged: {name} inside cannot be read.")


def local_header_end(file: BinaryIO, info: zipfile.ZipInfo) -> int | None:
    """Return where a member's data begin: after its own header.

    None where the file ends before, 0 where header and directory disagree.
    """
    file.seek(info.header_offset)
    raw = file.read(_LOCAL_HEADER.size)
    if len(raw) < _LOCAL_HEADER.size:
        return None
    magic, _, flags, method, *_, name_length, extra_length = _LOCAL_HEADER.unpack(raw)
    name = file.read(name_length)
    stated = name.decode("utf-8" if flags & 0x800 else "cp437", "replace")
    if magic != b"PK\x03\x04" or method != info.compress_type or stated != info.orig_filename:
        return 0
    return info.header_offset + _LOCAL_HEADER.size + name_length + extra_length


def _too_long(path: str, name: str, size: int, limit: int) -> UnsafeFile:
    return UnsafeFile(f"{path}: {name} has {size:,} bytes; kerastui reads at most {limit:,}.")


def _not_keras(path: str, members: dict[str, zipfile.ZipInfo]) -> str:
    names = list(members)[:1000]
    if names and all(name.endswith(".npy") for name in names):
        return f"{path} is a NumPy .npz archive, not a Keras model."
    if any(name.endswith("/data.pkl") for name in names):
        return f"{path} is a PyTorch archive, not a Keras model."
    if any(name.endswith("saved_model.pb") for name in names):
        return f"{path} is a zipped SavedModel; unpack it and load it with TensorFlow."
    others = [name for name in names if name != WEIGHTS]
    if any(name.endswith((".h5", ".hdf5", ".keras")) for name in others):
        return f"{path} is a zip archive that contains model files; unpack it first."
    return f"{path} is a zip archive without config.json: not a Keras model."

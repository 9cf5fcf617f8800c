"""What kind of file this is, by its content, never by its name.

A ``.keras`` written by TensorFlow 2.11 is HDF5, a ``.h5`` may be a Git LFS pointer. The
checks read a few dozen bytes and open nothing.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO, Literal

from ..errors import NotAModelFile, UnreadableFile, UnsafeFile
from ..model import FileIdentity

Container = Literal["hdf5", "zip"]

HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
ZIP_MAGIC = b"PK\x03\x04"
LFS_MAGIC = b"version https://git-lfs.github.com/spec/"
_ZIP_END = b"PK\x05\x06"
_ZIP_TAIL = 22 + 0xFFFF  # the end record and its longest comment

_OTHERS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x93NUMPY", "a NumPy array"),
    (0, b"\x1f\x8b", "a gzip archive; unpack it first"),
    (0, b"BZh", "a bzip2 archive; unpack it first"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it first"),
    (257, b"ustar", "a tar archive; unpack it first"),
    (4, b"TFL3", "a TensorFlow Lite model"),
    (0, b"GGUF", "a GGUF model"),
    (0, b"CDF", "a NetCDF file"),
    (0, b"\x80\x02", "a Python pickle"),
    (0, b"\x80\x03", "a Python pickle"),
    (0, b"\x80\x04", "a Python pickle"),
    (0, b"\x80\x05", "a Python pickle"),
    (0, b"<!DOCTYPE", "a web page; the download went wrong"),
    (0, b"<!doctype", "a web page; the download went wrong"),
    (0, b"<html", "a web page; the download went wrong"),
)


def identify(path: str | os.PathLike[str]) -> FileIdentity:
    """Return which file `path` is at this moment. Raises UnreadableFile."""
    try:
        found = os.stat(path)  # noqa: PTH116 - the path may be bytes-like odd
    except (OSError, ValueError) as error:
        raise cannot_open(path, error) from error
    return FileIdentity.of(path, found)


def cannot_open(path: str | os.PathLike[str], error: Exception) -> UnreadableFile:
    """Return the error to raise when the operating system refuses to open `path`."""
    name = os.fspath(path)
    if isinstance(error, FileNotFoundError):
        return UnreadableFile(f"There is no file {name}.")
    if isinstance(error, PermissionError):
        return UnreadableFile(f"You have no permission to read {name}.")
    if isinstance(error, IsADirectoryError):
        return folder_error(path)
    reason = getattr(error, "strerror", None) or "the path is not valid"
    return UnreadableFile(f"{name} cannot be opened: {reason}.")


def open_raw(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a file to read its bytes, without a buffer. Raises UnreadableFile."""
    try:
        return Path(path).open("rb", buffering=0)
    except (OSError, ValueError) as error:
        raise cannot_open(path, error) from error


def detect(path: str | os.PathLike[str]) -> tuple[FileIdentity, Container]:
    """Return the identity of `path` and what it is by its first bytes.

    Raises UnreadableFile (absent, no permission, empty), NotAModelFile (a folder, a Git LFS
    pointer, another format) or UnsafeFile (HDF5 and zip at once).
    """
    try:
        # A FIFO would block on open, and a device has no size: look before opening.
        found = os.stat(path)  # noqa: PTH116
        if stat.S_ISDIR(found.st_mode):
            raise folder_error(path)
        if not stat.S_ISREG(found.st_mode):
            raise NotAModelFile(f"{os.fspath(path)} is not a regular file.")
        with Path(path).open("rb", buffering=0) as file:
            identity = FileIdentity.of(path, os.fstat(file.fileno()))
            return identity, _container(path, file, identity.size)
    except (OSError, ValueError) as error:
        raise cannot_open(path, error) from error


def folder_error(path: str | os.PathLike[str]) -> NotAModelFile:
    """Return the error that says which kind of folder this is."""
    folder = Path(path)
    if (folder / "saved_model.pb").exists() or (folder / "saved_model.pbtxt").exists():
        return NotAModelFile(
            f"{folder} is a SavedModel folder, which kerastui does not read; load it with "
            "TensorFlow and save the model as .keras or .h5."
        )
    if (folder / "config.json").exists() and (folder / "model.weights.h5").exists():
        return NotAModelFile(
            f"{folder} is an unpacked .keras archive; open the .keras file itself, or the "
            "model.weights.h5 inside."
        )
    return NotAModelFile(f"{folder} is a folder, not a model file.")


def _container(path: str | os.PathLike[str], file: BinaryIO, size: int) -> Container:
    name = os.fspath(path)
    if size == 0:
        raise UnreadableFile(f"{name} is empty: it has 0 bytes.")
    head = file.read(512)
    if head.startswith(HDF5_MAGIC):
        _refuse_two_in_one(name, file, size)
        return "hdf5"
    if head.startswith(ZIP_MAGIC):
        return "zip"
    if head.startswith(LFS_MAGIC):
        raise NotAModelFile(
            f"{name} is a Git LFS pointer, not the model itself; run `git lfs pull` to get it."
        )
    if signature_offset(file, size, start=512) is not None:
        _refuse_two_in_one(name, file, size)
        return "hdf5"
    raise _neither(name, head, size)


def signature_offset(file: BinaryIO, size: int, start: int = 0) -> int | None:
    """Return where an HDF5 signature lies: at 0, 512, 1024, 2048 … (after a user block)."""
    offset = start
    while offset + len(HDF5_MAGIC) <= size:
        file.seek(offset)
        if file.read(len(HDF5_MAGIC)) == HDF5_MAGIC:
            return offset
        offset = offset * 2 or 512
    return None


def _refuse_two_in_one(name: str, file: BinaryIO, size: int) -> None:
    """Refuse an HDF5 file with a zip directory at its end.

    Keras and Python's zipfile would find another model in it than libhdf5 does.
    """
    start = max(0, size - _ZIP_TAIL)
    file.seek(start)
    tail = file.read(_ZIP_TAIL)
    at = tail.rfind(_ZIP_END)
    while at >= 0:
        comment = int.from_bytes(tail[at + 20 : at + 22], "little")
        if len(tail) - at >= 22 and at + 22 + comment == len(tail):
            raise UnsafeFile(
                f"{name} is an HDF5 file and a zip archive at once, so that two programs "
                "can read two different models from it; it is refused."
            )
        at = tail.rfind(_ZIP_END, 0, at)


def _neither(name: str, head: bytes, size: int) -> UnreadableFile:
    if not any(head):
        return UnreadableFile(
            f"{name} begins with zeros only: the download or copy was not finished."
        )
    if size < len(HDF5_MAGIC) and HDF5_MAGIC.startswith(head):
        return UnreadableFile(f"{name} is cut off after {size} bytes.")
    if size < len(ZIP_MAGIC) and ZIP_MAGIC.startswith(head):
        return UnreadableFile(f"{name} is cut off after {size} bytes.")
    if head.lstrip()[:1] == b"{":
        return NotAModelFile(
            f"{name} is JSON text, perhaps a model's configuration without weights; "
            "kerastui reads .h5, .hdf5 and .keras files."
        )
    for at, magic, what in _OTHERS:
        if head[at : at + len(magic)] == magic:
            return NotAModelFile(f"{name} is no Keras model file: it is {what}.")
    return NotAModelFile(f"{name} is neither an HDF5 file nor a .keras archive.")

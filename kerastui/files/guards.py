"""Opening HDF5 files and walking in them, safely. The only place that follows a link.

What a hostile file may hold, and what is done about it (THREATS.md):

- soft and external links: looked at before anything is opened, never followed;
- external raw storage and virtual datasets (they read *other* files): recognised, reported;
- hard-link cycles: whoever walks remembers object addresses (`address`);
- shape bombs: shapes are listed, values are never read here;
- damaged structures: every error of libhdf5 becomes one `UnreadableFile`.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

from ..errors import UnreadableFile, UnsafeFile
from . import low as libhdf5
from .detect import cannot_open
from .header_parts import FastDataset, Unusual, block_reader
from .headers import FastGroup, Headers, watching_texts
from .joined import JoinedGroup
from .low import Handle, low

if TYPE_CHECKING:
    import h5py

HDF5_ERRORS = (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError, MemoryError)
"""What h5py raises on damaged files, depending on where the damage is."""
QUICK_ERRORS = (Unusual, struct.error, IndexError, OSError)
"""What reading headers directly raises where libhdf5 has to be asked."""
MAX_LINKS = 1_000_000
_HARD = 0  # H5L_TYPE_HARD
_GROUP, _DATASET = 0, 1  # H5O_TYPE_GROUP, H5O_TYPE_DATASET
_LINK_NAMES = {1: "a soft link", 64: "an external link to another file"}
_dtype_names: dict[Any, tuple[str, int]] = {}
_CUT = re.compile(r"truncated file: eof = (\d+).*?stored_eof = (\d+)")


class Refused(UnsafeFile):
    """A link, or a dataset whose data lie in another file: not followed."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A dataset as it is declared; its values are not read."""

    shape: tuple[int, ...]
    dtype: str
    item_size: int


def open_hdf5(path: str | os.PathLike[str]) -> h5py.File:
    """Open an HDF5 file for reading. Raises UnreadableFile.

    Without a lock: libhdf5 would refuse a file that a training process has open for
    writing, or that lies on a network disk without locks, though reading it does no harm;
    what is read while it is being written may fail, which is reported like damage.
    """
    import h5py

    try:
        try:
            return h5py.File(os.fspath(path), "r", locking=False)
        except OSError as error:
            if "locking flag values" not in str(error):
                raise
            # This process has the file open already, with a lock: share it.
            return h5py.File(os.fspath(path), "r")
    except HDF5_ERRORS as error:
        raise _not_opened(path, error) from error


@contextmanager
def open_inner_hdf5(path: str | os.PathLike[str]) -> Generator[h5py.File | None]:
    """Open ``model.weights.h5`` inside the ``.keras`` archive at `path`, in place if possible.

    Yields None when the archive has no such member. Raises UnreadableFile and its kin.
    """
    from .archive import Archive

    with Archive(path) as archive, inner_hdf5(archive) as file:
        yield file


@contextmanager
def inner_hdf5(archive: Any) -> Generator[h5py.File | None]:
    """Open the HDF5 file inside an `Archive`; see `open_inner_hdf5`."""
    stream = archive.open_weights()
    if stream is None:
        yield None
        return
    import h5py

    try:
        file = h5py.File(stream, "r")
    except HDF5_ERRORS as error:
        raise UnreadableFile(
            f"{archive.path} is cut off or damaged: model.weights.h5 inside is no readable HDF5."
        ) from error
    with file:
        yield file


T = TypeVar("T")


def read_weights(root: Handle, fast: FastGroup | None, work: Callable[[Handle], T]) -> T:
    """Do `work` on the quickly read root if that succeeds, else on libhdf5's.

    Both are read-only and come to the same; the quick one knows only what h5py usually
    writes and says so (see `headers`).
    """
    if fast is not None:
        try:
            return work(fast)
        except QUICK_ERRORS:
            pass  # nothing was lost: libhdf5 has the last word
    return work(root)


def read_root(
    fast: FastGroup | None,
    opening: Callable[[], AbstractContextManager[Any]],
    work: Callable[[Handle, FastGroup | None], T],
) -> T:
    """Do `work` on the root of an HDF5 file, if possible without libhdf5 and its import.

    `work(root, quick)` is called with the quickly read root alone; where that does not do,
    `opening` opens the file in libhdf5 and `work` gets its root, and as `quick` the other.
    """
    if fast is not None:
        try:
            return work(fast, None)
        except QUICK_ERRORS:
            pass  # nothing was lost: libhdf5 has the last word
    with opening() as file:
        root = low(file["/"])
        with watching_texts(_file_number(root), fast.headers if fast else None):
            return work(root, fast)


def fast_root(file: BinaryIO, offset: int, size: int) -> FastGroup | None:
    """Return the root group of the HDF5 file in a stretch of `file`, read directly.

    None where libhdf5 has to be asked. `file` must stay open while the group is used.
    """
    try:
        return Headers(block_reader(file, offset, size)).root
    except QUICK_ERRORS:
        return None


def _not_opened(path: str | os.PathLike[str], error: Exception) -> UnreadableFile:
    name, text = os.fspath(path), str(error)
    if isinstance(error, OSError) and error.errno and "truncated" not in text:
        return cannot_open(path, error)
    if cut := _CUT.search(text):
        return UnreadableFile(
            f"{name} is cut off: it should have {int(cut[2]):,} bytes and has "
            f"{int(cut[1]):,}; copy or download it again."
        )
    if "already open for write" in text or "consistency flags" in text:
        return UnreadableFile(
            f"{name} is being written by another program, or that program died; "
            "try again when it is done."
        )
    return UnreadableFile(f"{name} is cut off or damaged: libhdf5 cannot open it.")


def links(group: Handle) -> list[tuple[bytes, int]]:
    """Return name and link type of everything in `group`; type 0 is a hard link."""
    if isinstance(group, (FastGroup, JoinedGroup)):
        return [(name, _HARD) for name in group.members]
    found: list[tuple[bytes, int]] = []

    def note(name: bytes, info: Any) -> int | None:
        found.append((name, int(info.type)))
        return 1 if len(found) > MAX_LINKS else None

    try:
        group.links.iterate(note, info=True)
    except HDF5_ERRORS as error:
        raise damaged("a group cannot be listed") from error
    if len(found) > MAX_LINKS:
        raise UnsafeFile(f"A group in the file has over {MAX_LINKS:,} members; it is refused.")
    return found


def child(group: Handle, name: bytes) -> Handle | None:
    """Return what hangs directly under `group` as `name`, None if nothing does.

    Raises Refused for a link that is not hard, UnreadableFile for damage.
    """
    if isinstance(group, (FastGroup, JoinedGroup)):
        return group.child(name)
    try:
        if not group.links.exists(name):
            return None
        kind = int(group.links.get_info(name).type)
        if kind != _HARD:
            raise _link(name, kind)
        return libhdf5.h5o.open(group, name)
    except HDF5_ERRORS as error:
        raise damaged(f"{_text(name)} cannot be opened") from error


def descend(group: Handle, path: bytes) -> Handle | None:
    """Follow `path` from `group` part by part, hard links only; None if a part is absent."""
    current: Handle | None = group
    for part in path.split(b"/"):
        if part in (b"", b"."):
            continue
        if not is_group(current):
            return None
        current = child(current, part)
        if current is None:
            return None
    return current


def is_group(handle: Handle | None) -> bool:
    """Whether `handle` is a group."""
    if isinstance(handle, (FastGroup, JoinedGroup)):
        return True
    return not _is_quick(handle) and isinstance(handle, libhdf5.h5g.GroupID)


def is_dataset(handle: Handle | None) -> bool:
    """Whether `handle` is a dataset."""
    if isinstance(handle, FastDataset):
        return True
    return not _is_quick(handle) and isinstance(handle, libhdf5.h5d.DatasetID)


def _is_quick(handle: Handle | None) -> bool:
    """Whether `handle` is none of libhdf5's, which then need not be imported to tell."""
    return handle is None or isinstance(handle, (FastDataset, FastGroup, JoinedGroup))


def address(handle: Handle) -> int:
    """Return the object's address in the file: the same for two hard links to one object."""
    if isinstance(handle, (FastGroup, FastDataset, JoinedGroup)):
        return handle.address
    return int(libhdf5.h5o.get_info(handle).addr)


def _file_number(handle: Handle) -> int:
    """Return libhdf5's number of the open file that an object lies in."""
    try:
        return int(libhdf5.h5o.get_info(handle).fileno)
    except HDF5_ERRORS as error:
        raise damaged("its root cannot be read") from error


def stored(dataset: Handle) -> Stored:
    """Return shape and dtype of a dataset.

    Raises Refused when its data would come from another file (external storage, virtual).
    """
    if isinstance(dataset, FastDataset):
        return Stored(dataset.shape, dataset.dtype, dataset.item_size)
    try:
        # An address in this file rules both out, and costs a tenth of the property list.
        if dataset.get_offset() is None:
            properties = dataset.get_create_plist()
            if properties.get_external_count():
                raise Refused("A dataset of the file keeps its data in another file; not followed.")
            if properties.get_layout() == libhdf5.h5d.VIRTUAL:
                raise Refused("A dataset of the file is virtual (made of others); not followed.")
        shape: tuple[int, ...] = dataset.shape or ()
        try:
            dtype = dataset.dtype  # its name alone costs NumPy 5 µs
        except TypeError:  # a type that NumPy lacks (integers of three bytes)
            size = int(dataset.get_type().get_size())
            return Stored(shape, f"void{8 * size}", size)
        known = _dtype_names.get(dtype)
        if known is None:
            known = _dtype_names[dtype] = (str(dtype.name), int(dtype.itemsize))
        return Stored(shape, *known)
    except HDF5_ERRORS as error:
        raise damaged("a dataset cannot be read") from error


def damaged(what: str) -> UnreadableFile:
    """Return the error for broken insides."""
    return UnreadableFile(f"The file is damaged: {what}.")


def _link(name: bytes, kind: int) -> Refused:
    what = _LINK_NAMES.get(kind, "a link of an unknown kind")
    return Refused(f"{_text(name)} in the file is {what}; kerastui does not follow it.")


def _text(name: bytes) -> str:
    return name[:200].decode("utf-8", "replace")

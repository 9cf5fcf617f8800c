"""Reading the values of a model file's datasets, a piece at a time, after the guards have looked.

Values are read only here and where they are saved. A dataset that lies in one piece and as
NumPy would hold it is read by its place in the file (`Stored.read_run`), from several threads
at once; libhdf5, which has one lock for everything, reads the others.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from functools import cached_property, partial
from typing import Any

import numpy as np

from ..errors import UnreadableFile
from ..model import FileIdentity, safe_text
from . import low as libhdf5
from . import plugins
from .archive import Archive
from .attributes import read_text
from .chunks import CACHE, chunks_of
from .detect import ZIP_MAGIC, cannot_open, open_raw
from .flat import Flat
from .guards import HDF5_ERRORS, descend, fast_root, inner_hdf5, is_dataset, open_hdf5, stored
from .headers import FastGroup
from .low import Handle, low
from .quick_datasets import QuickDatasets
from .read_at import reader_of
from .stored_array import Array, Index, StoredArray, in_memory


class _Dataset:
    """Reads blocks through libhdf5."""

    errors = HDF5_ERRORS

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset

    def read(self, index: Index) -> Array:
        return np.asarray(self._dataset[index])

    def reason(self, error: Exception) -> str:
        if lacking := plugins.reason(self._dataset.id):
            return lacking
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        return f"cannot be read: the file is damaged, or being written ({reason})."


class ArrayFile:
    """An opened model file, for the values of its datasets; see `open_arrays`."""

    def __init__(
        self,
        path: str,
        opening: Callable[[], Handle | None],
        place: tuple[int, int] | None,
        quick: FastGroup | None = None,
    ) -> None:
        self.path = path
        self._opening = opening
        self._place = place
        self._quick = QuickDatasets(quick) if quick is not None and place else None

    @cached_property
    def root(self) -> Handle | None:
        """The root group; None for an archive without weights. Raises UnreadableFile."""
        return self._opening()

    def array(self, dataset: str) -> StoredArray:
        """Return the dataset at an absolute path, following no link.

        Raises UnreadableFile when there is none, UnsafeFile when its data lie elsewhere.
        """
        name = dataset.encode("utf-8", "surrogateescape")
        return self._in_the_open(dataset, name) or self._by_libhdf5(dataset, name)

    def _in_the_open(self, dataset: str, name: bytes) -> StoredArray | None:
        """Return an array of plain numbers in one piece, by the headers alone: most weights.

        That takes a tenth of the time that libhdf5 needs.
        """
        found = self._quick.find(name) if self._quick is not None else None
        if found is None or self._place is None or not hasattr(os, "preadv"):
            return None
        descriptor, start = self._place[0], self._place[1] + found.address
        reader = Flat(reader_of(descriptor), start, found.shape, found.dtype)
        return StoredArray(
            dataset, found.shape, found.dtype, found.label, None, found.nbytes, reader,
            (descriptor, start),
        )  # fmt: skip

    def _by_libhdf5(self, dataset: str, name: bytes) -> StoredArray:
        handle = descend(self.root, name) if self.root is not None else None
        if not is_dataset(handle):
            raise UnreadableFile(f"There is no dataset {safe_text(dataset, 200)} in {self.path}.")
        declared = stored(handle)
        assert handle is not None
        try:
            plugins.provide(handle)
            opened = _opened(handle)
            dtype = _dtype(opened)
            if opened.shape is None:  # declared as nothing at all, which has no elements
                return in_memory(dataset, np.empty(0, dtype))
            reader = chunks_of(opened) if opened.chunks and _is_plain(opened) else None
            if opened.chunks and reader is None:
                access = libhdf5.h5p.create(libhdf5.h5p.DATASET_ACCESS)
                access.set_chunk_cache(10007, CACHE, 0.5)
                # By its path once more, which is what the guards have approved.
                opened = _opened(libhdf5.h5d.open(self.root, name, access))
            return StoredArray(
                dataset, declared.shape, dtype, _label(opened), opened.chunks,
                int(handle.get_storage_size()), reader or _Dataset(opened), self._run_of(opened),
            )  # fmt: skip
        except HDF5_ERRORS as error:
            raise UnreadableFile(
                f"{safe_text(dataset, 200)} cannot be read: the file is damaged."
            ) from error

    def _run_of(self, dataset: Any) -> tuple[int, int] | None:
        """Return where the values lie, if they lie there as NumPy has them in memory."""
        offset = dataset.id.get_offset()
        if self._place is None or offset is None or not hasattr(os, "preadv"):
            return None
        if not _is_plain(dataset):
            return None
        return self._place[0], self._place[1] + int(offset)


@contextmanager
def open_arrays(path: str, identity: FileIdentity | None = None) -> Generator[ArrayFile]:
    """Open a model file for reading values. Raises UnreadableFile and its kin.

    With an `identity`, the file has to be the one that it was, before and after.
    """
    check_same(path, identity)
    with ExitStack() as stack:
        raw = stack.enter_context(open_raw(path))
        if raw.read(len(ZIP_MAGIC)) == ZIP_MAGIC:
            archive = stack.enter_context(Archive(path))
            inside, opening = archive.weights_place(), partial(inner_hdf5, archive)
        else:
            inside, opening = (0, os.fstat(raw.fileno()).st_size), partial(open_hdf5, path)
        quick = fast_root(raw, *inside) if inside else None
        place = (raw.fileno(), inside[0]) if inside else None

        def root() -> Handle | None:
            file = stack.enter_context(opening())
            return low(file["/"]) if file is not None else None

        opened = ArrayFile(path, root, place, quick)
        # With a user block before it, places would count from elsewhere; the quick way has none.
        if quick is None and (handle := opened.root) is not None and place is not None:
            block = low(libhdf5.h5i.get_file_id(handle)).get_create_plist().get_userblock()
            opened = ArrayFile(path, lambda: handle, None if block else place)
        yield opened
        check_same(path, identity)


def check_same(path: str, identity: FileIdentity | None) -> None:
    """Raise UnreadableFile when the file is not the one that was opened."""
    if identity is None:
        return
    try:
        now = os.stat(path)  # noqa: PTH116
    except OSError as error:
        raise cannot_open(path, error) from error
    if (now.st_size, now.st_mtime_ns, now.st_ino) != (
        identity.size, identity.mtime_ns, identity.inode,
    ):  # fmt: skip
        raise UnreadableFile(
            f"{safe_text(path, 300)} has changed since it was opened; open it again."
        )


def _opened(handle: Handle) -> Any:
    import h5py

    dataset: Any = h5py.Dataset(handle)
    return dataset


def _dtype(dataset: Any) -> np.dtype[Any]:
    """Return NumPy's dtype. Raises UnreadableFile for a type that NumPy does not know."""
    try:
        return dataset.dtype
    except TypeError as error:
        kind = dataset.id.get_type()
        raise UnreadableFile(
            f"{safe_text(dataset.name, 200)} holds {kind.get_size()} bytes an element of a type "
            "that NumPy does not know."
        ) from error


def _is_plain(dataset: Any) -> bool:
    """Whether the elements are numbers, or raw bytes, that the file holds as NumPy does."""
    dtype = dataset.dtype
    if dtype.kind not in "iufV" or dtype.fields or dtype.subdtype:
        return False
    return dtype.kind == "V" or dataset.id.get_type().equal(libhdf5.h5t.py_create(dtype))


def _label(dataset: Any) -> str:
    """Return the dtype's name; of raw bytes the one that Keras notes beside them."""
    dtype = dataset.dtype
    if dtype.kind != "V" or dtype.fields:
        return str(dtype.name)
    stated = read_text(dataset.id, "dtype") or ""
    return stated if stated else "bfloat16" if dtype.itemsize == 2 else str(dtype.name)

"""Reading the arrays that `ArraySource`s name, block by block, never more than a block at once.

Files of values are somebody else's, or the console's temporary ones: they may be gone, cut
off, changed since they were chosen, or made to do harm. Nothing is ever unpickled, no link is
followed, pipes and devices are not opened, and each trouble is one `SaveFailed`.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import IO, Any

import h5py
import numpy as np

from ..errors import KerastuiError, SaveFailed
from ..files.archive import CONFIG, Archive
from ..files.detect import ZIP_MAGIC
from ..files.guards import HDF5_ERRORS, inner_hdf5, is_dataset, open_hdf5, stored
from ..files.npy import ERRORS, MAGIC, Header, read_header
from ..files.read_at import reader_of
from ..files.sources import check_source
from ..files.tiles import Index, read_tile
from ..model import ArraySource, safe_text
from .state_edit import inside

BUDGET = 8 << 20
"""Bytes of a block."""
_ERRORS = (*HDF5_ERRORS, *ERRORS)
_h5py: Any = h5py

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Reader:
    """An array that can be read block by block, in the order of `blocks`."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool
    """Whether the first axis changes fastest in the file."""
    read: Callable[[Index], Array]
    """Return the next block. Raises SaveFailed."""
    tiled: bool = False
    """Whether any part can be read, so that `tiles` will do, which is faster if `fortran`."""


class SourceFiles:
    """Opens sources; the model files and archives they are in stay open while it is in use."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._archives: dict[str, zipfile.ZipFile] = {}
        self._models: dict[str, Any] = {}

    def __enter__(self) -> SourceFiles:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @contextmanager
    def reader(self, source: ArraySource, *, any_shape: bool = False) -> Generator[Reader]:
        """Open a source for reading from its beginning. Raises SaveFailed."""
        with ExitStack() as stack:
            with _explained(source):
                found = self._open(source, stack)
            if found.shape != source.shape and not any_shape:
                raise _unusable(source, f"its shape is {found.shape} now, not {source.shape}")
            yield found

    def _open(self, source: ArraySource, stack: ExitStack) -> Reader:
        check_source(source)
        if source.file in self._models:
            return _from_hdf5(self._models[source.file], source)
        if source.file not in self._archives:
            with Path(source.file).open("rb") as file:
                magic = file.read(8)
            if magic.startswith(MAGIC):
                return _from_npy(stack.enter_context(Path(source.file).open("rb")), source)
            if not magic.startswith(ZIP_MAGIC):
                model = self._stack.enter_context(open_hdf5(source.file))
                self._models[source.file] = model
                return _from_hdf5(model, source)
            archive = self._stack.enter_context(zipfile.ZipFile(source.file))
            if CONFIG in archive.namelist():
                model = self._stack.enter_context(
                    inner_hdf5(self._stack.enter_context(Archive(source.file)))
                )
                self._models[source.file] = model
                return _from_hdf5(model, source)
            self._archives[source.file] = archive
        stream = self._archives[source.file].open(f"{source.member}.npy")
        return _from_npy(stack.enter_context(stream), source)


def blocks(
    shape: Sequence[int], item_size: int, *, fortran: bool = False, chunks: Sequence[int] | None
) -> Iterator[Index]:
    """Yield the blocks of an array, each contiguous and all in the order of its file.

    A block has at most `BUDGET` bytes, unless a chunk of the dataset that it goes to is
    larger; it ends with a chunk where it can, so that none is compressed twice.
    """
    if 0 in shape:
        return
    slowest_first = list(range(len(shape)))[:: -1 if fortran else 1]
    limit, rest = max(1, BUDGET // item_size), math.prod(shape)
    if not slowest_first:
        yield ()
        return
    place = 0
    for place, axis in enumerate(slowest_first):  # noqa: B007 - the first to be cut
        rest //= shape[axis]
        if rest <= limit:
            break
    axis, step = slowest_first[place], max(1, limit // rest)
    if chunks is not None and (step >= chunks[axis] or place == 0):
        step = max(step - step % chunks[axis], min(chunks[axis], 4 * step))
    index = [slice(0, size) for size in shape]
    for corner in product(*(range(shape[slow]) for slow in slowest_first[:place])):
        for slow, at in zip(slowest_first[:place], corner, strict=True):
            index[slow] = slice(at, at + 1)
        for begin in range(0, shape[axis], step):
            index[axis] = slice(begin, min(begin + step, shape[axis]))
            yield tuple(index)


def _from_npy(stream: IO[bytes], source: ArraySource) -> Reader:
    header = read_header(stream)
    shape, dtype, fortran = header.shape, header.dtype, header.fortran
    if dtype.hasobject:
        raise _unusable(source, "it holds Python objects, which are never unpickled")
    _check_dtype(dtype, source)
    if fortran and not isinstance(stream, zipfile.ZipExtFile):
        return _in_tiles(stream, header, source)

    def read(index: Index) -> Array:
        size = tuple(part.stop - part.start for part in index)
        with _explained(source):
            data = stream.read(math.prod(size) * dtype.itemsize)
            if len(data) < math.prod(size) * dtype.itemsize:
                raise _unusable(source, "it is cut off")
            return np.frombuffer(data, dtype).reshape(size, order="F" if fortran else "C")

    return Reader(shape, dtype, fortran, read)


def _in_tiles(stream: IO[bytes], header: Header, source: ArraySource) -> Reader:
    read_at = reader_of(stream.fileno())
    shape, dtype = header.shape, header.dtype

    def read(index: Index) -> Array:
        size = tuple(part.stop - part.start for part in index)
        with _explained(source):
            data = read_tile(read_at, header.start, shape, dtype.itemsize, index)
            if len(data) < math.prod(size) * dtype.itemsize:
                raise _unusable(source, "it is cut off")
            return np.frombuffer(data, dtype).reshape(size, order="F")

    return Reader(shape, dtype, True, read, tiled=True)


def _from_hdf5(file: Any, source: ArraySource) -> Reader:
    handle = inside(file, source.member) if file is not None else None
    if not is_dataset(handle):
        raise _unusable(source, f"there is no dataset {safe_text(source.member, 200)} in it")
    stored(handle)  # refuses data that lie in another file
    dataset: Any = _h5py.Dataset(handle)
    _check_dtype(dataset.dtype, source)

    def read(index: Index) -> Array:
        with _explained(source):
            return np.asarray(dataset[index])

    return Reader(tuple(dataset.shape or ()), dataset.dtype, False, read)


def _check_dtype(dtype: np.dtype[Any], source: ArraySource) -> None:
    if dtype.kind not in "biufc" and dtype != np.dtype("V2"):
        raise _unusable(source, f"it holds {safe_text(str(dtype), 60)}, not numbers")


@contextmanager
def _explained(source: ArraySource) -> Generator[None]:
    """Turn whatever reading raises into a sentence about the source."""
    try:
        yield
    except SaveFailed:
        raise
    except FileNotFoundError as error:
        raise _unusable(source, "the file no longer exists") from error
    except PermissionError as error:
        raise _unusable(source, "there is no permission to read the file") from error
    except KerastuiError as error:
        raise _unusable(source, str(error).rstrip(".")) from error
    except _ERRORS as error:
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise _unusable(source, f"it cannot be read ({reason})") from error


def _unusable(source: ArraySource, reason: str) -> SaveFailed:
    where = safe_text(f"{source.file}{f' ({source.member})' if source.member else ''}", 300)
    return SaveFailed(
        f"New values cannot be taken from {where}: {safe_text(reason, 400)}. Nothing was written; "
        "revert that weight, or set it again."
    )

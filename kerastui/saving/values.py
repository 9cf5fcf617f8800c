"""New values for weights: written into datasets that keep all else, then read back.

The dataset stays the object that it is: dtype, chunks, filters, attributes and place are not
touched. Values are converted to its dtype; what it cannot hold is refused, not cut. One that
is to get another dtype was made anew (`recreate`), and gets the values that it has in the
source file, if not others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import h5py
import numpy as np

from ..errors import SaveFailed
from ..files.bfloat16 import BFLOAT16, from_bfloat16, to_bfloat16
from ..files.guards import Refused, is_dataset, stored
from ..files.low import h5o
from ..files.tiles import Index, tiles
from ..model import ArraySource, Model, safe_text
from .copying import Progress
from .sources import BUDGET, Array, Reader, SourceFiles, blocks
from .state_edit import inside

_h5py: Any = h5py
Values = Mapping[str, ArraySource]
"""Where the new values of a dataset are, by its absolute path."""


def values_of(before: Model, after: Model) -> dict[str, ArraySource]:
    """Return what is to be written. Raises SaveFailed where a dataset would get two things."""
    found: dict[str, ArraySource] = {}
    for old, new in zip(before.layers, after.layers, strict=True):
        if old.weights is new.weights:
            continue
        for here, there in zip(old.weights, new.weights, strict=True):
            source = there.replaced
            if source is None and here.dtype != there.dtype:
                place = before.file.path
                source = ArraySource(place, here.dataset, here.shape, here.dtype, "file")
            if source is not None and found.setdefault(there.dataset, source) != source:
                raise SaveFailed(
                    f"Two layers share the dataset {safe_text(there.dataset, 200)} and would "
                    "give it different values; nothing was written."
                )
    return found


def bytes_of(before: Model, after: Model) -> int:
    """Return how many bytes of weights are written anew."""
    changed = values_of(before, after)
    weights = [w for layer in after.layers for w in layer.weights]
    return sum(weight.nbytes for weight in weights if weight.dataset in changed)


def check_values(values: Values) -> None:
    """Raise SaveFailed for sources that are gone or of no use, before anything is written."""
    with SourceFiles() as sources:
        for source in values.values():
            with sources.reader(source):
                pass


def write_values(file: Any, values: Values, progress: Progress) -> None:
    """Write all new values into the open HDF5 file. Raises SaveFailed, OSError."""
    with SourceFiles() as sources:
        for path, source in values.items():
            dataset = _dataset(file, path, source)
            with sources.reader(source) as reader:
                for index, block in _converted(reader, dataset, path):
                    dataset[index] = block
                    progress(block.nbytes)


def verify_values(file: Any, values: Values, progress: Progress) -> None:
    """Read the datasets and the sources once more and compare, to the bit. Raises SaveFailed."""
    with SourceFiles() as sources:
        for path, source in values.items():
            dataset = _dataset(file, path, source)
            with sources.reader(source) as reader:
                for index, block in _converted(reader, dataset, path):
                    if not np.array_equal(_bits(np.asarray(dataset[index])), _bits(block)):
                        raise SaveFailed(
                            f"What was written to {safe_text(path, 200)} is not what was meant; "
                            "the old file is untouched."
                        )
                    progress(block.nbytes)


def _bits(array: Array) -> Array:
    """Return the bytes: a NaN equals itself, and -0 is not 0."""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def dataset_at(file: Any, path: str) -> Any:
    """Return the dataset at `path`, if writing to it changes this file's weight and no more.

    Raises SaveFailed.
    """
    handle = inside(file, path)
    if not is_dataset(handle):
        raise _not_ours(path, "is missing or a link")
    try:
        stored(handle)
    except Refused as error:
        raise _not_ours(path, "keeps its data in another file") from error
    if h5o.get_info(handle).rc > 1:
        raise _not_ours(path, "is at several places in the file at once (hard links)")
    return _h5py.Dataset(handle)


def _dataset(file: Any, path: str, source: ArraySource) -> Any:
    dataset = dataset_at(file, path)
    if dataset.shape != source.shape:
        raise _not_ours(path, f"has the shape {dataset.shape}, not {source.shape}")
    return dataset


def _converted(reader: Reader, dataset: Any, path: str) -> Iterator[tuple[Index, Array]]:
    """Yield the source block by block, in the dataset's dtype."""
    widest = max(reader.dtype.itemsize, dataset.dtype.itemsize)
    if reader.tiled and dataset.chunks is None:
        order = tiles(reader.shape, BUDGET // widest)
    else:
        order = blocks(reader.shape, widest, fortran=reader.fortran, chunks=dataset.chunks)
    for index in order:
        block = reader.read(index)
        made = converted(block, dataset.dtype)
        if made is None:
            raise SaveFailed(
                f"{safe_text(path, 200)} is {dataset.dtype} and cannot hold some of the new "
                f"values ({reader.dtype}); nothing was written."
            )
        yield index, made


def converted(block: Array, dtype: np.dtype[Any]) -> Array | None:
    """Return `block` in `dtype`, rounded; None if a value is beyond what `dtype` can hold.

    NaN and infinities stay. Whole numbers and booleans must come out equal.
    """
    if block.dtype == dtype:
        return block
    if block.dtype == BFLOAT16:
        block = from_bfloat16(block)
    if dtype == BFLOAT16:
        return _to_bfloat16(block) if block.dtype.kind in "biuf" else None
    if block.dtype.kind == "c" and dtype.kind != "c":
        return None
    with np.errstate(all="ignore"):
        made = block.astype(dtype)
        if np.can_cast(block.dtype, dtype, "safe"):
            return made
        if dtype.kind in "biu":
            return made if np.array_equal(made, block) else None
        return None if np.any(np.isfinite(block) & ~np.isfinite(made)) else made


def _to_bfloat16(block: Array) -> Array | None:
    made = to_bfloat16(block)
    infinite = ~np.isfinite(from_bfloat16(made))
    return None if np.any(np.isfinite(block) & infinite) else made


def _not_ours(path: str, what: str) -> SaveFailed:
    return SaveFailed(
        f"The weight {safe_text(path, 200)} in the file {what}; nothing was written. Revert it, "
        "or save the model with Keras once more."
    )

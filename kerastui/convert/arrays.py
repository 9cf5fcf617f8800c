"""Arrays from one HDF5 file to another, a few megabytes at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

PIECE = 8 << 20
"""Bytes in memory at once of an array that is only copied."""

Window = tuple[slice, ...]


def windows(shape: tuple[int, ...], item_size: int) -> Iterator[Window]:
    """Yield slices that together cover an array, each of at most about `PIECE` bytes."""
    if len(shape) == 0:
        yield ()
        return
    inner = item_size
    for size in shape[1:]:
        inner *= size
    if inner > PIECE and len(shape) > 1:
        for i in range(shape[0]):
            for rest in windows(shape[1:], item_size):
                yield (slice(i, i + 1), *rest)
        return
    step = max(1, PIECE // max(inner, 1))
    for start in range(0, shape[0], step):
        yield (slice(start, min(start + step, shape[0])),)


def create(group: Any, name: str, shape: tuple[int, ...], dtype: Any) -> Any:
    """Return a new dataset, laid out as Keras lays it out: contiguous, uncompressed."""
    return group.create_dataset(name, shape=shape, dtype=dtype)


def copy(source: Any, group: Any, name: str) -> Any:
    """Copy a dataset piece by piece; return the new one."""
    target = create(group, name, source.shape, source.dtype)
    for window in windows(source.shape, source.dtype.itemsize):
        target[window] = source[window]
    return target


def same(source: Any, target: Any) -> bool:
    """Whether two arrays or datasets hold the same bits, compared piece by piece."""
    if source.shape != target.shape or source.dtype != target.dtype:
        return False
    for window in windows(source.shape, source.dtype.itemsize):
        one, other = np.asarray(source[window]), np.asarray(target[window])
        if one.tobytes() != other.tobytes():
            return False
    return True

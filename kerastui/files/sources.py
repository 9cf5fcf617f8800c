"""The arrays that `ArraySource`s name, opened for reading any part of them."""

from __future__ import annotations

import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace

from ..errors import UnreadableFile
from ..model import ArraySource, safe_text
from .arrays import ArrayFile, open_arrays
from .detect import cannot_open
from .npy import NpyFile, is_npy, open_npy
from .stored_array import StoredArray


def check_source(source: ArraySource) -> None:
    """Raise UnreadableFile where a source's file is no file, or has changed; OSError if gone."""
    found = os.stat(source.file)  # noqa: PTH116
    if not stat.S_ISREG(found.st_mode):  # opening a pipe would wait for its other end
        raise UnreadableFile(f"{safe_text(source.file, 300)} is no ordinary file.")
    if source.stamp not in (None, (found.st_size, found.st_mtime_ns)):
        raise UnreadableFile(
            f"{safe_text(source.file, 300)}: the file has changed since it was chosen."
        )


def check_same_source(source: ArraySource) -> None:
    """Raise UnreadableFile where a source's file is gone, is no file, or has changed."""
    try:
        check_source(source)
    except (OSError, ValueError) as error:
        raise cannot_open(source.file, error) from error


@contextmanager
def open_source(source: ArraySource) -> Generator[ArrayFile | NpyFile]:
    """Open the file that a source is in; `array_of` finds the source's array there.

    Raises UnreadableFile and its kin.
    """
    check_same_source(source)
    opening = open_npy if is_npy(source.file) else open_arrays
    with opening(source.file) as opened:
        yield opened


def array_of(opened: ArrayFile | NpyFile, source: ArraySource) -> StoredArray:
    """Return a source's array, rounded to the dtype that the source states.

    Raises UnreadableFile, UnsafeFile.
    """
    found = opened.array(source.member)
    if found.shape != source.shape:
        raise UnreadableFile(
            f"{safe_text(source.file, 300)} holds an array of the shape {found.shape} now, not "
            f"{source.shape}; set the weight again."
        )
    return rounded(replace(found, path=source.label or found.path), source.dtype)


def rounded(array: StoredArray, dtype: str) -> StoredArray:
    """Return an array whose values are looked at as if they were saved in `dtype`."""
    if dtype == array.dtype.name or dtype == array.label:
        return array
    label = "bfloat16" if dtype == "void16" else dtype
    return replace(array, saved_as=dtype, label=label)

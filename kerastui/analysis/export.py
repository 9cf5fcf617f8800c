"""Saving values as ``.npy`` or CSV: a whole weight, or a slice of two of its axes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import BadEdit, SaveFailed
from ..files.stored_array import Index, StoredArray
from ..files.tiles import tiles
from ..model import Goal, safe_text
from .export_file import saved, suffix_of, written_whole
from .export_formats import CsvWriter, NpyWriter
from .export_results import Saved
from .numbers import Array, Decode, decoder
from .streaming import PIECE, Advance, no_advance, pieces, read_block
from .window import Part, block_of, stretch

_TEXT_PIECE = 1 << 18
"""Bytes of numbers that become text at once: the text takes thirty times more."""


@dataclass(frozen=True)
class _Export:
    """An array to be written, of which blocks can be had."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    read: Callable[[Index], Array]
    note: str


def export_weight(
    array: StoredArray, target: Goal, place: object = None, advance: Advance = no_advance
) -> Saved:
    """Write a whole array to a ``.npy``, or to a ``.csv`` if it has at most two axes.

    The dtype stays where NumPy has it; others (bfloat16, float8) are written as float32, which
    holds their values exactly. `place` is what must not be written over. Raises SaveFailed,
    NotNumeric, UnreadableFile, UnsafeFile, Cancelled.
    """
    array.check_whole()
    suffix, shape, rank = suffix_of(target, ".npy", ".csv"), array.shape, len(array.shape)
    if suffix == ".csv":
        if rank > 2:
            raise SaveFailed(
                f"{safe_text(str(target), 400)} was not saved: CSV has rows and columns, this "
                f"weight has {rank} axes; save it as .npy, or a slice of it."
            )
        shape = (*shape, 1, 1)[:2]
    decode, dtype, note = _written(array)

    def read(index: Index) -> Array:
        block = decode(read_block(array, index[:rank]) if rank else array.read(()))
        return block.reshape(_sizes(index))

    if array.fortran and suffix == ".npy":
        parts = tiles(shape, PIECE // dtype.itemsize)
    else:
        parts = _parts(shape, dtype, array.chunks, suffix)
    return _write(_Export(shape, dtype, read, note), parts, target, place, advance)


def export_slice(
    array: StoredArray,
    rows: Part | int | None,
    columns: Part | int | None,
    at: Sequence[int],
    target: Goal,
    place: object = None,
    advance: Advance = no_advance,
) -> Saved:
    """Write a slice to a ``.npy`` or ``.csv``; see `window_of` for what the arguments mean.

    It may be larger than a window; an axis alone stands for all of it. Raises what
    `export_weight` does, and BadEdit.
    """
    if not array.shape:
        return export_weight(array, target, place, advance)
    rows, columns = _whole_axis(array, 0 if rows is None else rows), _whole_axis(array, columns)
    assert rows is not None
    suffix = suffix_of(target, ".npy", ".csv")
    down, across = stretch(array, rows), stretch(array, columns)
    shape = (len(down),) if columns is None and suffix == ".npy" else (len(down), len(across))
    decode, dtype, note = _written(array)

    def read(index: Index) -> Array:
        other = columns and _inside(columns[0], across, index[1])
        block = block_of(array, decode, _inside(rows[0], down, index[0]), other, at)
        return block.reshape(_sizes(index))

    chunks = array.chunks
    if chunks is not None:
        chunks = (chunks[rows[0]], chunks[columns[0]] if columns else 1)[: len(shape)]
    parts = _parts(shape, dtype, chunks, suffix)
    return _write(_Export(shape, dtype, read, note), parts, target, place, advance)


def _write(
    export: _Export, parts: Iterable[Index], target: Goal, place: object, advance: Advance
) -> Saved:
    with written_whole(target, place) as file:
        if str(target).casefold().endswith(".csv"):
            writer = CsvWriter(file, export.shape[1])
        else:
            writer = NpyWriter(file, export.shape, export.dtype)
        for index in parts:
            block = export.read(index).astype(export.dtype, copy=False)
            writer.put(index, block)
            advance(block.nbytes)
    return saved(target, export.note)


def _written(array: StoredArray) -> tuple[Decode, np.dtype[Any], str]:
    """Return what makes numbers of an array's blocks, as which dtype they are written, a note."""
    decode, name = decoder(array), array.saved_as or array.label
    if not array.saved_as and array.dtype.kind != "V":
        return lambda block: block, array.dtype, ""  # not even extended precision is lost
    if array.saved_as and name not in ("bfloat16", "void16"):
        return decode, np.dtype(name), ""
    name = safe_text("bfloat16" if name == "void16" else name, 40)
    return decode, np.dtype("f4"), f"It is {name}, which NumPy lacks: written as float32."


def _parts(
    shape: tuple[int, ...], dtype: np.dtype[Any], chunks: tuple[int, ...] | None, suffix: str
) -> Iterable[Index]:
    """Return the blocks to write; for text in the order of the rows, whatever the chunks."""
    if suffix == ".csv":
        return pieces(shape, dtype.itemsize, None, _TEXT_PIECE)
    return pieces(shape, dtype.itemsize, chunks)


def _whole_axis(array: StoredArray, part: Part | int | None) -> Part | None:
    if not isinstance(part, int):
        return part
    if not 0 <= part < len(array.shape):
        raise BadEdit(f"There is no axis {part}: the array has {len(array.shape)}.")
    return part, 0, array.shape[part]


def _inside(axis: int, whole: range, part: slice) -> Part:
    return axis, whole.start + part.start, part.stop - part.start


def _sizes(index: Index) -> tuple[int, ...]:
    return tuple(part.stop - part.start for part in index)

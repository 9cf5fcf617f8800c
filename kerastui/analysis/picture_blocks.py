"""A slice made as small as a picture: one number for each block of elements, read in pieces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..errors import BadEdit
from ..files.arrays import Index, StoredArray
from .numbers import Array, decoder, real_parts
from .picture_results import HeatOptions, Reduction
from .streaming import Advance, no_advance, pieces, read_block

_WHOLE = 1 << 30
"""Bytes of a part from which on it has to be stored: else it is a bomb."""
MAX_PIXELS = 4_000_000


@dataclass(frozen=True)
class Blocks:
    """What the pixels of a heat map show."""

    values: Array
    """float64; NaN or infinite where a block has any. Of a wrapped array padded with NaN."""
    row_edges: Array
    """First index of each row and the one after the last; empty for a wrapped array."""
    column_edges: Array
    nan: int
    inf: int


class _Reducer:
    """Gathers pieces of a slice into blocks, which their edges delimit."""

    def __init__(self, rows: Array, columns: Array, reduction: Reduction) -> None:
        self.rows, self.columns = rows, columns
        shape = len(rows) - 1, len(columns) - 1
        self._extreme = reduction == "extreme"
        self._sums = np.zeros(shape)
        self._lows, self._highs = np.zeros(shape), np.zeros(shape)
        self._odd = np.zeros(shape)
        """How many elements of a block are not finite."""
        self._marks = np.zeros(shape)
        """NaN or infinity for a block that has any: their sum, so NaN where signs mix."""
        self.nan = self.inf = 0

    def add(self, piece: Array, row: int, column: int) -> None:
        """Take in a piece (rows × columns), whose first element's indices are given."""
        down, place_down = _starts(self.rows, row, piece.shape[0])
        across, place_across = _starts(self.columns, column, piece.shape[1])
        place = place_down, place_across
        finite = np.isfinite(piece) if piece.dtype.kind == "f" else None
        if finite is not None and not finite.all():
            odd = np.where(finite, 0, piece)
            self.nan += int(np.count_nonzero(np.isnan(odd)))
            self.inf += int(np.count_nonzero(np.isinf(odd)))
            with np.errstate(invalid="ignore"):
                self._marks[place] += _reduced(np.add, odd.astype("f8"), down, across)
            self._odd[place] += _reduced(np.add, (~finite).astype("f8"), down, across)
            piece = np.where(finite, piece, 0)
        if self._extreme:
            wide = piece.astype("f8", copy=False)
            low = _reduced(np.minimum, wide, down, across)
            high = _reduced(np.maximum, wide, down, across)
            self._lows[place] = np.minimum(self._lows[place], low)
            self._highs[place] = np.maximum(self._highs[place], high)
        else:
            with np.errstate(over="ignore", invalid="ignore"):
                self._sums[place] += _reduced(np.add, piece, down, across)

    def values(self) -> Array:
        """Return a number a block."""
        areas = np.diff(self.rows)[:, None] * np.diff(self.columns)[None, :] - self._odd
        if self._extreme:
            plain = np.where(self._highs >= -self._lows, self._highs, self._lows)
        else:
            plain = self._sums / np.maximum(areas, 1)
        return np.where(self._odd > 0, self._marks, plain)


def blocks_of(array: StoredArray, options: HeatOptions, advance: Advance = no_advance) -> Blocks:
    """Return the numbers of a heat map's pixels.

    Each is of a block of elements, whose edges are as even as whole numbers allow; where there
    is room for every element a block is one. Raises BadEdit for what the array does not have,
    NotNumeric, UnreadableFile, UnsafeFile, Cancelled.
    """
    options = _checked(array, options)
    wrapped = options.columns < 0
    begin, end = options.row_part
    if wrapped:
        rows = np.array([0, 1])
        columns = _edges(begin, end, options.height * options.width)
    else:
        rows = _edges(begin, end, options.height)
        columns = _edges(*options.column_part, options.width)
    reducer = _Reducer(rows, columns, options.reduction)
    decode = decoder(array)
    for index in _pieces(array, options):
        stored = read_block(array, index)
        piece = real_parts(decode(stored))
        if wrapped:
            reducer.add(piece.reshape(1, -1), 0, index[options.rows].start)
        else:
            flat = piece.reshape([n for i, n in enumerate(piece.shape) if i in _axes(options)])
            turned = flat.T if options.rows > options.columns else flat
            reducer.add(turned, index[options.rows].start, index[options.columns].start)
        advance(stored.nbytes)
    values = reducer.values()
    if wrapped:
        values, rows = _wrapped(values[0], options.width), rows[:0]
    return Blocks(values, rows, columns, reducer.nan, reducer.inf)


def size_of(array: StoredArray, options: HeatOptions) -> int:
    """Return how many bytes `blocks_of` reads."""
    rows = options.row_part[1] - options.row_part[0]
    columns = 1 if options.columns < 0 else options.column_part[1] - options.column_part[0]
    return max(0, rows) * max(0, columns) * array.dtype.itemsize


def _checked(array: StoredArray, options: HeatOptions) -> HeatOptions:
    rank = len(array.shape)
    for axis, part in ((options.rows, options.row_part), (options.columns, options.column_part)):
        if axis == -1 and rank == 1:
            continue
        if not 0 <= axis < rank or not 0 <= part[0] < part[1] <= array.shape[axis]:
            raise BadEdit("A heat map needs two axes, and a part of each that the array has.")
    if options.rows == options.columns or len(options.at) != rank:
        raise BadEdit("A heat map needs two different axes, and an index for each other one.")
    if not 0 < options.height * options.width <= MAX_PIXELS:
        raise BadEdit("A heat map needs pixels, and not more than a screen has.")
    for axis, at in enumerate(options.at):
        if axis not in _axes(options) and not 0 <= at < array.shape[axis]:
            raise BadEdit(f"Axis {axis} has no index {at}: it has {array.shape[axis]:,}.")
    if size_of(array, options) > _WHOLE:
        array.check_whole()
    return options


def _axes(options: HeatOptions) -> tuple[int, ...]:
    return (options.rows, options.columns)


def _edges(begin: int, end: int, parts: int) -> Array:
    """Return where `parts` blocks (or one an index) begin, and where the last one ends."""
    length = end - begin
    parts = max(1, min(parts, length))
    return begin + np.arange(parts + 1, dtype=np.int64) * length // parts


def _pieces(array: StoredArray, options: HeatOptions) -> Iterator[Index]:
    """Yield the pieces of the part that is seen; of chunked arrays whole chunks of it."""
    rank = len(array.shape)
    starts, ends = list(options.at), [at + 1 for at in options.at]
    starts[options.rows], ends[options.rows] = options.row_part
    if options.columns >= 0:
        starts[options.columns], ends[options.columns] = options.column_part
    bases = list(starts)
    chunks = list(array.chunks) if array.chunks else None
    for axis in range(rank):
        if chunks and axis in _axes(options):
            bases[axis] = starts[axis] // chunks[axis] * chunks[axis]
        elif chunks:
            chunks[axis] = 1
    shape = tuple(ends[axis] - bases[axis] for axis in range(rank))
    for index in pieces(shape, array.dtype.itemsize, tuple(chunks) if chunks else None):
        yield tuple(
            slice(max(starts[axis], bases[axis] + part.start), bases[axis] + part.stop)
            for axis, part in enumerate(index)
        )


def _starts(edges: Array, begin: int, length: int) -> tuple[Array, slice]:
    """Return where blocks begin within a piece, and which blocks those are."""
    first = int(np.searchsorted(edges, begin, "right")) - 1
    last = int(np.searchsorted(edges, begin + length - 1, "right")) - 1
    starts = np.maximum(edges[first : last + 1] - begin, 0)
    return starts, slice(first, last + 1)


def _reduced(ufunc: np.ufunc, piece: Array, down: Array, across: Array) -> Array:
    dtype = "f8" if ufunc is np.add else None
    if len(across) < piece.shape[1]:
        piece = ufunc.reduceat(piece, across, axis=1, dtype=dtype)
    if len(down) < piece.shape[0]:
        piece = ufunc.reduceat(piece, down, axis=0, dtype=dtype)
    return piece


def _wrapped(values: Array, width: int) -> Array:
    """Return numbers in rows of `width`, the last one filled up with NaN."""
    width = min(width, len(values))
    rows = -(-len(values) // width)
    padded = np.full(rows * width, np.nan)
    padded[: len(values)] = values
    return padded.reshape(rows, width)

"""Filters of a convolution as tiles of pixels; only the channel that is seen is read."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import BadEdit
from ..files.arrays import StoredArray
from .filters import DEAD
from .numbers import Array, decoder, real_parts
from .picture_colours import INF, NAN, SCREEN_LEVELS, coloured, largest, mixed, palette
from .picture_results import FilterFigures, Gallery, GalleryOptions
from .streaming import Advance, no_advance, over_blocks, read_block

MAX_TILES = 16_384
_MAX_PIXELS = 4_000_000
_SLAB = 16 << 20
"""Bytes of a kernel that are read at once for the mean over its channels."""


def gallery_of(
    array: StoredArray,
    options: GalleryOptions,
    advance: Advance = no_advance,
    levels: int = SCREEN_LEVELS,
) -> Gallery:
    """Return the tiles as pixels. Raises BadEdit, NotNumeric, UnreadableFile, Cancelled."""
    tiles, left_out = tiles_of(array, options, advance)
    rgb = tiles.ndim == 4
    if options.each:
        limit = largest(tiles, tuple(range(1, tiles.ndim)))
        # On their own scale, dead tiles would look as strong as the others.
        scale = np.where(limit > max(options.floor, DEAD * _root_mean_square(tiles)), limit, np.inf)
    else:
        limit = scale = largest(tiles)
    colours = palette(options.palette, levels)
    pixels = mixed(tiles, scale) if rgb else coloured(tiles, scale, colours)
    return Gallery(
        count=len(tiles),
        height=tiles.shape[1],
        width=tiles.shape[2],
        rgb=pixels.tobytes(),
        limit=float(np.max(limit, initial=0)),
        least=float(np.min(scale, initial=np.inf)),
        left_out=left_out,
        nan=int(np.count_nonzero(np.isnan(tiles))),
        inf=int(np.count_nonzero(np.isinf(tiles))),
        palette=b"" if rgb else colours.tobytes(),
        nan_colour=bytes(NAN),
        inf_colour=bytes(INF),
    )


def tiles_of(
    array: StoredArray, options: GalleryOptions, advance: Advance = no_advance
) -> tuple[Array, int]:
    """Return values as (tile, row, column), and how many tiles were left out.

    In RGB there is one more axis of three channels.
    """
    axes, whole = options.axes, options.only is None
    index = _chosen(array.shape, options)
    counted = axes.outputs if whole else (axes.inputs,) if axes.inputs >= 0 else ()
    left_out = _cut(index, counted, axes.height, axes.width)
    if whole and options.channel == "mean" and axes.inputs >= 0:
        block = _mean(array, index, axes.inputs, advance)
    else:
        block = _read(array, index, advance)
    colour = axes.inputs if whole and options.channel == "rgb" else -1
    return _arranged(block, counted, axes.height, axes.width, colour), left_out


def _chosen(shape: tuple[int, ...], options: GalleryOptions) -> list[slice]:
    """Return the part of the kernel that is seen."""
    axes = options.axes
    index = [slice(0, length) for length in shape]
    if axes.depth >= 0:
        index[axes.depth] = _one(shape, axes.depth, options.depth)
    if options.only is not None:
        for axis, at in _unravelled(options.only, axes.outputs, shape):
            index[axis] = _one(shape, axis, at)
    elif axes.inputs >= 0 and isinstance(options.channel, int):
        index[axes.inputs] = _one(shape, axes.inputs, options.channel)
    return index


def _cut(index: list[slice], counted: tuple[int, ...], height: int, width: int) -> int:
    """Shorten the first axis that counts tiles, if there are too many; return how many less."""
    lengths = [part.stop - part.start for part in index]
    pixels = (lengths[height] if height >= 0 else 1) * lengths[width]
    others = math.prod(lengths[axis] for axis in counted[1:])
    most = max(1, min(MAX_TILES, _MAX_PIXELS // pixels) // others)
    if not counted or lengths[counted[0]] <= most:
        return 0
    index[counted[0]] = slice(index[counted[0]].start, index[counted[0]].start + most)
    return (lengths[counted[0]] - most) * others


def figures_of(
    array: StoredArray, options: GalleryOptions, advance: Advance = no_advance
) -> FilterFigures:
    """Return the figures of every filter. Raises NotNumeric, UnreadableFile, Cancelled."""
    array.check_whole()
    outputs = options.axes.outputs
    lengths = tuple(array.shape[axis] for axis in outputs)
    squares = np.zeros(lengths)
    lows, highs = np.full(lengths, np.inf), np.full(lengths, -np.inf)
    broken = np.zeros(lengths, bool)
    last = tuple(range(-len(outputs), 0))
    for index, block in over_blocks(array, advance):
        moved: Any = np.moveaxis(real_parts(block), outputs, last)
        rows = moved.astype("f8").reshape(-1, *moved.shape[-len(outputs) :])
        place = tuple(index[axis] for axis in outputs)
        finite = np.isfinite(rows)
        if not finite.all():
            broken[place] |= ~finite.all(axis=0)
        low, high = np.where(finite, rows, np.inf), np.where(finite, rows, -np.inf)
        lows[place] = np.minimum(lows[place], low.min(axis=0))
        highs[place] = np.maximum(highs[place], high.max(axis=0))
        squares[place] += np.square(np.where(finite, rows, 0)).sum(axis=0)
    floor = float(DEAD * np.sqrt(squares.sum() / max(1, array.size)))
    floor = floor if np.isfinite(floor) else 0.0  # squares of great values overflow
    sizes = np.maximum(np.abs(lows), np.abs(highs))
    dead = ~broken & (sizes <= floor)
    return FilterFigures(
        tuple(np.sqrt(squares).reshape(-1).tolist()),
        tuple(lows.reshape(-1).tolist()),
        tuple(highs.reshape(-1).tolist()),
        frozenset(np.flatnonzero(dead).tolist()),
        frozenset(np.flatnonzero(broken).tolist()),
        floor,
    )


def _root_mean_square(values: Array) -> float:
    """Return that of the finite values; of none 0."""
    finite: Array = values[np.isfinite(values)].astype("f8", copy=False)
    sizes: Any = np.abs(finite)
    most = np.max(sizes, initial=0)  # squares of great values would overflow
    shares: Any = sizes / (most or 1)
    return float(most * math.sqrt(np.square(shares).mean())) if most else 0.0


def _read(array: StoredArray, index: list[slice], advance: Advance) -> Array:
    stored = read_block(array, tuple(index))
    advance(stored.nbytes)
    return real_parts(decoder(array)(stored))


def _mean(array: StoredArray, index: list[slice], axis: int, advance: Advance) -> Array:
    """Return the mean over an axis, which keeps a length of one; read in slabs."""
    array.check_whole()
    length = array.shape[axis]
    whole = array.size * array.dtype.itemsize
    step = max(1, length * _SLAB // max(1, whole))
    total: Array | None = None
    for begin in range(0, length, step):
        index[axis] = slice(begin, min(begin + step, length))
        part = _read(array, index, advance).sum(axis=axis, keepdims=True, dtype="f8")
        total = part if total is None else total + part
    assert total is not None
    return total / length


def _arranged(
    block: Array, counted: tuple[int, ...], height: int, width: int, colour: int
) -> Array:
    """Return a block as (tile, row, column) or (tile, row, column, colour)."""
    kept = [*counted, *(axis for axis in (height, width, colour) if axis >= 0)]
    rest = [axis for axis in range(block.ndim) if axis not in kept]
    moved = block.transpose(*rest, *kept)
    rows = block.shape[height] if height >= 0 else 1
    shape = (-1, rows, block.shape[width], *((3,) if colour >= 0 else ()))
    return moved.reshape(shape)


def _one(shape: tuple[int, ...], axis: int, at: int) -> slice:
    if not 0 <= at < shape[axis]:
        raise BadEdit(f"Axis {axis} has no index {at}: it has {shape[axis]:,}.")
    return slice(at, at + 1)


def _unravelled(
    number: int, axes: tuple[int, ...], shape: tuple[int, ...]
) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for axis in reversed(axes):
        number, at = divmod(number, shape[axis])
        found.append((axis, at))
    if number:
        raise BadEdit("There is no such filter.")
    return found

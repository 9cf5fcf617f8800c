"""Filters and units one by one: which are dead, and which are the same."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..files.arrays import Index, StoredArray
from ..model import Layer, Weight
from ..model.axes import axes
from .numbers import Array, decoder, real_parts
from .results import MAX_INDICES, Flag
from .streaming import SLICE, Advance, no_advance, over_blocks, pieces, read_block

DEAD = 1e-6
"""A filter is dead when none of its values exceeds so much of the root mean square of all."""
MAX_FILTERS = 4_000_000
_GLANCE = 256 << 10
"""Bytes that are looked at at once for living filters, of which the first few rows tell."""
_NO_OUTPUTS = ("bias", "embeddings", "b_")
_OUTPUTS = ("filters", "units", "output features", "depth multiplier")


def filter_axis(layer: Layer, weight: Weight) -> int | None:
    """Return the axis that counts filters or units; None where a weight has none to tell apart.

    By what its axes mean (`kerastui.model.axes`). A kernel of an unknown class has them last,
    as all of Keras's have. Biases and the like hold one number a filter, which says nothing.
    """
    name = weight.name.rpartition("/")[2]
    if len(weight.shape) < 2 or name.startswith(_NO_OUTPUTS):
        return None
    axis = _output_axis(axes(layer, weight), len(weight.shape), name)
    return axis if axis is not None and weight.shape[axis] <= MAX_FILTERS else None


def _output_axis(names: Sequence[str], rank: int, name: str) -> int | None:
    if not names:
        return rank - 1 if name.endswith("kernel") else None
    for axis in reversed(range(len(names))):
        words = names[axis].partition(" (")[0]
        if words.endswith(_OUTPUTS) or words.startswith(("filters", "units")):
            return axis
    return None


def dead_filters(
    array: StoredArray, axis: int, root_mean_square: float, advance: Advance = no_advance
) -> Flag | None:
    """Return which filters along `axis` hold nothing but about zero; None if none does.

    Reads on only until each filter has shown a value that is not: usually a few rows. NaN and
    infinities count as life.
    """
    limit = DEAD * root_mean_square
    alive, left = np.zeros(array.shape[axis], bool), array.shape[axis]
    decode = decoder(array)
    others = tuple(i for i in range(len(array.shape)) if i != axis)
    for index in pieces(array.shape, array.dtype.itemsize, array.chunks, _GLANCE):
        block = real_parts(decode(read_block(array, index)))
        here = alive[index[axis]]
        left += int(np.count_nonzero(here))
        here |= ~(np.abs(block.astype("f8", copy=False)) <= limit).all(axis=others)
        left -= int(np.count_nonzero(here))
        if not left:
            return None
        advance(0)
    dead = np.flatnonzero(~alive)
    return Flag("dead", len(dead), tuple(dead[:MAX_INDICES].tolist()), axis=axis)


def duplicate_filters(
    array: StoredArray, axis: int, ignored: tuple[int, ...] = (), advance: Advance = no_advance
) -> Flag | None:
    """Return groups of filters along `axis` that are the same bit for bit; None if none are.

    Told by a hash of 64 bits of each: one in 10^10 for 50,000 filters to be mistaken. Filters
    in `ignored` (dead ones) are left out, and such of one element.
    """
    if math.prod(array.shape) // max(1, array.shape[axis]) < 2:
        return None
    hashes = np.zeros(array.shape[axis], np.uint64)
    for index, block in over_blocks(array, advance):
        bits = _bits(np.moveaxis(block, axis, -1))
        rows = _rows(index, array.shape, axis)
        for begin in range(0, len(bits), max(1, SLICE // bits.shape[-1])):
            part = slice(begin, begin + max(1, SLICE // bits.shape[-1]))
            mixed = _mix(bits[part] ^ _mix(rows[part])[:, None])
            hashes[index[axis]] += mixed.sum(axis=0, dtype=np.uint64)
    groups = _same(hashes, ignored)
    if not groups:
        return None
    indices = sorted(f for group in groups for f in group[1:])
    listed = tuple(tuple(group[:MAX_INDICES]) for group in groups[:MAX_INDICES])
    return Flag("duplicates", len(indices), tuple(indices[:MAX_INDICES]), listed, axis)


def _bits(moved: Array) -> Array:
    """Return 64 bits for each element, as rows of one element a filter."""
    whole = np.ascontiguousarray(moved)
    if whole.dtype.kind == "c":
        halves = whole.view(f"u{whole.dtype.itemsize // 2}").astype(np.uint64)
        pairs = halves.reshape(*whole.shape, 2)
        return (_mix(pairs[..., 0]) + pairs[..., 1]).reshape(-1, whole.shape[-1])
    plain = whole.view(f"u{whole.dtype.itemsize}").astype(np.uint64)
    return plain.reshape(-1, whole.shape[-1])


def _rows(index: Index, shape: tuple[int, ...], axis: int) -> Array:
    """Return the number of each row of a block, counted over all axes but the filters'."""
    rows: Any = np.zeros((), np.uint64)
    for i, part in enumerate(index):
        if i != axis:
            steps = np.arange(part.start, part.stop, dtype=np.uint64)
            rows = rows[..., None] * np.uint64(shape[i]) + steps
    return rows.reshape(-1)


def _mix(words: Array) -> Array:
    """Return words as random-looking as they are different (SplitMix64: Steele et al., 2014)."""
    mixed = words + np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def _same(hashes: Array, ignored: tuple[int, ...]) -> list[list[int]]:
    values, counts = np.unique(hashes, return_counts=True)
    repeated = np.flatnonzero(np.isin(hashes, values[counts > 1]))
    groups: defaultdict[int, list[int]] = defaultdict(list)
    left_out = set(ignored)
    for place in repeated.tolist():
        if place not in left_out:
            groups[int(hashes[place])].append(place)
    return [group for group in groups.values() if len(group) > 1]

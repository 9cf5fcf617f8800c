"""Exact quantiles in a single pass, where a sample says beforehand what to look for.

A sample of an array tells within which values each wanted quantile very probably lies. The pass
counts the elements below each of these brackets and keeps those inside, a few in a hundred;
of these the elements of the wanted ranks are then picked out. Whether a rank does lie inside
its bracket is known after the pass, for certain; if not, `quantiles.Selection` does without
samples. A value that fills a part of a bracket by itself, like the zeros of a pruned weight, is
counted and not kept. (Floyd and Rivest, "Expected time bounds for selection", 1975.)
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..files.arrays import StoredArray
from .numbers import Array, decoder, real_parts
from .quantiles import Pairs, interpolated, ranks_of
from .results import QUANTILES

_MARGIN = 3.5
"""Standard errors of a sample's quantiles that a bracket reaches to either side."""
_CLUSTER = 256
"""Elements side by side that are taken together, at random places."""
_FEWEST, _MOST = 1 << 14, 1 << 21
_ONE_IN = 50
"""So many elements are there for each in the sample."""
KEPT = 32 << 20
"""Bytes of elements that are kept at most, by all threads together."""
_BLOCK = 1 << 20
"""Bytes of what is kept that are joined to one array."""
_HEAVY = 16
"""Times that a value is in the sample before it can be one that is counted, not kept."""


@dataclass(frozen=True)
class Cell:
    """A stretch of values, closed below and open above."""

    start: Any
    stop: Any
    single: bool = False
    """Whether `start` is the only value in it."""


def brackets_of(array: StoredArray) -> list[Cell] | None:
    """Return where an array's quantiles are to be looked for; None where that does not pay.

    Raises UnreadableFile.
    """
    if not array.in_one_run or array.dtype.itemsize < 4 or array.dtype.kind != "f":
        return None
    wanted = min(max(array.size // _ONE_IN, _FEWEST), _MOST)
    if array.saved_as or array.size < wanted:
        return None
    sample = _sample(array, wanted // _CLUSTER)
    ordered = np.sort(sample[np.isfinite(sample)])
    if ordered.size < _FEWEST // 2:
        return None
    zones = list(_zones(sample, ordered))
    share = sum(last - first for first, last in zones) / ordered.size
    kept = share * array.size * array.dtype.itemsize
    return cells_of(ordered, zones) if kept <= KEPT else None


def _sample(array: StoredArray, count: int) -> Array:
    """Return elements from random places of a run, a row for each place."""
    random = np.random.default_rng(1)
    begins = np.sort(random.integers(0, array.size - _CLUSTER, count, endpoint=True)).tolist()
    rows = np.empty((count, _CLUSTER), array.dtype)
    for begin, row in zip(begins, rows, strict=True):
        array.read_run(begin, row)
    return real_parts(decoder(array)(rows))


def _zones(sample: Array, ordered: Array) -> Iterator[tuple[int, int]]:
    """Yield which places of the ordered sample quantiles lie between; those that touch are one.

    How far the sample may be off is told by how much its rows differ among each other, which
    they do more than by chance where elements side by side are alike.
    """
    size, rows = ordered.size, len(sample)
    first, last = 0, -1
    for which in QUANTILES:
        place = which * (size - 1)
        shares = np.count_nonzero(sample < ordered[round(place)], axis=1) / _CLUSTER
        chance = math.sqrt(which * (1 - which) / size)
        margin = _MARGIN * size * max(float(shares.std()) / math.sqrt(rows), chance) + 1
        begin, end = max(0, math.floor(place - margin)), min(size - 1, math.ceil(place + margin))
        if begin <= last:
            last = max(last, end)
            continue
        if last >= 0:
            yield first, last
        first, last = begin, end
    yield first, last


def cells_of(ordered: Array, zones: Iterable[tuple[int, int]]) -> list[Cell]:
    """Return the cells that the wanted quantiles probably lie in, in order, none overlapping.

    Args:
        ordered: the finite elements of a sample, floats, sorted.
        zones: first and last places in it that quantiles lie between.
    """
    cells: list[Cell] = []
    for first, last in zones:
        start, stop = ordered[first], _next(ordered[last])
        if cells:  # equal values may lie in two zones
            start = max(start, cells[-1].stop)
        for value in _heavy(ordered, first, last):
            if value < start:
                continue
            if value > start:
                cells.append(Cell(start, value))
            start = _next(value)
            cells.append(Cell(value, start, single=True))
        if start < stop:
            cells.append(Cell(start, stop))
    return cells


def _heavy(sample: Array, first: int, last: int) -> list[Any]:
    """Return the values in a zone that are a good part of it, or go on beside it."""
    values = np.unique(sample[first : last + 1])
    runs = np.searchsorted(sample, values, "right") - np.searchsorted(sample, values, "left")
    return list(values[runs >= max(_HEAVY, (last - first) // 4)])


def _next(value: Any) -> Any:
    return np.nextafter(value, value.dtype.type(np.inf))


@dataclass
class Room:
    """How many bytes may still be kept, by all threads together."""

    nbytes: int


class Bracketed:
    """Counts below cells, and keeps what is inside; one to a thread, then merged."""

    def __init__(self, cells: list[Cell], room: Room | None = None) -> None:
        self._cells = cells
        self._room_left = room or Room(KEPT)
        edges = sorted({edge for cell in cells for edge in (cell.start, cell.stop)})
        kept = {cell.start for cell in cells if not cell.single}
        counted = {cell.start for cell in cells} | {cell.stop for cell in cells if cell.single}
        inside, self._steps = False, list[tuple[Any, bool, bool]]()
        """Of each edge: its value, whether to count what is below, whether keeping changes."""
        for edge in edges:
            self._steps.append((edge, edge in counted, (edge in kept) != inside))
            inside = edge in kept
        self._below = dict.fromkeys(edges, 0)
        self._kept: list[Array] | None = []
        """None where there was too much to keep."""
        self._fresh: list[Array] = []
        self.kept_bytes = self._packed = 0
        self._room, self._mask = np.empty(0, bool), np.empty(0, bool)

    def add(self, elements: Array) -> None:
        """Look at a flat slice."""
        values = real_parts(elements)
        if self._kept is None:
            return
        if self._room.size < values.size:
            self._room, self._mask = np.empty(values.size, bool), np.empty(values.size, bool)
        less, mask = self._room[: values.size], self._mask[: values.size]
        bits, kept = less.view(np.uint8), mask.view(np.uint8)
        kept[:] = 0
        with np.errstate(invalid="ignore"):
            for edge, counts, changes in self._steps:
                np.less(values, edge, out=less)
                if counts:
                    self._below[edge] += int(np.count_nonzero(less))
                if changes:  # of bytes, which is faster than of truth values
                    np.bitwise_xor(kept, bits, out=kept)
        found = values.take(np.flatnonzero(mask))  # twice as fast as by the mask: they are few
        self.kept_bytes += found.nbytes
        self._fresh.append(found)
        if self.kept_bytes - self._packed > _BLOCK:
            self._pack(self._kept)
        self._room_left.nbytes -= found.nbytes
        if self._room_left.nbytes < 0:
            self._kept = None

    def _pack(self, kept: list[Array]) -> None:
        """Join what was kept of many slices."""
        if self._fresh:
            kept.append(np.concatenate(self._fresh))
        self._fresh, self._packed = [], self.kept_bytes

    def merge(self, other: Bracketed) -> None:
        """Take what the other has counted and kept."""
        for edge, count in other._below.items():
            self._below[edge] += count
        if self._kept is None or other._kept is None:
            self._kept = None
        else:
            other._pack(other._kept)
            self._kept += other._kept

    def quantiles(self, finite: int, negative_infinities: int) -> Pairs | None:
        """Return the quantiles; None if one lies where the sample had not said."""
        if self._kept is None:
            return None
        self._pack(self._kept)
        left = set(ranks_of(finite, negative_infinities))
        found: dict[int, float | int] = {}
        for cell in self._cells:
            before = self._below[cell.start]
            if cell.single:
                values, size = None, self._below[cell.stop] - before
            else:
                values = self._inside(self._kept, cell)
                size = values.size
            here = sorted(rank for rank in left if before <= rank < before + size)
            left.difference_update(here)
            if values is None:
                found |= {rank: cell.start.item() for rank in here}
            elif here:
                found |= _picked(values, before, here)
        return None if left else interpolated(found, finite, negative_infinities)

    @staticmethod
    def _inside(kept: list[Array], cell: Cell) -> Array:
        """Return the values of a cell; block by block, so that never all are there twice."""
        within = ((block >= cell.start) & (block < cell.stop) for block in kept)
        parts = [block.take(np.flatnonzero(mask)) for block, mask in zip(kept, within, strict=True)]
        return np.concatenate([np.empty(0, "f4"), *parts])


def _picked(values: Array, before: int, ranks: list[int]) -> dict[int, float]:
    """Return the elements of some ranks, in order; `before` are less than all values.

    Ranks come in pairs, and the second of a pair is the least of what is left: that is found in
    a third of the time that partitioning for both takes.
    """
    found, parted = dict[int, float](), -2
    for rank in ranks:
        place = rank - before
        if place == parted + 1:
            found[rank] = values[place:].min().item()
        else:
            values.partition(place)
            found[rank], parted = values[place].item(), place
    return found

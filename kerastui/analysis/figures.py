"""The figures of one array: one pass; with quantiles another where a sample did not tell enough."""

from __future__ import annotations

import numpy as np

from ..files.arrays import StoredArray
from .brackets import KEPT, Bracketed, Room, brackets_of
from .moments import Moments
from .numbers import Array, real_parts
from .quantiles import SMALL, Digits, Pairs, Selection, interpolated, ranks_of, small_quantiles
from .results import Statistics
from .streaming import THREADS, Advance, no_advance, over_elements


class _Pass:
    """What one thread gathers in the first pass."""

    def __init__(self, order: Digits | Bracketed | None) -> None:
        self.moments = Moments()
        self.order = order
        """What quantiles are told from."""

    def add(self, elements: Array) -> None:
        self.moments.add(elements)
        if self.order is not None:
            self.order.add(elements)

    def merge(self, other: _Pass) -> None:
        self.moments.merge(other.moments)
        if isinstance(self.order, Digits) and isinstance(other.order, Digits):
            self.order.merge(other.order)
        if isinstance(self.order, Bracketed) and isinstance(other.order, Bracketed):
            self.order.merge(other.order)


def figures_of(
    array: StoredArray,
    *,
    quantiles: bool = False,
    advance: Advance = no_advance,
    threads: int = THREADS,
) -> Statistics:
    """Return an array's figures, exact but for the rounding of float64.

    Memory: 8 MB a thread, with quantiles at most 80 MB more. Raises NotNumeric, UnreadableFile,
    UnsafeFile, Cancelled.
    """
    array.check_whole()
    small = quantiles and array.size <= SMALL
    kept: list[Array] = []

    def add(state: _Pass, elements: Array) -> None:
        state.add(elements)
        if small:
            kept.append(real_parts(elements).copy())

    cells = brackets_of(array) if quantiles and not small else None

    room = Room(KEPT)

    def start() -> _Pass:
        if not quantiles or small:
            return _Pass(None)
        return _Pass(Bracketed(cells, room) if cells else Digits(0, [0]))

    first, *others = over_elements(array, start, add, advance, threads)
    for other in others:
        first.merge(other)
    moments = _rescaled(array, first.moments)
    if not quantiles or not moments.finite:
        return moments.statistics()
    if small:
        return moments.statistics(small_quantiles(np.concatenate(kept)))
    return moments.statistics(_quantiles(array, first, advance))


def _rescaled(array: StoredArray, moments: Moments) -> Moments:
    """Pass once more over numbers whose squares float64 cannot hold."""
    scale = moments.wanted_scale()
    if scale is None:
        return moments
    first, *others = over_elements(array, lambda: Moments(scale), Moments.add, no_advance)
    for other in others:
        first.merge(other)
    return first


def _quantiles(array: StoredArray, first: _Pass, advance: Advance) -> Pairs:
    """Return the quantiles, by as many passes more as they need: often none."""
    finite, before = first.moments.finite, first.moments.negative_inf
    if isinstance(first.order, Bracketed):
        found = first.order.quantiles(finite, before)
        if found is not None:
            return found
    selection = Selection(ranks_of(finite, before))
    digits = first.order if isinstance(first.order, Digits) else None
    while True:
        if digits is None:
            digits, *others = over_elements(array, selection.digits, Digits.add, advance)
            for other in others:
                digits.merge(other)
        selection.take(digits)
        if selection.found is not None:
            return interpolated(selection.found, finite, before)
        digits = None

"""The figures of one array: one pass, or one for each 16 bits of an element with quantiles."""

from __future__ import annotations

import numpy as np

from ..files.arrays import StoredArray
from .moments import Moments
from .numbers import Array, real_parts
from .quantiles import SMALL, Digits, Selection, interpolated, ranks_of, small_quantiles
from .results import Statistics
from .streaming import Advance, no_advance, over_elements


class _Pass:
    """What one thread gathers in the first pass."""

    def __init__(self, quantiles: bool) -> None:
        self.moments = Moments()
        self.digits = Digits(0, [0]) if quantiles else None

    def add(self, elements: Array) -> None:
        self.moments.add(elements)
        if self.digits is not None:
            self.digits.add(elements)

    def merge(self, other: _Pass) -> None:
        self.moments.merge(other.moments)
        if self.digits is not None and other.digits is not None:
            self.digits.merge(other.digits)


def figures_of(
    array: StoredArray, *, quantiles: bool = False, advance: Advance = no_advance
) -> Statistics:
    """Return an array's figures, exact but for the rounding of float64.

    Memory: 6 MB a thread, with quantiles at most 8 MB more. Raises NotNumeric, UnreadableFile,
    UnsafeFile, Cancelled.
    """
    array.check_whole()
    small = quantiles and array.size <= SMALL
    kept: list[Array] = []

    def add(state: _Pass, elements: Array) -> None:
        state.add(elements)
        if small:
            kept.append(real_parts(elements).copy())

    gathered = over_elements(array, lambda: _Pass(quantiles and not small), add, advance)
    first = gathered[0]
    for other in gathered[1:]:
        first.merge(other)
    moments = _rescaled(array, first.moments)
    if not quantiles or not moments.finite:
        return moments.statistics()
    if small:
        return moments.statistics(small_quantiles(np.concatenate(kept)))
    return moments.statistics(_selected(array, first, advance))


def _rescaled(array: StoredArray, moments: Moments) -> Moments:
    """Pass once more over numbers whose squares float64 cannot hold."""
    scale = moments.wanted_scale()
    if scale is None:
        return moments
    first, *others = over_elements(array, lambda: Moments(scale), Moments.add, no_advance)
    for other in others:
        first.merge(other)
    return first


def _selected(
    array: StoredArray, first: _Pass, advance: Advance
) -> tuple[tuple[float, float], ...]:
    """Return the quantiles; the first of the passes that they need is done already."""
    finite, before = first.moments.finite, first.moments.negative_inf
    selection = Selection(ranks_of(finite, before))
    digits = first.digits
    while digits is not None:
        selection.take(digits)
        if selection.found is not None:
            return interpolated(selection.found, finite, before)
        digits, *others = over_elements(array, selection.digits, Digits.add, advance)
        for other in others:
            digits.merge(other)
    return ()

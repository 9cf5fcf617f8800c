"""How many elements lie in each of equally wide bins."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..files.arrays import StoredArray
from .numbers import Array, real_parts
from .results import Histogram
from .streaming import SLICE, Advance, no_advance, over_elements

BINS = 64
MAX_BINS = 1000
_NEAR = 0.01
"""Of a bin: where roundings may amount to more, places are looked up."""


class Bins:
    """Counts as `numpy.histogram` does: bins closed to the left, the last one both ways."""

    def __init__(self, low: float, high: float, bins: int) -> None:
        self.low, self.high = low, high
        self.edges = np.linspace(low / 2, high / 2, bins + 1) * 2  # halves do not overflow
        self.edges[0], self.edges[-1] = low, high
        self.counts = np.zeros(bins, np.int64)
        self.below = self.above = self.nan = self.inf = 0
        width = (high - low) / bins
        self._factor = 1 / width if 1e-300 < width < 1e300 else 0.0
        """Bins a unit; 0 where that is no number, and places are looked up."""
        self._rooms: tuple[Array, ...] = ()
        """For numbers, places, distances and whole places: new ones would be zeroed each time."""

    def add(self, elements: Array) -> None:
        """Count a flat slice of at most `SLICE` elements."""
        values = real_parts(elements)
        narrow = values.dtype == np.float32 and self._off_by(np.float32) < _NEAR
        self._make_room(np.float32 if narrow else np.float64)
        if not narrow:
            np.copyto(self._rooms[0][: values.size], values)
            values = self._rooms[0][: values.size]
        if values.size and not (
            float(values.min()) >= self.low and float(values.max()) <= self.high
        ):
            values = self._inside(values)
        if not values.size:
            return
        self.counts += np.bincount(self._places(values), minlength=len(self.counts))

    def _make_room(self, dtype: type[np.floating[Any]]) -> None:
        if not self._rooms or self._rooms[1].dtype != dtype:
            numbers = np.empty(SLICE if dtype is np.float64 else 0)
            rooms = np.empty(SLICE, dtype), np.empty(SLICE, dtype), np.empty(SLICE, np.intp)
            self._rooms = numbers, *rooms

    def _off_by(self, dtype: type[np.floating[Any]]) -> float:
        """Return more than a place may be off by roundings, in bins; 1 if it may overflow."""
        low, high, bins = abs(self.low), abs(self.high), len(self.counts)
        if dtype is np.float32 and not (max(low, high) < 1e30 and 1e-30 < self._factor < 1e30):
            return 1.0
        return float(np.finfo(dtype).eps) * (low * self._factor + 4 * bins)

    def _places(self, values: Array) -> Array:
        """Return the number of each value's bin."""
        last, kind = len(self.counts) - 1, values.dtype.type
        off = self._off_by(kind)
        if not self._factor or off >= _NEAR:
            return np.minimum(np.searchsorted(self.edges, values, "right") - 1, last)
        exact, apart, places = (room[: values.size] for room in self._rooms[1:])
        np.subtract(values, kind(self.low), out=exact)
        exact *= kind(self._factor)
        # The product is rounded: an element beside an edge may be one bin off.
        np.rint(exact, out=apart)
        apart -= exact
        np.abs(apart, out=apart)
        near = np.flatnonzero(apart <= kind(off))
        np.minimum(exact, kind(last), out=exact)
        np.copyto(places, exact, casting="unsafe")
        if near.size:
            which, beside = places[near], values[near]
            which -= beside < self.edges[which]
            which += (beside >= self.edges[which + 1]) & (which != last)
            places[near] = which
        return places

    def _inside(self, values: Array) -> Array:
        nan, inf = np.isnan(values), np.isinf(values)
        self.nan += int(np.count_nonzero(nan))
        self.inf += int(np.count_nonzero(inf))
        values = values[~(nan | inf)]
        # A plain number would be rounded to the values' own dtype first.
        below, above = values < np.float64(self.low), values > np.float64(self.high)
        self.below += int(np.count_nonzero(below))
        self.above += int(np.count_nonzero(above))
        return values[~(below | above)]

    def merge(self, other: Bins) -> None:
        """Count all that the other has counted."""
        self.counts += other.counts
        self.below += other.below
        self.above += other.above
        self.nan += other.nan
        self.inf += other.inf

    def result(self) -> Histogram:
        """Return what has been counted."""
        counts = tuple(self.counts.tolist())
        beside = (self.below, self.above, self.nan, self.inf)
        return Histogram(self.low, self.high, counts, *beside)


def histogram_of(
    array: StoredArray,
    low: float | None = None,
    high: float | None = None,
    bins: int = BINS,
    advance: Advance = no_advance,
) -> Histogram | None:
    """Return the histogram from `low` to `high`, by default of all finite elements.

    None where there are none. Raises NotNumeric, UnreadableFile, UnsafeFile, Cancelled.
    """
    array.check_whole()
    if low is None or high is None:
        least, greatest = _extremes(array, advance)
        if least > greatest:
            return None
        low = least if low is None else low
        high = greatest if high is None else high
    bins = max(1, min(bins, MAX_BINS)) if low < high else 1
    first, *others = over_elements(array, lambda: Bins(low, high, bins), Bins.add, advance)
    for other in others:
        first.merge(other)
    return first.result()


class _Ends:
    """The least and the greatest finite element."""

    def __init__(self) -> None:
        self.least, self.greatest = np.inf, -np.inf

    def add(self, elements: Array) -> None:
        values = real_parts(elements)
        if not values.size:
            return
        least, greatest = float(values.min()), float(values.max())
        if not (np.isfinite(least) and np.isfinite(greatest)):
            values = values[np.isfinite(values)]
            least = float(values.min(initial=np.inf))
            greatest = float(values.max(initial=-np.inf))
        self.least = min(self.least, least)
        self.greatest = max(self.greatest, greatest)


def _extremes(array: StoredArray, advance: Advance) -> tuple[float, float]:
    """Return the least and the greatest finite element, (inf, -inf) where there are none."""
    ends = over_elements(array, _Ends, _Ends.add, advance)
    return min(end.least for end in ends), max(end.greatest for end in ends)

"""How many elements lie in each of equally wide bins."""

from __future__ import annotations

import numpy as np

from ..files.arrays import StoredArray
from .figures import figures_of
from .numbers import Array, real_parts
from .results import Histogram
from .streaming import SLICE, Advance, no_advance, over_elements

BINS = 64
MAX_BINS = 1000


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
        self._room = np.empty(SLICE)

    def add(self, elements: Array) -> None:
        """Count a flat slice of at most `SLICE` elements."""
        values = self._room[: elements.size]
        np.copyto(values, real_parts(elements))
        if values.size and not (values.min() >= self.low and values.max() <= self.high):
            values = self._inside(values)
        if not values.size:
            return
        self.counts += np.bincount(self._places(values), minlength=len(self.counts))

    def _places(self, values: Array) -> Array:
        last = len(self.counts) - 1
        if not self._factor:
            return np.minimum(np.searchsorted(self.edges, values, "right") - 1, last)
        places = ((values - self.low) * self._factor).astype(np.intp)
        np.minimum(places, last, out=places)
        # The product is rounded: an element beside an edge may be one bin off.
        places -= values < self.edges[places]
        places += (values >= self.edges[places + 1]) & (places != last)
        return places

    def _inside(self, values: Array) -> Array:
        nan, inf = np.isnan(values), np.isinf(values)
        self.nan += int(np.count_nonzero(nan))
        self.inf += int(np.count_nonzero(inf))
        values = values[~(nan | inf)]
        below, above = values < self.low, values > self.high
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
        figures = figures_of(array, advance=advance)
        if figures.min is None or figures.max is None:
            return None
        low = float(figures.min) if low is None else low
        high = float(figures.max) if high is None else high
    bins = max(1, min(bins, MAX_BINS)) if low < high else 1
    first, *others = over_elements(array, lambda: Bins(low, high, bins), Bins.add, advance)
    for other in others:
        first.merge(other)
    counts = tuple(first.counts.tolist())
    return Histogram(low, high, counts, first.below, first.above, first.nan, first.inf)

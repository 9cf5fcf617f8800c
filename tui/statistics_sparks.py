"""Histograms for the rows that are seen: which are lacking, over which range, put together."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from kerastui.analysis.results import Histogram
from kerastui.model import Model, Weight
from kerastui.model.places import place_of

from ..widgets.spark import Spark
from ..widgets.statistics_columns import StatRow
from .statistics_known import Known, Range, weights_of
from .statistics_rows import WHOLE

BINS = 24
SMALL = 4 << 20
"""Bytes of a weight whose histogram is asked for as a peek."""
_LARGE = 64 << 20
"""Bytes of a weight whose histogram waits until all figures are there, which come first."""
_SPREAD = 4
"""Root mean squares of the typical weight that the common range goes out from zero."""


@dataclass(frozen=True)
class Wanted:
    """A histogram that is lacking."""

    row: StatRow
    index: int
    weight: Weight
    within: Range
    question: tuple[object, ...]
    """Arguments of the request."""


class Sparks:
    """Knows which sparklines can be drawn.

    Args:
        model: whose weights.
        known: where histograms are kept.
        seen: returns the rows that are seen.
        draw: told what to draw of a row.
        busy: returns whether figures are being computed.
    """

    def __init__(
        self,
        model: Model,
        known: Known,
        seen: Callable[[], Sequence[StatRow]],
        draw: Callable[[tuple[int, int], Spark], None],
        busy: Callable[[], bool],
    ) -> None:
        self._model, self._known = model, known
        self._seen, self._draw, self._busy = seen, draw, busy
        self._drawn: set[tuple[tuple[int, int], Range]] = set()
        self.common: Range | None = None
        """The range of all; None: each its own."""

    def next_wanted(self, long: bool) -> Wanted | None:
        """Return the next histogram that a row lacks, of large weights or of small ones.

        Rows that lack none are drawn.
        """
        for row in self._seen():
            within = self._range(row)
            if within is None or (row.key, within) in self._drawn:
                continue
            if within[0] == within[1]:
                self._draw_row(row, within, _constant(row))
                continue
            wanted, complete = self._lacking(row, within, long)
            if wanted is not None:
                return wanted
            if complete:
                self._draw_row(row, within, self._together(row, within))
        return None

    def put(self, wanted: Wanted, found: Histogram | None) -> None:
        """Keep a histogram; None: there is none."""
        self._known.put_histogram(self._model, wanted.index, wanted.weight, wanted.within, found)

    def forget(self, keys: Iterable[tuple[int, int]] | None = None) -> None:
        """Draw rows again, by their keys or all: they are shown otherwise, or are others."""
        if keys is None:
            self._drawn.clear()
            return
        gone = set(keys)
        self._drawn = {drawn for drawn in self._drawn if drawn[0] not in gone}

    def _draw_row(self, row: StatRow, within: Range, spark: Spark) -> None:
        self._drawn.add((row.key, within))
        self._draw(row.key, spark)

    def _range(self, row: StatRow) -> Range | None:
        figures = row.figures
        if figures is None or figures.min is None or figures.max is None:
            return None
        return self.common or (float(figures.min), float(figures.max))

    def _weights(self, row: StatRow) -> list[Weight]:
        """Return the row's weights that have numbers."""
        index, number = row.key
        weights = weights_of(self._model, index)
        if number != WHOLE:
            return [weights[number]]
        found = self._known.rows(self._model, index) or ()
        return [
            weight
            for weight, row in zip(weights, found, strict=True)
            if row.figures is not None and row.figures.min is not None
        ]

    def _lacking(self, row: StatRow, within: Range, long: bool) -> tuple[Wanted | None, bool]:
        """Return the first histogram that is lacking and of the size, and whether none is."""
        index, complete = row.key[0], True
        for weight in self._weights(row):
            if self._known.histogram(self._model, index, weight, within) is None:
                complete = False
                if weight.nbytes > _LARGE and self._busy():
                    continue
                if (weight.nbytes > SMALL) is long:
                    place = place_of(self._model, index, weight)
                    question = (place, weight.dataset, *within, BINS)
                    return Wanted(row, index, weight, within, question), False
        return None, complete

    def _together(self, row: StatRow, within: Range) -> Spark:
        counts, below, above = [0] * BINS, 0, 0
        for weight in self._weights(row):
            known = self._known.histogram(self._model, row.key[0], weight, within)
            found = known[0] if known else None
            if found is None or len(found.counts) != BINS:
                continue
            counts = [a + b for a, b in zip(counts, found.counts, strict=True)]
            below, above = below + found.below, above + found.above
        return Spark(tuple(counts) if any(counts) else (), below, above)


def _constant(row: StatRow) -> Spark:
    """Return a single peak in the middle: all values are the same."""
    middle = BINS // 2
    return Spark(tuple(int(place == middle) for place in range(BINS)) if row.count else ())


def common_range(rows: Iterable[StatRow]) -> Range | None:
    """Return a range around zero in which rows can be compared; None while none is known.

    Four times the root mean square of the typical weight (the median, by number of elements, so
    that a layer that is out of the ordinary does not press all others together), rounded up to
    1, 2 or 5 of a power of ten, so that it stays while rows are added.
    """
    sizes: list[tuple[float, int]] = []
    for row in rows:
        figures = row.figures
        if figures is not None and figures.finite and math.isfinite(figures.l2):
            sizes.append((figures.l2 / math.sqrt(figures.finite), figures.finite))
    if not sizes:
        return None
    sizes.sort()
    half, passed, typical = sum(n for _, n in sizes) / 2, 0, 0.0
    for size, n in sizes:
        typical, passed = size, passed + n
        if passed >= half:
            break
    reach = _round_up(_SPREAD * typical)
    return -reach, reach


def _round_up(value: float) -> float:
    if not 1e-300 < value < 1e300:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next((step * power for step in (1, 2, 5) if step * power >= value), 10 * power)

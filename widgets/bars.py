"""Bars of eighths of a cell, and the arithmetic of counts in bins.

Our own: no plotting library for terminals draws bars finer than whole cells.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from .axis import Axis

EIGHTHS = " ▁▂▃▄▅▆▇█"


def heights(counts: Sequence[float], rows: int, log: bool, top: float | None = None) -> list[int]:
    """Return how high bars are, in eighths of a cell; what is there at all is one eighth high.

    Args:
        counts: what the bars show, 0 or more.
        rows: how many cells the highest one takes.
        log: whether heights are logarithms (of one more than the count).
        top: the count that takes all rows, by default the greatest one.
    """
    top = max(counts, default=0) if top is None else top
    if top <= 0:
        return [0] * len(counts)
    most = 8 * rows
    scale = most / (math.log1p(top) if log else top)
    found = [math.log1p(count) * scale if log else count * scale for count in counts]
    return [
        max(1, min(most, round(height))) if count > 0 else 0
        for count, height in zip(counts, found, strict=True)
    ]


def bar_line(eighths: Sequence[int], row: int) -> str:
    """Return a line of bars: what is in `row`, counted from below."""
    return "".join(EIGHTHS[max(0, min(8, height - 8 * row))] for height in eighths)


def laid_over(counts: Sequence[float], own: Axis, onto: Axis, columns: int) -> list[float]:
    """Return counts of bins laid over the columns of another axis, shared out where they differ.

    Args:
        counts: of equally wide bins.
        own: the stretch that the bins cover.
        onto: the stretch that the columns cover.
        columns: how many there are.
    """
    width = own.width / len(counts) if counts else 0.0
    cell = onto.width / columns
    found = [0.0] * columns
    for number, count in enumerate(counts):
        if not count:
            continue
        begin = (own.low - onto.low + number * width) / cell
        end = begin + width / cell
        if end < 0 or begin > columns:
            continue
        first, last = math.floor(begin), math.ceil(end) - 1
        if last <= first:
            if 0 <= first < columns or begin == columns:  # the last bin has its end
                found[min(first, columns - 1)] += count
            continue
        for column in range(max(0, first), min(columns - 1, last) + 1):
            part = min(end, column + 1) - max(begin, column)
            found[column] += count * part / (end - begin)
    return found

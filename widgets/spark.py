"""A histogram in one line: how full each bin is, in eighths of a cell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_LEVELS = " ▁▂▃▄▅▆▇█"
_MOST = len(_LEVELS) - 1


@dataclass(frozen=True)
class Spark:
    """What is drawn of one row."""

    counts: tuple[int, ...]
    """Elements in each of equally wide bins; () where there is nothing to show."""
    below: int = 0
    above: int = 0
    """Elements outside the range that the bins cover."""


def drawn(spark: Spark, width: int, log: bool = False) -> str:
    """Return `width` + 2 cells: the bins between two signs for what lies outside their range.

    Bins are put together where there are more of them than cells. One that is not empty shows
    at least the lowest level; `log` makes those visible that hold few beside many.
    """
    low, high = "‹" if spark.below else " ", "›" if spark.above else " "
    if not spark.counts:
        return f"{low}{' ' * width}{high}"
    counts = folded(spark.counts, width)
    most = max(counts)
    top = math.log1p(most) if log else most
    levels = [_level(math.log1p(n) if log else n, top) for n in counts]
    return low + "".join(_LEVELS[level] for level in levels) + high


def _level(height: float, top: float) -> int:
    return max(1, round(height / top * _MOST)) if height else 0


def folded(counts: Sequence[int], width: int) -> list[int]:
    """Share bins out among `width` cells; a bin goes to the cell that its middle is in."""
    cells = [0] * width
    for place, n in enumerate(counts):
        cells[(2 * place + 1) * width // (2 * len(counts))] += n
    return cells

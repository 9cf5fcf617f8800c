"""The columns of the table of statistics: what stands in them, and which fit."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kerastui.analysis.results import QUANTILES, Statistics, WeightStatistics
from kerastui.model import safe_text
from kerastui.model.figures import short_count, weight_shape

from .flow import cut, pad
from .statistics_flags import severity

_SMALL_DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_FRACTION = 8
"""Cells for the point and what follows it, so that points stand below each other."""


@dataclass(frozen=True)
class StatRow:
    """A weight, or a whole layer, as the table shows it."""

    key: tuple[int, int]
    """Index of the layer and number of the weight in it; -1 for the layer as a whole."""
    path: str
    class_name: str
    shape: tuple[int, ...]
    about: str
    """What stands in the column of the shape, for a layer: ``3 weights``."""
    dtype: str
    count: int
    found: WeightStatistics | None = None
    """None while it is not known."""

    @property
    def figures(self) -> Statistics | None:
        """The figures, if there are any."""
        return self.found.figures if self.found else None


@dataclass(frozen=True)
class Column:
    """A column of numbers or short texts."""

    name: str
    title: str
    width: int
    text: Callable[[StatRow], str]
    value: Callable[[StatRow], Any]
    """What is sorted by; None comes last, whichever way round."""
    number: int = 0
    """The digit that sorts by it; 0 for none."""
    whole: int = 0
    """Cells before the decimal point; 0 for texts."""

    def heading(self, width: int, arrow: str = "") -> str:
        """Return what stands above it: its title, the digit that sorts by it, and an arrow."""
        digit = _SMALL_DIGITS[self.number] if self.number else ""
        text = f"{self.title}{digit}{arrow}"
        if self.whole:
            text = text.rjust(self.whole + 5)
        elif self.name in ("zeros", "count", "nan", "inf"):
            text = text.rjust(width)
        return pad(cut(text, width), width)


def figure(value: float | None, whole: int = 4) -> str:
    """Write a number with five digits that count, its point after `whole` cells.

    As it is from 0.001 to 1000, else with a power of ten; whole numbers without a point.
    """
    if value is None:
        return ""
    head, point, tail = _digits(value, whole).partition(".")
    return head.rjust(whole) + (point + tail).ljust(_FRACTION)


def _digits(value: float, whole: int) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "inf" if value > 0 else "-inf" if value < 0 else "nan"
    if value == 0 or (abs(value) < 1000 and value == int(value)):
        return str(int(value))
    if isinstance(value, int) and len(str(value)) <= whole:
        return str(value)
    power = int(f"{value:.4e}".partition("e")[2])
    if -3 <= power <= 2:
        return f"{value:.{4 - power}f}"
    kept = min(4, _FRACTION - 2 - len(str(power)))
    mantissa, _, exponent = f"{value:.{kept}e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


def _number(name: str, title: str, number: int = 0, whole: int = 4) -> Column:
    def value(row: StatRow) -> Any:
        return getattr(row.figures, name, None)

    return Column(
        name, title, whole + _FRACTION, lambda row: figure(value(row), whole), value, number, whole
    )


def _quantile(place: int) -> Column:
    def value(row: StatRow) -> Any:
        found = row.figures.quantiles if row.figures else ()
        return found[place][1] if place < len(found) else None

    title = f"{QUANTILES[place]:.0%}" if QUANTILES[place] != 0.5 else "median"
    return Column(
        f"q{QUANTILES[place]}", title, 4 + _FRACTION, lambda row: figure(value(row)), value, 0, 4
    )


def _counted(name: str, title: str) -> Column:
    def value(row: StatRow) -> int | None:
        return getattr(row.figures, name, None)

    def text(row: StatRow) -> str:
        n = value(row)
        return short_count(n).rjust(6) if n else ""

    return Column(name, title, 6, text, value)


def _share(row: StatRow) -> float | None:
    figures = row.figures
    return figures.zeros / figures.count if figures and figures.count else None


def _zeros(row: StatRow) -> str:
    share = _share(row)
    if not share:
        return ""
    if share < 0.001:
        return "<0.1 %"
    return f"{share:.0%}".replace("%", " %").rjust(6) if share == 1 else f"{share * 100:4.1f} %"


WEIGHT = Column("path", "weight", 20, lambda row: row.path, lambda row: row.path.casefold(), 1)
FLAG_COLUMN = Column(
    "flags", "what is odd", 16, lambda row: "", lambda row: severity(row.found) or None, 9
)
NUMBERS: tuple[Column, ...] = (
    _number("min", "min", 2),
    _number("max", "max", 3),
    _number("mean", "mean", 4),
    _number("std", "std", 5, whole=3),
    _number("l2", "L2", 6, whole=3),
    Column("zeros", "zeros", 6, _zeros, _share, 7),
    Column(
        "count", "count", 7, lambda row: short_count(row.count).rjust(7), lambda row: row.count, 8
    ),
    Column(
        "shape", "shape", 16, lambda row: row.about or weight_shape(row.shape),
        lambda row: row.shape or None,
    ),
    Column("dtype", "dtype", 8, lambda row: safe_text(row.dtype, 40), lambda row: row.dtype),
    _counted("nan", "NaN"),
    _counted("inf", "Inf"),
    _number("l1", "L1", whole=3),
    Column(
        "class", "class", 20, lambda row: safe_text(row.class_name, 60),
        lambda row: row.class_name.casefold() or None,
    ),
)  # fmt: skip
MORE: tuple[Column, ...] = tuple(_quantile(place) for place in range(len(QUANTILES)))
"""Columns that are there when quantiles have been asked for."""


def ordered(rows: Sequence[StatRow], column: Column | None, reverse: bool) -> list[StatRow]:
    """Sort by a column; of equal ones, and of those that have no value, as they were."""
    if column is None:
        return list(reversed(rows)) if reverse else list(rows)
    known: list[tuple[Any, StatRow]] = []
    rest: list[StatRow] = []
    for row in rows:
        value = column.value(row)
        if value is None or value != value:
            rest.append(row)
        else:
            known.append((value, row))
    known.sort(key=lambda pair: pair[0], reverse=reverse)
    return [*(row for _, row in known), *rest]


@dataclass(frozen=True)
class Layout:
    """Which columns are seen, and how wide those are that have no width of their own."""

    path: int
    spark: int
    """Cells of the sparkline, without the signs at its ends."""
    columns: tuple[Column, ...]
    flags: int
    first: int
    """Place of the first of `columns` among all."""
    last: bool
    """Whether the last column of all is among them."""

    @classmethod
    def fit(
        cls, width: int, columns: Sequence[Column], first: int, path: int, flags: int
    ) -> Layout:
        """Share `width` cells out.

        Args:
            width: cells of a row.
            columns: all that there are between the sparkline and the flags.
            first: the one to begin with.
            path: cells that the longest path takes.
            flags: cells that the longest flags take.
        """
        spark = 24 if width >= 120 else 12
        path_width = max(12, min(path, max(26, width // 5)))
        flag_width = max(12, min(flags, max(16, width // 8)))
        room = width - path_width - (spark + 2) - flag_width - 2
        first = max(0, min(first, len(columns) - 1))
        lacking = max(0, columns[first].width + 1 - room)  # one column is always seen
        path_width, gone = max(12, path_width - lacking), path_width
        flag_width = max(12, flag_width - max(0, lacking - (gone - path_width)))
        room = width - path_width - (spark + 2) - flag_width - 2
        seen: list[Column] = []
        for column in columns[first:]:
            if room < column.width + 1:
                break
            seen.append(column)
            room -= column.width + 1
        while first and room >= columns[first - 1].width + 1 and first + len(seen) == len(columns):
            first -= 1
            seen.insert(0, columns[first])
            room -= columns[first].width + 1
        more = max(0, min(room, path - path_width))
        return cls(
            path_width + more, spark, tuple(seen), flag_width + room - more, first,
            first + len(seen) == len(columns),
        )  # fmt: skip

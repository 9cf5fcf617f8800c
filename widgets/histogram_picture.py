"""Drawing a histogram: counts on the left, bars, the axis, its numbers, the spread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip

from kerastui.model.figures import short_count

from .axis import Axis, ruler
from .bars import bar_line, heights

GUTTER = 8
"""Cells left of the bars: counts and the axis."""
BELOW = 3
"""Lines below the bars: the axis, its numbers, the spread."""
DRAWN = (0.01, 0.25, 0.5, 0.75, 0.99)
"""The quantiles that are drawn, as far as they are known."""
_ROWS_A_TICK = 4

StyleOf = Callable[[str], Style]
"""Returns the style of a part: ``axis``, ``bar``, ``coarse``, ``cursor``, ``spread``, ``mean``,
or of the ground (``""``)."""


@dataclass(frozen=True)
class Spread:
    """How the values are spread, shown as a box below the axis."""

    mean: float
    quantiles: tuple[tuple[float, float], ...] = ()
    """Pairs (which, value); those in `DRAWN` are drawn."""


@dataclass(frozen=True)
class Look:
    """How a histogram is drawn."""

    log: bool = False
    coarse: bool = False
    cursor: int | None = None
    """The column that is marked."""
    spread: Spread | None = None


def picture(
    axis: Axis, counts: Sequence[float], size: Size, look: Look, style: StyleOf
) -> list[Strip]:
    """Return the lines of a histogram; few if there is no room.

    Args:
        axis: the stretch that the bins cover.
        counts: of each bin; where there are more columns than bins, bars are wider.
        size: of the whole, its frame included.
        look: logarithmic or not, and what is marked.
        style: the styles of the parts.
    """
    columns, rows = size.width - GUTTER, size.height - BELOW
    if columns < 4 or rows < 1 or not counts:
        return []
    top = max(counts)
    shown = [counts[column * len(counts) // columns] for column in range(columns)]
    bars = heights(shown, rows, look.log, top)
    ticks = _count_ticks(top, rows, look.log)
    zero = _column(axis, 0.0, columns)
    cursor, line = look.cursor, style("axis")
    bar = style("coarse" if look.coarse else "bar")
    lines: list[Strip] = []
    for row in reversed(range(rows)):
        label = ticks.get(row, "")
        text = list(bar_line(bars, row))
        marks: dict[int, Style] = {}
        if zero is not None and text[zero] == " ":
            text[zero], marks[zero] = "┊", line
        if cursor is not None:
            marks[cursor] = marks.get(cursor, bar) + style("cursor")
        edge = Segment(f"{label:>{GUTTER - 2}} {'┤' if label else '│'}", line)
        lines.append(Strip([edge, *_marked("".join(text), bar, marks)]))
    return lines + _below(axis, columns, zero, look, style)


def _below(axis: Axis, columns: int, zero: int | None, look: Look, style: StyleOf) -> list[Strip]:
    rule, numbers = ruler(axis, columns, GUTTER)
    if zero is not None:
        rule[zero] = "┼"
    line = style("axis")
    marks = {} if look.cursor is None else {look.cursor: line + style("cursor")}
    return [
        Strip([Segment(" " * (GUTTER - 1) + "└", line), *_marked("".join(rule), line, marks)]),
        Strip([Segment(numbers, line)]),
        Strip(_box(axis, columns, look.spread, style)),
    ]


def _box(axis: Axis, columns: int, spread: Spread | None, style: StyleOf) -> list[Segment]:
    """Draw from 1 to 99 % a thin line, from 25 to 75 % a thick one, median and mean."""
    if spread is None:
        return []
    text = [" "] * columns
    at = {which: axis.place(v) * columns for which, v in spread.quantiles if which in DRAWN}
    for begin, end, sign in ((0.01, 0.99, "─"), (0.25, 0.75, "━")):
        if begin in at and end in at:
            first, last = max(0, int(at[begin])), min(columns - 1, int(at[end]))
            text[first : last + 1] = sign * max(0, last + 1 - first)
    median = int(at.get(0.5, -1))
    if 0 <= median < columns:
        text[median] = "┃"
    mean = _column(axis, spread.mean, columns)
    marks: dict[int, Style] = {}
    if mean is not None:
        text[mean], marks[mean] = "μ", style("mean")
    label = Segment(f"{'1–99 %' if at else 'mean':>{GUTTER - 2}}  ", style("axis"))
    return [label, *_marked("".join(text), style("spread"), marks)]


def _column(axis: Axis, value: float, columns: int) -> int | None:
    """Return the column in which a number is, None if it is in none."""
    place = axis.place(value)
    return min(columns - 1, int(place * columns)) if 0 <= place <= 1 else None


def _count_ticks(top: float, rows: int, log: bool) -> dict[int, str]:
    """Return what is written beside rows (counted from below): counts that bars reach there."""
    if top < 1:
        return {}
    if log:
        values = [10.0**power for power in range(20) if 10.0**power <= top]
    else:
        values = [
            tick
            for tick in Axis(0, top).ticks(max(2, rows // _ROWS_A_TICK))
            if tick >= 1 and tick % 1 == 0
        ]
    found: dict[int, str] = {}
    for value in sorted({top, *values}, reverse=True):
        row = max(0, (heights([value], rows, log, top)[0] - 1) // 8)
        if not any(near in found for near in (row - 1, row, row + 1)):
            found[row] = _short(round(value))
    return found


def _short(number: int) -> str:
    """Return a round count without its zeros: ``4 K``."""
    figure, space, unit = short_count(number).partition(" ")
    return (figure.rstrip("0").rstrip(".") if "." in figure else figure) + space + unit


def _marked(text: str, style: Style, marks: dict[int, Style]) -> list[Segment]:
    """Return a line in which single columns have styles of their own."""
    segments: list[Segment] = []
    begin = 0
    for column in sorted(marks):
        if 0 <= column < len(text):
            segments += [Segment(text[begin:column], style), Segment(text[column], marks[column])]
            begin = column + 1
    return [*segments, Segment(text[begin:], style)]

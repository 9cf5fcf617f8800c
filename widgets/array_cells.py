"""The cells of an array's grid: what is known of them, and how they are drawn."""

from __future__ import annotations

from typing import ClassVar, Literal

from rich.segment import Segment
from rich.style import Style
from textual.reactive import reactive
from textual.strip import Strip

from .array_view import ArrayView
from .array_window import Windows
from .diverging import Diverging, level_of, size_of
from .large_scroll import LargeScroll
from .number_text import NumberFormat

Colouring = Literal["off", "seen", "whole"]
"""Cells without colours, by the largest number that is seen, or by the one of the whole array."""


_MOST_DRAWN = 1000
"""Rows that are kept as they were drawn."""


class ArrayCells(LargeScroll):
    """Draws the windows that it was given: numbers in columns, coloured or not, and a cursor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "array-grid--axis", "array-grid--index", "array-grid--cursor", "array-grid--odd",
        "array-grid--negative", "array-grid--zero",
    }  # fmt: skip

    DEFAULT_CSS = """
    ArrayCells {
        overflow: auto; scrollbar-size: 1 1;
        & > .array-grid--axis { color: $text-accent; text-style: bold; }
        & > .array-grid--index { color: $text-muted; }
        & > .array-grid--cursor { background: $primary 60%; text-style: bold; }
        & > .array-grid--odd { color: $text-error; text-style: bold reverse; }
        & > .array-grid--negative { color: $text-warning; }
        & > .array-grid--zero { color: $text-disabled; }
    }
    """

    view: reactive[ArrayView] = reactive(ArrayView.of(()), init=False, repaint=False)
    """Which axes are seen and where the others stand."""
    number_format: reactive[NumberFormat] = reactive(NumberFormat(), init=False, repaint=False)
    """How numbers are written."""
    colouring: reactive[Colouring] = reactive[Colouring]("off", init=False)
    """What colours the cells."""
    limit: reactive[float | None] = reactive[float | None](None, init=False)
    """The largest absolute value of the whole array, which ``whole`` needs."""

    _seen_limit: tuple[object, float] = (None, 0.0)

    def __init__(self, shape: tuple[int, ...] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.set_reactive(ArrayCells.view, ArrayView.of(shape))
        self._windows = Windows()
        self._cursor = (0, 0)
        self._styles: dict[str | int, Style] = {}
        self._scale: Diverging | None = None
        self._rows_drawn: dict[int, Strip] = {}
        self._stamp: tuple[object, ...] = ()

    @property
    def value(self) -> object | None:
        """The value under the cursor; None while it is not known."""
        return self._windows.value(self.view, *self._cursor)

    @property
    def has_values(self) -> bool:
        """Whether any of the array's values are known."""
        return bool(self._windows)

    @property
    def is_filled(self) -> bool:
        """Whether all values that are seen are known."""
        return self._windows.covers(self.view, *self.seen)

    @property
    def cell(self) -> int:
        """Cells of a column, the blank before it included."""
        last = 0 if self.view.wrap else max(0, self.view.column_count - 1)
        return max(self.number_format.width, len(str(last))) + 1

    def notify_style_update(self) -> None:
        """Forget colours when the theme changes."""
        super().notify_style_update()
        self._styles.clear()
        self._scale = None
        self._stamp = ()

    def render_line(self, y: int) -> Strip:
        """Draw the column numbers (line 0) or one row."""
        width = self.room
        rows, columns = self.seen
        row = y - 1 + self.top
        plain = self._style("")
        if y > 0 and row not in rows:
            return Strip.blank(width, plain)
        view, index = self.view, self._style("index")
        gutter = self._gutter
        if y == 0:
            sign = "+" if view.wrap else ""
            head = Segment(" " * gutter, index)
            numbers = [f"{sign}{c}".rjust(self.cell) for c in columns]
            cells = [Segment(text, index) for text in numbers[: self.page_columns]]
            return Strip([head, *cells]).adjust_cell_length(width, plain)
        drawn = self._kept(columns).get(row)
        if drawn is None or row == self._cursor[0]:
            head = Segment(str(row * max(1, view.wrap)).rjust(gutter - 1) + " ", index)
            cells, is_whole = self._cells(row, columns)
            drawn = Strip([head, *cells]).adjust_cell_length(width, plain)
            if is_whole and row != self._cursor[0]:
                self._rows_drawn[row] = drawn
        return drawn

    def _kept(self, columns: range) -> dict[int, Strip]:
        """Return the rows as they were drawn: a step down leaves most of them as they are."""
        stamp = (
            self.view.slice, columns, self.number_format, self._colour_limit(), self.room,
            self._windows.cleared,
        )  # fmt: skip
        if stamp != self._stamp or len(self._rows_drawn) > _MOST_DRAWN:
            self._stamp = stamp
            self._rows_drawn.clear()
        return self._rows_drawn

    def _cells(self, row: int, columns: range) -> tuple[list[Segment], bool]:
        """Return the cells of a row, and whether all their values are known."""
        windows = self._windows.of(self.view)
        limit = self._colour_limit()
        width, write = self.cell, self.number_format.writer()
        whole = columns.start + self.page_columns
        is_whole = True
        cells: list[Segment] = []
        for column in columns:
            value = None
            for window in windows:
                value = window.value(row, column)
                if value is not None:
                    break
            text = ""
            if value is None:
                is_whole = False
            elif column < whole:  # of a number that is cut off, the rest would be another number
                text = write(value)
            look = "cursor" if (row, column) == self._cursor else _look(value, limit)
            cells.append(Segment(text.rjust(width), self._style(look)))
        return cells, is_whole

    def _colour_limit(self) -> float:
        """Return the number that has the full colour; 0 without colours."""
        if self.colouring == "off":
            return 0.0
        if self.colouring == "whole" and self.limit is not None:
            return self.limit
        return self.seen_limit

    @property
    def seen_limit(self) -> float:
        """The largest absolute value that is seen."""
        rows, columns = self.seen
        key = self.view, rows, columns, self._windows.revision
        if self._seen_limit[0] != key:
            most = 0.0
            windows = self._windows.of(self.view)
            whole = [w for w in windows if w.covers(rows, columns)]
            for window in whole[:1] or windows:
                for row in _common(rows, window.rows):
                    values = window.values[row - window.rows.start]
                    begin = window.columns.start
                    part = _common(columns, window.columns)
                    for value in values[part.start - begin : part.stop - begin]:
                        most = max(most, size_of(value) or 0.0)
            self._seen_limit = key, most
        return self._seen_limit[1]

    def _style(self, name: str | int) -> Style:
        """Return a component's style ("": plain), or that of a level of the scale."""
        style = self._styles.get(name)
        if style is None:
            if isinstance(name, int):
                self._scale = self._scale or Diverging(self.background_colors[1])
                ground, text = self._scale.colours(name)
                style = Style(color=text.rich_color, bgcolor=ground.rich_color)
            elif name:
                style = self.get_visual_style(f"array-grid--{name}").rich_style
            else:
                style = self.rich_style
            self._styles[name] = style
        return style


def _look(value: object, limit: float) -> str | int:
    """Return the component, or the level of the scale, that a value is drawn with."""
    if not isinstance(value, int | float | complex):
        return ""  # nothing yet, or text
    size = size_of(value)
    if size is None:
        return "odd"
    if limit:
        return level_of(value, limit) or ("" if size else "zero")
    return "negative" if not isinstance(value, complex) and value < 0 else ""


def _common(one: range, other: range) -> range:
    start = max(one.start, other.start)
    return range(start, max(start, min(one.stop, other.stop)))

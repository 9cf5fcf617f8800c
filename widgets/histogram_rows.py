"""Histograms below each other on one axis, so that the odd one catches the eye."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from .axis import Axis, ruler
from .histogram_row import Row
from .zoom import moved, zoomed

_BELOW = 2
"""Lines of the axis, which stay where they are."""
_LOWEST, _HIGHEST = 2, 7
_NARROWEST, _WIDEST = 18, 44


class HistogramRows(ScrollView, can_focus=True):
    """Rows of bars on a common axis; each is as high as its own largest bin."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "This one", id="histograms.choose",
                tooltip="Look at the weight under the cursor alone"),
        Binding("plus", "zoom(1)", "Zoom", key_display="+ −", id="histograms.zoom-in",
                tooltip="Look closer at the middle of the axis"),
        Binding("minus", "zoom(-1)", "Zoom out", show=False, id="histograms.zoom-out",
                tooltip="Show more of the axis"),
        Binding("left", "pan(-0.125)", "Left", show=False, id="histograms.left",
                tooltip="Move along the axis"),
        Binding("right", "pan(0.125)", "Right", show=False, id="histograms.right",
                tooltip="Move along the axis"),
        Binding("0", "zero", "Zero", show=False, id="histograms.zero",
                tooltip="Put zero in the middle of the axis"),
        Binding("home", "whole", "All", show=False, id="histograms.whole",
                tooltip="Show all values again"),
        Binding("l", "log", "Log", id="histograms.log",
                tooltip="Logarithmic counts, or plain ones"),
        Binding("up,k", "move(-1)", "Up", show=False, id="histograms.up", tooltip="One row up"),
        Binding("down,j", "move(1)", "Down", show=False, id="histograms.down",
                tooltip="One row down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="histograms.page-up",
                tooltip="One screen up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="histograms.page-down",
                tooltip="One screen down"),
    ]  # fmt: skip

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "histograms--axis", "histograms--bar", "histograms--cursor", "histograms--odd",
    }  # fmt: skip

    DEFAULT_CSS = """
    HistogramRows {
        height: 1fr;
        overflow-x: hidden;
        scrollbar-gutter: stable;
        & > .histograms--axis { color: $text-muted; }
        & > .histograms--bar { color: $text-primary; }
        & > .histograms--cursor { background: $primary 35%; text-style: bold; }
        & > .histograms--odd { color: $text-error; }
    }
    """

    @dataclass
    class Wanted(Message):
        """Another stretch of the axis is shown, or other rows: finer counts are welcome."""

        rows: HistogramRows

    @dataclass
    class Moved(Message):
        """The cursor is on another row, or there is news about this one."""

        rows: HistogramRows

    @dataclass
    class Chosen(Message):
        """A row is to be looked at alone."""

        rows: HistogramRows
        number: int

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: list[Row] = []
        self.is_log = False
        self.cursor = 0
        self.axis: Axis | None = None
        """The stretch that is shown; None: all that there is."""
        self.whole: Axis | None = None
        """The common axis of all rows that have counts."""

    # -- what is shown --------------------------------------------------------------------------

    def show(self, rows: list[Row], cursor: int) -> None:
        """Show other rows, and all of their common axis."""
        self.rows, self.axis = rows, None
        self.cursor = max(0, min(cursor, len(rows) - 1))
        self._measure()
        self.changed()
        self.call_after_refresh(self._reveal)  # there are as many lines to scroll to then

    def changed(self) -> None:
        """Draw rows that have got their counts."""
        known = [row.axis for row in self.rows if row.axis]
        low = min((axis.low for axis in known), default=0.0)
        high = max((axis.high for axis in known), default=0.0)
        self.whole = Axis(low, high) if known else None
        self._tell()

    def _tell(self) -> None:
        self.refresh()
        self.post_message(self.Moved(self))

    @property
    def shown(self) -> Axis | None:
        """The stretch that is seen."""
        return self.axis or self.whole

    @property
    def columns(self) -> int:
        """How many bins there is room for."""
        return max(1, self._width - self._labels)

    @property
    def seen(self) -> range:
        """Numbers of the rows on the screen."""
        first = self.scroll_offset.y // self.row_height
        last = (self.scroll_offset.y + self._lines - 1) // self.row_height
        return range(first, min(len(self.rows), last + 1))

    @property
    def row_height(self) -> int:
        """Lines of a row: more where there are few."""
        return max(_LOWEST, min(_HIGHEST, self._lines // max(1, len(self.rows))))

    @property
    def _width(self) -> int:
        return self.scrollable_content_region.width

    @property
    def _lines(self) -> int:
        return max(1, self.scrollable_content_region.height - _BELOW)

    @property
    def _labels(self) -> int:
        return max(_NARROWEST, min(_WIDEST, self._width // 3))

    def on_resize(self) -> None:
        """Share the new size out."""
        self._measure()
        self._reveal()
        if self.axis is not None:
            self.post_message(self.Wanted(self))

    def _measure(self) -> None:
        self.virtual_size = Size(self._width, self.row_height * len(self.rows) + _BELOW)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for finer counts of what comes into sight."""
        super().watch_scroll_y(old_value, new_value)
        if self.axis is not None:
            self.post_message(self.Wanted(self))

    # -- drawing --------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Draw a line of the row that is scrolled there, or of the axis."""
        width = self._width
        ground = self.rich_style
        if y >= self._lines:
            return self._axis_line(y - self._lines).adjust_cell_length(width, ground)
        number, line = divmod(y + self.scroll_offset.y, self.row_height)
        if number >= len(self.rows):
            return Strip.blank(width, ground)
        row = self.rows[number]
        segments = [self._label(row, line, number == self.cursor)]
        axis = self.shown
        if axis is not None and row.axis is not None:
            lines = self.row_height - 1  # one is free, so that rows do not touch
            text = row.bar_text(axis, self.columns, lines, lines - 1 - line, self.is_log)
            segments.append(Segment(text, self._style("bar" if line < lines else "axis")))
        return Strip(segments).adjust_cell_length(width, ground)

    def _label(self, row: Row, line: int, is_cursor: bool) -> Segment:
        style = self.rich_style if line == 0 else self._style("axis")
        if line == 1 and row.odd:
            style = self._style("odd")
        if is_cursor:
            style += self._style("cursor")
        return Segment(row.label_text(line, self._labels), style)

    def _axis_line(self, line: int) -> Strip:
        axis = self.shown
        if axis is None:
            return Strip([])
        rule, numbers = ruler(axis, self.columns, self._labels)
        text = " " * self._labels + "".join(rule) if line == 0 else numbers
        return Strip([Segment(text, self._style("axis"))])

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"histograms--{part}")

    # -- keys -----------------------------------------------------------------------------------

    def action_zoom(self, direction: int) -> None:
        """Look closer at the middle of the axis, or less close."""
        axis, whole = self.shown, self.whole
        if axis and whole:
            self._look(zoomed(axis, whole, axis.at(0.5), 0.5**direction))

    def action_pan(self, share: float) -> None:
        """Move along the axis."""
        axis, whole = self.shown, self.whole
        if axis and whole:
            self._look(moved(axis, whole, share))

    def action_zero(self) -> None:
        """Put zero in the middle of the axis."""
        axis, whole = self.shown, self.whole
        if axis and whole:
            self._look(moved(axis, whole, axis.place(0) - 0.5))

    def action_whole(self) -> None:
        """Show all values."""
        if self.whole:
            self._look(self.whole)

    def _look(self, axis: Axis) -> None:
        self.axis = None if axis == self.whole else axis
        self.refresh()
        self.post_message(self.Wanted(self))

    def action_log(self) -> None:
        """Draw logarithms of counts, or counts."""
        self.is_log = not self.is_log
        self._tell()

    def action_move(self, rows: int) -> None:
        """Move the cursor by rows."""
        self.go(self.cursor + rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by screens."""
        self.go(self.cursor + pages * max(1, self._lines // self.row_height))

    def action_choose(self) -> None:
        """Look at one row alone."""
        if self.rows:
            self.post_message(self.Chosen(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where was clicked; choose at the second click."""
        number = (event.y + self.scroll_offset.y) // self.row_height
        if event.y < self._lines and number < len(self.rows):
            self.go(number)
            if event.chain > 1:
                self.action_choose()

    def go(self, number: int) -> None:
        """Put the cursor on a row."""
        self.cursor = max(0, min(number, len(self.rows) - 1))
        self._reveal()
        self._tell()

    def _reveal(self) -> None:
        top, height = self.cursor * self.row_height, self.row_height
        y = self.scroll_offset.y
        if top < y:
            y = top
        elif top + height > y + self._lines:
            y = -((self._lines - height - top) // height) * height  # no row is cut off above
        if y != self.scroll_offset.y:
            self.scroll_to(y=y, animate=False, immediate=True)

"""A grid of an array's values, of any rank and size: only what is seen is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from .array_view import FORMATS, ArrayView, Index, number
from .array_window import NOTHING, Window, described

CELL = 11
"""Cells of a column, the blank before it included."""


class ArrayGrid(ScrollView, can_focus=True):
    """Two axes of an array as rows and columns.

    The grid holds no array. It posts `WindowWanted` for the rows and columns that are seen and
    draws what `supply` gives it; until then cells are blank.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "go(-1, 0)", "Up", id="grid.up", show=False, tooltip="One row up"),
        Binding("down,j", "go(1, 0)", "Down", id="grid.down", show=False, tooltip="One row down"),
        Binding("left,h", "go(0, -1)", "Left", id="grid.left", show=False, tooltip="To the left"),
        Binding("right,l", "go(0, 1)", "Right", id="grid.right", show=False,
                tooltip="To the right"),
        Binding("pageup", "page(-1)", "Page up", id="grid.page-up", show=False,
                tooltip="One screen up"),
        Binding("pagedown", "page(1)", "Page down", id="grid.page-down", show=False,
                tooltip="One screen down"),
        Binding("home,g", "edge(0)", "First", id="grid.first", show=False,
                tooltip="To the first row and column"),
        Binding("end,G", "edge(1)", "Last", id="grid.last", show=False, tooltip="To the last row"),
        Binding("t", "transpose", "Transpose", id="grid.transpose",
                tooltip="Swap rows and columns"),
        Binding("a", "turn", "Axes", id="grid.axes", tooltip="Show another pair of axes"),
        Binding("left_square_bracket", "step(-1)", "Slice before", id="grid.slice-before",
                key_display="[", tooltip="Step the chosen fixed axis back"),
        Binding("right_square_bracket", "step(1)", "Next slice", id="grid.slice-next",
                key_display="]", tooltip="Step the chosen fixed axis on"),
        Binding("x", "choose_axis", "Fixed axis", id="grid.fixed-axis",
                tooltip="Choose which fixed axis [ and ] step"),
        Binding("numeral_sign", "number_format", "Format", id="grid.format", key_display="#",
                tooltip="Change how numbers are written"),
    ]  # fmt: skip

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "array-grid--axis", "array-grid--index", "array-grid--cursor", "array-grid--odd",
        "array-grid--negative",
    }  # fmt: skip

    DEFAULT_CSS = """
    ArrayGrid {
        overflow: auto; scrollbar-size: 1 1;
        & > .array-grid--axis { color: $text-accent; text-style: bold; }
        & > .array-grid--index { color: $text-muted; }
        & > .array-grid--cursor { background: $primary 60%; text-style: bold; }
        & > .array-grid--odd { color: $text-error; text-style: bold reverse; }
        & > .array-grid--negative { color: $text-warning; }
    }
    """

    view: reactive[ArrayView] = reactive(ArrayView.of(()), init=False, repaint=False)
    """Which axes are seen and where the others stand."""

    @dataclass
    class WindowWanted(Message):
        """The values of a window are wanted; answer with `supply(message, rows)`."""

        grid: ArrayGrid
        view: ArrayView
        rows: range
        columns: range

        @property
        def control(self) -> ArrayGrid:
            """The grid."""
            return self.grid

        @property
        def index(self) -> Index:
            """The window as an index of the array (transpose the result if `view.flipped`)."""
            return self.view.index(self.rows, self.columns)

        def can_replace(self, message: Message) -> bool:
            """Only the newest window matters while the user scrolls."""
            return isinstance(message, ArrayGrid.WindowWanted)

    @dataclass
    class ViewChanged(Message):
        """Other axes, another slice or another element are seen."""

        grid: ArrayGrid
        view: ArrayView

        @property
        def control(self) -> ArrayGrid:
            """The grid."""
            return self.grid

    def __init__(self, shape: tuple[int, ...] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.set_reactive(ArrayGrid.view, ArrayView.of(shape))
        self._window = NOTHING
        self._cursor = (0, 0)
        self._axis = 0

    def on_mount(self) -> None:
        """Lay out what the grid was made with."""
        self.watch_view()

    def show(self, shape: tuple[int, ...]) -> None:
        """Show another array from its beginning."""
        self._cursor, self._axis = (0, 0), 0
        self.view = ArrayView.of(shape)
        self.watch_view()

    def supply(self, wanted: WindowWanted, rows: Sequence[Sequence[object]]) -> None:
        """Take the values of a window: one sequence a row. Late answers are dropped."""
        if wanted.view == self.view:
            self._window = Window(wanted.view, wanted.rows, wanted.columns, rows)
            self._tell_view()
            self.refresh()

    # -- what is seen ---------------------------------------------------------------------------

    def watch_view(self) -> None:
        """Lay the grid out anew."""
        view = self.view
        row, column = self._cursor
        self._cursor = (
            min(row, max(0, view.row_count - 1)),
            min(column, max(0, view.column_count - 1)),
        )
        self.virtual_size = Size(self._gutter + CELL * view.column_count, view.row_count + 1)
        self._tell_view()
        self._ask()
        self.refresh()

    def _tell_view(self) -> None:
        self.post_message(self.ViewChanged(self, self.view).set_sender(self))

    @property
    def _gutter(self) -> int:
        return len(str(max(0, self.view.row_count - 1))) + 1

    def _seen(self) -> tuple[range, range]:
        view, size = self.view, self.scrollable_content_region.size
        top, left = self.scroll_offset.y, self.scroll_offset.x // CELL
        rows = range(top, min(view.row_count, top + max(0, size.height - 1)))
        columns = range(
            left, min(view.column_count, left + (size.width - self._gutter) // CELL + 2)
        )
        return rows, columns

    def _ask(self) -> None:
        rows, columns = self._seen()
        if len(rows) and len(columns) and not self._window.is_of(self.view, rows, columns):
            wanted = self.WindowWanted(self, self.view, rows, columns)
            # Textual takes who calls for the sender, beyond which a message does not rise.
            self.post_message(wanted.set_sender(self))

    def on_resize(self) -> None:
        """Ask for what is seen now."""
        self._ask()

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        """Ask for the columns that have come into sight."""
        super().watch_scroll_x(old_value, new_value)
        self._ask()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for the rows that have come into sight."""
        super().watch_scroll_y(old_value, new_value)
        self._ask()

    # -- drawing --------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Draw the column numbers (line 0) or one row."""
        width = self.scrollable_content_region.width
        _, columns = self._seen()
        row = y - 1 + self.scroll_offset.y
        plain = self.rich_style
        if y > 0 and row >= self.view.row_count:
            return Strip.blank(width, plain)
        index_style = self._style("index")
        if y == 0:
            cells = [Segment(str(c).rjust(CELL), index_style) for c in columns]
            head = Segment(" " * self._gutter, index_style)
        else:
            cells = [self._cell(row, c) for c in columns]
            head = Segment(str(row).rjust(self._gutter), index_style)
        strip = Strip(cells).crop_extend(self.scroll_offset.x % CELL, CELL * len(columns), plain)
        return Strip([head, *strip]).adjust_cell_length(width, plain)

    def _cell(self, row: int, column: int) -> Segment:
        value = self._window.value(self.view, row, column)
        text = "" if value is None else number(value, self.view.number_format, CELL - 1)
        name = ""
        if (row, column) == self._cursor:
            name = "cursor"
        elif text in ("nan", "inf", "-inf"):
            name = "odd"
        elif text.startswith("-"):
            name = "negative"
        return Segment(text.rjust(CELL), self._style(name) if name else self.rich_style)

    def _style(self, name: str) -> Style:
        return self.get_visual_style(f"array-grid--{name}").rich_style

    # -- moving ---------------------------------------------------------------------------------

    @property
    def place(self) -> tuple[int, ...]:
        """Index of the element under the cursor."""
        return self.view.place(*self._cursor)

    def go_to(self, place: tuple[int, ...]) -> None:
        """Put the cursor on an element, stepping the fixed axes to it."""
        self._cursor = self.view.cursor_at(place)
        self.view = self.view.placed(place)
        self._show_cursor()

    def action_go(self, rows: int, columns: int) -> None:
        """Move the cursor."""
        row, column = self._cursor
        self._cursor = (
            max(0, min(row + rows, self.view.row_count - 1)),
            max(0, min(column + columns, self.view.column_count - 1)),
        )
        self._show_cursor()

    def action_page(self, pages: int) -> None:
        """Move the cursor by screens."""
        self.action_go(pages * max(1, self.scrollable_content_region.height - 2), 0)

    def action_edge(self, last: int) -> None:
        """Go to the first or the last row."""
        self.action_go(self.view.row_count if last else -self.view.row_count, 0)

    def _show_cursor(self) -> None:
        row, column = self._cursor
        size = self.scrollable_content_region.size
        top = min(max(self.scroll_offset.y, row - size.height + 2), row)
        x, room = column * CELL, size.width - self._gutter
        left = min(max(self.scroll_offset.x, x + CELL - room), x)
        self.scroll_to(x=left, y=top, animate=False, immediate=True)
        self._tell_view()
        self.refresh()

    def action_transpose(self) -> None:
        """Swap rows and columns."""
        self._cursor = self._cursor[::-1]
        self.view = self.view.transposed()

    def action_turn(self) -> None:
        """Put another pair of axes on the screen."""
        self.view = self.view.turned()

    def action_step(self, step: int) -> None:
        """Step the chosen fixed axis."""
        others = self.view.other_axes
        if others:
            self.view = self.view.stepped(others[self._axis % len(others)], step)

    def action_choose_axis(self) -> None:
        """Choose the next fixed axis to step."""
        self._axis += 1
        self._tell_view()

    def describe(self, name: str = "") -> str:
        """Say what is seen: the slice, its axes, which one is stepped, and the cursor's value."""
        value = self._window.value(self.view, *self._cursor)
        return described(self.view, self.place, value, self.stepping_axis, name)

    @property
    def stepping_axis(self) -> int | None:
        """The fixed axis that [ and ] step."""
        others = self.view.other_axes
        return others[self._axis % len(others)] if others else None

    def action_number_format(self) -> None:
        """Write numbers another way."""
        now = FORMATS.index(self.view.number_format)
        self.view = replace(self.view, number_format=FORMATS[(now + 1) % len(FORMATS)])

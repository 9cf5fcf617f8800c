"""A grid of an array's values, of any rank and size: only what is seen is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from .array_cells import ArrayCells
from .array_keys import KEYS
from .array_view import ArrayView, Index
from .array_window import Window, described


class ArrayGrid(ArrayCells, can_focus=True):
    """Two axes of an array as rows and columns.

    The grid holds no array. It posts `WindowWanted` for the rows and columns that are seen and
    draws what `supply` gives it; until then cells are blank.

    Args:
        shape: of the array.
        prefetch: whether to ask as well for what the next step in the same direction shows.
    """

    BINDINGS: ClassVar[list[BindingType]] = KEYS

    @dataclass
    class WindowWanted(Message):
        """The values of a window are wanted; answer with `supply(message, rows)`."""

        grid: ArrayGrid
        view: ArrayView
        rows: range
        columns: range
        array: int = 0
        """Which one of the arrays that were shown."""

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

        def can_replace(self, message: Message) -> bool:
            """Only the newest matters."""
            return isinstance(message, ArrayGrid.ViewChanged)

    def __init__(
        self, shape: tuple[int, ...] = (), *, prefetch: bool = False, id: str | None = None
    ) -> None:
        super().__init__(shape, id=id)
        self._prefetch = prefetch
        self._array = 0  # counts those that were shown
        self._axis = -1
        self._heading = (1, 0)
        """Where the last step in the grid went: rows and columns."""
        self._stepping = 1
        self._before = (0, 0)

    def on_mount(self) -> None:
        """Lay out what the grid was made with."""
        self.watch_view()

    def show(self, shape: tuple[int, ...], dtype: str = "") -> None:
        """Show another array from its beginning."""
        self._array += 1
        self._windows.clear()
        self._cursor, self._axis, self._heading = (0, 0), -1, (1, 0)
        self.top = self.left = 0
        self.set_reactive(ArrayGrid.limit, None)
        self.set_reactive(ArrayGrid.number_format, self.number_format.of_dtype(dtype))
        self.set_reactive(ArrayGrid.view, ArrayView.of(shape))
        self.watch_view()
        self.refresh_bindings()

    def supply(self, wanted: WindowWanted, rows: Sequence[Sequence[object]]) -> None:
        """Take the values of a window: one sequence a row. Those of another array are dropped."""
        if wanted.array != self._array:
            return
        self._windows.add(Window(wanted.view.slice, wanted.rows, wanted.columns, rows))
        if wanted.view.slice == self.view.slice:
            self._tell_view()
            self.refresh()
        self._ask()

    # -- what is seen ---------------------------------------------------------------------------

    def watch_view(self) -> None:
        """Lay the grid out anew."""
        view = self.view
        self._cursor = cursor = view.nearest(*self._cursor)
        digits = len(str(max(0, view.row_count * max(1, view.wrap) - 1)))
        self.lay_out(view.row_count, view.column_count, self.cell, digits + 1)
        self._cursor = cursor  # what is scrolled takes it along, but it is at home where it was
        self._tell_view()
        self._ask()
        self.refresh()

    def watch_number_format(self) -> None:
        """Make columns as wide as the numbers."""
        self.watch_view()
        self.show_cell(*self._cursor)

    def _tell_view(self) -> None:
        self.post_message(self.ViewChanged(self, self.view).set_sender(self))

    def _ask(self) -> None:
        """Ask for what is seen, or else for what the next steps will show."""
        rows, columns = self.seen
        view = self.view
        if view.is_empty or not len(rows) or not len(columns):
            return
        if not self._windows.covers(view, rows, columns):
            self._want(view, rows, columns)
        elif self._prefetch and not self._windows.covers(view, *self._grown(rows, columns, 1)):
            self._want(view, *self._grown(rows, columns, 3))
        elif self._prefetch and (axis := self.stepping_axis) is not None:
            following = view.stepped(axis, self._stepping)
            if not self._windows.covers(following, rows, columns):
                self._want(following, rows, columns)

    def _grown(self, rows: range, columns: range, pages: int) -> tuple[range, range]:
        """Return what is seen with so many pages more in the direction of the last step."""
        down, across = self._heading
        return (
            _stretched(rows, down * pages * len(rows), self.view.row_count),
            _stretched(columns, across * pages * len(columns), self.view.column_count),
        )

    def _want(self, view: ArrayView, rows: range, columns: range) -> None:
        if view.wrap:  # whole rows, which lie one after the other
            columns = range(view.column_count)
        # Textual takes who calls for the sender, beyond which a message does not rise.
        wanted = self.WindowWanted(self, view, rows, columns, self._array)
        self.post_message(wanted.set_sender(self))

    def on_resize(self) -> None:
        """Ask for what is seen now."""
        cursor = self._cursor
        self.scroll_grid(self.top, self.left)
        self.show_cell(*cursor)
        self._cursor = cursor
        self._ask()

    def scrolled(self) -> None:
        """Ask for what has come into sight; the cursor stays in sight."""
        down, across = self.top - self._before[0], self.left - self._before[1]
        self._before = self.top, self.left
        self._heading = ((down > 0) - (down < 0), (across > 0) - (across < 0))
        rows, columns = self.seen
        if rows and columns:
            row, column = self._cursor
            last = max(columns.start, min(columns.stop, columns.start + self.page_columns) - 1)
            self._cursor = self.view.nearest(
                max(rows.start, min(row, rows.stop - 1)), max(columns.start, min(column, last))
            )
        self._tell_view()
        self._ask()
        self.refresh()

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

    def look(self, view: ArrayView) -> None:
        """Show other axes or another slice; the cursor stays on its element if that is seen."""
        place = list(self.place)
        for axis in view.other_axes:
            place[axis] = view.fixed[axis]
        self._cursor = view.nearest(*view.cursor_at(tuple(place)))
        self.view = view
        self._show_cursor()

    def action_go(self, rows: int, columns: int) -> None:
        """Move the cursor."""
        row, column = self._cursor
        if self.view.wrap and columns and not 0 <= column + columns < self.view.column_count:
            rows, columns = columns, -columns * (self.view.column_count - 1)
            if not 0 <= row + rows < self.view.row_count:
                return
        self._cursor = self.view.nearest(row + rows, column + columns)
        self._show_cursor()

    def action_page(self, rows: int, columns: int) -> None:
        """Move the cursor by screens."""
        down = rows * max(1, self.page_rows - 1)
        across = columns * max(1, self.page_columns - 1)
        row, column = self._cursor
        self.scroll_grid(self.top + down, self.left + across)
        self._cursor = self.view.nearest(row + down, column + across)
        self._show_cursor()

    def action_edge(self, rows: int, columns: int) -> None:
        """Go to the first (-1) or the last (1) row, or column."""
        row, column = self._cursor
        row = (row, self.view.row_count, 0)[rows]
        column = (column, self.view.column_count, 0)[columns]
        self._cursor = self.view.nearest(row, column)
        self._show_cursor()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the cell."""
        offset = event.get_content_offset(self)
        if offset is None or offset.y < 1 or offset.x < self._gutter:
            return
        row, column = self.top + offset.y - 1, self.left + (offset.x - self._gutter) // self.cell
        rows, columns = self.seen
        if row in rows and column in columns:
            self._cursor = self.view.nearest(row, column)
            self._show_cursor()

    def _show_cursor(self) -> None:
        self.show_cell(*self._cursor)
        self._tell_view()
        self.refresh()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only keys that do something with an array of this rank."""
        needed = {"transpose": 2, "turn": 2, "step": 3, "choose_axis": 4}.get(action, 0)
        return len(self.view.shape) >= needed

    def action_transpose(self) -> None:
        """Swap rows and columns."""
        self.look(self.view.transposed())

    def action_turn(self) -> None:
        """Put another pair of axes on the screen."""
        self.look(self.view.turned())

    def action_step(self, step: int) -> None:
        """Step the chosen fixed axis."""
        axis = self.stepping_axis
        if axis is not None:
            self._stepping = step
            self.view = self.view.stepped(axis, step)

    def action_choose_axis(self) -> None:
        """Choose the next fixed axis to step."""
        others, now = self.view.other_axes, self.stepping_axis
        if now is not None:
            self._axis = others[(others.index(now) + 1) % len(others)]
        self._tell_view()

    def step_along(self, axis: int) -> None:
        """Let [ and ] step a fixed axis from now on."""
        self._axis = axis

    def describe(self, name: str = "") -> str:
        """Say what is seen: the slice, its axes, which one is stepped, and the cursor's value."""
        return described(self.view, self.place, self.value, self.stepping_axis, name)

    @property
    def stepping_axis(self) -> int | None:
        """The fixed axis that [ and ] step."""
        others = self.view.other_axes
        return self._axis if self._axis in others else next(iter(others), None)

    def action_number_format(self) -> None:
        """Write numbers another way."""
        self.number_format = self.number_format.next_kind()


def _stretched(part: range, more: int, length: int) -> range:
    """Return a stretch that goes on by `more` at its end, or (negative) at its beginning."""
    return range(max(0, part.start + min(0, more)), min(length, part.stop + max(0, more)))

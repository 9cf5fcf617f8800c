"""Scrolling over more rows and columns than a screen's coordinates can count.

Textual counts lines in floats and lays scrollbars out in cells: 10^15 rows, times the width of
a column, are too many for both. Here the first row and the first column that are seen are whole
numbers, and the scrollbars stand for them in proportion where there are too many.
"""

from __future__ import annotations

from textual import events
from textual.geometry import Size
from textual.scroll_view import ScrollView

MOST = 1 << 30
"""Lines or cells that the scrollbars are told at most."""
WHEEL = 3
"""Rows for a notch of the wheel."""


class LargeScroll(ScrollView):
    """A grid of rows of one line and columns of `cell` cells; its first line and a gutter stay.

    Subclasses draw from `top` and `left` and call `lay_out` when the size of the grid changes.
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.top, self.left = 0, 0
        """The first row and the first column that are seen."""
        self._rows, self._columns, self._cell, self._gutter = 0, 0, 1, 0
        self._by_scrollbar = True

    def scrolled(self) -> None:
        """Other rows or columns are seen; extend it in subclasses."""
        self.refresh()

    def lay_out(self, rows: int, columns: int, cell: int, gutter: int) -> None:
        """Take the size of the grid: rows and columns, cells of a column and of the gutter."""
        self._rows, self._columns, self._cell, self._gutter = rows, columns, cell, gutter
        self.virtual_size = Size(gutter + min(columns * cell, MOST), min(rows, MOST) + 1)
        self.scroll_grid(self.top, self.left)

    # -- what is seen -----------------------------------------------------------------------------

    @property
    def page_rows(self) -> int:
        """Rows that are seen at a time."""
        return max(1, self.container_size.height - self.scrollbar_size_horizontal - 1)

    @property
    def page_columns(self) -> int:
        """Columns that are seen as a whole at a time."""
        return max(1, (self.room - self._gutter) // self._cell)

    @property
    def room(self) -> int:
        """Cells of a line."""
        return max(0, self.container_size.width - self.scrollbar_size_vertical)

    @property
    def seen(self) -> tuple[range, range]:
        """The rows and columns that are seen, the last column perhaps in part."""
        rows = range(self.top, min(self._rows, self.top + self.page_rows))
        columns = range(self.left, min(self._columns, self.left + self.page_columns + 1))
        return rows, columns

    def scroll_grid(self, top: int, left: int) -> None:
        """Show from a row and a column on, as far as there are any."""
        top = max(0, min(top, self._rows - self.page_rows))
        left = max(0, min(left, self._columns - self.page_columns))
        moved = (top, left) != (self.top, self.left)
        self.top, self.left = top, left
        self._by_scrollbar = False
        try:
            x = left * self._cell
            if self._columns * self._cell > MOST:
                x = left * self.max_scroll_x // max(1, self._columns - self.page_columns)
            y = top
            if self._rows > MOST:
                y = top * self.max_scroll_y // max(1, self._rows - self.page_rows)
            # By force: scrollbars that are about to be there do not stand yet.
            self.scroll_to(x=x, y=y, animate=False, immediate=True, force=True)
        finally:
            self._by_scrollbar = True
        if moved:
            self.scrolled()

    def show_cell(self, row: int, column: int) -> None:
        """Scroll as little as is needed to see a cell."""
        top = min(max(self.top, row - self.page_rows + 1), row)
        left = min(max(self.left, column - self.page_columns + 1), column)
        self.scroll_grid(top, left)

    # -- scrollbars and wheel ---------------------------------------------------------------------

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        """Follow the scrollbar."""
        super().watch_scroll_x(old_value, new_value)
        if self._by_scrollbar:
            left = -(-round(new_value) // self._cell)
            if self._columns * self._cell > MOST:
                most = self._columns - self.page_columns
                left = round(new_value) * most // max(1, self.max_scroll_x)
            self._follow(self.top, left)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow the scrollbar."""
        super().watch_scroll_y(old_value, new_value)
        if self._by_scrollbar:
            top = round(new_value)
            if self._rows > MOST:
                top = top * (self._rows - self.page_rows) // max(1, self.max_scroll_y)
            self._follow(top, self.left)

    def _follow(self, top: int, left: int) -> None:
        if (top, left) != (self.top, self.left):
            self.top, self.left = top, left
            self.scrolled()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Three rows down; with shift or ctrl a column to the right."""
        self._wheel(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Three rows up; with shift or ctrl a column to the left."""
        self._wheel(event, -1)

    def on_mouse_scroll_right(self, event: events.MouseScrollRight) -> None:
        """A column to the right."""
        self._wheel(event, 1, sideways=True)

    def on_mouse_scroll_left(self, event: events.MouseScrollLeft) -> None:
        """A column to the left."""
        self._wheel(event, -1, sideways=True)

    def _wheel(self, event: events.MouseEvent, step: int, sideways: bool = False) -> None:
        event.prevent_default()
        before = self.top, self.left
        if sideways or event.shift or event.ctrl:
            self.scroll_grid(self.top, self.left + step)
        else:
            self.scroll_grid(self.top + WHEEL * step, self.left)
        if (self.top, self.left) != before:  # at the end, what is around may scroll
            event.stop()

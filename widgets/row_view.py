"""Rows with a cursor, a heading and a range selection, of which only the seen ones are drawn."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip


class RowView(ScrollView, can_focus=True):
    """Base of the tables: subclasses say how many rows there are and draw one row.

    Uses Textual's line API, so that cost depends on the rows seen and not on how many there
    are (a DataTable of 10,000 rows takes seconds to fill). Line 0 is the heading; it stays.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", id="table.up", show=False, tooltip="One row up"),
        Binding("down,j", "move(1)", "Down", id="table.down", show=False, tooltip="One row down"),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", id="table.page-up", show=False,
                tooltip="One screen up"),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", id="table.page-down", show=False,
                tooltip="One screen down"),
        Binding("home,g", "edge(-1)", "First", id="table.first", show=False,
                tooltip="Go to the first row"),
        Binding("end,G", "edge(1)", "Last", id="table.last", show=False,
                tooltip="Go to the last row"),
        Binding("shift+up,K", "select(-1)", "Select up", id="table.select-up", show=False,
                tooltip="Select a range, upwards"),
        Binding("shift+down,J", "select(1)", "Select down", id="table.select-down", show=False,
                tooltip="Select a range, downwards"),
        Binding("v", "mark_rows", "Select range", id="table.select", show=False,
                tooltip="Begin or end selecting a range; then move"),
    ]  # fmt: skip

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "row-view--header", "row-view--cursor", "row-view--cursor-blurred", "row-view--selected",
    }  # fmt: skip

    DEFAULT_CSS = """
    RowView {
        overflow-x: hidden;
        scrollbar-gutter: stable;
        & > .row-view--header { color: $text-muted; text-style: bold; }
        & > .row-view--cursor { background: $primary 60%; text-style: bold; }
        & > .row-view--cursor-blurred { background: $primary 25%; }
        & > .row-view--selected { background: $secondary 30%; }
    }
    """

    cursor: reactive[int] = reactive(0, repaint=False, init=False)
    """Row that the cursor is on."""
    mark: reactive[int | None] = reactive[int | None](None, repaint=True, init=False)
    """Row at which a range selection began, if one is under way."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._styles: dict[str, Style] = {}

    # -- for subclasses -------------------------------------------------------------------

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def render_heading(self, width: int) -> Strip:
        """Draw the heading."""
        raise NotImplementedError

    def render_row(self, row: int, width: int) -> Strip:
        """Draw one row."""
        raise NotImplementedError

    def highlighted(self, row: int) -> Message | None:
        """Return the message to post when the cursor has come to `row`."""
        return None

    def rows_changed(self, cursor: int = 0) -> None:
        """Take note that there are other rows now; put the cursor on row `cursor`."""
        self.set_reactive(RowView.mark, None)
        self.set_reactive(RowView.cursor, self.validate_cursor(cursor))
        self.virtual_size = Size(self.size.width, self.row_count + 1)
        self._scroll_to_cursor()
        self.refresh()

    # -- drawing ----------------------------------------------------------------------------

    @property
    def row_width(self) -> int:
        """Cells that a row may take."""
        return self.scrollable_content_region.width

    def render_line(self, y: int) -> Strip:
        """Draw the heading (line 0) or the row that is scrolled to line `y`."""
        width = self.row_width
        if y == 0:
            return self.render_heading(width).adjust_cell_length(width, self.style_of("header"))
        row = y - 1 + self.scroll_offset.y
        if row >= self.row_count:
            return Strip.blank(width, self.style_of(""))
        strip = self.render_row(row, width)
        return strip.adjust_cell_length(width, self.style_of(self.ground(row)))

    def ground(self, row: int) -> str:
        """Return the component that gives a row its background ("" for none)."""
        if row == self.cursor:
            return "cursor" if self.has_focus else "cursor-blurred"
        if self.mark is not None:
            low, high = sorted((self.mark, self.cursor))
            if low <= row <= high:
                return "selected"
        return ""

    def style_of(self, *components: str) -> Style:
        """Return the style of components laid over each other; looked up once per theme."""
        key = " ".join(components)
        style = self._styles.get(key)
        if style is None:
            names = [self._component(name) for name in components if name]
            style = self._styles[key] = self.get_visual_style(*names).rich_style
        return style

    def _component(self, name: str) -> str:
        own = f"{type(self).__name__.lower()}--{name}"
        return own if own in self.COMPONENT_CLASSES else f"row-view--{name}"

    def notify_style_update(self) -> None:
        """Forget the styles of the old theme."""
        self._styles.clear()
        super().notify_style_update()

    def on_resize(self) -> None:
        """Share the new size out."""
        self.virtual_size = Size(self.size.width, self.row_count + 1)
        self._scroll_to_cursor()

    # -- moving -------------------------------------------------------------------------------

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor on a row."""
        return max(0, min(cursor, self.row_count - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        """Show the cursor where it went and tell whom it concerns."""
        self._scroll_to_cursor()
        if self.mark is None:
            for row in (old, new):
                self.refresh_row(row)
        else:
            self.refresh()
        message = self.highlighted(new) if self.row_count else None
        if message is not None:
            self.post_message(message)

    def refresh_row(self, row: int) -> None:
        """Draw one row again."""
        self.refresh(Region(0, row + 1 - self.scroll_offset.y, self.size.width, 1))

    def _scroll_to_cursor(self) -> None:
        height = self.scrollable_content_region.height - 1
        top = self.scroll_offset.y
        if self.cursor < top:
            top = self.cursor
        elif height > 0 and self.cursor >= top + height:
            top = self.cursor - height + 1
        if top != self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, immediate=True)

    def row_at(self, y: int) -> int | None:
        """Return the row that is drawn on line `y` of the widget."""
        row = y - 1 + self.scroll_offset.y
        return row if y >= 1 and 0 <= row < self.row_count else None

    def action_move(self, rows: int) -> None:
        """Move the cursor by rows; a selection grows or shrinks with it."""
        self.cursor += rows

    def action_page(self, pages: int) -> None:
        """Move the cursor by screens."""
        self.cursor += pages * max(1, self.scrollable_content_region.height - 2)

    def action_edge(self, direction: int) -> None:
        """Move the cursor to the first or the last row."""
        self.cursor = 0 if direction < 0 else self.row_count - 1

    def action_select(self, rows: int) -> None:
        """Extend the selection by rows, beginning one if there is none."""
        if self.mark is None:
            self.mark = self.cursor
        self.cursor += rows

    def action_mark_rows(self) -> None:
        """Begin a selection at the cursor, or drop the present one."""
        self.mark = self.cursor if self.mark is None else None

    def clear_selection(self) -> bool:
        """Drop the selection; say whether there was one."""
        had, self.mark = self.mark is not None, None
        return had

    @property
    def selected_rows(self) -> range:
        """The selected rows, or the cursor's alone."""
        if not self.row_count:
            return range(0)
        low, high = sorted((self.cursor if self.mark is None else self.mark, self.cursor))
        return range(low, high + 1)

"""Figures of all weights, one a row, with a histogram in each: the odd one catches the eye."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from kerastui.model import safe_text

from .flow import cut, pad
from .row_view import RowView
from .short_names import short_path
from .spark import Spark, drawn
from .statistics_columns import FLAG_COLUMN, MORE, NUMBERS, WEIGHT, Column, Layout, StatRow
from .statistics_flags import in_short

_LONGEST_PATH = 60
_LONGEST_FLAGS = 60


class StatisticsTable(RowView):
    """Rows of figures. It is shown rows and sparklines, and posts what the user wants."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "scroll_columns(-1)", "Columns to the left", id="statistics.left",
                show=False, tooltip="Show the columns further left"),
        Binding("right", "scroll_columns(1)", "Columns to the right", id="statistics.right",
                show=False, tooltip="Show the columns further right"),
        Binding("enter", "choose", "Look", id="statistics.look",
                tooltip="Look at this weight: distribution, values, pictures"),
    ]  # fmt: skip

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "statisticstable--spark", "statisticstable--muted", "statisticstable--bad",
        "statisticstable--warning", "statisticstable--note", "statisticstable--sorted",
        "statisticstable--text",
    }  # fmt: skip

    DEFAULT_CSS = """
    StatisticsTable {
        & > .statisticstable--spark { color: $text-accent; }
        & > .statisticstable--muted { color: $text-muted; }
        & > .statisticstable--bad { color: $text-error; text-style: bold; }
        & > .statisticstable--warning { color: $text-warning; }
        & > .statisticstable--note { color: $text-muted; }
        & > .statisticstable--sorted { color: $text-accent; text-style: bold; }
        & > .statisticstable--text { color: $text; }
    }
    """

    @dataclass
    class Highlighted(Message):
        """The cursor is on a row."""

        row: StatRow

        def can_replace(self, message: Message) -> bool:
            """Only the newest matters when the cursor runs."""
            return isinstance(message, StatisticsTable.Highlighted)

    @dataclass
    class Chosen(Message):
        """The user wants to look at a row's weight."""

        row: StatRow

    @dataclass
    class SortWanted(Message):
        """The user clicked a column's name."""

        column: Column

    class SeenChanged(Message):
        """Other rows are seen now."""

        def can_replace(self, message: Message) -> bool:
            """One is enough."""
            return isinstance(message, StatisticsTable.SeenChanged)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: Sequence[StatRow] = ()
        self.sparks: dict[tuple[int, int], Spark] = {}
        """What is drawn of rows, by their keys; fill it by `put_spark`."""
        self.log_counts = False
        self.spark_title = ""
        self.sorting: Column | None = None
        self.reverse = False
        self.more = False
        """Whether there are columns of quantiles."""
        self._waiting = True
        self._first = 0
        self._layout = Layout(20, 12, (), 16, 0, True)
        self._path, self._flags = 20, 16

    # -- what is shown --------------------------------------------------------------------------

    def show(self, rows: Sequence[StatRow], stay: tuple[int, int] | None = None) -> None:
        """Show other rows, or the same ones with more known; the cursor stays on its weight.

        `stay` is the key of the row that the cursor is to be on; None: where it is.
        """
        stay = stay or (self.current.key if self.current else None)
        top = self.scroll_offset.y
        kept = next((k for k, row in enumerate(rows) if row.key == stay), 0)
        moved = kept - self.cursor
        self.rows = rows
        self._path = min(_LONGEST_PATH, max((len(row.path) for row in rows), default=12))
        self.fit_columns()
        self.rows_changed(kept)
        if moved and rows and top:  # the cursor's row stays on its line of the screen, if it can
            self.scroll_to(y=max(0, top + moved), animate=False, immediate=True)
        self.post_message(self.SeenChanged())
        if self.current is not None:
            self.post_message(self.Highlighted(self.current))

    def update_rows(self, rows: Iterable[tuple[int, StatRow]]) -> None:
        """Show more of some rows (place, row), which stay where they are."""
        mine = list(self.rows)
        seen = self.seen
        for place, row in rows:
            mine[place] = row
            if place in seen:
                self.refresh_row(place)
            if place == self.cursor:
                self.post_message(self.Highlighted(row))
        self.rows = mine

    def put_spark(self, key: tuple[int, int], spark: Spark) -> None:
        """Draw a row's histogram."""
        self.sparks[key] = spark
        for place in self.seen:
            if self.rows[place].key == key:
                self.refresh_row(place)

    @property
    def current(self) -> StatRow | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    @property
    def seen(self) -> range:
        """Places of the rows that are on the screen."""
        top = self.scroll_offset.y
        height = max(0, self.scrollable_content_region.height - 1)
        return range(min(top, len(self.rows)), min(top + height, len(self.rows)))

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns between the sparkline and the flags."""
        return (*NUMBERS, *MORE) if self.more else NUMBERS

    @property
    def sortable(self) -> tuple[Column, ...]:
        """All columns that can be sorted by, in the order in which they stand."""
        return (WEIGHT, *self.columns, FLAG_COLUMN)

    def fit_columns(self) -> None:
        """Share the width out among the columns."""
        self._layout = Layout.fit(
            max(1, self.row_width), self.columns, self._first, self._path, _LONGEST_FLAGS
        )
        self._first = self._layout.first

    def show_waiting(self, waiting: bool) -> None:
        """Say of rows of which nothing is known that it will come, or that it will not."""
        if waiting is not self._waiting:
            self._waiting = waiting
            self.refresh()

    def show_sorting(self, column: Column | None, reverse: bool) -> None:
        """Mark the column that is sorted by, and bring it into sight."""
        self.sorting, self.reverse = column, reverse
        columns = self.columns
        if column in columns and column not in self._layout.columns:
            self._first = columns.index(column)
            self.fit_columns()
        self.refresh()

    # -- RowView --------------------------------------------------------------------------------

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return len(self.rows)

    def highlighted(self, row: int) -> Message:
        """Say which row the cursor is on."""
        return self.Highlighted(self.rows[row])

    def render_heading(self, width: int) -> Strip:
        """Draw the columns' names, the digits that sort by them, and which way it is sorted."""
        layout = self._layout
        title = cut(self.spark_title, layout.spark)
        cells = [self._title(WEIGHT, layout.path), (f" {title}".ljust(layout.spark + 2), "header")]
        for column in layout.columns:
            cells += [(" ", "header"), self._title(column, column.width)]
        cells += [(" ", "header"), self._title(FLAG_COLUMN, layout.flags)]
        return Strip([Segment(text, self.style_of("header", role)) for text, role in cells])

    def _title(self, column: Column, width: int) -> tuple[str, str]:
        sorted_by = column is self.sorting
        arrow = ("▼" if self.reverse else "▲") if sorted_by else ""
        return column.heading(width, arrow), "sorted" if sorted_by else "header"

    def render_row(self, row: int, width: int) -> Strip:
        """Draw one row."""
        ground = self.ground(row)
        return Strip(
            [Segment(text, self.style_of(ground, role)) for text, role in self._cells(row) if text]
        )

    def _cells(self, row: int) -> list[tuple[str, str]]:
        layout, shown = self._layout, self.rows[row]
        path = short_path(safe_text(shown.path, 1000), layout.path)
        cells = [(pad(path, layout.path), "text"), (self._spark(shown), "spark")]
        known = shown.found is not None
        for column in layout.columns:
            text = column.text(shown)
            if column.whole and not known and not self._waiting:
                text = "–".rjust(column.whole)
            role = "text" if known and column.whole else "muted"
            if column.name in ("nan", "inf") and text:
                role = "bad"
            cells.append((" " + pad(cut(text, column.width), column.width), role))
        if shown.found is None:
            return [*cells, (" …" if self._waiting else " not computed", "muted")]
        room = layout.flags
        for text, role in in_short(shown.found):
            part = cut(f" {text}", room)
            if room <= 3:
                break
            cells.append((part, role))
            room -= len(part)
        return cells

    def _spark(self, row: StatRow) -> str:
        spark = self.sparks.get(row.key)
        if spark is None:
            return " " * (self._layout.spark + 2)
        return drawn(spark, self._layout.spark, self.log_counts)

    def on_resize(self) -> None:
        """Share the new width out among the columns."""
        self.fit_columns()
        super().on_resize()
        self.post_message(self.SeenChanged())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell that other rows are seen."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.post_message(self.SeenChanged())

    # -- wishes ---------------------------------------------------------------------------------

    def action_scroll_columns(self, step: int) -> None:
        """Show other columns."""
        if step > 0 and self._layout.last:
            return
        self._first = max(0, self._first + step)
        self.fit_columns()
        self.refresh()

    def action_choose(self) -> None:
        """Ask to look at the weight under the cursor."""
        if self.current is not None:
            self.post_message(self.Chosen(self.current))

    async def _on_click(self, event: events.Click) -> None:
        """Go to a row; twice: look at it. A column's name: sort by it."""
        if event.y == 0:
            column = self._column_at(event.x)
            if column is not None:
                self.post_message(self.SortWanted(column))
            return
        row = self.row_at(event.y)
        if row is not None:
            self.cursor = row
            if event.chain == 2:
                self.action_choose()

    def _column_at(self, x: int) -> Column | None:
        layout = self._layout
        if x < layout.path:
            return WEIGHT
        edge = layout.path + layout.spark + 2
        if x < edge:
            return None
        for column in layout.columns:
            edge += column.width + 1
            if x < edge:
                return column
        return FLAG_COLUMN

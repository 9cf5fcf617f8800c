"""The rows of the file picker: what is in them, and how they are drawn."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from kerastui.model import figures, safe_text

from ..widgets.row_view import RowView
from .paths import keep_end, path_text
from .picker_listing import Listing, Row
from .picker_scan import Entry, Sort

FORMATS = {
    "hdf5": "HDF5",
    "keras": "Keras archive",
    "hdf5-weights": "HDF5 weights",
    "keras-weights": "Keras weights",
    "hdf5-other": "HDF5, no model",
}
"""What is shown for `kerastui.model.Format`."""


class Columns(NamedTuple):
    """Widths of the columns; 0 where there is no room for one."""

    name: int
    format: int
    version: int
    size: int
    age: int

    @classmethod
    def fit(cls, width: int) -> Columns:
        """Share `width` cells out: names first, then size, version, age, format."""
        wanted = {"size": 9, "version": 8, "age": 15, "format": 15}
        given = dict.fromkeys(wanted, 0)
        left = width - 2
        for name, cells in wanted.items():
            if left - cells >= 22:
                given[name] = cells
                left -= cells
        # Wider names would only move the other columns away from them.
        return cls(
            max(1, min(left, 72)), given["format"], given["version"], given["size"], given["age"]
        )


class FileRows(RowView, can_focus=False):
    """Files and folders with a cursor; the keys come from the picker's input line."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "filerows--muted", "filerows--section", "filerows--folder", "filerows--problem",
        "filerows--text",
    }  # fmt: skip

    DEFAULT_CSS = """
    FileRows {
        & > .filerows--muted { color: $text-muted; }
        & > .filerows--section { color: $text-primary; text-style: bold; }
        & > .filerows--folder { color: $text-accent; }
        & > .filerows--problem { color: $text-error; }
        & > .filerows--text { color: $text; }
    }
    """

    class Highlighted(Message):
        """The cursor has come to another row."""

    class Opened(Message):
        """A row was clicked that the cursor was on already."""

    @dataclass
    class SortWanted(Message):
        """A heading was clicked."""

        sort: Sort

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.listing = Listing()

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return len(self.listing.rows)

    @property
    def current(self) -> Row | None:
        """The row under the cursor, if it can be opened."""
        rows = self.listing.rows
        row = rows[self.cursor] if self.cursor < len(rows) else None
        return row if row is not None and row.selectable else None

    def show(self, listing: Listing, *, keep: bool) -> None:
        """Draw another listing; the cursor stays with its entry if `keep`."""
        old = self.current
        self.listing = listing
        rows = listing.rows
        target = self.first
        if keep and old is not None:
            same = (i for i, row in enumerate(rows) if row.key == old.key and row.kind == old.kind)
            target = next(same, target)
        self.rows_changed(target)
        self.post_message(self.Highlighted())

    def go_to(self, path: Path) -> bool:
        """Put the cursor on `path`; say whether it is in the list."""
        for i, row in enumerate(self.listing.rows):
            if row.entry is not None and row.entry.path == path and not row.recent:
                self.cursor = i
                return True
        return False

    @property
    def first(self) -> int:
        """The row worth opening first: a file; else a folder; else the way up."""
        rows = list(enumerate(self.listing.rows))
        files = [i for i, row in rows if row.entry and not row.entry.is_folder]
        entries = [i for i, row in rows if row.entry]
        ups = [i for i, row in rows if row.selectable]
        best = entries if self.listing.filtered else files
        return [*best[:1], *entries[:1], *ups[:1], 0][0]

    @property
    def seen(self) -> list[Entry]:
        """The files that are in view, the one under the cursor first."""
        top = self.scroll_offset.y
        rows = self.listing.rows[top : top + max(1, self.size.height)]
        if self.current is not None:
            rows.insert(0, self.current)
        return [row.entry for row in rows if row.entry is not None and not row.entry.is_folder]

    def highlighted(self, row: int) -> Message | None:
        """Tell that the cursor has moved."""
        return self.Highlighted()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell that other rows are in view."""
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Highlighted())

    # -- moving ---------------------------------------------------------------------------------

    def step(self, by: int) -> None:
        """Move the cursor by rows that can be opened."""
        stops = [i for i, row in enumerate(self.listing.rows) if row.selectable]
        if not stops:
            self.scroll_relative(y=by, animate=False)
            return
        before = sum(1 for i in stops if i < self.cursor)
        self.cursor = stops[max(0, min(len(stops) - 1, before + by))]
        if self.cursor == stops[0]:
            self.scroll_to(y=0, animate=False, immediate=True)  # show the heading above it

    def page(self, pages: int) -> None:
        """Move the cursor by screens."""
        self.step(pages * max(1, self.size.height - 2))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor, open what it is on already, or sort by a heading."""
        if event.y == 0:
            sort = self._sort_at(event.x)
            if sort is not None:
                self.post_message(self.SortWanted(sort))
            return
        row = self.row_at(event.y)
        if row is None or not self.listing.rows[row].selectable:
            return
        if row == self.cursor:
            self.post_message(self.Opened())
        else:
            self.cursor = row

    # -- drawing ----------------------------------------------------------------------------------

    def ground(self, row: int) -> str:
        """The cursor looks as if focused: the input line's keys move it."""
        return "cursor" if row == self.cursor and self.current is not None else ""

    def _sort_at(self, x: int) -> Sort | None:
        columns = Columns.fit(self.row_width)
        at = 2 + columns.name + columns.format + columns.version
        if x < 2 + columns.name:
            return "name"
        if at <= x < at + columns.size:
            return "size"
        return "age" if at + columns.size <= x else None

    def render_heading(self, width: int) -> Strip:
        """Draw the names of the columns; a sign says which one sorts."""
        sort = self.listing.sort
        columns = Columns.fit(width)
        style = self.style_of("header")
        cells = [
            ("  ", 2, False),
            ("name ↑" if sort == "name" else "name", columns.name, False),
            ("format", columns.format, False),
            ("Keras", columns.version, False),
            ("size ↓" if sort == "size" else "size", columns.size - 1, True),
            (" ", min(1, columns.size), False),
            ("age ↑" if sort == "age" else "age", columns.age, True),
        ]
        return Strip([Segment(_cell(text, size, right), style) for text, size, right in cells])

    def render_row(self, row: int, width: int) -> Strip:
        """Draw one row."""
        item = self.listing.rows[row]
        ground = self.ground(row)
        if item.kind in ("heading", "text"):
            style = self.style_of("section" if item.kind == "heading" else "text")
            return Strip([Segment(_cell(item.text, width), style)])
        cursor = "▸ " if ground else "  "
        if item.entry is None:
            return Strip([Segment(_cell(f"{cursor}../", width), self._folder_style(ground))])
        if item.entry.is_folder:
            text = f"{cursor}{safe_text(item.entry.name)}/"
            return Strip([Segment(_cell(text, width), self._folder_style(ground))])
        return Strip(self._draw_file(cursor, item, item.entry, ground, width))

    def _folder_style(self, ground: str) -> Style:
        # An accent may be unreadable on the cursor's ground; the slash tells it anyway.
        return self.style_of(ground, "text" if ground else "folder")

    def _draw_file(
        self, cursor: str, row: Row, entry: Entry, ground: str, width: int
    ) -> list[Segment]:
        columns = Columns.fit(width)
        detail = self.listing.details.get(entry.path)
        plain, muted = self.style_of(ground, "text"), self.style_of(ground, "muted")
        kind = FORMATS.get(detail.format, detail.format) if detail else "…"
        kind_style = muted
        if detail and detail.problem:
            kind, kind_style = "✗ not readable", self.style_of(ground, "problem")
        age = figures.age(time.time() - entry.mtime)
        return [
            Segment(cursor, plain),
            *self._draw_name(row, entry, columns.name, ground),
            Segment(_cell(kind, columns.format), kind_style),
            Segment(
                _cell(safe_text(detail.keras_version) if detail else "", columns.version), plain
            ),
            Segment(_cell(figures.size(entry.size), columns.size - 1, right=True), plain),
            Segment(" " * min(1, columns.size), plain),
            Segment(_cell(age, columns.age, right=True), muted),
        ]

    def _draw_name(self, row: Row, entry: Entry, width: int, ground: str) -> list[Segment]:
        plain, muted = self.style_of(ground, "text"), self.style_of(ground, "muted")
        name = safe_text(entry.name)
        room = width - 1
        if not row.recent or cell_len(name) + 8 > room:
            return [Segment(_cell(_shorten(name, room), width), plain)]
        folder = keep_end(path_text(entry.path.parent), room - cell_len(name) - 2)
        return [
            Segment(f"{name}  ", plain),
            Segment(_cell(folder, width - cell_len(name) - 2), muted),
        ]


def _cell(text: str, width: int, right: bool = False) -> str:
    if width <= 0:
        return ""
    if right and cell_len(text) < width:
        return " " * (width - cell_len(text)) + text
    return set_cell_size(text, width)


def _shorten(name: str, width: int) -> str:
    """Return a name on at most `width` cells; its end (epoch, extension) is kept."""
    if cell_len(name) <= width or width < 8:
        return name
    tail = keep_end(name, width * 2 // 3)
    return set_cell_size(name, width - cell_len(tail)).rstrip() + tail

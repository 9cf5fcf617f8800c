"""The table of a run's checkpoints: how far every weight moved from each to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from kerastui.analysis.compare_results import Trail, TrailRow

from .plot import SIGNS
from .row_view import RowView
from .trail_rows import (
    LEVELS,
    ORDERS,
    TrailColumns,
    TrailWish,
    table_scale,
    trail_cells,
    trail_heading,
    trail_rows,
)


class TrailTable(RowView):
    """Weights or layers down, steps across; rows can be marked to be drawn together."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Look", id="trail.look",
                tooltip="Look at the weight in the last checkpoint"),
        Binding("space", "mark", "Draw", id="trail.mark",
                tooltip="Draw this row in the plot, whatever the cursor is on"),
        Binding("w", "merge", "Layers", id="trail.merge",
                tooltip="A row a layer, or a row a weight"),
        Binding("o", "order", "Order", id="trail.order",
                tooltip="Sort by the last step, by the whole change, or as in the model"),
        Binding("a", "everything", "All", id="trail.all",
                tooltip="List also what never moved, or only what did"),
        Binding("left,h", "steps(-1)", "Steps before", id="trail.left", show=False,
                tooltip="Show the steps before, where not all have room"),
        Binding("right,l", "steps(1)", "Next steps", id="trail.right", show=False,
                tooltip="Show the steps behind, where not all have room"),
    ]  # fmt: skip

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "trailtable--muted", "trailtable--text", "trailtable--strong", "trailtable--spark",
        "trailtable--sign", *(f"trailtable--heat-{level}" for level in range(1, LEVELS + 1)),
    }  # fmt: skip

    DEFAULT_CSS = """
    TrailTable {
        & > .trailtable--muted { color: $text-muted; }
        & > .trailtable--text { color: $text; }
        & > .trailtable--strong { color: $text; text-style: bold; }
        & > .trailtable--spark { color: $text-accent; }
        & > .trailtable--sign { color: $text-primary; text-style: bold; }
        & > .trailtable--heat-1 { background: $warning 8%; }
        & > .trailtable--heat-2 { background: $warning 18%; }
        & > .trailtable--heat-3 { background: $warning 30%; }
        & > .trailtable--heat-4 { background: $error 40%; }
        & > .trailtable--heat-5 { background: $error 60%; }
    }
    """

    @dataclass
    class Highlighted(Message):
        """The cursor came to another row, or other rows are listed or marked."""

        table: TrailTable

        def can_replace(self, message: Message) -> bool:
            """Only the newest matters when the cursor runs."""
            return isinstance(message, TrailTable.Highlighted)

        @property
        def control(self) -> TrailTable:
            """The table."""
            return self.table

    @dataclass
    class Chosen(Message):
        """The user wants to look at a row."""

        table: TrailTable
        row: TrailRow

        @property
        def control(self) -> TrailTable:
            """The table."""
            return self.table

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: tuple[TrailRow, ...] = ()
        """What is listed."""
        self.wish = TrailWish()
        self._found = Trail((), ())
        self._names: Sequence[str] = ()
        self._first: int | None = None
        self._scale = (0.0, 0.0)
        self._columns = TrailColumns(0, 0, range(0))
        self._marked: list[TrailRow] = []

    # -- what is shown ------------------------------------------------------------------

    def show(self, found: Trail, names: Sequence[str]) -> None:
        """Show checkpoints by short names, what moved last first; else all that stood still."""
        self._found, self._names, self._first = found, tuple(names), None
        self.wish = TrailWish(everything=not found.moving)
        self._marked.clear()
        self._list()

    def list_only(self, needle: str) -> None:
        """List what has `needle` in its path."""
        self.wish = replace(self.wish, needle=needle)
        self._list(self.current)

    def _list(self, keep: TrailRow | None = None) -> None:
        self.rows = trail_rows(self._found, self.wish)
        self._scale = table_scale(self._found, self.wish.layers)
        self.fit_columns()
        self.rows_changed(self.rows.index(keep) if keep in self.rows else 0)
        self.post_message(self.Highlighted(self))

    @property
    def current(self) -> TrailRow | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.rows else None

    @property
    def drawn(self) -> tuple[tuple[str, TrailRow], ...]:
        """The rows that are drawn, each with its sign: those that are marked, and the cursor's."""
        rows = list(self._marked)
        if self.current is not None and self.current not in rows:
            rows.append(self.current)
        return tuple(zip(SIGNS, rows, strict=False))

    # -- drawing ----------------------------------------------------------------------------

    def fit_columns(self) -> None:
        """Share the width out among the columns."""
        steps = max(1, len(self._names) - 1)
        self._columns = TrailColumns.of(self.rows, steps, self.row_width, self._first)

    def on_resize(self) -> None:
        """Share the new width out."""
        self.fit_columns()
        super().on_resize()

    @property
    def row_count(self) -> int:
        """How many rows are listed."""
        return len(self.rows)

    def highlighted(self, row: int) -> Message:
        """Say that the cursor moved."""
        return self.Highlighted(self)

    def render_heading(self, width: int) -> Strip:
        """Draw the names of the checkpoints."""
        style = self.style_of("header")
        if not self._names:
            return Strip.blank(width, style)
        cells = trail_heading(self._columns, self._names, self.wish.layers)
        return Strip([Segment(cell.text, style) for cell in cells])

    def render_row(self, row: int, width: int) -> Strip:
        """Draw a weight or a layer."""
        ground, shown = self.ground(row), self.rows[row]
        sign = next((sign for sign, marked in zip(SIGNS, self._marked, strict=False)
                     if marked == shown), "")  # fmt: skip
        cells = trail_cells(shown, self._columns, self._scale, sign)
        return Strip([Segment(cell.text, self.style_of(cell.style, ground)) for cell in cells])

    # -- keys -----------------------------------------------------------------------------

    def action_choose(self) -> None:
        """Ask for a look at the row."""
        if self.current is not None:
            self.post_message(self.Chosen(self, self.current))

    def action_mark(self) -> None:
        """Draw a row whatever the cursor is on, or no more."""
        row = self.current
        if row is None:
            return
        if row in self._marked:
            self._marked.remove(row)
        elif len(self._marked) < len(SIGNS) - 1:
            self._marked.append(row)
        else:
            self.app.bell()  # pyright: ignore[reportUnknownMemberType]
            return
        self.refresh()
        self.post_message(self.Highlighted(self))

    def action_merge(self) -> None:
        """List layers instead of weights, or weights again."""
        self.wish = replace(self.wish, layers=not self.wish.layers)
        self._marked.clear()
        self._list()

    def action_order(self) -> None:
        """Sort in the next way."""
        place = ORDERS.index(self.wish.order)
        self.wish = replace(self.wish, order=ORDERS[(place + 1) % len(ORDERS)])
        self._list()

    def action_everything(self) -> None:
        """List also what never moved, or only what did."""
        self.wish = replace(self.wish, everything=not self.wish.everything)
        self._list(self.current)

    def action_steps(self, by: int) -> None:
        """Show other steps."""
        self._first = max(0, self._columns.steps.start + by)
        self.fit_columns()
        self._first = self._columns.steps.start
        self.refresh()

    async def _on_click(self, event: events.Click) -> None:
        """Move there; twice: look at it."""
        row = self.row_at(event.y)
        if row is not None:
            self.cursor = row
            if event.chain == 2:
                self.action_choose()

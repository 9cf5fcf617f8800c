"""The table of what differs between two models: layers, and below them their weights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from kerastui.analysis.compare_results import Comparison

from .diff_cells import DiffColumns, header_cells, row_cells
from .diff_rows import DiffRow, Group, Wanted, groups_of, rows_of
from .row_view import RowView


class DiffTable(RowView):
    """Layers that differ, or all of them; a layer's weights are folded away at first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Open", id="diff.open",
                tooltip="Unfold a layer's weights; on a weight: look at its numbers"),
        Binding("left,h", "fold", "Fold", id="diff.fold", show=False,
                tooltip="Fold the weights of a layer"),
        Binding("right,l", "unfold", "Unfold", id="diff.unfold", show=False,
                tooltip="Unfold the weights of a layer"),
        Binding("less_than_sign", "fold_all(True)", "Fold all", id="diff.fold-all", show=False,
                tooltip="Fold the weights of all layers"),
        Binding("greater_than_sign", "fold_all(False)", "Unfold all", id="diff.unfold-all",
                show=False, tooltip="Unfold the weights of all layers that are listed"),
        Binding("n", "step(1)", "Next", id="diff.next",
                tooltip="Go to the next difference"),
        Binding("N", "step(-1)", "Difference before", id="diff.previous", show=False,
                tooltip="Go to the difference before"),
        Binding("a", "everything", "All", id="diff.all",
                tooltip="List all layers, or only those that differ"),
        Binding("o", "order", "Order", id="diff.order", show=False,
                tooltip="Sort by the size of the change, or in the model's order"),
    ]  # fmt: skip

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "difftable--muted", "difftable--text", "difftable--words", "difftable--class",
        "difftable--on", "difftable--changed", "difftable--cool", "difftable--warm",
        "difftable--hot",
    }  # fmt: skip

    DEFAULT_CSS = """
    DiffTable {
        & > .difftable--muted { color: $text-muted; }
        & > .difftable--text { color: $text; }
        & > .difftable--words { color: $text; }
        & > .difftable--class { color: $text-primary; }
        & > .difftable--on { color: $text-success; }
        & > .difftable--changed { color: $text-warning; text-style: bold; }
        & > .difftable--cool { color: $text-secondary; }
        & > .difftable--warm { color: $text-warning; }
        & > .difftable--hot { color: $text-error; text-style: bold; }
    }
    """

    @dataclass
    class Highlighted(Message):
        """The cursor came to another row, or other rows are listed."""

        table: DiffTable

        def can_replace(self, message: Message) -> bool:
            """Only the newest matters when the cursor runs."""
            return isinstance(message, DiffTable.Highlighted)

        @property
        def control(self) -> DiffTable:
            """The table."""
            return self.table

    @dataclass
    class Opened(Message):
        """The user wants to look at a weight: number `weight` in group `group`."""

        table: DiffTable
        group: Group
        weight: int

        @property
        def control(self) -> DiffTable:
            """The table."""
            return self.table

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.groups: tuple[Group, ...] = ()
        """All that was compared."""
        self.rows: tuple[DiffRow, ...] = ()
        """What is listed."""
        self.wanted = Wanted()
        self._unfolded: set[int] = set()
        self._natural = self._columns = DiffColumns(0, 0, 0, 0)

    # -- what is shown ------------------------------------------------------------------

    def show(self, found: Comparison) -> None:
        """Show a comparison: what differs, or everything where nothing does."""
        self.groups = groups_of(found)
        self.wanted = Wanted(everything=all(group.same for group in self.groups))
        self._unfolded.clear()
        self._natural = DiffColumns.natural(self.groups)
        self._list()

    def list_only(self, needle: str) -> None:
        """List what has `needle` in its path, class or names of weights."""
        self.wanted = replace(self.wanted, needle=needle)
        self._list(self.current)

    def _list(self, keep: DiffRow | None = None) -> None:
        """List anew; the cursor stays on `keep` or on what encloses it."""
        self.rows = rows_of(self.groups, self._unfolded, self.wanted)
        self.fit_columns()
        place = 0
        if keep is not None:
            places = {row: i for i, row in enumerate(self.rows)}
            place = places.get(keep, places.get(DiffRow(keep.group), 0))
        self.rows_changed(place)
        self.post_message(self.Highlighted(self))

    @property
    def current(self) -> DiffRow | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.rows else None

    @property
    def current_group(self) -> Group | None:
        """What the cursor is on or in."""
        row = self.current
        return self.groups[row.group] if row else None

    # -- drawing ----------------------------------------------------------------------------

    def fit_columns(self) -> None:
        """Share the width out among the columns."""
        self._columns = self._natural.fit(self.row_width)

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
        """Draw the columns' names."""
        style = self.style_of("header")
        return Strip([Segment(cell.text, style) for cell in header_cells(self._columns)])

    def render_row(self, row: int, width: int) -> Strip:
        """Draw a layer or a weight."""
        ground = self.ground(row)
        cells = row_cells(self.groups, self.rows[row], self._columns, self._unfolded)
        return Strip([Segment(cell.text, self.style_of(cell.style, ground)) for cell in cells])

    # -- keys -----------------------------------------------------------------------------

    def action_choose(self) -> None:
        """Fold or unfold a layer; on a weight ask for a look at it."""
        row = self.current
        if row is None:
            return
        if row.weight >= 0:
            self.post_message(self.Opened(self, self.groups[row.group], row.weight))
        elif self.groups[row.group].weights:
            self._unfolded ^= {row.group}
            self._list(row)

    def action_fold(self) -> None:
        """Fold what the cursor is on or in."""
        row = self.current
        if row is not None and row.group in self._unfolded:
            self._unfolded.discard(row.group)
            self._list(DiffRow(row.group))

    def action_unfold(self) -> None:
        """Unfold the layer under the cursor, or go into it."""
        row = self.current
        if row is None or row.weight >= 0 or not self.groups[row.group].weights:
            return
        if row.group in self._unfolded:
            self.cursor += 1
        else:
            self._unfolded.add(row.group)
            self._list(row)

    def action_fold_all(self, fold: bool) -> None:
        """Fold all, or unfold all that is listed."""
        row = self.current
        self._unfolded = set[int]() if fold else {listed.group for listed in self.rows}
        self._list(row)

    def action_step(self, step: int) -> None:
        """Go to the next layer that differs, round the end."""
        count = len(self.rows)
        for i in range(1, count + 1):
            place = (self.cursor + step * i) % count
            if self.rows[place].weight < 0 and not self.groups[self.rows[place].group].same:
                self.cursor = place
                return

    def action_everything(self) -> None:
        """List all layers, or only those that differ."""
        self.wanted = replace(self.wanted, everything=not self.wanted.everything)
        self._list(self.current)

    def action_order(self) -> None:
        """Sort by change, or in the model's order."""
        self.wanted = replace(self.wanted, by_change=not self.wanted.by_change)
        self._list(None if self.wanted.by_change else self.current)

    async def _on_click(self, event: events.Click) -> None:
        """Move there; on a fold sign, or twice, open it."""
        row = self.row_at(event.y)
        if row is None:
            return
        self.cursor = row
        on_sign = self.rows[row].weight < 0 and 8 <= event.x < 10
        if on_sign or event.chain == 2:
            self.action_choose()

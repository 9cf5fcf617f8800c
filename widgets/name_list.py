"""New names beside old ones, to be looked through before they are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from kerastui.edits.bulk_rename import Proposed
from kerastui.model import safe_text

from .flow import cut_middle, pad
from .row_view import RowView

ARROW = " → "


class NameList(RowView):
    """One row a layer: path, arrow, new name; a sign where the name cannot be given."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "edit", "Edit", id="names.edit",
                tooltip="Change the proposed name"),
        Binding("delete,backspace,x", "drop", "Leave out", id="names.drop", key_display="x",
                tooltip="Leave the layer its name, or all layers in the selected range"),
    ]  # fmt: skip
    """
    | Key(s) | Description |
    | :- | :- |
    | enter, space | Ask for another name for this layer. |
    | delete, backspace, x | Take the row, or the selected ones, off the list. |
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "namelist--muted", "namelist--new", "namelist--problem",
    }  # fmt: skip

    DEFAULT_CSS = """
    NameList {
        & > .namelist--muted { color: $text-muted; }
        & > .namelist--new { color: $text; text-style: bold; }
        & > .namelist--problem { color: $text-error; }
    }
    """

    @dataclass
    class Highlighted(Message):
        """The cursor came to another row."""

        names: NameList
        row: int

        def can_replace(self, message: Message) -> bool:
            """Only the newest matters when the cursor runs."""
            return isinstance(message, NameList.Highlighted)

        @property
        def control(self) -> NameList:
            """The list."""
            return self.names

    @dataclass
    class Edit(Message):
        """The user wants another name for the layer of a row."""

        names: NameList
        proposed: Proposed

        @property
        def control(self) -> NameList:
            """The list."""
            return self.names

    @dataclass
    class Drop(Message):
        """The user wants these layers to keep their names."""

        names: NameList
        proposed: tuple[Proposed, ...]

        @property
        def control(self) -> NameList:
            """The list."""
            return self.names

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: tuple[Proposed, ...] = ()
        """What is listed."""

    def show(self, rows: tuple[Proposed, ...]) -> None:
        """List these names; the cursor stays where it is as far as it can."""
        self.rows = rows
        self.rows_changed(self.cursor)

    @property
    def current(self) -> Proposed | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.rows else None

    @property
    def row_count(self) -> int:
        """How many names there are."""
        return len(self.rows)

    def highlighted(self, row: int) -> Message:
        """Say which row the cursor is on."""
        return self.Highlighted(self, row)

    def _left(self, width: int) -> int:
        return max(4, (width - 2 - len(ARROW)) // 2)

    def render_heading(self, width: int) -> Strip:
        """Draw the columns' names."""
        text = f"  {pad('layer', self._left(width))}{ARROW}new name"
        return Strip([Segment(text, self.style_of("header"))])

    def render_row(self, row: int, width: int) -> Strip:
        """Draw one layer's old and new name."""
        proposed, ground = self.rows[row], self.ground(row)
        left = self._left(width)
        old = pad(cut_middle(safe_text(proposed.path, 400), left), left)
        room = max(4, width - 2 - left - len(ARROW))
        new = cut_middle(safe_text(proposed.new, 400), room) or "(nothing)"
        tone = "problem" if proposed.problem else "new"
        return Strip(
            [
                Segment("✗ " if proposed.problem else "  ", self.style_of(ground, "problem")),
                Segment(old, self.style_of(ground)),
                Segment(ARROW, self.style_of(ground, "muted")),
                Segment(new, self.style_of(ground, tone)),
            ]
        )

    def action_edit(self) -> None:
        """Ask for another name."""
        if self.current is not None:
            self.post_message(self.Edit(self, self.current))

    def action_drop(self) -> None:
        """Ask to leave the selected layers their names."""
        if self.rows:
            self.post_message(self.Drop(self, tuple(self.rows[i] for i in self.selected_rows)))

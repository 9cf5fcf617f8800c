"""A line to type what rows are to be left; it removes itself when it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static


class FilterBar(Horizontal):
    """One line with an input and a note at its right.

    Args:
        text: what stands there at first.
        hint: what can be typed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "give_up", "Show all", id="filter.cancel",
                tooltip="Leave the filter and show all rows"),
        Binding("down", "accept", "To the rows", id="filter.down", show=False,
                tooltip="Go on with what the filter has left"),
    ]  # fmt: skip

    DEFAULT_CSS = """
    FilterBar {
        height: 1;
        & > #filter-sign { width: 2; color: $text-accent; text-style: bold; }
        & > Input { width: 1fr; height: 1; border: none; padding: 0; background: $surface; }
        & > Input:focus { border: none; }
        & > #filter-note { width: auto; padding: 0 1; color: $text-muted; }
    }
    """

    @dataclass
    class Changed(Message):
        """Something else is typed."""

        text: str

        def can_replace(self, message: Message) -> bool:
            """Only the newest matters."""
            return isinstance(message, FilterBar.Changed)

    @dataclass
    class Closed(Message):
        """The typing is over; the rows have the keys again."""

        text: str

    def __init__(self, text: str = "", hint: str = "") -> None:
        super().__init__()
        self._text, self._hint = text, hint

    def compose(self) -> ComposeResult:
        """Sign, input, note."""
        yield Static("/", id="filter-sign")
        yield Input(self._text, placeholder=self._hint, select_on_focus=False)
        yield Static("", id="filter-note", markup=False)

    def on_mount(self) -> None:
        """Let the user type at once."""
        self.query_one(Input).focus()

    def note(self, text: str) -> None:
        """Say at the right what the filter has found."""
        self.query_one("#filter-note", Static).update(text)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what stands there now."""
        event.stop()
        self.post_message(self.Changed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep it."""
        event.stop()
        self.action_accept()

    def action_accept(self) -> None:
        """Keep what is typed and end."""
        self.post_message(self.Closed(self.query_one(Input).value))
        self.remove()

    def action_give_up(self) -> None:
        """Drop what is typed and end."""
        self.post_message(self.Closed(""))
        self.remove()

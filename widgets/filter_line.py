"""A line to type into that narrows a table down as one types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static


class FilterLine(Horizontal):
    """One line; it removes itself when it is done, and the text holds until it is emptied.

    Args:
        text: what was typed before.
        placeholder: what is looked at.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close(False)", "Give up", id="filter.cancel",
                tooltip="List everything again"),
    ]  # fmt: skip

    DEFAULT_CSS = """
    FilterLine {
        height: 1;
        & > #filter-sign { width: 2; color: $text-accent; text-style: bold; }
        & > Input { width: 1fr; height: 1; border: none; padding: 0; background: $surface; }
        & > Input:focus { border: none; }
        & > #filter-count { width: auto; padding: 0 1; color: $text-muted; }
    }
    """

    @dataclass
    class Changed(Message):
        """Another text is typed; "" lists everything."""

        text: str

    @dataclass
    class Closed(Message):
        """The user is done with it."""

    def __init__(self, text: str = "", placeholder: str = "name or class") -> None:
        super().__init__()
        self._text = text
        self._placeholder = placeholder

    def compose(self) -> ComposeResult:
        """Sign, input, count."""
        yield Static("/", id="filter-sign")
        yield Input(self._text, placeholder=self._placeholder, select_on_focus=False)
        yield Static("", id="filter-count", markup=False)

    def on_mount(self) -> None:
        """Let the user type at once."""
        self.query_one(Input).focus()

    def tell(self, words: str) -> None:
        """Say how much is listed."""
        self.query_one("#filter-count", Static).update(words)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow down to what is typed."""
        event.stop()
        self.post_message(self.Changed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Stay with it."""
        event.stop()
        self.action_close(True)

    def action_close(self, accepted: bool) -> None:
        """Leave; without the text unless it was accepted."""
        if not accepted:
            self.post_message(self.Changed(""))
        self.post_message(self.Closed())
        self.remove()

"""A line to type what is sought; it is there only while somebody does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.highlighter import Highlighter
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static


class FindLine(Horizontal):
    """Opens with `open`; closes itself when Enter or Escape is pressed, or the focus goes.

    Args:
        hint: shown while nothing is typed.
        highlighter: draws what is typed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Give up", id="find.cancel", tooltip="Leave without looking"),
    ]

    DEFAULT_CSS = """
    FindLine {
        display: none;
        height: 1;
        padding: 0 1;
        Static { width: 2; color: $text-accent; text-style: bold; }
        Input, Input:focus {
            width: 1fr; height: 1; border: none; padding: 0; background: $surface;
        }
    }
    """

    @dataclass
    class Submitted(Message):
        """Enter was pressed; the line is closed."""

        text: str

    def __init__(
        self, hint: str, highlighter: Highlighter | None = None, *, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._hint, self._highlighter = hint, highlighter
        self._before: Widget | None = None

    def compose(self) -> ComposeResult:
        """Sign and input."""
        yield Static("/", markup=False)
        yield Input(placeholder=self._hint, highlighter=self._highlighter)

    def open(self) -> None:
        """Let somebody type, from nothing."""
        field = self.query_one(Input)
        self._before = self.screen.focused
        field.value = ""
        self.display = True
        field.focus()

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_close()
        self.post_message(self.Submitted(event.value.strip()))

    @on(Input.Blurred)
    def action_close(self) -> None:
        """Close the line; whoever had the focus before gets it back."""
        had_focus, before = self.query_one(Input).has_focus, self._before
        self.display, self._before = False, None
        if had_focus and before is not None:
            before.focus()

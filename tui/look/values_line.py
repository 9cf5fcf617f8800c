"""The line in which a place or an order of axes is typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from ..dialogs.base import SafeInput

_SIGNS = {"place": "go to", "order": "permute"}


class ValuesLine(Horizontal):
    """Hidden until it is opened; posts `Typed` and is closed by the view if that made sense."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Cancel", id="values.cancel-line", tooltip="Type nothing"),
    ]

    DEFAULT_CSS = """
    ValuesLine {
        height: 1; padding: 0 1; display: none;
        & > Static { width: auto; color: $text-accent; text-style: bold; }
        & > Input { width: 1fr; }
    }
    """

    what = ""
    """What is typed: a ``place`` or an ``order``."""

    @dataclass
    class Typed(Message):
        """Something was typed, or (None) the line was closed."""

        line: ValuesLine
        text: str | None

        @property
        def control(self) -> ValuesLine:
            """The line."""
            return self.line

    def compose(self) -> ComposeResult:
        """Lay out the sign and the input."""
        yield Static(markup=False)
        yield Input(highlighter=SafeInput(), compact=True)

    def open(self, what: str, text: str, example: str) -> None:
        """Have a ``place`` or an ``order`` typed; `text` is there already."""
        self.what = what
        self.query_one(Static).update(f"{_SIGNS[what]} › ")
        line = self.query_one(Input)
        line.value, line.placeholder = text, example
        line.cursor_position = len(text)
        self.display = True
        line.focus()

    def action_close(self) -> None:
        """Close it without having typed anything."""
        self.display = False
        self.post_message(self.Typed(self, None).set_sender(self))

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Hand on what was typed."""
        message.stop()
        self.post_message(self.Typed(self, message.value).set_sender(self))

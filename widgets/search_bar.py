"""The search line: finds layers by name or class as the user types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from kerastui.edits import find_layers
from kerastui.model import Model


class SearchBar(Horizontal):
    """One line with an input and a count; it removes itself when it is done.

    Args:
        model: where to search.
        start: index of the layer to come back to when the search is given up.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close(False)", "Give up", id="search.cancel",
                tooltip="Leave the search and go back to where it began"),
        Binding("down,ctrl+n", "step(1)", "Next", id="search.next", tooltip="Next match"),
        Binding("up,ctrl+p", "step(-1)", "Previous", id="search.previous", priority=True,
                tooltip="Previous match"),
    ]  # fmt: skip

    DEFAULT_CSS = """
    SearchBar {
        height: 1;
        & > #search-sign { width: 2; color: $text-accent; text-style: bold; }
        & > Input { width: 1fr; height: 1; border: none; padding: 0; background: $surface; }
        & > Input:focus { border: none; }
        & > #search-count { width: auto; padding: 0 1; color: $text-muted; }
    }
    """

    @dataclass
    class Found(Message):
        """What the text finds: the layer to go to first, then the other matches."""

        indices: tuple[int, ...]
        start: int

    @dataclass
    class Closed(Message):
        """The search is over; `accepted` if the user wants to stay where it led."""

        accepted: bool
        start: int

    def __init__(self, model: Model, start: int) -> None:
        super().__init__()
        self._model = model
        self._start = start
        self._found: tuple[int, ...] = ()
        self._at = 0

    def compose(self) -> ComposeResult:
        """Sign, input, count."""
        yield Static("/", id="search-sign")
        yield Input(placeholder="name or class", select_on_focus=False)
        yield Static("", id="search-count", markup=False)

    def on_mount(self) -> None:
        """Let the user type at once."""
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search for what stands there now; nearest match at or after the start first."""
        event.stop()
        found = find_layers(self._model, event.value)
        after = [k for k, i in enumerate(found) if i >= self._start]
        self._found = found
        self._at = 0 if not after or found[0] >= self._start else after[0]
        self._tell()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Stay at the match."""
        event.stop()
        self.action_close(True)

    def action_step(self, step: int) -> None:
        """Go to the next or previous match while typing."""
        if self._found:
            self._at = (self._at + step) % len(self._found)
            self._tell()

    def action_close(self, accepted: bool) -> None:
        """End the search."""
        self.post_message(self.Closed(accepted, self._start))
        self.remove()

    def _tell(self) -> None:
        found, text = self._found, self.query_one(Input).value
        count = f"{self._at + 1} of {len(found):,}" if found else ("no match" if text else "")
        self.query_one("#search-count", Static).update(count)
        self.post_message(self.Found(found[self._at :] + found[: self._at], self._start))

"""The line of the file picker that everything is typed into."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from .dialogs.base import SafeInput


class FilterInput(Input):
    """Filters the list; while nothing is typed, some keys move among folders instead."""

    BINDING_GROUP_TITLE = "Filter"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Open", id="picker.open", tooltip="Open the file or the folder"),
    ]

    class Shortcut(Message):
        """A key that means something else while the line is empty."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    _WHEN_EMPTY: ClassVar[dict[str, str]] = {
        "backspace": "up_folder", "left": "up_folder", "right": "enter_folder",
        "home": "edge(-1)", "end": "edge(1)", "slash": "path('/')", "tilde": "home",
        "question_mark": "keys",
    }  # fmt: skip

    def __init__(self, *, id: str) -> None:
        super().__init__(
            placeholder="type to filter   ← folder up   ~ home   / or ^l type a path",
            highlighter=SafeInput(),
            compact=True,
            id=id,
        )

    def on_key(self, event: events.Key) -> None:
        """Turn keys typed into an empty line into what they mean there."""
        action = "" if self.value else self._WHEN_EMPTY.get(event.key, "")
        if action:
            event.prevent_default().stop()
            self.post_message(self.Shortcut(action))

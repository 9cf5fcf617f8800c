"""A short list above an input, to choose from while typing goes on: it never has the focus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from kerastui.model import safe_text

MAX_OFFERS = 200
_SHOWN = 200
"""Characters of an offer that are shown."""


class OfferList(OptionList, can_focus=False):
    """Texts to choose from, each with a word on what it is; hidden while there are none.

    Whoever has the focus moves the highlight with `move` and asks for `current`.
    """

    DEFAULT_CSS = """
    OfferList {
        height: auto; max-height: 50%; border: none; padding: 0 1; background: $panel;
        text-wrap: nowrap; text-overflow: ellipsis;
        display: none; scrollbar-size-vertical: 1;
    }
    """

    @dataclass
    class Clicked(Message):
        """An offer was chosen with the mouse."""

        text: str

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._texts: list[str] = []

    def offer(self, offers: Sequence[tuple[str, str]]) -> None:
        """Show texts, each with its kind, the first one highlighted; none hides the list."""
        shown = offers[:MAX_OFFERS]
        self._texts = [text for text, _ in shown]
        names = [safe_text(text.replace("\n", " ⏎ "), _SHOWN) for text in self._texts]
        width = min(40, max((len(name) for name in names), default=0)) + 2
        self.set_options(
            Option(Content.assemble(name.ljust(width), (safe_text(kind, 40), "dim")))
            for name, (_, kind) in zip(names, shown, strict=True)
        )
        self.display = bool(self._texts)
        self.highlighted = 0 if self._texts else None

    def move(self, step: int) -> None:
        """Move the highlight, round the end."""
        if self._texts:
            self.highlighted = ((self.highlighted or 0) + step) % len(self._texts)

    @property
    def is_open(self) -> bool:
        """Whether there is something to choose from."""
        return bool(self._texts)

    @property
    def current(self) -> str | None:
        """The highlighted text."""
        return self._texts[self.highlighted or 0] if self._texts else None

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """Say what was clicked."""
        message.stop()
        self.post_message(self.Clicked(self._texts[message.option_index]))

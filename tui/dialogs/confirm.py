"""A question with a few answers, and its kin that only tells what went wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual import events, on
from textual.widget import Widget
from textual.widgets import Static

from kerastui.errors import KerastuiError

from .base import Dialog, paragraphs
from .choices import Choice, ChoiceRow

SAVE_BEFORE_QUIT = (
    Choice("save", "Save", "primary", "Write the changes to the file, then go on"),
    Choice("discard", "Discard", "error", "Go on; the changes are lost, the file stays as it is"),
    Choice("stay", "Stay", hint="Back to the model"),
)
"""For quitting, or opening another file, with changes that are not saved."""

FILE_CHANGED = (
    Choice("save-as", "Save as…", "primary", "Write your version to another file"),
    Choice("overwrite", "Overwrite", "error", "Replace what somebody else wrote by your version"),
    Choice("cancel", "Cancel", hint="Write nothing for now"),
)
"""For a file that is not the one that was opened any more."""


class ConfirmDialog(Dialog[str]):
    """Asks; dismissed with the id of the chosen `Choice`, or None for Esc.

    The first choice has the focus, so put first what destroys nothing.

    Args:
        title: on the border.
        message: the question; may have several lines and quote text from a file.
        choices: the answers, from left to right; pairs of id and label will do.
        keys: on the border below, what keys do, where that must not be mistaken.
    """

    def __init__(
        self, title: str, message: str, choices: Sequence[Choice | tuple[str, str]], keys: str = ""
    ) -> None:
        super().__init__()
        self.heading = title
        self._message = message
        self._keys = keys
        self._choices = tuple(c if isinstance(c, Choice) else Choice(*c) for c in choices)

    def compose_body(self) -> Iterable[Widget]:
        """Yield the question and the buttons."""
        yield Static(paragraphs(self._message), classes="dialog--message")
        yield ChoiceRow(self._choices)

    def on_mount(self) -> None:
        """Say on the border what keys do."""
        if self._keys:
            self.query_one("DialogBox").border_subtitle = self._keys

    def on_key(self, event: events.Key) -> None:
        """Take letters as hot keys."""
        choice = self.query_one(ChoiceRow).by_hot_key(event.character)
        if choice is not None:
            event.stop()
            self.dismiss(choice.id)

    @on(ChoiceRow.Chosen)
    def choose(self, event: ChoiceRow.Chosen) -> None:
        """Leave with the answer."""
        event.stop()
        self.dismiss(event.choice.id)


class ErrorDialog(ConfirmDialog):
    """Tells what went wrong and what to do, in a sentence."""

    DEFAULT_CSS = """
    ErrorDialog DialogBox {
        border: round $error;
        border-title-color: $text-error;
    }
    """

    def __init__(self, title: str, sentence: str) -> None:
        super().__init__(f"✗ {title}", sentence, (Choice("close", "Close"),))

    @classmethod
    def of(cls, error: KerastuiError) -> ErrorDialog:
        """Return the dialog for an error: its title and its sentence."""
        return cls(error.title, str(error))

"""Asking for a file with the names of an embedding's rows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from textual import on
from textual.widget import Widget
from textual.widgets import Static

from kerastui.model.figures import plural

from ..paths import absolute
from .base import Dialog
from .choices import Choice, ChoiceRow
from .completion import expand
from .path_field import PathField


class VocabularyDialog(Dialog[str]):
    """Asks for a text file with one token a line; dismissed with its path, "" for none.

    Args:
        points: how many tokens there should be.
        folder: where relative paths start.
        start: the file that is in use.
    """

    heading = "Names of the points"

    def __init__(self, points: int, folder: Path, start: str = "") -> None:
        super().__init__()
        self._points, self._base, self._start = points, folder, start

    def compose_body(self) -> Iterable[Widget]:
        """Yield what is wanted, the path field and the buttons."""
        yield Static(
            f"A text file with one token a line: line 1 names point 0, and so on for "
            f"{plural(self._points, 'point')}. Leave it empty for numbers.",
            classes="dialog--message",
            markup=False,
        )
        yield PathField(self._start, self._base, id="path")
        yield ChoiceRow((Choice("use", "Use", "primary"), Choice("cancel", "Cancel")))

    def on_mount(self) -> None:
        """Begin to type at once."""
        self.query_one("DialogBox").border_subtitle = "tab complete · enter use · esc cancel"
        self.query_one(PathField).input.focus()

    def on_resize(self) -> None:
        """Show fewer completions where there is little room."""
        self.query_one(PathField).set_rows(max(0, min(5, self.size.height - 12)))

    @on(PathField.Submitted)
    def use(self) -> None:
        """Leave with what is typed."""
        text = self.query_one(PathField).value.strip()
        try:
            self.dismiss(str(absolute(expand(text, self._base))) if text else "")
        except ValueError as error:
            self.query_one(PathField).set_note(f"This is not a path: {error}.", "problem")

    @on(ChoiceRow.Chosen)
    def choose(self, event: ChoiceRow.Chosen) -> None:
        """Do what the button says."""
        if event.choice.id == "use":
            self.use()
        else:
            self.dismiss(None)

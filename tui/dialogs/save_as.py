"""Asking for the file to save to."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets.input import Selection

from kerastui.model import Destination, Format

from ..background import NewestFirst, post
from ..paths import absolute, path_text
from .base import Dialog
from .choices import Choice, ChoiceRow
from .confirm import ConfirmDialog
from .path_field import PathField
from .target import Target, look_at

OVERWRITE = (
    Choice("keep", "Keep the old file", "primary", "Save nothing yet; type another name"),
    Choice("overwrite", "Overwrite", "error", "Replace the existing file"),
)
_OVERWRITE_HINT = "enter keeps the old file · o overwrites"


class SaveAsDialog(Dialog[Destination]):
    """Asks where to save; dismissed with a `Destination`, its path absolute, or None.

    Whoever gets it still has to expect that saving fails: the disk may change between the
    check here and the save.

    Args:
        path: what is offered first: the file that is open.
        file_format: of the file, to warn of a name that misleads Keras.
    """

    BINDING_GROUP_TITLE = "Save as"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "submit", "Save", id="save-as.save", show=False),
    ]

    DEFAULT_CSS = """
    SaveAsDialog {
        .path--note { min-height: 2; }
        &.-short ChoiceRow, &.-tiny ChoiceRow { margin-top: 0; }
        &.-tiny .path--note { min-height: 1; }
    }
    """

    heading = "Save as"

    @dataclass
    class Looked(Message):
        """The thread has looked at the target."""

        target: Target

        def can_replace(self, message: Message) -> bool:
            """Only the newest answer counts."""
            return isinstance(message, SaveAsDialog.Looked)

    def __init__(self, path: Path | str, file_format: Format | None = None) -> None:
        super().__init__()
        self._start = str(absolute(path))
        self._base = Path(self._start).parent
        self._format: Format | None = file_format
        self._submitted = ""
        self._looker = NewestFirst[str]("look at target", self._look)

    def compose_body(self) -> Iterable[Widget]:
        """Yield the path field, what there is to say about it, and buttons."""
        yield PathField(self._start, self._base, id="path")
        yield ChoiceRow((Choice("save", "Save", "primary"), Choice("cancel", "Cancel")))

    def on_mount(self) -> None:
        """Select the name without its extension: typing replaces it."""
        self.query_one("DialogBox").border_subtitle = "tab complete · enter save · esc cancel"
        field = self.query_one(PathField)
        field.input.focus()
        begin = len(self._start) - len(os.path.basename(self._start))  # noqa: PTH119
        name = self._start[begin:]
        stem = name.removesuffix(".weights.h5")
        stem = stem if stem != name else os.path.splitext(name)[0]  # noqa: PTH122
        field.input.selection = Selection(begin, begin + len(stem))
        self._looker.ask(self._start)

    def on_resize(self) -> None:
        """Show fewer options where there is little room."""
        rows = max(0, min(5, self.size.height - 9))
        self.query_one(PathField).set_rows(rows)

    @on(PathField.Changed)
    def path_changed(self, event: PathField.Changed) -> None:
        """Look at the new target."""
        self._submitted = ""
        self._looker.ask(event.value)

    def _look(self, text: str) -> None:
        post(self, self.Looked(look_at(text, self._base, self._format)))

    def on_save_as_dialog_looked(self, message: Looked) -> None:
        """Show what there is to say, and go on if Enter was pressed already."""
        target = message.target
        if target.text != self.query_one(PathField).value:
            return
        tone = "problem" if target.problem else "warning" if target.warning else ""
        text = target.problem or target.warning or "A new file."
        self.query_one(PathField).set_note(text, tone)
        if self._submitted == target.text:
            self._submitted = ""
            self._accept(target)

    @on(PathField.Submitted)
    def action_submit(self) -> None:
        """Save to what is typed, as soon as it has been looked at anew."""
        self._submitted = self.query_one(PathField).value
        self._looker.ask(self._submitted)

    @on(ChoiceRow.Chosen)
    def choose(self, event: ChoiceRow.Chosen) -> None:
        """Do what the button says."""
        if event.choice.id == "save":
            self.action_submit()
        else:
            self.dismiss(None)

    def _accept(self, target: Target) -> None:
        if self.app.screen is not self:  # the question is being asked already
            return
        if target.path is None or target.problem:
            self.app.bell()
            if target.is_folder:
                self.query_one(PathField).enter_folder()
            return
        if target.there is None:
            self.dismiss(target.destination)
            return
        question = ConfirmDialog(
            "Overwrite?", self._question(target, target.path), OVERWRITE, _OVERWRITE_HINT
        )
        self.app.push_screen(question, lambda answer: self._answered(answer, target))

    def _question(self, target: Target, path: Path) -> str:
        """Return what is asked before a file is replaced."""
        if self._start == str(path):
            return f"{path_text(path.name)} is the file that is open. Save over it?"
        return f"{target.warning}\nReplace it? What is in it now will be gone."

    def _answered(self, answer: str | None, target: Target) -> None:
        if answer == "overwrite":
            self.dismiss(target.destination)
        else:
            self.query_one(PathField).set_note(
                "Nothing is saved yet: the old file is as it was. Type another name.", "warning"
            )

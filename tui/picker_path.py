"""The line of the file picker in which a path is typed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from textual import on
from textual.message import Message

from .background import NewestFirst, post
from .dialogs.completion import expand
from .dialogs.path_field import PathField
from .paths import absolute, path_text


class PathLine(PathField):
    """A path field that looks what the path is when Enter is pressed, on a thread."""

    @dataclass
    class Chosen(Message):
        """The path exists."""

        path: Path
        is_folder: bool

    @dataclass
    class Refused(Message):
        """The path does not exist, or cannot be reached: a sentence."""

        problem: str

    def __init__(self, *, id: str) -> None:
        super().__init__("", Path(), id=id)
        self._looker = NewestFirst[str]("look at path", self._look_at)

    def begin(self, folder: Path, text: str) -> None:
        """Let the user type, from `text` or else the folder; relative paths start there."""
        self.base = folder
        self.set_value(text or os.path.join(folder, ""))  # noqa: PTH118
        self.set_note("Enter opens a file or lists a folder, Tab completes, Esc goes back.")
        self.input.focus()

    def on_unmount(self) -> None:
        """Let the thread end."""
        self._looker.close()

    @on(PathField.Submitted)
    def path_submitted(self, event: PathField.Submitted) -> None:
        """Look what the path is."""
        event.stop()
        self._looker.ask(event.value)

    def _look_at(self, text: str) -> None:
        try:
            path = absolute(expand(text.strip(), self.base))
            path.stat()
            post(self, self.Chosen(path, path.is_dir()))
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is not a path"
            post(self, self.Refused(f"{path_text(text)} cannot be opened: {reason}."))

    def on_path_line_refused(self, message: Refused) -> None:
        """Say why not."""
        message.stop()
        self.set_note(message.problem, "problem")

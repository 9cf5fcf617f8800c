"""An input for a Python file or an importable module, completed as one types."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..background import post
from .path_field import PathField
from .source_completion import complete_source


class FormPathField(PathField):
    """A path field among other fields: Tab goes on where there is nothing to complete."""

    def action_complete(self) -> None:
        """Complete as a shell does; when nothing is left to complete, go to the next field."""
        known = self._completion.text == self.value
        if not self.value or (known and self._completion.options in ((), (self.value,))):
            self._tab_waits = False
            self.screen.focus_next()
        else:
            super().action_complete()


class SourceField(FormPathField):
    """Completes Python files, and modules in `folders`.

    Args:
        base: the working directory, where relative paths and modules start.
        folders: other places of importable modules.
        rows: how many options to show.
    """

    def __init__(
        self, base: Path, folders: Sequence[Path] = (), *, rows: int = 3, id: str | None = None
    ) -> None:
        super().__init__("", base, rows=rows, id=id)
        self._folders = tuple(folders)

    def _complete(self, text: str) -> None:
        post(self, self.Completed(complete_source(text, self.base, self._folders)))

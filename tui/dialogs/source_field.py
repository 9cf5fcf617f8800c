"""An input for a Python file or an importable module, completed as one types."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..background import post
from .path_field import PathField
from .source_completion import complete_source


class FormPathField(PathField):
    """A path field among other fields: Tab and Down go on where there is nothing to complete."""

    @property
    def _is_complete(self) -> bool:
        known = self._completion.text == self.value
        return known and self._completion.options in ((), (self.value,))

    def action_complete(self) -> None:
        """Complete as a shell does; when nothing is left to complete, go to the next field."""
        if not self.value or self._is_complete:
            self._tab_waits = False
            self.screen.focus_next()
        else:
            super().action_complete()

    def action_step(self, by: int) -> None:
        """Highlight the next option; below the last line of all is the next field."""
        if by > 0 and self._is_complete:
            self.screen.focus_next()
        else:
            super().action_step(by)


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

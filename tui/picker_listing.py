"""What the file picker knows, and the rows that this makes: plain data, no screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from kerastui.model import figures

from .paths import path_text
from .picker_scan import Entry, Sort, arrange, matching

RECENTS_SHOWN = 5
"""Recent files shown as long as nothing is typed."""


@dataclass(frozen=True)
class Detail:
    """What looking into a file told: `problem` is a sentence, if it cannot be read."""

    format: str = ""
    keras_version: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Row:
    """A line of the list."""

    kind: Literal["heading", "up", "entry", "text"]
    text: str = ""
    entry: Entry | None = None
    recent: bool = False
    """Shown with its folder, as it may lie anywhere."""

    @property
    def selectable(self) -> bool:
        """Whether the cursor may rest on it."""
        return self.kind in ("up", "entry")

    @property
    def key(self) -> tuple[bool, Path | None]:
        """What stays the same when the list is sorted or grows."""
        return (self.recent, self.entry.path if self.entry else None)


@dataclass
class Listing:
    """Everything that is drawn, replaced as a whole."""

    rows: list[Row] = field(default_factory=list[Row])
    details: Mapping[Path, Detail] = field(default_factory=dict[Path, Detail])
    sort: Sort = "name"
    filtered: bool = False
    """Whether something is typed: then the first that matches is meant, file or folder."""


@dataclass
class Finds:
    """A folder's entries as far as they are known, the recent files, and how to show them."""

    folder: Path
    start: Path
    """The folder that the picker began with: recent files are shown there."""
    sort: Sort = "name"
    text: str = ""
    """What is typed."""
    scanning: bool = True
    problem: str = ""
    entries: list[Entry] = field(default_factory=list[Entry])
    recents: list[Entry] = field(default_factory=list[Entry])
    details: dict[Path, Detail] = field(default_factory=dict[Path, Detail])

    def go(self, folder: Path) -> None:
        """Begin with another folder."""
        self.folder = folder
        self.text = ""
        self.entries = []
        self.scanning = True
        self.problem = ""

    def listing(self) -> Listing:
        """Return the rows for all of this."""
        rows = [*self._recent_rows(), *self._folder_rows()]
        return Listing(rows, self.details, self.sort, bool(self.text))

    def _recent_rows(self) -> list[Row]:
        found = matching(self.recents, self.text, whole_path=True)
        if self.folder != self.start or not found:
            return []
        shown = found if self.text else found[:RECENTS_SHOWN]
        rows = [Row("entry", entry=entry, recent=True) for entry in shown]
        return [Row("heading", "Recent files"), *rows, Row("text")]

    def _folder_rows(self) -> list[Row]:
        found = arrange(matching(self.entries, self.text), self.sort)
        rows = [Row("heading", path_text(self.folder))]
        if not self.text and self.folder.parent != self.folder:
            rows.append(Row("up"))
        rows += [Row("entry", entry=entry) for entry in found]
        if not any(not entry.is_folder for entry in found):
            rows += [Row("text", f"  {line}" if line else "") for line in self._why_empty()]
        return rows

    def _why_empty(self) -> list[str]:
        if self.problem:
            return ["", self.problem]
        if self.scanning:
            return ["", "Looking for model files …"]
        if self.text:
            return ["", "Nothing here matches what is typed. Esc clears it."]
        hint = "Press ~ for the home folder, ← for the folder above, or / to type a path."
        lines = ["", f"No Keras model files in {path_text(self.folder)}.", hint]
        return lines if self.recents else [*lines, "There are no recent files yet."]

    def summary(self) -> str:
        """Say in a few words what was found in the folder."""
        files = sum(1 for entry in self.entries if not entry.is_folder)
        text = figures.plural(files, "model file")
        return f"{text} so far …" if self.scanning else text

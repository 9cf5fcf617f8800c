"""Looking for the journals that earlier kerastuis left of a model file, off the screen's thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from kerastui.edits import Change, Document, SetWeight
from kerastui.errors import BadEdit, JournalDamaged
from kerastui.journal.folder import Folder, left_behind, sweep
from kerastui.journal.recall import Recalled, is_saved, read, redo, same_file
from kerastui.model import Model, safe_text

from .paths import path_text
from .recent import state_file


def journals_folder() -> Path:
    """Return where all journals are (it need not exist)."""
    return state_file().with_name("journals")


@dataclass(frozen=True)
class Leftover:
    """Edits that were never saved, in a folder that this process has locked."""

    folder: Folder
    name: str
    """Of the model file."""
    when: float
    """When the last of them was made, in seconds since the epoch."""
    titles: tuple[str, ...]
    """Of the steps."""
    document: Document | None
    """With all of them done again; None if they do not fit the file."""
    notes: tuple[str, ...]
    """Sentences on what is otherwise than it was."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """What differs from the file, as far as they fit."""
        return self.document.changes if self.document is not None else ()


@dataclass
class Found:
    """What there is, the newest first, and what is wrong with the rest."""

    leftovers: list[Leftover] = field(default_factory=list[Leftover])
    troubles: list[str] = field(default_factory=list[str])

    def release(self) -> None:
        """Leave all of them for another time."""
        for leftover in self.leftovers:
            leftover.folder.release()


def look_for(root: Path, model: Model) -> Found:
    """Lock and read what was left of the model's file. Never raises for what it finds."""
    found = Found()
    sweep(root)
    for folder in left_behind(root, model.file.path):
        try:
            recalled = read(folder.path)
        except JournalDamaged as error:
            aside = path_text(folder.set_aside(), 300)
            found.troubles.append(
                f"Unsaved edits of an earlier kerastui cannot be taken up, because {error}; "
                f"they were put aside in {aside}."
            )
        except OSError as error:
            folder.release()
            found.troubles.append(
                "Unsaved edits of an earlier kerastui cannot be read "
                f"({error.strerror or error}): {path_text(folder.path, 300)}."
            )
        else:
            _add(found, folder, recalled, model)
    return found


def _add(found: Found, folder: Folder, recalled: Recalled | None, model: Model) -> None:
    leftover = recalled and _leftover(folder, recalled, model)
    if leftover:
        found.leftovers.append(leftover)
    else:
        folder.remove()


def _leftover(folder: Folder, recalled: Recalled, model: Model) -> Leftover | None:
    """Return what is offered; None if nothing would differ from the file."""
    if is_saved(recalled, model):
        return None
    notes: list[str] = []
    document, lost = None, ()
    same = same_file(recalled.file, model.file)
    try:
        document, lost = redo(recalled, model)
    except BadEdit as error:
        notes.append(
            f"The file is another one than then, and they do not fit it: {error} "
            "`kerastui show --edits` prints them."
        )
    else:
        if not document.changed and not lost:
            return None
        if not same:
            notes.append(
                "The file was changed since then. They still fit its layers, but look whether "
                "they still mean what they did."
            )
    if lost:
        notes.append(f"New values are gone and left out: {_names(lost)}.")
    titles = tuple(entry.title for entry in recalled.done)
    name = Path(model.file.path).name
    return Leftover(folder, name, recalled.when, titles, document, tuple(notes))


def _names(lost: tuple[SetWeight, ...]) -> str:
    names = [safe_text(f"{edit.path}/{edit.name}", 80) for edit in lost]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def date_text(when: float) -> str:
    """Return a time, in seconds since the epoch, in the user's zone, as people write it."""
    moment = datetime.fromtimestamp(when)
    return f"{moment.day} {moment:%B %Y} at {moment:%H:%M}"

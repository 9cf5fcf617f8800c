"""Reading a journal back into steps, and doing them again."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from ..edits import Document, SetWeight
from ..edits.changes import Edit
from ..edits.codec import edits_from_fields, parse
from ..errors import BadEdit, JournalDamaged
from ..model import FileIdentity, Model, safe_text
from .folder import JOURNAL
from .lines import MARK, VERSION, fingerprint, text_of
from .values import split_lost, with_files

MAX_BYTES = 256 << 20


@dataclass(frozen=True)
class Entry:
    """A step: its title and its edits."""

    title: str
    edits: tuple[Edit, ...]


@dataclass
class Recalled:
    """What a journal says."""

    file: FileIdentity
    """The model file as it was when the first of the steps was done."""
    when: float
    """When the last step was written, in seconds since the epoch."""
    done: list[Entry] = field(default_factory=list[Entry])
    undone: list[Entry] = field(default_factory=list[Entry])
    """The one that was undone last comes last."""
    saving: str = ""
    """What the file was about to be written as (`lines.fingerprint`), if nothing came after."""

    @property
    def edits(self) -> tuple[Edit, ...]:
        """All edits that count, in order."""
        return tuple(edit for entry in self.done for edit in entry.edits)


def read(folder: Path) -> Recalled | None:
    """Return what the journal in `folder` says; None if nothing was written.

    What a crash left half written at its end is passed over: that is less than a step.
    Raises JournalDamaged for anything else that is not as it was written, OSError.
    """
    path = folder / JOURNAL
    with path.open("rb") as stream:
        data = stream.read(MAX_BYTES + 1)
        when = os.fstat(stream.fileno()).st_mtime
    if len(data) > MAX_BYTES:
        raise _damaged("it is too long")
    texts = [text_of(line) for line in data.split(b"\n")[:-1]]
    if not texts:
        return None
    records = [_record(text, number) for number, text in enumerate(texts, 1)]
    recalled = Recalled(_identity(records[0]), when)
    kept: dict[str, str] = {}
    for number, record in enumerate(records[1:], 2):
        try:
            _take(recalled, record, kept, folder)
        except BadEdit as error:
            raise JournalDamaged(str(error)) from None
        except (KeyError, TypeError, ValueError, IndexError):
            raise _damaged(f"line {number} is no step") from None
    for entries in (recalled.done, recalled.undone):
        entries[:] = [Entry(e.title, with_files(e.edits, kept)) for e in entries]
    return recalled


def redo(recalled: Recalled, model: Model) -> tuple[Document, tuple[SetWeight, ...]]:
    """Return a document in which all steps are done (or undone) again, and what is lost.

    Lost are new values of weights that lay in a temporary file and could not be kept. Raises
    BadEdit when a step does not fit `model`, which then is not what it was for.
    """
    document = Document(model)
    lost: list[SetWeight] = []
    for entry in (*recalled.done, *reversed(recalled.undone)):
        edits, gone = split_lost(entry.edits)
        lost += gone
        document.apply(*edits, title=entry.title)
    # Steps that were lost altogether are none.
    back = sum(bool(split_lost(entry.edits)[0]) for entry in recalled.undone)
    for _ in range(back):
        document.undo()
    return document, tuple(lost)


def is_saved(recalled: Recalled, model: Model) -> bool:
    """Whether the file that `model` describes was written with the steps in it.

    So it is when a program is ended between putting the file in place and removing its journal.
    """
    replaced = not same_file(recalled.file, model.file)
    return replaced and bool(recalled.saving) and recalled.saving == fingerprint(model)


def same_file(one: FileIdentity, other: FileIdentity) -> bool:
    """Whether both say the same of a file on disk, by whatever name."""
    return _marks(one) == _marks(other)


def _marks(file: FileIdentity) -> tuple[int, int, int, int]:
    return file.state


def _record(text: bytes | None, number: int) -> Mapping[str, Any]:
    if text is None:
        raise _damaged(f"line {number} has another checksum")
    try:
        value = parse(text, "it")
    except BadEdit:
        raise _damaged(f"line {number} is no JSON") from None
    if not isinstance(value, dict):
        raise _damaged(f"line {number} is no step")
    return cast("dict[str, Any]", value)


def _identity(record: Mapping[str, Any]) -> FileIdentity:
    version = record.get(MARK)
    if version is None:
        raise _damaged("its first line is missing")
    if version != VERSION:
        raise JournalDamaged(
            f"it is of version {safe_text(version, 20)}, and this kerastui reads version {VERSION}"
        )
    try:
        file = record["file"]
        numbers = [file[name] for name in ("size", "mtime_ns", "inode", "device")]
        if not isinstance(file["path"], str) or any(type(n) is not int for n in numbers):
            raise TypeError
    except (KeyError, TypeError):
        raise _damaged("it does not say which file it is for") from None
    return FileIdentity(file["path"], *numbers)


def _take(
    recalled: Recalled, record: Mapping[str, Any], kept: dict[str, str], folder: Path
) -> None:
    """Take one record. Raises BadEdit, and KeyError and its like for what is none."""
    done, undone = recalled.done, recalled.undone
    what = record["do"]
    recalled.saving = str(record["as"]) if what == "saving" else ""
    if what in ("apply", "state"):
        edits = edits_from_fields(list(record["edits"]), "it", str(folder))
        if what == "state":
            done.clear()
        done.append(Entry(str(record["title"]), edits))
        undone.clear()
    elif what == "undo":
        undone.append(done.pop())
    elif what == "redo":
        done.append(undone.pop())
    elif what == "kept":
        kept[str(record["file"])] = os.path.join(folder, str(record["as"]))  # noqa: PTH118
    elif what != "saving":
        raise ValueError(what)


def _damaged(why: str) -> JournalDamaged:
    return JournalDamaged(f"it is damaged: {why}")

"""Which files a model can be compared with. Blocking (it reads folders): for a thread."""

from __future__ import annotations

import glob
import os
import re
import shlex
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..paths import absolute, path_text
from ..picker_scan import NAMES, natural
from .completion import MAX_READ, expand

MAX_LISTED = 200
"""Files that are offered."""


@dataclass(frozen=True)
class Candidate:
    """A file that is offered."""

    path: str
    label: str
    """Its name, or its path if it lies elsewhere; safe to show."""
    is_alike: bool = False
    """Its name differs from the open file's in numbers only."""


@dataclass(frozen=True)
class Others:
    """What was typed and marked, looked at."""

    text: str
    marked: tuple[str, ...]
    files: tuple[tuple[str, float], ...] = ()
    """Paths of other files, each once, with the time at which it was written."""
    problem: str = ""
    """Why there is nothing to compare with, a sentence."""
    is_folder: bool = False
    """What was typed is a folder."""


def candidates(own: Path, recent: Iterable[Path]) -> tuple[Candidate, ...]:
    """Return model files beside `own`, checkpoints of the same run first, then recent ones."""
    found: list[str] = []
    try:
        with os.scandir(own.parent) as entries:
            for number, entry in enumerate(entries):
                if number >= MAX_READ:
                    break
                if entry.name.casefold().endswith(NAMES) and entry.name != own.name:
                    found.append(entry.name)
    except OSError:
        found = []
    like = _pattern(own.name)
    found.sort(key=lambda name: (_pattern(name) != like, natural(name)))
    beside = [
        Candidate(str(own.parent / name), path_text(name), _pattern(name) == like) for name in found
    ]
    elsewhere = [
        Candidate(str(path), path_text(path)) for path in recent if path.parent != own.parent
    ]
    return (*beside[:MAX_LISTED], *elsewhere)


def _pattern(name: str) -> str:
    """Return a name without its numbers: the same for the checkpoints of one run."""
    return re.sub(r"\d+([.]\d+)?", "#", name)


def look_for(text: str, marked: Sequence[str], own: Path, base: Path) -> Others:
    """Return the files that are typed (one, several, or by a pattern) or marked. Never raises."""
    asked = Others(text, tuple(marked))
    try:
        typed = _typed(text.strip(), base)
    except ValueError as error:
        return _with(asked, f"This is not a path: {error}.")
    files: dict[str, float] = {}
    for path in (*typed, *(Path(path) for path in marked)):
        try:
            info = path.stat()
        except OSError as error:
            reason = "there is no such file" if isinstance(error, FileNotFoundError) else (
                error.strerror or str(error)
            )  # fmt: skip
            return _with(asked, f"{path_text(path)}: {reason}.")
        if stat.S_ISDIR(info.st_mode) and not (path / "saved_model.pb").is_file():
            why = f"{path_text(path)} is a folder: type a file, or a pattern for many."
            return Others(text, asked.marked, problem=why, is_folder=True)
        if not _is_same(path, own):
            files[str(path)] = info.st_mtime
        elif len(typed) + len(marked) == 1:
            return _with(asked, f"{path_text(path.name)} is this very file: choose another one.")
    return Others(text, asked.marked, tuple(files.items()), _none(text, bool(files)))


def _none(text: str, some: bool) -> str:
    if some or not text.strip():
        return ""
    return f"No file has a name like {path_text(text.strip())}."


def _with(asked: Others, problem: str) -> Others:
    return Others(asked.text, asked.marked, problem=problem)


def _typed(text: str, base: Path) -> list[Path]:
    """Return the paths that a text means. Raises ValueError."""
    if not text:
        return []
    whole = absolute(expand(text, base))
    if os.path.lexists(whole):
        return [whole]
    if glob.has_magic(text):
        found = sorted(glob.glob(str(whole)), key=natural)  # noqa: PTH207  absolute pattern
        return [path for path in map(Path, found) if path.is_file()]
    try:
        parts = shlex.split(text)
    except ValueError:  # a quotation mark in a name
        parts = [text]
    several = [absolute(expand(part, base)) for part in parts]
    return several if len(several) > 1 and all(map(os.path.lexists, several)) else [whole]


def _is_same(path: Path, own: Path) -> bool:
    try:
        return path.samefile(own)
    except OSError:
        return path == own


def in_order(
    own: tuple[str, float], others: Sequence[tuple[str, float]], by: str
) -> tuple[str, ...]:
    """Return all files, the oldest first.

    `by`: ``name`` (numbers in names count as such) or ``time``; with one other file also
    ``old`` and ``new``, which say what the file is that is open.
    """
    if by in ("old", "new"):
        pair = (own[0], *(path for path, _ in others))
        return pair if by == "old" else pair[::-1]
    files = [own, *others]
    if by == "time":
        files.sort(key=lambda file: file[1])
    else:
        files.sort(key=lambda file: natural(file[0]))
    return tuple(path for path, _ in files)

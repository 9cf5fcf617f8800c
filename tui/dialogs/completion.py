"""Completing a path that is being typed. Blocking (it reads folders): for a thread."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kerastui.model import safe_text

MAX_READ = 20_000
"""Directory entries looked at; more are not completed."""
MODELS = (".h5", ".hdf5", ".hdf", ".keras")
"""Endings of model files."""
ARRAYS = (".npy", ".npz", *MODELS)
"""Endings of files that hold arrays."""
MAX_OPTIONS = 200
"""Options returned."""


@dataclass(frozen=True)
class Completion:
    """What could follow `text`."""

    text: str
    options: tuple[str, ...] = ()
    """Whole texts, folders with a separator at the end; sorted, folders first."""
    common: str = ""
    """The longest text that all options begin with, at least as long as `text`."""


def expand(text: str, base: Path) -> Path:
    """Return the path that `text` means: ``~`` is a home, relative paths start at `base`.

    Raises ValueError for text that cannot be a path (NUL characters).
    """
    if "\0" in text:
        raise ValueError("a path cannot contain the character NUL")
    return base / os.path.expanduser(text)  # noqa: PTH111  Path.expanduser raises for ~nobody


def complete(
    text: str, base: Path, *, folders_only: bool = False, endings: tuple[str, ...] = ()
) -> Completion:
    """Return the folders, and files that end in one of `endings`, whose path begins with `text`.

    Hidden ones are offered once the dot is typed. Case is ignored if nothing matches with it.
    Names that hold control characters are not offered. A folder that cannot be read gives
    no options.
    """
    if text == "~":
        return Completion(text, ("~" + os.sep,), "~" + os.sep)
    head, tail = _split(text)
    try:
        names = list(_names(expand(head or ".", base), tail, folders_only, endings))
    except (OSError, ValueError):
        return Completion(text, (), text)
    exact = [name for name in names if name.startswith(tail)]
    chosen = sorted(exact or names, key=lambda n: (not n.endswith(os.sep), n.casefold()))
    options = tuple(head + name for name in chosen[:MAX_OPTIONS])
    common = head + common_beginning(chosen)
    return Completion(text, options, common if len(common) >= len(text) else text)


def common_beginning(names: Sequence[str]) -> str:
    """Return the longest text that all names begin with."""
    first, last = min(names, default=""), max(names, default="")
    same = (i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
    return first[: next(same, min(len(first), len(last)))]


def _split(text: str) -> tuple[str, str]:
    cut = max(text.rfind(sep) for sep in (os.sep, os.altsep or os.sep)) + 1
    return text[:cut], text[cut:]


def _names(folder: Path, tail: str, folders_only: bool, endings: tuple[str, ...]) -> Iterator[str]:
    folded = tail.casefold()
    with os.scandir(folder) as entries:
        for count, entry in enumerate(entries):
            if count >= MAX_READ:
                return
            name = entry.name
            if not name.casefold().startswith(folded) or safe_text(name, 4096) != name:
                continue
            if name.startswith(".") and not tail.startswith("."):
                continue
            if _is_folder(entry):
                yield name + os.sep
            elif not folders_only and (not endings or name.lower().endswith(endings)):
                yield name


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False

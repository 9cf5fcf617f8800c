"""Arrays in temporary files, kept beside the journal whose steps name them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ..edits import SetWeight
from ..edits.changes import Edit
from ..model import ArraySource

MAX_BYTES = 2 << 30
"""Of all arrays that one journal keeps."""


def sources_of(edits: Sequence[Edit]) -> Iterator[ArraySource]:
    """Yield where the new values of weights lie."""
    for edit in edits:
        if isinstance(edit, SetWeight) and edit.source is not None:
            yield edit.source


def is_temporary(file: str) -> bool:
    """Whether a file lies in one of kerastui's own temporary folders."""
    start = os.path.join(tempfile.gettempdir(), "kerastui-")  # noqa: PTH118
    return file.startswith(start)


def keep(file: str, folder: Path, number: int) -> str:
    """Copy `file` into `folder` and return its name there. Raises OSError.

    A hard link does where it is possible: such files are written once.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    name = f"{number}{Path(file).suffix[:8]}"
    target = folder / name
    try:
        os.link(file, target)
    except OSError:
        draft = folder / (name + ".part")
        shutil.copyfile(file, draft)
        draft.chmod(0o600)
        draft.replace(target)
    return name


def with_files(edits: Sequence[Edit], kept: dict[str, str]) -> tuple[Edit, ...]:
    """Return the edits with the files that were kept in place of the temporary ones."""
    return tuple(_with_file(edit, kept) for edit in edits)


def _with_file(edit: Edit, kept: dict[str, str]) -> Edit:
    if isinstance(edit, SetWeight) and edit.source is not None and edit.source.file in kept:
        # The copy has another time, and nobody else writes there.
        return replace(edit, source=replace(edit.source, file=kept[edit.source.file], stamp=None))
    return edit


def split_lost(edits: Sequence[Edit]) -> tuple[tuple[Edit, ...], tuple[SetWeight, ...]]:
    """Part the edits from those whose temporary values are gone."""
    found: list[Edit] = []
    lost: list[SetWeight] = []
    for edit in edits:
        gone = isinstance(edit, SetWeight) and edit.source is not None and _gone(edit.source.file)
        if gone and isinstance(edit, SetWeight):
            lost.append(edit)
        else:
            found.append(edit)
    return tuple(found), tuple(lost)


def _gone(file: str) -> bool:
    with suppress(OSError, ValueError):
        return not os.path.exists(file)  # noqa: PTH110
    return True

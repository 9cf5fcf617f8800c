"""The file that something seen is saved to: whole or not at all, and never a model's own."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ..errors import SaveFailed
from ..model import Goal, consent_of, safe_text
from ..saving.atomic import draft_beside
from ..saving.failures import check_target, reason_of
from ..saving.landing import check_consent
from .export_results import Saved


@contextmanager
def written_whole(target: Goal, place: object = None) -> Generator[IO[bytes]]:
    """Yield a file to write to and seek in, which becomes `target` when the block is left.

    Args:
        target: where to; a plain path replaces what is there.
        place: where the values come from (something with a `path` or a `file`), which is not
            written over.

    Raises SaveFailed, and then what was there is there still.
    """
    try:
        path = _real(target)
        check_target(path)
        check_consent(path, consent_of(target))
        old = path.stat() if path.exists() else None
        if place is not None and _is_same(path, place):
            raise SaveFailed(
                f"{safe_text(str(target), 400)} was not saved: that is the file that the values "
                "come from. Choose another name."
            )
        with draft_beside(path) as draft:
            with open(draft.descriptor, "wb", closefd=False) as file:
                yield file
            draft.settle(old)
            draft.put_in_place(consent_of(target))
    except OSError as error:
        raise not_saved(target, error) from error


def save_bytes(target: Goal, data: bytes, place: object = None, note: str = "") -> Saved:
    """Write a whole file. Raises SaveFailed."""
    with written_whole(target, place) as file:
        file.write(data)
    return saved(target, note)


def saved(target: Goal, note: str = "") -> Saved:
    """Return what is told of a file that has been written."""
    return Saved(str(target), os.stat(target).st_size, note)  # noqa: PTH116


def suffix_of(target: Goal, *allowed: str) -> str:
    """Return the format that a name asks for. Raises SaveFailed for one that is not offered."""
    suffix = Path(target).suffix.casefold()
    if suffix not in allowed:
        raise SaveFailed(
            f"{safe_text(str(target), 400)} was not saved: the name has to end in "
            f"{' or '.join(allowed)}, which says the format."
        )
    return suffix


def not_saved(target: Goal, error: Exception) -> SaveFailed:
    """Return one sentence on why a file was not written."""
    return SaveFailed(f"{safe_text(str(target), 400)} was not saved: {reason_of(error)}.")


def _real(target: Goal) -> Path:
    try:
        return Path(os.path.realpath(target))
    except ValueError as error:  # a name with a NUL in it
        raise SaveFailed(f"{safe_text(str(target), 400)} is no name of a file.") from error


def _is_same(path: Path, place: object) -> bool:
    source = getattr(place, "path", None) or getattr(place, "file", "")
    try:
        return path.samefile(source)
    except OSError:
        return False

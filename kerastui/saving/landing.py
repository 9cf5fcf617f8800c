"""The last step of writing a file: it gets its name. Nobody's file is replaced without consent.

A rename replaces whatever has the name by then. Where nothing may be replaced the file gets its
name by a hard link, which fails where the name is taken, in one step with finding out; on file
systems without links the name is taken first, by an empty file.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from ..errors import SaveFailed
from ..model import Consent, FileIdentity


def check_consent(target: Path, consent: Consent) -> None:
    """Raise SaveFailed where `target` may not be replaced as it is now; OSError."""
    if consent == "anything":
        return
    there = _there(target)
    if there is None:
        return
    if consent == "nothing":
        raise _appeared(target)
    if there.state != consent.state:
        raise SaveFailed(
            f"{target} was not replaced: it is not the file any more that was to be replaced, for "
            "another program has written it meanwhile. Try again, or choose another name."
        )


def land(draft: Path, target: Path, consent: Consent) -> None:
    """Give the file at `draft` the name `target`, both in one folder.

    Raises SaveFailed where something may not be replaced, and OSError; then nothing moved.
    """
    check_consent(target, consent)
    if consent != "nothing" and (consent == "anything" or _there(target) is not None):
        draft.replace(target)
    elif os.name == "nt":
        _renamed(draft, target)
    else:
        _linked(draft, target)


def _there(target: Path) -> FileIdentity | None:
    try:
        return FileIdentity.of(target, target.lstat())
    except FileNotFoundError:
        return None


def _renamed(draft: Path, target: Path) -> None:
    """Rename as Windows does it: never over a file."""
    try:
        draft.rename(target)
    except FileExistsError:
        raise _appeared(target) from None


def _linked(draft: Path, target: Path) -> None:
    try:
        os.link(draft, target)
    except FileExistsError:
        raise _appeared(target) from None
    except OSError:  # FAT and some network file systems have no links
        _claimed(draft, target)
    else:
        draft.unlink()


def _claimed(draft: Path, target: Path) -> None:
    """Make an empty file of that name, if there is none, and rename over that one only."""
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise _appeared(target) from None
    claim = FileIdentity.of(target, os.fstat(descriptor))
    os.close(descriptor)
    check_consent(target, claim)
    try:
        draft.replace(target)
    except OSError:
        with suppress(OSError, SaveFailed):
            check_consent(target, claim)
            target.unlink()
        raise


def _appeared(target: Path) -> SaveFailed:
    return SaveFailed(
        f"{target} was not replaced: it was to be a new file, and another program has made one "
        "of that name meanwhile. Try again, or choose another name."
    )

"""``kerastui show --edits``: what a session left unsaved, as JSON that `kerastui apply` takes."""

from __future__ import annotations

import sys
from pathlib import Path

from kerastui.edits import Edit
from kerastui.edits.codec import edits_to_json
from kerastui.errors import JournalDamaged
from kerastui.files import open_model
from kerastui.files.detect import cannot_open
from kerastui.journal.folder import paths_of
from kerastui.journal.recall import Recalled, read, same_file
from kerastui.model import FileIdentity, safe_text

from ..leftovers import date_text, journals_folder


def show_edits(path: str) -> None:
    """Print the edits in the newest journal of the model file at `path`; an empty list if none.

    Journals of sessions that still run count too. What is odd is said on standard error.
    Raises UnreadableFile and its kin when there is no such file, or no model in it.
    """
    try:
        now = FileIdentity.of(path, Path(path).stat())
    except (OSError, ValueError) as error:
        raise cannot_open(path, error) from error
    if not paths_of(journals_folder(), path):
        open_model(path)  # says so where it is no model at all
    found = [recalled for recalled in map(_read, paths_of(journals_folder(), path)) if recalled]
    edits: tuple[Edit, ...] = ()
    if found:
        newest = max(found, key=lambda recalled: recalled.when)
        edits = newest.edits
        if len(found) > 1:
            _say(
                f"{len(found)} sessions left edits of {path}; these are of "
                f"{date_text(newest.when)}, the newest."
            )
        if not same_file(newest.file, now):
            _say(f"{path} was changed since these edits were made; look whether they still fit.")
    sys.stdout.write(edits_to_json(edits))


def _read(folder: Path) -> Recalled | None:
    """Return what a journal says, if it says anything."""
    try:
        recalled = read(folder)
    except JournalDamaged as error:
        _say(f"The journal {folder} is passed over, because {error}.")
        return None
    except OSError:  # saved or discarded at this moment
        return None
    return recalled if recalled is not None and recalled.edits else None


def _say(sentence: str) -> None:
    sys.stderr.write(f"kerastui: {safe_text(sentence, 600)}\n")

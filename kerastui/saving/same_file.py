"""Whether the file on disk is still the one that was opened, and what to do when it is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..edits import Document
from ..errors import FileChanged, KerastuiError, SaveFailed
from ..files import open_model
from ..model import FileIdentity, Model
from .verify import compare


def check_identity(path: Path, then: FileIdentity) -> None:
    """Raise FileChanged unless the file at `path` is the one that was opened."""
    try:
        now = FileIdentity.of(path, path.stat())
    except FileNotFoundError:
        raise FileChanged(
            f"{path} no longer exists; it was removed or renamed after it was opened."
        ) from None
    if now.state != then.state:
        raise changed(path)


def changed(path: Path) -> FileChanged:
    """Return the error for a file that is another now."""
    return FileChanged(
        f"{path} has changed on disk since it was opened; open it again, or overwrite it."
    )


def reread(path: Path, document: Document) -> tuple[Model, Model]:
    """Return the file as it is now, and that with the document's edits.

    Raises SaveFailed when it is another model, to which the edits do not belong.
    """
    try:
        now = open_model(path)
    except KerastuiError as error:
        raise FileChanged(
            f"{path} has changed on disk and cannot be read any more ({error})."
        ) from error
    flags = [layer.trainable for layer in document.original.layers]
    alike = len(flags) == len(now.layers)
    if alike:
        on = [i for i, flag in enumerate(flags) if flag]
        off = [i for i, flag in enumerate(flags) if not flag]
        same = now.with_flags(on, True).with_flags(off, False)
        alike = not compare(replace(same, trainable=document.original.trainable), document.original)
    if not alike:
        raise SaveFailed(
            f"{path} is another model now than the one that was opened, so the changes do not "
            "fit; nothing was written. Save under another name, or open the file again."
        )
    return now, _with_edits(now, document)


def _with_edits(now: Model, document: Document) -> Model:
    for edit in document.edits:
        now = edit.apply(now)
    return now

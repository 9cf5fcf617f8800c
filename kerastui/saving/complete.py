"""Finding out what an array is that was named by its file alone."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ..errors import BadEdit
from ..files.archive import CONFIG
from ..model import ArraySource, safe_text
from .sources import SourceFiles


def complete_source(source: ArraySource) -> ArraySource:
    """Return `source` with the shape and dtype of the array that lies there now.

    The member of an ``.npz`` that holds one array need not be named. What comes back is bound
    to the file as it is now. Raises BadEdit, SaveFailed (the file is gone, or no array).
    """
    if not source.member:
        source = replace(source, member=_only_member(source.file))
    with SourceFiles() as files, files.reader(source, any_shape=True) as reader:
        found = replace(source, shape=reader.shape, dtype=reader.dtype.name)
    return found.stamped()


def _only_member(file: str) -> str:
    """Return the name of the array in an ``.npz``; "" for what is no such file."""
    names: list[str] | None = None
    with suppress(OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        if Path(file).is_file():  # opening a pipe would wait for its other end
            with zipfile.ZipFile(file) as archive:
                names = archive.namelist()
    if names is None or CONFIG in names:
        return ""
    arrays = [name.removesuffix(".npy") for name in names if name.endswith(".npy")]
    if len(arrays) == 1:
        return arrays[0]
    listed = safe_text(", ".join(arrays[:8]) + (" …" if len(arrays) > 8 else ""), 200)
    raise BadEdit(
        f"{safe_text(file, 300)} holds {len(arrays)} arrays ({listed}); say which one is meant."
    )

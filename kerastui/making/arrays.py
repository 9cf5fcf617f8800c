"""Which arrays a file holds, and the one that somebody means: ``x.npz:name``, ``m.h5:d/kernel``."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ..edits.weights import match_weights
from ..errors import BadEdit, KerastuiError
from ..files import open_model
from ..files.archive import CONFIG
from ..model import ArraySource, Model, safe_text
from ..saving.complete import complete_source
from .results import Named

MAX_ARRAYS = 100_000
"""Listed of one ``.npz``."""


def arrays_in(file: str) -> tuple[Named, ...]:
    """Return all arrays of numbers in a ``.npy``, an ``.npz`` or a model file, in its order.

    Arrays of Python objects and the like are left out, unless there is nothing else. Raises
    BadEdit, SaveFailed, UnreadableFile with what is wrong with the file.
    """
    path = Path(file)
    if not path.exists():
        raise BadEdit(f"There is no file {safe_text(file, 300)}.")
    if _magic(path).startswith(b"\x93NUMPY"):
        source = complete_source(ArraySource(file, label=path.name))
        return (Named("", source),)
    members = _members(path)
    if members is None:
        return arrays_of(open_model(file))
    found, problem = list[Named](), None
    for member in members[:MAX_ARRAYS]:
        try:
            label = f"{path.name}:{member}"
            found.append(Named(member, complete_source(ArraySource(file, member, label=label))))
        except KerastuiError as error:
            problem = problem or error
    if not found:
        raise problem or BadEdit(f"There are no arrays in {safe_text(file, 300)}.")
    return tuple(found)


def arrays_of(model: Model) -> tuple[Named, ...]:
    """Return the weights of a model as arrays of its file."""
    label = Path(model.file.path).name
    return tuple(
        Named(
            f"{layer.path}/{weight.name}",
            ArraySource(
                model.file.path, weight.dataset, weight.shape, weight.dtype,
                f"{label}:{layer.path}/{weight.name}",
                (model.file.size, model.file.mtime_ns),
            ),
        )
        for layer in model.layers
        for weight in layer.weights
    )  # fmt: skip


def find_array(text: str) -> ArraySource:
    """Return the array that a text means: a file, or a file, a colon and the array's name.

    Raises BadEdit when there is no such array, or several that could be meant; SaveFailed,
    UnreadableFile for a file that is of no use.
    """
    file, name = _parted(text)
    try:
        arrays = arrays_in(file)
    except OSError as error:
        raise BadEdit(f"{safe_text(file, 300)} cannot be read: {error.strerror}.") from error
    if not name:
        if len(arrays) == 1:
            return arrays[0].source
        raise BadEdit(
            f"{safe_text(file, 300)} holds {len(arrays):,} arrays ({_listed(arrays)}); say which "
            f"one is meant: {safe_text(Path(file).name, 100)}:NAME."
        )
    found = [array for array in arrays if array.name == name]
    if not found and _members(Path(file)) is None and len(arrays) and arrays[0].name:
        model = open_model(file)
        chosen = {f"{path}/{weight}" for path, weight in match_weights(model, name)}
        found = [array for array in arrays if array.name in chosen]
    if len(found) != 1:
        many = f"{len(found)} arrays" if found else "no array"
        raise BadEdit(
            f"{safe_text(file, 300)} has {many} {safe_text(name, 200)!r}; it has "
            f"{_listed(found or arrays)}."
        )
    return found[0].source


def _parted(text: str) -> tuple[str, str]:
    """Part a file's path from the array's name behind the last colon that leaves a file."""
    if os.path.exists(text):  # noqa: PTH110
        return text, ""
    at = len(text)
    while (at := text.rfind(":", 0, at)) > 0:
        if os.path.exists(text[:at]):  # noqa: PTH110
            return text[:at], text[at + 1 :]
    raise BadEdit(
        f"There is no file {safe_text(text, 300)}; give a .npy, an .npz or a model file, with "
        ":NAME behind it where it holds several arrays."
    )


def _listed(arrays: Iterable[Named]) -> str:
    names = [array.name for array in arrays]
    return safe_text(", ".join(names[:6]) + (" …" if len(names) > 6 else ""), 300)


def _magic(path: Path) -> bytes:
    if not path.is_file():
        raise BadEdit(f"{safe_text(path, 300)} is no ordinary file.")
    with path.open("rb") as stream:
        return stream.read(8)


def _members(path: Path) -> list[str] | None:
    """Return the names in an ``.npz``; None for what is none."""
    names: list[str] | None = None
    unreadable = (OSError, zipfile.BadZipFile, ValueError, NotImplementedError)
    with suppress(*unreadable), zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    if names is None or CONFIG in names:
        return None
    return [name.removesuffix(".npy") for name in names if name.endswith(".npy")]

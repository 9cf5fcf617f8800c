"""Two HDF5 files, object by object: everything that can be told about each, to the bit."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import h5py
import numpy as np


def outline_of(path: Path) -> dict[str, Any]:
    """Return the outline of a closed file; do not change it."""
    return _read(path)[0]


def outline(file: h5py.File) -> dict[str, Any]:
    """Return path → what is there: kind, type, storage, contents; attributes as ``path@name``."""
    found: dict[str, Any] = {}

    def visit(path: str, thing: Any) -> None:
        if isinstance(thing, h5py.Dataset):
            found[path] = _dataset(thing)
        else:
            found[path] = ("group", tuple(thing))
        for name in thing.attrs:
            found[f"{path}@{name}"] = _attribute(thing, name)

    visit("/", file)
    file.visititems(lambda name, thing: visit(f"/{name}", thing))
    return found


def _dataset(thing: h5py.Dataset) -> tuple[Any, ...]:
    plist = thing.id.get_create_plist()
    filters = tuple(plist.get_filter(i) for i in range(plist.get_nfilters()))
    raw = np.asarray(thing[()]).tobytes() if thing.dtype.kind != "O" else repr(thing[()])
    return (
        "dataset", thing.shape, thing.maxshape, thing.dtype.str, thing.chunks, filters,
        plist.get_layout(), thing.fillvalue if thing.dtype.kind != "O" else None,
        thing.id.get_storage_size(), raw,
    )  # fmt: skip


def _attribute(thing: Any, name: str) -> tuple[Any, ...]:
    kind = thing.attrs.get_id(name).get_type()
    value = thing.attrs[name]
    shown = value.tobytes() if isinstance(value, np.ndarray) and value.dtype != "O" else repr(value)
    return ("attribute", *type_of(kind), thing.attrs.get_id(name).shape, shown)


def type_of(kind: Any) -> tuple[Any, ...]:
    """Return what makes a stored type, without the length of a fixed-length text."""
    if isinstance(kind, h5py.h5t.TypeStringID):
        return ("text", kind.is_variable_str(), kind.get_cset(), kind.get_strpad())
    return (kind.get_class(), kind.get_size(), kind.dtype.str)


def differences(old: Path, new: Path) -> set[str]:
    """Return the paths (``/group``, ``/group@attribute``) at which two files differ."""
    (before, *one), (after, *other) = map(_read, (old, new))
    assert one == other
    return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}


def _read(path: Path) -> tuple[Any, ...]:
    """Return a file's outline, version and user block."""
    found = path.stat()
    return _read_once(path, found.st_ino, found.st_size, found.st_mtime_ns)


@lru_cache(maxsize=8)
def _read_once(path: Path, *_: int) -> tuple[Any, ...]:
    """The same file is compared with many that were made of it."""
    with h5py.File(path, "r") as file:
        return outline(file), file.id.get_create_plist().get_version(), file.userblock_size

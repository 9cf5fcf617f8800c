"""Two HDF5 files, object by object: everything that can be told about each, to the bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np


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
    with h5py.File(old, "r") as a, h5py.File(new, "r") as b:
        before, after = outline(a), outline(b)
        assert a.id.get_create_plist().get_version() == b.id.get_create_plist().get_version()
        assert a.userblock_size == b.userblock_size
    return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}

"""Datasets that get another dtype: made anew, empty, with all else that they had.

HDF5 cannot change a dataset's dtype. The new one has the old one's shape, chunks, filters,
fill value and attributes, and lies at its place; `values` fills it. All old ones are unlinked
before the first new one is made, so that HDF5 uses their room again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..edits.dtypes import TARGETS
from ..errors import SaveFailed
from ..files.bfloat16 import BFLOAT16
from ..files.low import h5a, h5d, h5s, h5t
from ..model import Model, safe_text
from .values import dataset_at

_COMPACT_LIMIT = 60_000
"""Bytes of values that HDF5 keeps in a dataset's header (its limit is 64 KiB with the rest)."""


@dataclass(frozen=True)
class _Kept:
    """What a dataset was, apart from its values."""

    parent: Any
    name: bytes
    dtype: np.dtype[Any]
    space: Any
    properties: Any
    attributes: list[_Attribute]


@dataclass(frozen=True)
class _Attribute:
    name: bytes
    kind: Any
    space: Any
    value: np.ndarray[Any, Any] | None


def dtypes_of(before: Model, after: Model) -> dict[str, str]:
    """Return which datasets get another dtype, by absolute path."""
    found: dict[str, str] = {}
    for old, new in zip(before.layers, after.layers, strict=True):
        if old.weights is new.weights:
            continue
        for here, there in zip(old.weights, new.weights, strict=True):
            if here.dtype != there.dtype:
                found[there.dataset] = there.dtype
    return found


def recreate(file: Any, dtypes: Mapping[str, str]) -> None:
    """Give the datasets in the open file other dtypes. Raises SaveFailed, OSError."""
    kept = [_take_out(file, path, dtype) for path, dtype in dtypes.items()]
    for (path, dtype), old in zip(dtypes.items(), kept, strict=True):
        try:
            _make(old)
        except (ValueError, RuntimeError) as error:  # a filter that is for one dtype alone
            raise SaveFailed(
                f"{safe_text(path, 200)} cannot be stored as {dtype} with the compression that it "
                f"has ({safe_text(error, 200)}); nothing was written."
            ) from error


def _take_out(file: Any, path: str, dtype: str) -> _Kept:
    if dtype not in TARGETS:
        raise SaveFailed(
            f"{safe_text(path, 200)} was bfloat16 before it was converted, which kerastui does "
            "not write; nothing was written. Convert it to float32."
        )
    dataset = dataset_at(file, path)
    handle = dataset.id
    made = np.dtype(dtype)
    if dataset.dtype.kind == "f" and dataset.dtype.byteorder == ">":
        made = made.newbyteorder(">")
    parent, _, name = path.rpartition("/")
    group = file[parent or "/"].id
    kept = _Kept(
        group,
        name.encode("utf-8", "surrogateescape"),
        made,
        handle.get_space().copy(),
        handle.get_create_plist().copy(),
        [a for a in _attributes(handle) if not (dataset.dtype == BFLOAT16 and a.name == b"dtype")],
    )
    if kept.properties.get_layout() == h5d.COMPACT and dataset.size * made.itemsize > (
        _COMPACT_LIMIT
    ):
        kept.properties.set_layout(h5d.CONTIGUOUS)
    group.unlink(kept.name)
    return kept


def _attributes(handle: Any) -> list[_Attribute]:
    found: list[_Attribute] = []
    for index in range(h5a.get_num_attrs(handle)):
        attribute = h5a.open(handle, index=index)
        space = attribute.get_space()
        value: np.ndarray[Any, Any] | None = None
        if space.get_simple_extent_type() != h5s.NULL:
            value = np.empty(attribute.shape, dtype=attribute.dtype)
            attribute.read(value)
        found.append(_Attribute(attribute.name, attribute.get_type(), space.copy(), value))
    return found


def _make(kept: _Kept) -> None:
    kind = h5t.py_create(kept.dtype, logical=True)
    dataset = h5d.create(kept.parent, kept.name, kind, kept.space, kept.properties)
    for attribute in kept.attributes:
        made = h5a.create(dataset, attribute.name, attribute.kind, attribute.space)
        if attribute.value is not None:
            made.write(attribute.value)

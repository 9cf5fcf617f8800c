"""Carrying out a `SlotPlan` on an open HDF5 file: arrays stay where they lie, links move."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import SaveFailed
from ..files.attributes import read_names, write_names
from ..files.guards import Refused, descend, is_dataset
from ..files.low import Handle, h5d, h5p, h5s, h5t, low
from ..model import safe_text
from .arrange import Entry, core
from .slots import Fresh, Rate, SlotEntry, SlotPlan

_NUMBERED = re.compile(r"_(\d+)(?=(:0)?\Z)")


def inside(group: Any, path: str) -> Handle | None:
    """Return what lies at `path` in the file itself; None for nothing, and for a link.

    A soft or external link must not be followed: what is behind it may be another file, and
    would be written to.
    """
    try:
        return descend(low(group), path.encode("utf-8", "surrogateescape"))
    except Refused:
        return None


def named_entries(group: Any) -> tuple[list[str], list[Entry]]:
    """Return names and shapes of the state in a legacy file's group ``optimizer_weights``."""
    names = read_names(group, "weight_names") or []
    return names, [Entry(name, _dataset(group, name).shape) for name in names]


def numbered_entries(group: Any) -> list[Entry]:
    """Return the shapes of the state in a group ``vars`` of a Keras 3 file, by number."""
    return [Entry("", _dataset(group, str(i)).shape) for i in range(len(group))]


def apply_named(group: Any, names: Sequence[str], plan: SlotPlan) -> None:
    """Make the group's list of names, and its arrays, what `plan` says."""
    if plan.entries is None:
        return
    kept = {names[e] for e in map(_old_entry, plan.entries) if e is not None}
    taken = set(names)
    result: list[str] = []
    for entry in plan.entries:
        if isinstance(entry, int):
            result.append(names[entry])
            continue
        if isinstance(entry, Rate):
            if entry.like is not None:
                result.append(names[entry.like])
                _write(group, result[-1], entry.value)
            continue
        like = names[entry.like] if entry.like is not None else None
        name = _fresh_name(entry, like, taken)
        taken.add(name)
        _create(group, name, entry, _dataset(group, like) if like else None)
        result.append(name)
    for name in names:
        if name not in kept and name in group:
            _delete(group, name)
    write_names(group, "weight_names", result)


def _delete(group: Any, name: str) -> None:
    """Delete an array, and the groups that it leaves empty: a layer may get their name later."""
    del group[name]
    outer = name.rpartition("/")[0]
    while outer and not len(group[outer]):
        del group[outer]
        outer = outer.rpartition("/")[0]


def apply_numbered(group: Any, plan: SlotPlan) -> None:
    """Make the group's numbered arrays what `plan` says."""
    if plan.entries is None:
        return
    old = len(group)
    for i in range(old):
        group.move(str(i), f"old{i}")
    for number, entry in enumerate(plan.entries):
        if isinstance(entry, int):
            group.move(f"old{entry}", str(number))
            continue
        if isinstance(entry, Rate):
            if entry.like is None:
                group.create_dataset(str(number), data=np.float32(entry.value))
            else:
                group.move(f"old{entry.like}", str(number))
                _write(group, str(number), entry.value)
            continue
        like = None
        if entry.like is not None:  # it may have been moved already
            here = f"old{entry.like}"
            like = here if here in group else str(plan.entries.index(entry.like))
        _create(group, str(number), entry, _dataset(group, like) if like else None)
    for i in range(old):
        if f"old{i}" in group:
            del group[f"old{i}"]


def _write(group: Any, name: str, value: float) -> None:
    _dataset(group, name)  # no link
    group[name][()] = value


def _old_entry(entry: SlotEntry) -> int | None:
    """Return the entry of the file whose array stays."""
    if isinstance(entry, int):
        return entry
    return entry.like if isinstance(entry, Rate) else None


def _dataset(group: Any, name: str) -> Any:
    found = inside(group, name)
    if not is_dataset(found):
        raise SaveFailed(
            f"The optimizer's state in the file is damaged: {safe_text(name)} is missing or a "
            "link. Nothing was written."
        )
    return found


def _create(group: Any, name: str, fresh: Fresh, like: Any) -> None:
    """Write a new slot array, filled by HDF5 itself: no memory, whatever its size."""
    if fresh.start is None:
        if not is_dataset(inside(group.file, fresh.variable.weight.dataset)):
            raise SaveFailed("A weight in the file is a link; nothing was written.")
        group.copy(group.file[fresh.variable.weight.dataset], name)
        return
    dtype: Any = like.dtype if like is not None else np.dtype(fresh.variable.weight.dtype)
    settings = h5p.create(h5p.DATASET_CREATE)
    settings.set_fill_value(np.asarray(fresh.start, dtype=dtype))
    settings.set_alloc_time(h5d.ALLOC_TIME_EARLY)
    settings.set_fill_time(h5d.FILL_TIME_ALLOC)
    links = h5p.create(h5p.LINK_CREATE)
    links.set_create_intermediate_group(True)
    kind = like.get_type() if like is not None else h5t.py_create(dtype, logical=True)
    space = h5s.create_simple(fresh.shape) if fresh.shape else h5s.create(h5s.SCALAR)
    raw = name.encode("utf-8", "surrogateescape")
    h5d.create(group.id, raw, kind, space, settings, links)


def _fresh_name(fresh: Fresh, like: str | None, taken: set[str]) -> str:
    """Return a name in the style of the file: only its place in the list counts for Keras."""
    if like is None or _is_anonymous(like):
        stem = _NUMBERED.sub("", like.removesuffix(":0")) if like else f"optimizer/{fresh.slot}"
        name = f"{stem}:0" if like is None or like.endswith(":0") else stem
    else:
        name = _renamed(fresh, like)
    ending = ":0" if name.endswith(":0") else ""
    stem, number = name.removesuffix(":0"), 0
    while name in taken:
        number += 1
        name = f"{stem}_{number}{ending}"
    return name


def _is_anonymous(name: str) -> bool:
    return name.removesuffix(":0").rpartition("/")[2].startswith("Variable")


def _renamed(fresh: Fresh, like: str) -> str:
    """Put the variable's name where the name of another variable stands in `like`."""
    own = core(fresh.variable)
    parts = like.removesuffix(":0").split("/")
    if not like.endswith(":0"):  # Keras 3: adam/dense_kernel_momentum
        return f"{parts[0]}/{own.replace('/', '_')}_{fresh.slot}"
    if parts[-1] in _SLOTS:  # Adam/dense/kernel/m:0
        return f"{parts[0]}/{own}/{parts[-1]}:0"
    leading = 2 if len(parts) > 1 and parts[1] in _SLOTS else 1  # Adam/m/dense/kernel:0
    return "/".join([*parts[:leading], own]) + ":0"


_SLOTS = frozenset(
    ("m", "v", "u", "vhat", "momentum", "rms", "mg", "velocity", "average", "average_gradient",
     "accumulator", "linear", "accum_grad", "accum_var", "accumulated_grad",
     "accumulated_delta_var", "r", "c")
)  # fmt: skip

"""Whether a draft differs from its source in what was meant, and in nothing else.

What changed is read again: lists of weights, slots, values. Of what did not, each dataset
has to be the same object still, under the name that it is to have, and its bytes have to be
equal; of a model over `LIMIT`, the bytes of those in groups that something was done to.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..files.attributes import read_names
from ..files.guards import is_group
from ..files.headers import FastGroup
from ..files.low import Handle
from ..files.read_at import Fill
from .copying import Progress
from .plan import Work
from .slots import Fresh, Rate, SlotEntry
from .sources import blocks
from .spans import first_difference
from .state_edit import inside
from .unchanged import differs, unchanged
from .values import verify_values

LIMIT = 256 << 20
"""Bytes of unchanged datasets up to which all of them are compared."""

Outline = tuple[list[str], list[str], list[str]]
"""What lies at the root and in the group of weights: members, attributes, members."""


@dataclass(frozen=True)
class Side:
    """One of the two HDF5 files."""

    file: Any
    """Opened by h5py."""
    root: FastGroup | None
    """Its root, if its structures can be read directly."""
    fill: Fill
    """Reads its bytes, at offsets as HDF5 counts them."""


def recheck(source: Side, draft: Side, work: Work, progress: Progress) -> None:
    """Compare a file with the draft that `work` made of it. Raises SaveFailed on a difference.

    `progress` is called with numbers of bytes compared.
    """
    old, new = source.file, draft.file
    if _outline(new, work) != _meant_outline(old, work) or any(
        tuple(read_names(inside(new, group), "weight_names") or ()) != names
        for group, names in work.final_orders()
    ):
        raise differs("groups or attributes differ")
    verify_values(new, work.final_values(), progress)
    paths = _Paths(old, new, work)
    for path, fresh in paths.fresh:
        _check_fresh(new[path], fresh, old)
    for path, value in paths.rates:
        if new[path].shape != () or new[path][()] != new[path].dtype.type(value):
            raise differs("the optimizer's learning rate differs")
    spans = unchanged(old, new, (source.root, draft.root), paths.new)
    whole = sum(span.length for span, _ in spans) <= LIMIT
    chosen = [span for span, path in spans if whole or paths.is_touched(path)]
    if first_difference(source.fill, draft.fill, chosen, progress) is not None:
        raise differs("values of weights that were to stay differ")


def _outline(file: Any, work: Work) -> Outline:
    # A list of names that grows may be split into several attributes.
    attributes = sorted(name for name in file.attrs if not name.startswith("layer_names"))
    if work.names is not None and not work.names.is_flat:
        return [], attributes, []  # groups come and go with the parts of names
    weights = is_group(inside(file, "model_weights"))
    return sorted(file), attributes, sorted(file["model_weights"]) if weights else []


def _meant_outline(file: Any, work: Work) -> Outline:
    """Return what the outline becomes when groups get other names or are taken away."""
    root, attributes, inside_weights = _outline(file, work)
    gone = {path.strip("/") for path, plan in work.states.items() if plan.remove}
    root = [name for name in root if name not in gone]
    if work.training_goes:
        attributes = [name for name in attributes if name != "training_config"]
    elif work.training:
        attributes = sorted({*attributes, "training_config"})
    names = work.names
    if names is None or not names.is_flat:
        return root, attributes, inside_weights
    if names.root:
        return root, attributes, names.listing(inside_weights)
    return names.listing(root), attributes, inside_weights


class _Paths:
    """Where each dataset of the old file is to be in the new one."""

    def __init__(self, old: Any, new: Any, work: Work) -> None:
        self._moved = dict(_moved_weights(work))
        self._changed = {*work.values, *work.dtypes}
        groups = work.names.groups if work.names else ()
        root = work.names.root if work.names else ""
        self._groups = {f"{root}/{g.old}": f"{root}/{g.new}" for g in groups}
        self._states = tuple(f"{path.rstrip('/')}/" for path in work.states)
        self.fresh: list[tuple[str, Fresh]] = []
        self.rates: list[tuple[str, float]] = []
        for path, plan in work.states.items():
            self._add_state(old, new, path, plan.entries, plan.remove)
        if work.names and work.names.slots and "/optimizer_weights" not in work.states:
            self._add_state(old, new, "/optimizer_weights", None, removed=False)
        changed = {posixpath.dirname(path) for path in self._changed}
        self._touched = {*changed, *self._groups, *(order.group for order in work.orders)}

    def _add_state(self, old: Any, new: Any, path: str, entries: Any, removed: bool) -> None:
        """Note what becomes of optimizer state: entries move, go, or are new."""
        if removed or not is_group(inside(old, path)):
            return
        before, after = _entries(inside(old, path)), _entries(inside(new, path))
        planned = tuple[SlotEntry, ...](range(len(before))) if entries is None else entries
        if len(planned) != len(after):
            raise differs("the optimizer's state differs")
        for name, entry in zip(after, planned, strict=True):
            if isinstance(entry, int):
                self._moved[f"{path}/{before[entry]}"] = f"{path}/{name}"
            elif isinstance(entry, Rate):
                self.rates.append((f"{path}/{name}", entry.value))
            else:
                self.fresh.append((f"{path}/{name}", entry))

    def new(self, path: str) -> str | None:
        """Return where the dataset at `path` is to be; None where its values change, or it goes."""
        if path in self._changed:
            return None
        known = self._moved.get(path)
        if known is not None:
            return known
        if path.startswith(self._states):
            return None
        for group in _above(path):
            if group in self._groups:
                return self._groups[group] + path[len(group) :]
        return path

    def is_touched(self, path: str) -> bool:
        """Whether something was done to a group that the old `path` lies in."""
        return path.startswith(self._states) or any(g in self._touched for g in _above(path))


def _above(path: str) -> Iterator[str]:
    """Yield the groups that `path` lies in, innermost first, without the root."""
    while path := path.rpartition("/")[0]:
        yield path


def _moved_weights(work: Work) -> Iterator[tuple[str, str]]:
    """Yield old and new paths of the weights whose groups or names get other names."""
    if work.names is None:
        return
    for (layer, number), (_, dataset) in work.names.places.items():
        yield work.before.layers[layer].weights[number].dataset, dataset


def _entries(group: Handle) -> list[str]:
    """Return the names of optimizer state, in order: listed, or numbered."""
    names = read_names(group, "weight_names")
    return [str(i) for i in range(len(group))] if names is None else list(names)


def _check_fresh(dataset: Any, fresh: Fresh, old: Any) -> None:
    """Read a new slot: its starting value throughout, or what the weight held."""
    like: Any = old[fresh.variable.weight.dataset] if fresh.start is None else None
    start = None if fresh.start is None else np.asarray(fresh.start, dataset.dtype)
    for index in blocks(dataset.shape, dataset.dtype.itemsize, chunks=dataset.chunks):
        found: Any = dataset[index]
        meant: Any = like[index] if start is None else start
        if not np.array_equal(found, np.broadcast_to(meant, found.shape)):
            raise differs("a new slot of the optimizer does not start as it should")

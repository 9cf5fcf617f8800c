"""Renaming in legacy HDF5 files: groups, lists of names, weights and slots, all together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import SaveFailed
from ..files.attributes import read_names, write_names
from ..files.guards import is_group
from ..files.low import Handle, low
from ..model import Layer, Model, Weight, safe_text
from .relink import move_links, parts, present
from .state_edit import inside
from .stored_names import Key, new_slot_names, new_stored_names

STATE = "optimizer_weights"
WEIGHTS = "model_weights"


@dataclass(frozen=True)
class GroupNames:
    """One layer's group: its new name, and the new names of its weights."""

    old: str
    new: str
    weights: Mapping[str, str]
    """Old → new for every entry of ``weight_names``; {} where none changes."""


@dataclass(frozen=True)
class StoredNames:
    """What is called otherwise in the file."""

    root: str
    """Path of the group that the layers' groups lie in: ``/model_weights``, or "" for the root."""
    groups: tuple[GroupNames, ...] = ()
    places: Mapping[Key, tuple[str, str]] = field(default_factory=dict[Key, tuple[str, str]])
    """New stored name and dataset of the weights that move."""
    slots: Mapping[str, str] = field(default_factory=dict[str, str])
    """Old → new name of every weight, without :0, for the optimizer's state."""

    def order(self, group: str, names: Sequence[str]) -> tuple[str, tuple[str, ...]]:
        """Return where a group with a list of weights will be, and what the list will say."""
        for found in self.groups:
            if f"{self.root}/{found.old}" == group:
                named = tuple(found.weights.get(name, name) for name in names)
                return f"{self.root}/{found.new}", named
        return group, tuple(names)

    def listing(self, members: Sequence[str]) -> list[str]:
        """Return what the group of all layers will hold, `members` being what it holds now."""
        moved = {group.old: group.new for group in self.groups}
        return sorted(moved.get(name, name) for name in members)

    @property
    def is_flat(self) -> bool:
        """Whether no group lies inside another (old names of layers may contain a /)."""
        return not any("/" in group.old for group in self.groups)


def plan_names(file: Any, before: Model, after: Model) -> StoredNames:
    """Return what is to be renamed in an open legacy HDF5 file.

    Raises SaveFailed where a group of the new name is there already.
    """
    root = f"/{WEIGHTS}" if is_group(inside(file, WEIGHTS)) else ""
    top = inside(file, root or "/")
    listed = read_names(top, "layer_names") or []
    known = set(listed)
    renamed = new_stored_names(before, after)
    groups: list[GroupNames] = []
    places: dict[Key, tuple[str, str]] = {}
    for name, unit, indices in _groups(before, root):
        new = after.layers[unit].name if _is_renamed(before, after, unit) else name
        new = new if name in known else name
        keys = [(i, k) for i in indices for k in range(len(before.layers[i].weights))]
        weights = _weight_names(top, name, before, keys, renamed)
        if new == name and not weights:
            continue
        groups.append(GroupNames(name, new, weights))
        for key in keys:
            stored = before.layers[key[0]].weights[key[1]].stored_name
            stored = weights.get(stored, stored)
            places[key] = stored, f"{root}/{new}/{stored}"
    _check_groups(listed, groups)
    cores = {
        _bare(w.stored_name): _bare(places.get((i, k), (w.stored_name, ""))[0])
        for i, layer in enumerate(before.layers)
        for k, w in enumerate(layer.weights)
    }
    changed = any(old != new for old, new in cores.items())
    return StoredNames(root, tuple(groups), places, cores if changed else {})


def _groups(model: Model, root: str) -> Iterator[tuple[str, int, list[int]]]:
    """Yield each group, the layer that it is called after, the layers with weights in it.

    A top-level layer has a group with all that is inside it; in Keras 1, layers inside a
    Merge at the start of a Sequential have groups of their own.
    """
    for top in model.children(-1):
        found: dict[str, list[int]] = {}
        for i in range(top, model.layers[top].end):
            for weight in model.layers[i].weights[:1]:
                group = weight.dataset[len(root) + 1 : -len(weight.stored_name) - 1]
                found.setdefault(group, []).append(i)
        if not found:
            yield model.layers[top].name, top, [top]
        for name, indices in found.items():
            own = next((i for i in indices if model.layers[i].name == name), top)
            merged = model.layers[top].class_name == "Merge" and model.layers[top].name != name
            yield name, own if merged else top, indices


def _is_renamed(before: Model, after: Model, index: int) -> bool:
    return before.layers[index].name != after.layers[index].name


def _weight_names(
    top: Handle, path: str, model: Model, keys: Sequence[Key], renamed: Mapping[Key, str]
) -> dict[str, str]:
    """Return old → new for a group's list; {} where nothing changes, or names would clash."""
    if not any(key in renamed for key in keys):
        return {}
    group = inside(top, path)
    listed = read_names(group, "weight_names") if is_group(group) else None
    if listed is None:
        return {}
    names = {name: name for name in listed}
    for key in keys:
        stored = model.layers[key[0]].weights[key[1]].stored_name
        names[stored] = renamed.get(key, stored)
    return names if len(set(names.values())) == len(names) else {}


def _check_groups(listed: Sequence[str], groups: Sequence[GroupNames]) -> None:
    moved = {group.old for group in groups if group.old != group.new}
    stay = set(listed) - moved
    for group in groups:
        if group.old != group.new and group.new in stay:
            raise SaveFailed(
                f"The file holds another layer's weights under {safe_text(group.new, 200)}; "
                "nothing was written. Choose another name."
            )


def rename_stored(file: Any, names: StoredNames) -> None:
    """Carry the plan out on an open file. Raises SaveFailed where something is in the way."""
    root = _open(file, names.root or "/")
    for group in names.groups:
        if group.weights:
            _rename_weights(_open(root, group.old), group.weights)
    moved = {g.old: g.new for g in names.groups if g.old != g.new}
    if moved:
        listed = read_names(root, "layer_names") or []
        move_links(root, [(parts(n), parts(moved.get(n, n))) for n in present(root, listed)])
        write_names(root, "layer_names", [moved.get(name, name) for name in listed])
    state = inside(file, STATE)
    if names.slots and is_group(state):
        _rename_slots(state, names.slots)


def _rename_weights(group: Handle, names: Mapping[str, str]) -> None:
    listed = read_names(group, "weight_names") or []
    found = present(group, listed)
    move_links(group, [(parts(name), parts(names.get(name, name))) for name in found])
    write_names(group, "weight_names", [names.get(name, name) for name in listed])


def _rename_slots(state: Handle, cores: Mapping[str, str]) -> None:
    listed = read_names(state, "weight_names") or []
    names = dict(zip(listed, new_slot_names(listed, cores), strict=True))
    if any(old != new for old, new in names.items()):
        _rename_weights(state, names)


def _open(file: Any, path: str) -> Handle:
    found = low(file) if path == "/" else inside(file, path)
    if not is_group(found):
        raise SaveFailed(
            f"The group {safe_text(path, 200)} in the file is missing or a link; nothing was "
            "written."
        )
    return found


def with_places(model: Model, places: Mapping[Key, tuple[str, str]]) -> Model:
    """Return a description whose weights have the stored names and datasets of `places`."""
    if not places:
        return model
    layers = list(model.layers)
    for i in {index for index, _ in places}:
        layers[i] = _placed(layers[i], i, places)
    return model.with_layers(tuple(layers))


def _placed(layer: Layer, index: int, places: Mapping[Key, tuple[str, str]]) -> Layer:
    weights = tuple(
        _at(weight, *places[index, k]) if (index, k) in places else weight
        for k, weight in enumerate(layer.weights)
    )
    return layer.with_fields(weights=weights)


def _at(weight: Weight, stored_name: str, dataset: str) -> Weight:
    twin = object.__new__(Weight)
    twin.__dict__.update(weight.__dict__, stored_name=stored_name, dataset=dataset)
    return twin


def _bare(name: str) -> str:
    return name.removesuffix(":0")

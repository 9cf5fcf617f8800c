"""Groups of weights that go with cut layers, and new ones for appended layers, in HDF5."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import h5py
import numpy as np

from ..draws import Array, draw_new
from ..edits.class_paths import class_groups
from ..errors import SaveFailed
from ..files.attributes import has_attribute, read_names, write_names
from ..files.guards import is_dataset, is_group
from ..model import Layer, Model, NewDense, Weight, safe_text
from .relink import move_links, parts
from .renaming import WEIGHTS
from .restructure import Restructuring
from .state_edit import apply_named, apply_numbered, inside, named_entries
from .values import converted

_h5py: Any = h5py
_LABEL = "name"
Made = dict[int, NewDense]
"""Index of an appended layer → how its weights begin."""


def regroup_legacy(file: Any, work: Restructuring, made: Made) -> None:
    """Take cut layers out of a legacy file, put new ones in, realign the optimizer's state."""
    root = file[WEIGHTS]
    listed = read_names(root, "layer_names")
    if listed is None:
        raise SaveFailed("The file lists no layer_names, so layers cannot be cut or appended.")
    example = _example(root, listed)
    for name in _cut_groups(work):
        if name in listed:
            listed.remove(name)
            if name in root:
                del root[name]
    for group, names in _cut_weights(work).items():
        _drop(root, group, names)
    for index, recipe in made.items():
        layer = work.middle.layers[index]
        group = root.create_group(layer.name)
        listed.append(layer.name)
        _fill(file, work.before, layer, recipe)
        _list(group, [weight.stored_name for weight in layer.weights], example)
    write_names(root, "layer_names", listed)
    for path, plan in work.states.items():
        if plan.remove:
            del file[path]
        elif plan.entries is not None:
            apply_named(file[path], named_entries(file[path])[0], plan)


def regroup_archive(file: Any, work: Restructuring, made: Made) -> None:
    """Do the same in the HDF5 file of an archive, whose groups are counted by class."""
    gone = set(work.gone)
    places = {origin: i for i, origin in enumerate(work.origins) if origin >= 0}
    for container in sorted({work.before.layers[i].parent for i in gone} - gone, reverse=True):
        old = class_groups(work.before, container)
        new = class_groups(work.middle, places.get(container, -1))
        folder = next(iter(old.values())).rpartition("/")[0]
        for index, path in old.items():
            if index in gone and path in file:
                del file[path]
        present = [i for i in old if i not in gone and old[i] in file]
        if present:
            moves = [(_last(old[i]), _last(new[places[i]])) for i in present]
            move_links(inside(file, folder), [(parts(a), parts(b)) for a, b in moves])
    labelled = _is_labelled(file, work.before)
    for index, recipe in made.items():
        layer = work.middle.layers[index]
        _fill(file, work.before, layer, recipe)
        if labelled:
            file[layer.weights[0].dataset].parent.attrs[_LABEL] = layer.name
    for path, plan in work.states.items():
        apply_numbered(file[path], plan)


def check_new(file: Any, work: Restructuring, made: Made) -> None:
    """Compare the new weights with what was drawn, to the bit. Raises SaveFailed."""
    for index, recipe in made.items():
        for weight in work.middle.layers[index].weights:
            dataset = file[weight.dataset]
            if np.asarray(dataset[()]).tobytes() != _values(weight, recipe, dataset).tobytes():
                raise SaveFailed(
                    f"What was written to {safe_text(weight.dataset, 200)} is not what was "
                    "meant; the old file is untouched."
                )


def _last(path: str) -> str:
    return path.rpartition("/")[2]


def _example(root: Any, listed: list[str]) -> Any:
    """Return a list of weights' names to write others like, if there is any."""
    for name in listed:
        group = inside(root, name)
        if is_group(group):
            value = _h5py.Group(group).attrs.get("weight_names")
            if value is not None and len(value):
                return value
    return None


def _cut_groups(work: Restructuring) -> Iterator[str]:
    """Yield the groups of cut layers of the top."""
    for index in work.gone:
        layer = work.before.layers[index]
        if layer.parent < 0:
            for inner in work.before.layers[index : layer.end]:
                if inner.weights:
                    yield _group_of(inner.weights[0])
            yield layer.name


def _cut_weights(work: Restructuring) -> dict[str, set[str]]:
    """Return group → names of the weights that go from a nested model which stays."""
    found: dict[str, set[str]] = {}
    gone = set(work.gone)
    for index in gone:
        layer = top = work.before.layers[index]
        at = index
        while top.parent >= 0:
            at, top = top.parent, work.before.layers[top.parent]
        if at not in gone and layer.weights:
            names = found.setdefault(_group_of(layer.weights[0]), set())
            names.update(weight.stored_name for weight in layer.weights)
    return found


def _group_of(weight: Weight) -> str:
    return weight.dataset[len(WEIGHTS) + 2 : -len(weight.stored_name) - 1]


def _drop(root: Any, path: str, names: set[str]) -> None:
    group = root[path]
    listed = read_names(group, "weight_names") or []
    for name in names:
        del group[name]
        outer = name.rpartition("/")[0]
        while outer and not len(group[outer]):
            del group[outer]
            outer = outer.rpartition("/")[0]
    write_names(group, "weight_names", [name for name in listed if name not in names])


def _list(group: Any, names: list[str], example: Any) -> None:
    """Write a list of names in the way of the file: fixed bytes, or variable text."""
    variable = example is not None and np.asarray(example).dtype.kind == "O"
    group.attrs["weight_names"] = names if variable else np.array([n.encode() for n in names])


def _fill(file: Any, before: Model, layer: Layer, recipe: NewDense) -> None:
    for weight in layer.weights:
        dtype = _dtype(file, before, weight.dtype)
        dataset = file.create_dataset(weight.dataset, weight.shape, dtype)
        dataset[...] = _values(weight, recipe, dataset)


def _is_labelled(file: Any, before: Model) -> bool:
    """Whether groups of variables say what their layers are called, as later Keras 3 writes."""
    places = (layer.weights[0].dataset for layer in before.layers if layer.weights)
    groups = (inside(file, place.rpartition("/")[0]) for place in places)
    return any(has_attribute(group, _LABEL) for group in groups if is_group(group))


def _dtype(file: Any, before: Model, name: str) -> Any:
    """Return the dtype of the file's other weights of this kind: bfloat16 has a type of its own."""
    for layer in before.layers:
        for weight in layer.weights:
            if weight.dtype == name and is_dataset(inside(file, weight.dataset)):
                return file[weight.dataset].dtype
    return np.dtype("float32" if name == "bfloat16" else name)


def _values(weight: Weight, recipe: NewDense, dataset: Any) -> Array:
    """Return a new weight's values in the dtype of its dataset."""
    drawn = draw_new(weight.shape, recipe)
    made = None if drawn is None else converted(drawn, dataset.dtype)
    if made is None:
        raise SaveFailed(f"{safe_text(weight.dataset, 200)} cannot hold its first values.")
    return made

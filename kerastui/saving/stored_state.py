"""The optimizer's state as a file holds it: which of its arrays is which slot of which weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import h5py

from ..files.guards import Refused, descend, is_group
from ..files.low import low
from ..model import Model
from ..model.eras import SLOTS
from .arrange import Arrangement, Entry, Optimizer, Variable, arrange, variables_by_name
from .layouts import PLACEHOLDER, Style, plain_class
from .loaders import Loader, part_of, plain, trained_order
from .slots import style_of
from .state_edit import named_entries, numbered_entries

_h5py: Any = h5py  # it has no type information


@dataclass(frozen=True)
class State:
    """The optimizer's state in a file: its arrays in order, and the era's way of laying it out."""

    places: tuple[str, ...]
    """Absolute HDF5 paths."""
    entries: tuple[Entry, ...]
    style: Style


def stored_state(file: Any, model: Model) -> State | None:
    """Return the optimizer's state in an open `h5py.File`; None where there is none of use.

    Raises Refused for links.
    """
    try:
        if model.format != "keras":
            return _named(file)
        # The archives of TensorFlow 2.12 – 2.15 hold what its own optimizers keep.
        return _numbered(file, "tf211" if model.keras_version.startswith("2.") else "keras3")
    except Refused:
        raise
    except (KeyError, ValueError):
        return None


def _numbered(file: Any, style: Style) -> State | None:
    for name in ("optimizer", "_optimizer"):
        group = descend(low(file), f"{name}/vars".encode())
        if is_group(group):
            entries = tuple(numbered_entries(_h5py.Group(group)))
            places = tuple(f"/{name}/vars/{i}" for i in range(len(entries)))
            return State(places, entries, style) if entries else None
    return None


def _named(file: Any) -> State | None:
    group = descend(low(file), b"optimizer_weights")
    if not is_group(group):
        return None
    names, entries = named_entries(_h5py.Group(group))
    places = tuple(f"/optimizer_weights/{name}" for name in names)
    return State(places, tuple(entries), style_of(names)) if names else None


def arrangement_of(model: Model, state: State, optimizer: Optimizer) -> Arrangement | None:
    """Return which entry is which slot of which weight, as far as that is certain."""
    if all(entry.shape == () for entry in state.entries):  # compiled, not trained
        return Arrangement(optimizer, (), (), len(state.entries))
    part = part_of(model, -1)
    everything = list(plain(part))
    loader: Loader = "keras3" if state.style == "keras3" else "tf_keras"
    trained = [v for v in everything if v.weight.trainable]
    named = variables_by_name(state.entries, everything)
    orders = [named, trained_order(part, loader), trained]
    if state.style == "keras" and _sorts_by_name(model.keras_version):
        orders.insert(0, tuple(sorted(trained, key=lambda v: v.weight.stored_name)))
    for variables in orders:
        if variables is not None:
            found = arrange(state.entries, variables, optimizer)
            if found is not None:
                return found
    return None


def _sorts_by_name(version: str) -> bool:
    """Whether this Keras sorted the weights that it trained by name.

    ``collect_trainable_weights`` in `keras/engine/training.py` of Keras 1 did; files of Keras
    2.0.5 still show it, those of 2.0.8 no longer.
    """
    parts = [int(p) for p in version.split(".")[:3] if p.isdecimal()]
    return not parts or parts < [2, 0, 6]


def slots_by_weight(found: Arrangement) -> dict[tuple[tuple[int, int], str], int]:
    """Return the entries by key of the weight and today's name of the slot."""
    style, name = found.optimizer.style, plain_class(found.optimizer.class_name)
    result: dict[tuple[tuple[int, int], str], int] = {}
    for (key, slot), index in found.places.items():
        kind = slot.partition("/")[2]
        if kind == PLACEHOLDER:
            continue
        if style in ("keras", "optimizer_v2"):
            kind = SLOTS.get((name, kind), kind)
        result[key, kind] = index
    return result


def keys_by_dataset(model: Model) -> dict[str, tuple[int, int]]:
    """Return the key (`arrange.Variable.key`) of the weight in each dataset."""
    return {
        weight.dataset: Variable(i, n, weight).key
        for i, layer in enumerate(model.layers)
        for n, weight in enumerate(layer.weights)
    }

"""The optimizer's state of two files: slot by slot, whatever each era calls and numbers them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import KerastuiError
from ..files.arrays import ArrayFile
from ..model import Model, Weight
from ..model.values import as_mapping
from ..saving.layouts import PLACEHOLDER
from ..saving.slots import optimizer_of
from ..saving.stored_state import (
    State,
    arrangement_of,
    keys_by_dataset,
    slots_by_weight,
    stored_state,
)
from .compare_results import StateChange
from .streaming import Advance
from .weight_pairs import change_of

_UNMATCHED = (
    "Which array of the optimizer's state belongs to which weight cannot be told, and the files "
    "do not lay them out alike."
)


@dataclass(frozen=True)
class StateFile:
    """A model file whose optimizer state is compared.

    `names` has what weights are called in the new file, by dataset, where that is another.
    """

    model: Model
    file: ArrayFile
    names: Mapping[str, str]


def compare_states(old: StateFile, new: StateFile, advance: Advance) -> StateChange:
    """Compare the optimizer's states of two files. Raises what `advance` raises."""
    if not (old.model.has_flags and new.model.has_flags):
        return StateChange("none", "Not compared: a file with weights only does not describe it.")
    states = _state(old), _state(new)
    if states[0] is None or states[1] is None:
        if states[0] is states[1]:
            return StateChange("none")
        return StateChange("added" if states[0] is None else "removed")
    before, after = _named(old, states[0]), _named(new, states[1])
    if before is None or after is None:
        shapes = [[entry.shape for entry in state.entries] for state in states if state]
        if states[0].style != states[1].style or shapes[0] != shapes[1]:
            return StateChange("unmatched", _UNMATCHED)
        before, after = _plainly(states[0]), _plainly(states[1])
    files = old.file, new.file
    changes = [
        change_of((before.get(name), after.get(name)), files, advance)
        for name in dict.fromkeys((*after, *before))
        if name not in _NOT_ALWAYS or (name in before and name in after)
    ]
    return StateChange("compared", slots=tuple(changes))


_NOT_ALWAYS = ("iterations", "learning_rate", "other 0", "other 1")
"""What not every era, nor every optimizer of each, keeps among the state."""


def _state(side: StateFile) -> State | None:
    if side.file.root is None:
        return None
    try:
        return stored_state(side.file.root, side.model)
    except KerastuiError:
        return None


def _named(side: StateFile, state: State) -> dict[str, Weight] | None:
    """Return the arrays of a state by weight and slot; None where that is not certain."""
    section = side.model.compile.section if side.model.compile else ""
    compiled = as_mapping(json.loads(section)) if section else None
    optimizer = optimizer_of(compiled or {}, state.style)
    found = arrangement_of(side.model, state, optimizer)
    if found is None:
        return None
    names = [""] * len(state.places)
    reserved = {i for (_, slot), i in found.places.items() if slot.endswith(PLACEHOLDER)}
    keys = {key: dataset for dataset, key in keys_by_dataset(side.model).items()}
    labels = {
        weight.dataset: side.names.get(weight.dataset, f"{layer.path}/{weight.name}")
        for layer in side.model.layers
        for weight in layer.weights
    }
    for (key, kind), index in slots_by_weight(found).items():
        names[index] = f"{labels[keys[key]]} · {kind}"
    return {
        name or _scalar(number, state): _weight(name or _scalar(number, state), number, state)
        for number, name in enumerate(names)
        if number not in reserved
    }


def _scalar(number: int, state: State) -> str:
    """Return a name for what belongs to no weight."""
    stored = state.entries[number].name.rpartition("/")[2].removesuffix(":0")
    if number == 0 or stored in ("iter", "iteration", "iterations"):
        return "iterations"
    if stored == "learning_rate" or (number == 1 and state.style == "keras3"):
        return "learning_rate"
    return stored or f"other {number}"


def _plainly(state: State) -> dict[str, Weight]:
    return {
        (name := entry.name or str(number)): _weight(name, number, state)
        for number, entry in enumerate(state.entries)
    }


def _weight(name: str, number: int, state: State) -> Weight:
    return Weight(
        name, state.entries[number].name, state.places[number], state.entries[number].shape, "",
        trainable=False,
    )  # fmt: skip

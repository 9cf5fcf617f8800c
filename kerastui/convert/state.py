"""The optimizer's state for the new file: old slots in the new order, the rest as it begins."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..files.entries import is_object
from ..saving.arrange import Arrangement, Optimizer, sequence
from ..saving.layouts import Style, blocks, plain_class, start_value
from ..saving.loaders import Loader, part_of, trained_order
from ..saving.slots import optimizer_of
from ..saving.stored_state import State, arrangement_of, keys_by_dataset, slots_by_weight
from .report import Report
from .source import Source
from .tables import Dialect
from .target import Target


@dataclass(frozen=True)
class Slot:
    """One array of the new state: a copy of an old one, or filled with a number."""

    name: str
    origin: str
    """Absolute HDF5 path in the source; "" when it is filled."""
    shape: tuple[int, ...] = ()
    dtype: str = "float32"
    start: float = 0.0


_COUNT = re.compile(r"iter|^$|(^|/)Variable(_\d+)?(:0)?$")
"""What the count of steps is called; Keras 1 gave it no name, nor anything else."""
_GIVEN_UP = "The optimizer's state is left out"


def plan_state(
    source: Source, target: Target, compiled: Mapping[str, Any], dialect: Dialect, report: Report
) -> list[Slot]:
    """Return the new state; empty when there is none, or it cannot be carried over."""
    state = source.state
    if state is None or source.compiled is None:
        return []
    if any(moved.step is not None for moved in target.moved):
        report.lost(f"{_GIVEN_UP}: weights are laid out anew, and its slots with them.")
        return []
    old_optimizer = optimizer_of(source.compiled, state.style)
    new_style: Style = "keras3" if dialect == "keras3" else "tf211"
    optimizer = optimizer_of(compiled, new_style)
    if plain_class(old_optimizer.class_name) == "nadam" and state.style != new_style:
        report.lost(f"{_GIVEN_UP}: Nadam keeps its momentum schedule otherwise in each era.")
        return []
    found = arrangement_of(source.model, state, old_optimizer)
    layout = blocks(optimizer.class_name, optimizer.config, new_style)
    if found is None or layout is None:
        report.lost(f"{_GIVEN_UP}: which slot belongs to which weight cannot be told.")
        return []
    loader: Loader = "keras3" if dialect == "keras3" else "tf_keras"
    new = trained_order(part_of(target.model, -1), loader)
    old = slots_by_weight(found)
    keys = keys_by_dataset(source.model)
    name = str(optimizer.config.get("name") or plain_class(optimizer.class_name))
    slots = _scalars(state, found, optimizer, name)
    if not found.places:  # compiled, never trained: Keras makes the slots when it trains
        return slots
    behind = [*range(len(state.entries) - found.after, len(state.entries))]
    for variable, slot, shape in sequence(layout, new, new_style):
        moved = target.moved_at(variable.layer, variable.position)
        kind = slot.partition("/")[2]
        index = old.get((keys[moved.origin[0].dataset], kind))
        core = variable.weight.stored_name.removesuffix(":0")
        label = _slot_name(name, core, kind, new_style)
        if index is not None and state.entries[index].shape == shape:
            slots.append(Slot(label, state.places[index], shape))
            continue
        start = start_value(kind, optimizer.class_name, optimizer.config, new_style)
        slots.append(Slot(label, "", shape, moved.dtype, start or 0.0))
        report.lost("Some of the optimizer's slots are not in the file; they begin anew.")
    if new_style == state.style:
        slots += [Slot(f"{name}/after_{i}", state.places[i]) for i in behind]
    return slots


def _scalars(state: State, found: Arrangement, optimizer: Optimizer, name: str) -> list[Slot]:
    """Return what stands before the slots: the iteration count, and the learning rate."""
    if state.style == optimizer.style:
        return [Slot(f"{name}/{_scalar(i)}", state.places[i]) for i in range(found.before)]
    ending = "" if optimizer.style == "keras3" else ":0"
    prefix = f"{name}/" if optimizer.style == "keras3" else ""
    label = f"{prefix}iteration{ending}"
    where = next(
        (
            place
            for place, entry in zip(state.places[: found.before], state.entries, strict=False)
            if entry.shape == () and _COUNT.search(entry.name)
        ),
        "",
    )
    slots = [Slot(label, where, (), "int64")]
    rate = optimizer.config.get("learning_rate")
    if optimizer.style == "keras3" and not is_object(rate):
        start = float(rate) if isinstance(rate, (int, float)) else 0.001
        slots.append(Slot(f"{prefix}learning_rate", "", (), "float32", start))
    return slots


def _scalar(number: int) -> str:
    return ("iteration", "learning_rate")[number] if number < 2 else f"scalar_{number}"


def _slot_name(name: str, core: str, kind: str, style: Style) -> str:
    if style == "keras3":
        return f"{name}/{core.replace('/', '_')}_{kind}"
    return f"{name}/{kind}/{core}:0"

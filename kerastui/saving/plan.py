"""What a save will touch, found out before anything is written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from ..edits import FlagChange, WeightChange
from ..errors import SaveFailed
from ..files.attributes import read_names, read_text
from ..files.guards import is_group
from ..model import ArraySource, Layer, Model, safe_text
from .flags import CONFIG_ATTRIBUTE, edit_text, flags_differ
from .layouts import Style
from .loaders import Loader, part_of, trained_order
from .slots import SlotPlan, SlotReport, optimizer_of, plan_slots, style_of
from .state_edit import inside, named_entries, numbered_entries
from .values import values_of
from .weight_order import Reordered, plan_order

_STATE = "optimizer_weights"
_NO_STATE = SlotReport(reason="The file holds no optimizer state.")


@dataclass(frozen=True)
class SavePlan:
    """What a save touches; for a dialog. Everything else stays as it is, to the byte."""

    flags: tuple[FlagChange, ...] = ()
    weights: tuple[WeightChange, ...] = ()
    """Weights that get other values."""
    reordered: tuple[str, ...] = ()
    """Top-level layers whose list of weights has to be put in another order."""
    slots: SlotReport = _NO_STATE
    """What happens to the optimizer's state."""
    warnings: tuple[str, ...] = ()
    """One sentence each on what Keras will not do as the flags say, and the like."""


@dataclass
class Work:
    """A plan in full detail, ready to be carried out."""

    before: Model
    after: Model
    text: str = ""
    """The new configuration; "" where it stays as it is."""
    values: dict[str, ArraySource] = field(default_factory=dict[str, ArraySource])
    """New values of datasets, by absolute path."""
    orders: list[Reordered] = field(default_factory=list[Reordered])
    states: dict[str, SlotPlan] = field(default_factory=dict[str, SlotPlan])
    """Absolute paths of groups with optimizer state, and what becomes of them."""
    warnings: list[str] = field(default_factory=list[str])

    @property
    def report(self) -> SlotReport:
        """What happens to the optimizer's state (an inner optimizer's is stored twice)."""
        return next((plan.report for plan in self.states.values()), _NO_STATE)

    @property
    def touches_state(self) -> bool:
        """Whether any group of optimizer state changes."""
        return any(plan.entries is not None for plan in self.states.values())


def plan_hdf5(file: Any, before: Model, after: Model) -> Work:
    """Return the work on an HDF5 file: a legacy model, or one of weights only.

    Raises SaveFailed when it cannot be done right.
    """
    work = Work(before, after, values=values_of(after))
    if not flags_differ(before, after):
        return work
    text = read_text(file, CONFIG_ATTRIBUTE)
    if text is None:
        raise SaveFailed("The file has lost its model_config; nothing was written.")
    work.text = edit_text(text, before, after)
    native: Loader = "keras3" if before.keras_version.startswith("3") else "tf_keras"
    work.orders = plan_order(before, after, native, lambda group: _names(file, group))
    state = inside(file, _STATE)
    if is_group(state):
        names, entries = named_entries(state)
        if entries:
            compiled = _object(read_text(file, "training_config"))
            optimizer = optimizer_of(compiled, style_of(names))
            work.states["/" + _STATE] = plan_slots(before, after, entries, optimizer)
    work.warnings += warnings_for(work)
    return work


def plan_archive(config: str, weights: Any, before: Model, after: Model) -> Work:
    """Return the work on a ``.keras`` archive; `weights` is the HDF5 file inside."""
    work = Work(before, after, values=values_of(after))
    if not flags_differ(before, after):
        return work
    work.text = edit_text(config, before, after)
    compiled = _object(config).get("compile_config")
    style: Style = "keras3" if before.keras_version.startswith("3") else "tf211"
    stated = cast("dict[str, Any]", compiled) if isinstance(compiled, dict) else {}
    optimizer = optimizer_of(stated, style)
    for path, group in _state_groups(weights):
        plan = plan_slots(before, after, numbered_entries(group), optimizer)
        # An archive without the group would not load; the iteration alone does no harm.
        work.states[path] = replace(plan, entries=(0,), remove=False) if plan.remove else plan
    work.warnings += warnings_for(work)
    return work


def _state_groups(weights: Any) -> list[tuple[str, Any]]:
    """Return the groups of numbered state: the optimizer's, and those inside it."""
    found: list[tuple[str, Any]] = []
    path = "/optimizer"
    while weights is not None and len(found) < 4:
        if not is_group(inside(weights, f"{path}/vars")):
            break
        group = weights[f"{path}/vars"]
        if len(group):
            found.append((f"{path}/vars", group))
        path += "/inner_optimizer"
    return found


def _names(file: Any, path: str) -> Sequence[str]:
    group = inside(file, path)
    names = read_names(group, "weight_names") if is_group(group) else None
    return names or ()


def _object(text: str | None) -> Mapping[str, Any]:
    try:
        value: Any = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def warnings_for(work: Work) -> list[str]:
    """Return what the user should know about how Keras will read the new flags."""
    before, after = work.before, work.after
    found = [
        f"Keras 3 and tf_keras read the weights inside {safe_text(after.layers[o.layer].path)} in "
        "different orders with these flags; the file is written for the Keras that made it."
        for o in work.orders
        if not o.agreed
    ]
    found += [
        f"The custom layer {_named(new)} does not state trainable in its configuration; its class "
        "has to accept the argument for the file to load."
        for old, new in zip(before.layers, after.layers, strict=True)
        if not new.states_trainable and old.trainable is not new.trainable
    ]
    trained = {v.layer for v in trained_order(part_of(after, -1), "keras3")}
    effective = after.effective
    found += [
        f"Keras 3 goes on training {_named(layer)}, although it is frozen in the file; freeze it "
        "in your script as well."
        for i, layer in enumerate(after.layers)
        if not effective[i] and i in trained
    ]
    return found


def _named(layer: Layer) -> str:
    return f"{safe_text(layer.path)} ({safe_text(layer.class_name)})"

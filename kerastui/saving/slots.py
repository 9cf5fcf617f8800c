"""What happens to an optimizer's state when other weights are trained than before.

Keras keeps slots in the order of the trained weights and assigns them by position. So slots
of weights that stay trained keep their arrays, those of newly frozen ones go, and newly
trained ones begin as the optimizer would begin them. Scalars (iteration, learning rate) stay.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from ..model import Model
from .arrange import Arrangement, Entry, Optimizer, Variable, arrange, sequence, variables_by_name
from .layouts import Block, Shape, Style, blocks, inner_optimizer, plain_class, start_value
from .loaders import Loader, part_of, plain, trained_order


@dataclass(frozen=True)
class SlotReport:
    """What a save does to the optimizer's state. Counts are of slot arrays."""

    kept: int = 0
    dropped: int = 0
    added: int = 0
    removed: int = 0
    """Slots of weights that the model no longer has."""
    reason: str = ""
    """One sentence: why nothing was touched, or why everything was dropped."""

    @property
    def touched(self) -> bool:
        """Whether the state in the file changes."""
        return bool(self.dropped or self.added or self.removed)

    @property
    def sentence(self) -> str:
        """The report as one sentence."""
        if self.reason:
            return self.reason
        parts = [f"{self.kept:,} {'slot' if self.kept == 1 else 'slots'} kept"]
        if self.dropped:
            parts.append(f"{self.dropped:,} of newly frozen weights dropped")
        if self.removed:
            parts.append(f"{self.removed:,} of removed layers dropped")
        if self.added:
            parts.append(f"{self.added:,} added for newly trained weights")
        return "Optimizer state: " + ", ".join(parts) + "."


@dataclass(frozen=True)
class Fresh:
    """A slot that the file does not have yet."""

    variable: Variable
    slot: str
    shape: Shape
    start: float | None
    """The value it begins with; None for a copy of the variable."""
    like: int | None
    """An entry that holds the same slot of another variable, if there is one."""


@dataclass(frozen=True)
class Rate:
    """A learning rate among the scalars of the state."""

    value: float
    like: int | None
    """The entry that it takes the place of; None for a new one."""


SlotEntry = int | Fresh | Rate


@dataclass(frozen=True)
class SlotPlan:
    """The new list of entries: indices of old ones, and fresh ones. None: leave it alone."""

    entries: tuple[SlotEntry, ...] | None
    report: SlotReport
    remove: bool = False
    """Take the whole group away; `entries` is empty then."""


def plan_slots(
    before: Model,
    after: Model,
    entries: Sequence[Entry],
    optimizer: Optimizer,
    origins: Sequence[int] | None = None,
    wanted: Optimizer | None = None,
) -> SlotPlan:
    """Return what becomes of the saved state `entries` when `before` becomes `after`.

    `origins` says for each layer of `after` which one of `before` it is, -1 for a new one;
    without it they have the same layers. `wanted` is the optimizer as it is to be, where its
    settings change.
    """
    layout = _other_layout(optimizer, wanted)
    scalars = all(entry.shape in ((), (1,)) for entry in entries)
    if scalars and not _keeps_slots(optimizer) and layout is None:
        return _untouched("The optimizer keeps no state for single weights; it is as it was.")
    loader: Loader = "keras3" if optimizer.style == "keras3" else "tf_keras"
    old = trained_order(part_of(before, -1), loader)
    new = trained_order(part_of(after, -1), loader)
    if origins is not None:
        new = [_told_apart(variable, origins) for variable in new]
    if [v.key for v in old] == [v.key for v in new] and layout is None:
        return _untouched("The optimizer's state is as it was: the same weights are trained.")
    if not new and optimizer.style in _BUILT_ON_LOADING and _needs_a_weight(optimizer):
        reason = (
            "The optimizer's state was dropped: Keras cannot load a file with the state of a "
            "Nadam that trains nothing."
        )
        return SlotPlan((), SlotReport(dropped=len(entries), reason=reason), remove=True)
    everything = list(plain(part_of(before, -1)))
    arrangement = _arrangement(entries, old, everything, optimizer)
    if arrangement is None:
        return _dropped(entries)
    remain = range(len(before.layers)) if origins is None else origins
    return _realigned(entries, arrangement, new, remain, layout)


def _other_layout(optimizer: Optimizer, wanted: Optimizer | None) -> tuple[Block, ...] | None:
    """Return the blocks that the optimizer's new settings call for, None where they are the same.

    ``momentum``, ``amsgrad``, ``centered``, ``use_ema`` and their like bring slots with them.
    """
    if wanted is None:
        return None
    old, new = (blocks(o.class_name, o.config, o.style) for o in (optimizer, wanted))
    return new if old is not None and new != old else None


def _told_apart(variable: Variable, origins: Sequence[int]) -> Variable:
    """Return a variable with the layer that it had before; those of new layers have none."""
    origin = origins[variable.layer]
    return replace(variable, layer=origin if origin >= 0 else -1 - variable.layer)


# tf_keras builds the optimizer when a file has state, and these then look at the first weight.
_BUILT_ON_LOADING = ("optimizer_v2", "tf211")


def _needs_a_weight(optimizer: Optimizer) -> bool:
    return plain_class(optimizer.class_name) == "nadam"


def _keeps_slots(optimizer: Optimizer) -> bool:
    return bool(blocks(optimizer.class_name, optimizer.config, optimizer.style))


def _untouched(reason: str) -> SlotPlan:
    return SlotPlan(None, SlotReport(reason=reason))


def _arrangement(
    entries: Sequence[Entry],
    old: Sequence[Variable],
    everything: Sequence[Variable],
    optimizer: Optimizer,
) -> Arrangement | None:
    """Return the arrangement over the weights that the state was made for.

    Usually these are the ones trained by the flags in the file. But who compiles first and
    freezes afterwards saves slots of all weights; and names may tell yet others.
    """
    trained = [v for v in everything if v.weight.trainable]
    for variables in (variables_by_name(entries, everything), old, trained):
        if variables is not None:
            found = arrange(entries, variables, optimizer)
            if found is not None:
                return found
    return None


def _dropped(entries: Sequence[Entry]) -> SlotPlan:
    """Keep the leading scalars only: Keras then starts every slot afresh, none of them wrong."""
    count = next((i for i, e in enumerate(entries) if e.shape not in ((), (1,))), len(entries))
    if count == len(entries):
        return _untouched("The optimizer's state holds no slots; Keras will begin them anew.")
    reason = (
        "The optimizer's state was dropped, because which of its slots belong to which weights "
        "cannot be told from the file; training goes on with fresh slots."
    )
    report = SlotReport(dropped=len(entries) - count, reason=reason)
    return SlotPlan(tuple(range(count)), report)


def _realigned(
    entries: Sequence[Entry],
    arrangement: Arrangement,
    new: Sequence[Variable],
    remain: Container[int],
    other: tuple[Block, ...] | None,
) -> SlotPlan:
    optimizer = arrangement.optimizer
    layout = arrangement.blocks if other is None else other
    places = {(key, _kind(slot)): index for (key, slot), index in arrangement.places.items()}
    if not layout and not places:
        return _untouched("The optimizer's state holds no slots; Keras will begin them anew.")
    like = {slot: index for (_, slot), index in [*places.items()][::-1]}
    plan: list[SlotEntry] = list(range(arrangement.before))
    kept = added = 0
    for variable, slot, shape in sequence(layout, new, optimizer.style):
        kind = _kind(slot)
        index = places.get((variable.key, kind))
        if index is not None:
            plan.append(index)
            kept += 1
            continue
        start = start_value(kind, optimizer.class_name, optimizer.config, optimizer.style)
        plan.append(Fresh(variable, kind, shape, start, like.get(kind)))
        added += 1
    plan += range(len(entries) - arrangement.after, len(entries))
    removed = sum(layer not in remain for (layer, _), _ in places)
    report = SlotReport(kept, len(places) - kept - removed, added, removed)
    if other is not None:
        counts = f"{kept:,} slots kept, {report.dropped:,} dropped, {added:,} added"
        reason = f"The optimizer's new settings change what it keeps: {counts}."
        report = replace(report, reason=reason)
    return SlotPlan(tuple(plan), report)


def _kind(slot: str) -> str:
    return slot.partition("/")[2]


def optimizer_of(compiled: Mapping[str, Any], style: Style) -> Optimizer:
    """Return the optimizer that a ``training_config`` or ``compile_config`` names.

    One that scales losses is seen through: its own state is scalars and the inner one's.
    """
    value = compiled.get("optimizer_config", compiled.get("optimizer"))
    if not isinstance(value, dict):
        return Optimizer(value if isinstance(value, str) else "", {}, style)
    stated = cast("dict[str, Any]", value)
    name, config = stated.get("class_name"), stated.get("config")
    settings = cast("dict[str, Any]", config) if isinstance(config, dict) else {}
    return Optimizer(*inner_optimizer(name if isinstance(name, str) else "", settings), style)


def style_of(names: Sequence[str]) -> Style:
    """Tell the era of an optimizer's state in legacy HDF5 by the names of its entries."""
    if any(name.endswith("iter:0") for name in names):
        return "optimizer_v2"
    if any(name.endswith("iteration:0") for name in names):
        return "tf211"
    return "keras" if any(name.endswith(":0") for name in names) else "keras3"

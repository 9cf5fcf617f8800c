"""What happens to an optimizer's state when other weights are trained than before.

Keras keeps slots in the order of the trained weights and assigns them by position. So slots
of weights that stay trained keep their arrays, those of newly frozen ones go, and newly
trained ones begin as the optimizer would begin them. Scalars (iteration, learning rate) stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ..model import Model
from .arrange import Arrangement, Entry, Optimizer, Variable, arrange, sequence, variables_by_name
from .layouts import Shape, Style, blocks, inner_optimizer, plain_class, start_value
from .loaders import Loader, part_of, plain, trained_order


@dataclass(frozen=True)
class SlotReport:
    """What a save does to the optimizer's state. Counts are of slot arrays."""

    kept: int = 0
    dropped: int = 0
    added: int = 0
    reason: str = ""
    """One sentence: why nothing was touched, or why everything was dropped."""

    @property
    def touched(self) -> bool:
        """Whether the state in the file changes."""
        return bool(self.dropped or self.added)

    @property
    def sentence(self) -> str:
        """The report as one sentence."""
        if self.reason:
            return self.reason
        parts = [f"{self.kept:,} {'slot' if self.kept == 1 else 'slots'} kept"]
        if self.dropped:
            parts.append(f"{self.dropped:,} of newly frozen weights dropped")
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
class SlotPlan:
    """The new list of entries: indices of old ones, and fresh ones. None: leave it alone."""

    entries: tuple[int | Fresh, ...] | None
    report: SlotReport
    remove: bool = False
    """Take the whole group away; `entries` is empty then."""


def plan_slots(
    before: Model, after: Model, entries: Sequence[Entry], optimizer: Optimizer
) -> SlotPlan:
    """Return what becomes of the saved state `entries` when `before` becomes `after`."""
    if all(entry.shape in ((), (1,)) for entry in entries) and not _keeps_slots(optimizer):
        return _untouched("The optimizer keeps no state for single weights; it is as it was.")
    loader: Loader = "keras3" if optimizer.style == "keras3" else "tf_keras"
    old = trained_order(part_of(before, -1), loader)
    new = trained_order(part_of(after, -1), loader)
    if [v.key for v in old] == [v.key for v in new]:
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
    return _realigned(entries, arrangement, new)


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
    entries: Sequence[Entry], arrangement: Arrangement, new: Sequence[Variable]
) -> SlotPlan:
    optimizer = arrangement.optimizer
    layout, places = arrangement.blocks, arrangement.places
    if not layout:
        return _untouched("The optimizer's state holds no slots; Keras will begin them anew.")
    like = {slot: index for (_, slot), index in [*places.items()][::-1]}
    plan: list[int | Fresh] = list(range(arrangement.before))
    kept = added = 0
    for variable, slot, shape in sequence(layout, new, optimizer.style):
        index = places.get((variable.key, slot))
        if index is not None:
            plan.append(index)
            kept += 1
            continue
        kind = slot.partition("/")[2]
        start = start_value(kind, optimizer.class_name, optimizer.config, optimizer.style)
        plan.append(Fresh(variable, kind, shape, start, like.get(slot)))
        added += 1
    plan += range(len(entries) - arrangement.after, len(entries))
    report = SlotReport(kept, len(places) - kept, added)
    return SlotPlan(tuple(plan), report)


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

"""What the table of differences lists: groups of weights, and which rows are seen."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from kerastui.analysis.compare_results import (
    Comparison,
    LayerChange,
    SettingChange,
    WeightChange,
)
from kerastui.model.figures import plural

_STATE_NOTES = {
    "added": "only in the new file", "removed": "only in the old file",
    "unmatched": "cannot be compared",
}  # fmt: skip


@dataclass(frozen=True)
class Group:
    """What can be unfolded: a layer, or what belongs to none."""

    kind: Literal["layer", "loose", "model", "compile", "state"]
    title: str
    """A layer's path as it is in the file, or a few words."""
    weights: tuple[WeightChange, ...]
    same: bool
    layer: LayerChange | None = None
    note: str = ""
    """What is said of it instead of counting its weights."""
    has_flags: bool = True
    """Whether both files say what can be trained."""

    @property
    def sign(self) -> str:
        """How it differs: a key into `diff_cells.SIGNS`."""
        if self.same:
            return "same"
        if self.layer is None:
            return "changed"
        if self.layer.frozen and any(w.trained and w.moved for w in self.weights):
            return "moved"
        return "changed" if self.layer.status == "both" else self.layer.status

    @property
    def largest(self) -> float | None:
        """The largest relative change of a weight; None where none has one."""
        changes = (weight.relative for weight in self.weights)
        return max((change for change in changes if change is not None), default=None)


@dataclass(frozen=True)
class DiffRow:
    """A row: a group, or (`weight` from 0) a weight in it."""

    group: int
    weight: int = -1


def groups_of(found: Comparison) -> tuple[Group, ...]:
    """Return all that was compared: the layers in order, then what belongs to none of them."""
    return tuple(_groups(found))


def _groups(found: Comparison) -> Iterator[Group]:
    for layer in found.layers:
        yield Group(
            "layer", layer.path, layer.weights, layer.same, layer, has_flags=found.frozen.known
        )
    if found.loose:
        same = all(weight.same for weight in found.loose)
        yield Group("loose", "weights that no layer owns", found.loose, same)
    if found.model:
        note = _settings_note(found.model)
        yield Group("model", "the model itself", (), same=False, note=note)
    if found.compile:
        note = _settings_note(found.compile)
        yield Group("compile", "compile settings", (), same=False, note=note)
    state = found.state
    if state.status != "none":
        note = _STATE_NOTES.get(state.status, "")
        yield Group("state", "optimizer state", state.slots, state.same, note=note)


def _settings_note(settings: Sequence[SettingChange]) -> str:
    return f"{plural(len(settings), 'setting')} differ{'s' * (len(settings) == 1)}"


@dataclass(frozen=True)
class Wanted:
    """Which rows are to be seen, and in which order."""

    everything: bool = False
    """Also what is the same."""
    by_change: bool = False
    """The largest relative change first; otherwise in the model's order."""
    needle: str = ""
    """Part of a path, a class or a weight's name."""


def rows_of(
    groups: Sequence[Group], unfolded: Collection[int], wanted: Wanted
) -> tuple[DiffRow, ...]:
    """Return the rows: groups, and below those that are unfolded all their weights."""
    found = [
        i
        for i, group in enumerate(groups)
        if (wanted.everything or not group.same) and _matches(group, wanted.needle.casefold())
    ]
    if wanted.by_change:
        found.sort(key=lambda i: _rank(groups[i]))
    rows = list[DiffRow]()
    for i in found:
        rows.append(DiffRow(i))
        if i in unfolded:
            rows += [DiffRow(i, number) for number in range(len(groups[i].weights))]
    return tuple(rows)


def _matches(group: Group, needle: str) -> bool:
    if not needle:
        return True
    texts = [group.title, *(weight.name for weight in group.weights)]
    if group.layer is not None:
        texts += [group.layer.old_path, group.layer.class_name]
    return any(needle in text.casefold() for text in texts)


def _rank(group: Group) -> tuple[bool, float, bool]:
    """Layers before the rest; what has no relative change behind what has one."""
    largest = group.largest
    return group.kind != "layer", -math.inf if largest == math.inf else -(largest or 0), group.same

"""What a comparison of model files found: plain values, without NumPy, for a screen and JSON."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

How = Literal["path", "content", "name", "structure", "place"]
"""How two layers were found to be the same one: by path; by class, shapes and bytes of weights;
by a name that only one layer has on either side; a nested model by the names, classes and shapes
inside it; by place, among layers that Keras named or between the same two layers."""
State = Literal["identical", "equal", "changed", "shape", "added", "removed", "unreadable"]
"""Of a weight: ``identical`` bit for bit; ``equal`` values in other bits (dtypes differ, or -0
for 0); ``changed``; another ``shape``; only in the second or first file; of no use in one."""


@dataclass(frozen=True)
class Numbers:
    """How far the values of two arrays of one shape are apart, computed in float64.

    Where both hold NaN, or the same infinity, they are equal there. Figures are of the elements
    that are finite in both; None where they are not defined (a norm of 0, nothing finite).
    """

    count: int
    differing: int
    max_abs: float | None = None
    """Largest absolute difference of an element."""
    relative_l2: float | None = None
    """L2 norm of the difference, divided by that of the old values."""
    cosine: float | None = None
    """Cosine of the angle between the two, seen as vectors."""
    nonfinite: int = 0
    """Differing elements of which one or both are NaN or infinite."""
    nan_old: int = 0
    nan_new: int = 0
    l2_old: float | None = None
    """L2 norm of the old values."""
    l2_difference: float | None = None
    """L2 norm of the difference."""
    rounding: bool = False
    """Whether the dtypes differ, and one side is no more than the other rounded to its dtype."""


@dataclass(frozen=True)
class SettingChange:
    """A setting with its old and new value as text that is safe to show; "" for not stated."""

    name: str
    old: str
    new: str


@dataclass(frozen=True)
class WeightChange:
    """A weight of either file, or of both."""

    name: str
    """Short name inside its layer; the old one where only the old file has it."""
    state: State
    old_shape: tuple[int, ...] | None = None
    new_shape: tuple[int, ...] | None = None
    old_dtype: str = ""
    new_dtype: str = ""
    trained: bool = True
    """False for what Keras never trains, frozen or not."""
    statistics: bool = False
    """Whether it is a moving mean or variance."""
    numbers: Numbers | None = None
    problem: str = ""
    """Why it could not be compared by value."""
    old_name: str = ""
    """In the old file where it is called otherwise there, else ""."""

    @property
    def same(self) -> bool:
        """Whether there is nothing to report."""
        return self.state in ("identical", "equal") and self.old_dtype == self.new_dtype

    @property
    def rounded(self) -> bool:
        """Whether it differs by nothing but what its dtype cannot hold."""
        return self.state == "changed" and self.numbers is not None and self.numbers.rounding

    @property
    def moved(self) -> bool:
        """Whether it is known to have other values: not those of a mere conversion."""
        return self.state not in ("identical", "equal", "unreadable") and not self.rounded

    @property
    def relative(self) -> float | None:
        """Relative L2 change: 0 without one, infinite from zeros; None where none is defined."""
        if self.state in ("identical", "equal"):
            return 0.0
        if self.state != "changed" or self.numbers is None:
            return None
        if self.numbers.relative_l2 is None and self.numbers.l2_old == 0:
            return math.inf
        return self.numbers.relative_l2


@dataclass(frozen=True)
class LayerChange:
    """A layer of either file, or of both, with what differs."""

    path: str
    """In the new file; in the old one if only that has it."""
    class_name: str
    status: Literal["both", "added", "removed"] = "both"
    old_path: str = ""
    """In the old file where it is called otherwise there, else ""."""
    how: How = "path"
    renamed: bool = False
    """Whether somebody called it otherwise, or put it elsewhere: not so where only the number
    differs that Keras counted on to, nor for what is inside a renamed model."""
    settings: tuple[SettingChange, ...] = ()
    trainable: tuple[bool, bool] | None = None
    """Own flag in both files, where they differ."""
    effective: tuple[bool, bool] | None = None
    """Effective flag in both files, where they differ."""
    frozen: bool = False
    """Whether both files call it frozen (own flag and every enclosing layer's)."""
    weights: tuple[WeightChange, ...] = ()

    @property
    def same(self) -> bool:
        """Whether there is nothing to report."""
        return (
            self.status == "both"
            and not (self.renamed or self.settings or self.trainable or self.effective)
            and all(weight.same for weight in self.weights)
        )

    @property
    def renumbered(self) -> bool:
        """Whether Keras, which made its name up, counted otherwise in the two sessions."""
        names = (path.rpartition("/")[2] for path in (self.old_path, self.path))
        return bool(self.old_path) and not self.renamed and len(set(names)) > 1

    @property
    def largest(self) -> float | None:
        """The largest relative change among its weights; None where none has one."""
        changes = (weight.relative for weight in self.weights)
        return max((change for change in changes if change is not None), default=None)


@dataclass(frozen=True)
class Frozen:
    """Did the layers that both files call frozen keep their weights?"""

    layers: int
    """How many such layers with weights there are."""
    moved: tuple[str, ...]
    """Paths of those whose weights differ all the same (moving statistics not counted)."""
    statistics: tuple[str, ...]
    """Paths of those whose moving statistics differ."""
    known: bool = True
    """Whether both files keep flags at all."""
    unreadable: tuple[str, ...] = ()
    """Paths of those with trained weights that cannot be read."""
    only_new: int = 0
    """How many layers with weights the new file alone calls frozen, as after fine-tuning of what
    was saved before anything was frozen."""
    only_new_moved: tuple[str, ...] = ()
    """Paths of those whose weights differ (moving statistics not counted)."""

    @property
    def stayed(self) -> bool | None:
        """The answer; None where no layer is frozen in both files, and where nobody can tell."""
        if self.moved:
            return False
        return True if self.layers and not self.unreadable else None


@dataclass(frozen=True)
class StateChange:
    """The optimizer's state of both files, slot by slot."""

    status: Literal["none", "added", "removed", "compared", "unmatched"]
    """``none``: nothing to compare; ``unmatched``: which belongs to which cannot be told."""
    reason: str = ""
    """Why not, in one sentence."""
    slots: tuple[WeightChange, ...] = ()

    @property
    def same(self) -> bool:
        """Whether there is nothing to report."""
        return self.status in ("none", "compared") and all(slot.same for slot in self.slots)


@dataclass(frozen=True)
class FileSide:
    """What is said of a compared file as a whole."""

    path: str
    format: str
    keras_version: str
    model: str
    class_name: str
    layers: int
    parameters: int


@dataclass(frozen=True)
class Comparison:
    """Two model files, compared."""

    old: FileSide
    new: FileSide
    layers: tuple[LayerChange, ...]
    """Layers of the new file in its order, with removed ones where they were."""
    compile: tuple[SettingChange, ...]
    frozen: Frozen
    state: StateChange
    loose: tuple[WeightChange, ...] = ()
    """Weights that no layer owns, by dataset."""
    model: tuple[SettingChange, ...] = ()
    """What differs in the model itself: its class, its inputs and outputs, and the order of
    layers that a Sequential has."""

    @property
    def same(self) -> bool:
        """Whether both describe the same model: layers, settings, flags, values and state.

        File formats, and what only one era writes down, make no difference.
        """
        return (
            not (self.model or self.compile)
            and self.state.same
            and all(layer.same for layer in self.layers)
            and all(weight.same for weight in self.loose)
        )


@dataclass(frozen=True)
class TrailRow:
    """A weight of the first file through all checkpoints, or all of a layer's weights together."""

    path: str
    """Layer path and weight name; of a layer its path."""
    trained: bool
    """False for what Keras never trains, frozen or not."""
    changes: tuple[float | None, ...]
    """Relative L2 change from each checkpoint to the next; None where it is not defined."""
    total: float | None
    """The same from the first to the last."""

    @property
    def moving(self) -> bool:
        """Whether it changed between any two of them."""
        return self.total != 0.0 or any(change != 0.0 for change in self.changes)


@dataclass(frozen=True)
class Trail:
    """Checkpoints of one run: which weights are still moving."""

    files: tuple[str, ...]
    rows: tuple[TrailRow, ...]
    missing: tuple[str, ...] = ()
    """Weights that not all files have in one shape, by path."""
    layers: tuple[TrailRow, ...] = ()
    """The rows merged by layer: a layer's change is the L2 norm of all its weights' differences,
    divided by that of all its weights. What is trained and what is not are rows of their own."""

    @property
    def moving(self) -> tuple[TrailRow, ...]:
        """Weights that changed between any two of them."""
        return tuple(row for row in self.rows if row.moving)

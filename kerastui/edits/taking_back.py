"""Taking back what was done: one step among others, or single differences from the file."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import BadEdit
from ..model import Model, safe_text
from .changes import (
    Change,
    CompileChange,
    CutChange,
    DtypeChange,
    Edit,
    WeightChange,
    changes_between,
    edits_for,
    reverting,
)
from .effects import effects
from .history import Step
from .replay import apply_all, without
from .structure import RestoreHead


def edits_without(
    steps: Sequence[Step], index: int, model: Model
) -> tuple[tuple[Edit, ...], Model]:
    """Return the edits that undo the step `index` alone, and what they make of `model`.

    `model` is the description after all `steps`. Raises BadEdit, naming the step, when a later
    one depends on it.
    """
    target = without(steps, index)
    edits = _edits_to(model, target)
    after = model
    for edit in edits:
        after = edit.apply(after)
    if effects(after, target):
        raise BadEdit(
            f"Step {index + 1} ({safe_text(steps[index].title, 80)}) cannot be undone by itself; "
            "undo the steps after it first."
        )
    return edits, after


def _edits_to(model: Model, target: Model) -> tuple[Edit, ...]:
    """Return edits that lead from one description to another one of the same file."""
    if model.structure in (None, target.structure):
        return edits_for(changes_between(model, target))
    whole = RestoreHead()
    return (whole, *edits_for(changes_between(whole.apply(model), target)))


def edits_back(original: Model, model: Model, changes: Sequence[Change]) -> tuple[Edit, ...]:
    """Return the edits that make of `model` what it is without these of its changes."""
    edits = reverting(changes)
    if any(isinstance(change, CutChange) for change in changes):
        edits = (*edits, *_as_in_file(original, model, edits))
    return edits


def _as_in_file(original: Model, model: Model, edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """Return what makes layers that `edits` bring back as they are in the file."""
    back = apply_all(model, edits)
    here = model.structure.origins if model.structure else ()
    gone = {back.layers[i].path for i in set(range(len(back.layers))) - set(here)}
    return reverting(c for c in changes_between(original, back) if c.path in gone)


def summary(changes: Sequence[Change]) -> str:
    """Say in a few words what the changes are about."""
    if len(changes) == 1:
        change = changes[0]
        if isinstance(change, CompileChange):
            return change.name
        name = f"/{change.name}" if isinstance(change, (WeightChange, DtypeChange)) else ""
        return (change.path or "the model itself") + name
    if not any(
        isinstance(change, (WeightChange, DtypeChange, CompileChange)) for change in changes
    ):
        return f"{len({change.path for change in changes}):,} layers"
    return f"{len(changes):,} changes"

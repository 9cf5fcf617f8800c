"""A history without one of its steps: what the later ones make of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Protocol, runtime_checkable

from ..errors import BadEdit
from ..model import Model, safe_text
from .changes import Edit
from .effects import effects
from .history import Step
from .weights import SetWeight, with_sources


@runtime_checkable
class Movable(Protocol):
    """An edit that names layers by path, and can name them as another description does."""

    def moved(self, to: Callable[[str], str]) -> Edit:
        """Return the same edit with other paths."""
        ...


def apply_all(model: Model, edits: Sequence[Edit]) -> Model:
    """Return the description after all edits, in order. Raises BadEdit.

    New values of many weights are set together: a model of 20,000 layers is copied once, not
    once a weight.
    """
    for together, run in groupby(edits, key=lambda edit: isinstance(edit, SetWeight)):
        if together:
            model = with_sources(model, [edit for edit in run if isinstance(edit, SetWeight)])
        else:
            for edit in run:
                model = edit.apply(model)
    return model


def without(steps: Sequence[Step], index: int) -> Model:
    """Return the description after all `steps` but number `index` (from 0).

    The later steps are done again without it, on the layers that they meant: those may have
    other paths then. Raises BadEdit when a later step depends on it, that is: it cannot be
    done without, or does something else then; and when later steps left nothing of it.
    """
    state = steps[index].before
    for number in range(index + 1, len(steps)):
        step = steps[number]
        try:
            again = repeat(step, state)
        except BadEdit:
            raise _depends(steps, index, number) from None
        if effects(state, again) != effects(step.before, step.after):
            raise _depends(steps, index, number)
        state = again
    if not effects(steps[-1].after, state):
        later = _overwritten_by(steps, index)
        if later is None:
            title = safe_text(steps[index].title, 80)
            raise BadEdit(f"Step {index + 1} ({title}) changed nothing that could be undone.")
        raise _depends(steps, index, later)
    return state


def _overwritten_by(steps: Sequence[Step], index: int) -> int | None:
    """Return the first later step that touches what step `index` does."""
    touched = effects(steps[index].before, steps[index].after).keys()
    for later in range(index + 1, len(steps)):
        if touched & effects(steps[later].before, steps[later].after).keys():
            return later
    return None


def repeat(step: Step, state: Model) -> Model:
    """Return `state` after the same step. Raises BadEdit."""
    old, new = step.before, state
    for edit in step.edits:
        new = _moved(edit, old, new).apply(new)
        old = edit.apply(old)
    return new


def _moved(edit: Edit, old: Model, new: Model) -> Edit:
    """Return the edit with the paths that `new` has for the layers that it means in `old`."""
    if old is new or len(old.layers) != len(new.layers) or not isinstance(edit, Movable):
        return edit

    def to(path: str) -> str:
        place = old.index.get(path)
        return path if place is None else new.layers[place].path

    return edit.moved(to)


def _depends(steps: Sequence[Step], index: int, later: int) -> BadEdit:
    this, other = (safe_text(steps[i].title, 80) for i in (index, later))
    return BadEdit(
        f"Step {index + 1} ({this}) cannot be undone by itself: step {later + 1} ({other}) "
        "depends on it; undo that one first."
    )

"""A description with its history of edits: what an editor calls a buffer."""

from __future__ import annotations

from collections.abc import Iterable

from ..model import Model
from .changes import Change, Edit, WeightChange, changes_between, edits_for, reverting
from .history import History, Step
from .trainable import plan, require_flags, toward


class Document:
    """The description the user works on, with undo and redo.

    Args:
        model: the description as read from the file.
    """

    def __init__(self, model: Model) -> None:
        self.original = model
        """As it is in the file on disk."""
        self.model = model
        """As it is with all edits."""
        self._history = History()
        self._compared: tuple[Model, Model, tuple[Change, ...]] = (model, model, ())

    def apply(self, *edits: Edit, title: str = "") -> Model:
        """Apply edits as one step of the history and return the new description.

        Raises BadEdit, in which case nothing has changed.
        """
        before = after = self.model
        for edit in edits:
            after = edit.apply(after)
        if after is not before:
            title = title or "; ".join(edit.describe() for edit in edits)
            self._history.add(Step(title, edits, before, after))
            self.model = after
        return after

    def set_trainable(self, indices: Iterable[int], trainable: bool, title: str = "") -> Model:
        """Freeze or unfreeze layers and whole subtrees, as `edits.trainable.plan` does."""
        return self.apply(*plan(self.model, indices, trainable), title=title)

    def set_states(self, wanted: list[bool], title: str = "") -> Model:
        """Give every layer with weights the effective state `wanted` (one bool a layer)."""
        require_flags(self.model)
        named = set(range(len(wanted)))
        return self.apply(*toward(self.model, wanted, named), title=title)

    def undo(self) -> Step | None:
        """Take the last step back; return it, or None if there is none."""
        step = self._history.back()
        if step is not None:
            self.model = step.before
        return step

    def redo(self) -> Step | None:
        """Do again what was undone last; return it, or None."""
        step = self._history.forth()
        if step is not None:
            self.model = step.after
        return step

    @property
    def history(self) -> tuple[Step, ...]:
        """The steps done, oldest first."""
        return tuple(self._history.done)

    @property
    def changes(self) -> tuple[Change, ...]:
        """What differs from the file, in the model's order; the same tuple until it changes."""
        original, model, changes = self._compared
        if original is not self.original or model is not self.model:
            changes = changes_between(self.original, self.model)
            self._compared = (self.original, self.model, changes)
        return changes

    @property
    def changed(self) -> bool:
        """Whether anything differs from the file on disk."""
        return bool(self.changes)

    def revert(self, paths: Iterable[str]) -> Model:
        """Make the layers at `paths` as they are in the file, as a step of its own."""
        wanted = set(paths)
        return self.revert_changes(c for c in self.changes if c.path in wanted)

    def revert_changes(self, changes: Iterable[Change]) -> Model:
        """Take single changes back, as a step of its own; those that are no more are ignored."""
        wanted = set(changes)
        found = [change for change in self.changes if change in wanted]
        return self.apply(*reverting(found), title="revert " + _summary(found))

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The net edits that lead from the file to the present description."""
        return edits_for(self.changes)

    def saved_as(self, written: Model, unchanged_since: Model | None = None) -> None:
        """Take `written` (read back from what was just saved) as the file on disk.

        `unchanged_since` is the description that was saved: if edits came while the save ran,
        they stay on top. The history goes on as `History.rebase` says; undoing after a save
        makes the document differ from the file.
        """
        meant = self.model if unchanged_since is None else unchanged_since
        self.model = self._history.rebase(meant, written, self.model)
        self.original = written


def _summary(changes: list[Change]) -> str:
    if len(changes) == 1:
        change = changes[0]
        name = f"/{change.name}" if isinstance(change, WeightChange) else ""
        return (change.path or "the model itself") + name
    if not any(isinstance(change, WeightChange) for change in changes):
        return f"{len({change.path for change in changes}):,} layers"
    return f"{len(changes):,} changes"

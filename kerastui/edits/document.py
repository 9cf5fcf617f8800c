"""A description with its history of edits: what an editor calls a buffer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from ..model import Model, Structure
from .history import History, Step

# What edits is imported when there is an edit: a document is shown before that.
if TYPE_CHECKING:
    from .changes import Change, Edit


class Watcher(Protocol):
    """Is told of everything that happens to a document, at once and in its thread."""

    def applied(self, step: Step) -> None:
        """A step was done for the first time."""
        ...

    def undone(self, step: Step) -> None:
        """The last step was taken back."""
        ...

    def redone(self, step: Step) -> None:
        """The last step that was taken back was done again."""
        ...

    def saving(self) -> None:
        """The document is about to be written to its file, as it is now."""
        ...

    def saved(self) -> None:
        """The document was written; its `edits` are what came meanwhile."""
        ...


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
        self.watcher: Watcher | None = None
        self._history = History()
        self._compared: tuple[Model, Model, tuple[Change, ...]] = (model, model, ())
        self._based: tuple[Model, Structure | None, Model] = (model, None, model)

    def apply(self, *edits: Edit, title: str = "") -> Model:
        """Apply edits as one step of the history and return the new description.

        Raises BadEdit, in which case nothing has changed.
        """
        from .replay import apply_all

        before = self.model
        after = apply_all(before, edits)
        if after is not before:
            title = title or "; ".join(edit.describe() for edit in edits)
            self._add(Step(title, edits, before, after))
        return after

    def _add(self, step: Step) -> None:
        self._history.add(step)
        self.model = step.after
        if self.watcher is not None:
            self.watcher.applied(step)

    def set_trainable(self, indices: Iterable[int], trainable: bool, title: str = "") -> Model:
        """Freeze or unfreeze layers and whole subtrees, as `edits.trainable.plan` does."""
        from .trainable import plan

        return self.apply(*plan(self.model, indices, trainable), title=title)

    def set_states(self, wanted: list[bool], title: str = "") -> Model:
        """Give every layer with weights the effective state `wanted` (one bool a layer)."""
        from .trainable import require_flags, toward

        require_flags(self.model)
        named = set(range(len(wanted)))
        return self.apply(*toward(self.model, wanted, named), title=title)

    def undo(self) -> Step | None:
        """Take the last step back; return it, or None if there is none."""
        step = self._history.back()
        if step is not None:
            self.model = step.before
            if self.watcher is not None:
                self.watcher.undone(step)
        return step

    def undo_step(self, index: int) -> Step:
        """Undo the step `index` of `history` alone, whatever came after it; return it.

        The last one is undone as by `undo`. Of another one the inverse becomes a step of its
        own, so that it can be undone as well. Raises BadEdit, naming the step, when a later
        step depends on it; then nothing has changed.
        """
        from .taking_back import edits_without

        step = self._history.done[index]
        if step is self._history.done[-1]:
            self.undo()
            return step
        edits, after = edits_without(self._history.done, index, self.model)
        self._add(Step(f"take back: {step.title}", edits, self.model, after))
        return step

    def redo(self) -> Step | None:
        """Do again what was undone last; return it, or None."""
        step = self._history.forth()
        if step is not None:
            self.model = step.after
            if self.watcher is not None:
                self.watcher.redone(step)
        return step

    def adopt(self, other: Document) -> None:
        """Take over description and history of `other`, a document of the same file."""
        self.model, self._history = other.model, other._history

    @property
    def history(self) -> tuple[Step, ...]:
        """The steps done, oldest first."""
        return tuple(self._history.done)

    @property
    def undone(self) -> tuple[Step, ...]:
        """The steps that were undone, the one that `redo` does first."""
        return tuple(reversed(self._history.undone))

    @property
    def saved_steps(self) -> int:
        """How many of the steps done are in the file; -1 if it was saved on another path."""
        if self.model is self.original:
            return len(self._history.done)
        states = (step.before for step in self._history.done)
        return next((i for i, state in enumerate(states) if state is self.original), -1)

    @property
    def changes(self) -> tuple[Change, ...]:
        """What differs from the file, in the model's order; the same tuple until it changes."""
        original, model, changes = self._compared
        if original is not self.original or model is not self.model:
            from .changes import changes_between

            changes = changes_between(self.original, self.model)
            self._compared = (self.original, self.model, changes)
        return changes

    @property
    def base(self) -> Model:
        """The file's description with the layers of the present one, to compare them one by one.

        It is `original` itself unless layers were cut or appended.
        """
        structure = self.model.structure
        if structure is None:
            return self.original
        original, compared, base = self._based
        if original is not self.original or compared is not structure:
            from .structure_changes import with_structure

            base = with_structure(self.original, self.model)
            self._based = (self.original, structure, base)
        return base

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
        from .taking_back import edits_back, summary

        wanted = set(changes)
        found = [change for change in self.changes if change in wanted]
        edits = edits_back(self.original, self.model, found)
        return self.apply(*edits, title="revert " + summary(found))

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The net edits that lead from the file to the present description."""
        from .changes import edits_for

        return edits_for(self.changes)

    def saving(self) -> None:
        """Say that the document is about to be written to its file, as it is now."""
        if self.watcher is not None:
            self.watcher.saving()

    def saved_as(self, written: Model, unchanged_since: Model | None = None) -> None:
        """Take `written` (read back from what was just saved) as the file on disk.

        `unchanged_since` is the description that was saved: if edits came while the save ran,
        they stay on top. The history goes on as `History.rebase` says; undoing after a save
        makes the document differ from the file.
        """
        meant = self.model if unchanged_since is None else unchanged_since
        self.model = self._history.rebase(meant, written, self.model)
        self.original = written
        if self.watcher is not None:
            self.watcher.saved()

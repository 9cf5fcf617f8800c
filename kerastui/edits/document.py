"""A description with its history of edits: what an editor calls a buffer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from ..model import Model
from .trainable import SetTrainable, plan, require_flags, toward


class Edit(Protocol):
    """One intended change: it describes itself and applies to a description."""

    def describe(self) -> str:
        """Say in a few words what the edit does."""
        ...

    def apply(self, model: Model) -> Model:
        """Return the changed description. Raises BadEdit."""
        ...


@dataclass(frozen=True)
class Step:
    """What one action of the user did: its edits, and the descriptions around it."""

    title: str
    edits: tuple[Edit, ...]
    before: Model
    after: Model


@dataclass(frozen=True)
class FlagChange:
    """A layer whose flag differs from the file's; the path ``""`` is the model itself."""

    path: str
    old: bool
    new: bool


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
        self._done: list[Step] = []
        self._undone: list[Step] = []

    def apply(self, *edits: Edit, title: str = "") -> Model:
        """Apply edits as one step of the history and return the new description.

        Raises BadEdit, in which case nothing has changed.
        """
        before = after = self.model
        for edit in edits:
            after = edit.apply(after)
        if edits:
            title = title or "; ".join(edit.describe() for edit in edits)
            self._done.append(Step(title, edits, before, after))
            self._undone.clear()
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
        if not self._done:
            return None
        step = self._done.pop()
        self._undone.append(step)
        self.model = _moved(step.before, self.original)
        return step

    def redo(self) -> Step | None:
        """Do again what was undone last; return it, or None."""
        if not self._undone:
            return None
        step = self._undone.pop()
        self._done.append(step)
        self.model = _moved(step.after, self.original)
        return step

    @property
    def history(self) -> tuple[Step, ...]:
        """The steps done, oldest first."""
        return tuple(self._done)

    @property
    def changes(self) -> tuple[FlagChange, ...]:
        """The flags that differ from the file's, in the model's order."""
        if self.model is self.original:
            return ()
        whole = FlagChange("", self.original.trainable, self.model.trainable)
        flags = [
            FlagChange(new.path, old.trainable, new.trainable)
            for old, new in zip(self.original.layers, self.model.layers, strict=True)
            if old is not new and old.trainable is not new.trainable
        ]
        return tuple([whole, *flags] if whole.old is not whole.new else flags)

    @property
    def changed(self) -> bool:
        """Whether anything differs from the file on disk."""
        return bool(self.changes)

    def revert(self, paths: Iterable[str]) -> Model:
        """Give the layers at `paths` the flags they have in the file, as a step of its own."""
        wanted = {True: list[str](), False: list[str]()}
        for path in paths:
            old, new = (
                m[path].trainable if path else m.trainable for m in (self.original, self.model)
            )
            if new is not old:
                wanted[old].append(path)
        edits = [SetTrainable(tuple(p), v) for v, p in wanted.items() if p]
        return self.apply(*edits, title="revert " + _list(wanted[True] + wanted[False]))

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The net edits that lead from the file to the present description."""
        flags = {True: list[str](), False: list[str]()}
        for change in self.changes:
            flags[change.new].append(change.path)
        return tuple(SetTrainable(tuple(p), v) for v, p in flags.items() if p)

    def saved_as(self, written: Model, unchanged_since: Model | None = None) -> None:
        """Take `written` (read back from what was just saved) as the file on disk.

        `unchanged_since` is the description that was saved: if edits came while the save ran,
        they stay on top. The history goes on too; undoing after a save makes the document
        differ from the file.
        """
        self.original = written
        if unchanged_since is None or self.model is unchanged_since:
            self.model = written
        else:
            self.model = _moved(self.model, written)


def _list(paths: list[str]) -> str:
    return paths[0] if len(paths) == 1 else f"{len(paths):,} layers"


def _moved(model: Model, written: Model) -> Model:
    """Return `model` as a description of the file that `written` describes."""
    if model.file == written.file:
        return model
    return replace(written, layers=model.layers, trainable=model.trainable)

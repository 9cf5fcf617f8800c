"""What differs between the file and the document: one value a difference.

A change knows its layer, and the edit that brings it about or takes it back. Differences of
one kind are gathered into few edits (`edits_for`), because a whole model may be frozen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from ..model import ArraySource, Layer, Model
from .compile_changes import CompileChange, compile_changes, compile_edits
from .dtypes import ConvertDtype
from .rename import Rename
from .structure_changes import (
    CutChange,
    NewLayerChange,
    StructureChange,
    reverting_structure,
    structure_changes,
    structure_edits,
    with_structure,
)
from .trainable import SetTrainable
from .weights import SetWeight


class Edit(Protocol):
    """One intended change: it describes itself and applies to a description."""

    def describe(self) -> str:
        """Say in a few words what the edit does."""
        ...

    def apply(self, model: Model) -> Model:
        """Return the changed description. Raises BadEdit."""
        ...


@dataclass(frozen=True)
class FlagChange:
    """A layer whose flag differs from the file's; the path ``""`` is the model itself."""

    path: str
    old: bool
    new: bool

    @property
    def before(self) -> str:
        """What it is in the file, in a word."""
        return _flag(self.old)

    @property
    def after(self) -> str:
        """What it is to be, in a word."""
        return _flag(self.new)


@dataclass(frozen=True)
class WeightChange:
    """A weight that gets other values."""

    path: str
    name: str
    source: ArraySource | None
    """Where the new values are; None: in the file itself."""
    old: ArraySource | None = None
    """Where those before them are."""

    @property
    def before(self) -> str:
        """Where its values came from, in a word or two."""
        return _origin(self.old)

    @property
    def after(self) -> str:
        """Where the new values come from."""
        return _origin(self.source)


@dataclass(frozen=True)
class RenameChange:
    """A layer with another name than in the file; the path ``""`` is the model itself."""

    path: str
    """Its path now."""
    original: str
    """Its path in the file."""
    old: str
    new: str

    @property
    def before(self) -> str:
        """What it is called in the file."""
        return self.old

    @property
    def after(self) -> str:
        """What it is to be called."""
        return self.new


@dataclass(frozen=True)
class DtypeChange:
    """A weight that is stored in another dtype than in the file."""

    path: str
    name: str
    old: str
    new: str

    @property
    def before(self) -> str:
        """The dtype that it has in the file."""
        return self.old

    @property
    def after(self) -> str:
        """The dtype that it is to have."""
        return self.new


_Other: TypeAlias = FlagChange | RenameChange | WeightChange | DtypeChange | CompileChange
Change: TypeAlias = _Other | StructureChange


def changes_between(original: Model, model: Model) -> tuple[Change, ...]:
    """Return the differences: layers that are gone or new, then name, flag, weights of each.

    Raises BadEdit where layers came back: nothing but undo and revert can do that.
    """
    if model is original:
        return ()
    found: list[Change] = [*structure_changes(original, model)]
    original = with_structure(original, model)
    if original.name != model.name:
        found.append(RenameChange("", "", original.name, model.name))
    if original.trainable is not model.trainable:
        found.append(FlagChange("", original.trainable, model.trainable))
    for i, (old, new) in enumerate(zip(original.layers, model.layers, strict=True)):
        if old is not new:
            if old.name != new.name and not model.is_new(i):
                found.append(RenameChange(new.path, old.path, old.name, new.name))
            if old.trainable is not new.trainable:
                found.append(FlagChange(new.path, old.trainable, new.trainable))
            if new.weights is not old.weights:
                found += [*_replaced(old, new), *_converted(old, new)]
    return (*found, *compile_changes(original, model))


def _replaced(old: Layer, new: Layer) -> list[WeightChange]:
    return [
        WeightChange(new.path, there.name, there.replaced, here.replaced)
        for here, there in zip(old.weights, new.weights, strict=True)
        if here.replaced != there.replaced
    ]


def _converted(old: Layer, new: Layer) -> list[DtypeChange]:
    return [
        DtypeChange(new.path, there.name, here.dtype, there.dtype)
        for here, there in zip(old.weights, new.weights, strict=True)
        if here.dtype != there.dtype
    ]


def edits_for(changes: Iterable[Change]) -> tuple[Edit, ...]:
    """Return the edits that bring the changes about, from the file on.

    First the layers go that are cut, so that others can have their names; then come names,
    for the other changes know layers by the paths that they have with them; then new layers.
    """
    structure, rest = _parted(changes)
    renames, others = _edits(rest, back=False)
    cuts, new = structure_edits(structure)
    return (*cuts, *renames, *new, *others)


def reverting(changes: Iterable[Change]) -> tuple[Edit, ...]:
    """Return the edits that take the changes back, from the present description on."""
    structure, rest = _parted(changes)
    renames, others = _edits(rest, back=True)
    new, cut = reverting_structure(structure)
    return (*others, *new, *renames, *cut)


def _parted(changes: Iterable[Change]) -> tuple[list[StructureChange], list[_Other]]:
    structure: list[StructureChange] = []
    others: list[_Other] = []
    for change in changes:
        if isinstance(change, (CutChange, NewLayerChange)):
            structure.append(change)
        else:
            others.append(change)
    return structure, others


def _edits(changes: Iterable[_Other], *, back: bool) -> tuple[list[Edit], list[Edit]]:
    flags: dict[bool, list[str]] = {True: [], False: []}
    weights: list[SetWeight] = []
    names: list[tuple[str, str]] = []
    dtypes: dict[str, list[tuple[str, str]]] = {}
    compiled: list[CompileChange] = []
    for change in changes:
        if isinstance(change, CompileChange):
            compiled.append(change)
        elif isinstance(change, FlagChange):
            flags[change.old if back else change.new].append(change.path)
        elif isinstance(change, RenameChange):
            pair = (change.path, change.old) if back else (change.original, change.new)
            names.append(pair)
        elif isinstance(change, DtypeChange):
            dtype = change.old if back else change.new
            dtypes.setdefault(dtype, []).append((change.path, change.name))
        else:
            source = change.old if back else change.source
            weights.append(SetWeight(change.path, change.name, source))
    switched = [SetTrainable(tuple(paths), on) for on, paths in flags.items() if paths]
    converted = [ConvertDtype(tuple(which), dtype) for dtype, which in dtypes.items()]
    return [Rename(tuple(names))] if names else [], [
        *switched,
        *converted,
        *weights,
        *compile_edits(compiled, back=back),
    ]


def _origin(source: ArraySource | None) -> str:
    return "as stored" if source is None else source.label or source.file


def _flag(on: bool) -> str:
    return "trainable" if on else "frozen"

"""What differs between the file and the document: one value a difference.

A change knows its layer, and the edit that brings it about or takes it back. Differences of
one kind are gathered into few edits (`edits_for`), because a whole model may be frozen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from ..model import ArraySource, Layer, Model
from .dtypes import ConvertDtype
from .rename import Rename
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


Change: TypeAlias = FlagChange | RenameChange | WeightChange | DtypeChange


def changes_between(original: Model, model: Model) -> tuple[Change, ...]:
    """Return the differences, in the model's order; a layer's name, its flag, its weights."""
    if model is original:
        return ()
    found: list[Change] = []
    if original.name != model.name:
        found.append(RenameChange("", "", original.name, model.name))
    if original.trainable is not model.trainable:
        found.append(FlagChange("", original.trainable, model.trainable))
    for old, new in zip(original.layers, model.layers, strict=True):
        if old is not new:
            if old.name != new.name:
                found.append(RenameChange(new.path, old.path, old.name, new.name))
            if old.trainable is not new.trainable:
                found.append(FlagChange(new.path, old.trainable, new.trainable))
            if new.weights is not old.weights:
                found += [*_replaced(old, new), *_converted(old, new)]
    return tuple(found)


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

    Names come first: the other changes know layers by the paths that they have with them.
    """
    renames, others = _edits(changes, back=False)
    return (*renames, *others)


def reverting(changes: Iterable[Change]) -> tuple[Edit, ...]:
    """Return the edits that take the changes back, from the present description on."""
    renames, others = _edits(changes, back=True)
    return (*others, *renames)


def _edits(changes: Iterable[Change], *, back: bool) -> tuple[list[Edit], list[Edit]]:
    flags: dict[bool, list[str]] = {True: [], False: []}
    weights: list[SetWeight] = []
    names: list[tuple[str, str]] = []
    dtypes: dict[str, list[tuple[str, str]]] = {}
    for change in changes:
        if isinstance(change, FlagChange):
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
    return [Rename(tuple(names))] if names else [], [*switched, *converted, *weights]


def _origin(source: ArraySource | None) -> str:
    return "as stored" if source is None else source.label or source.file


def _flag(on: bool) -> str:
    return "trainable" if on else "frozen"

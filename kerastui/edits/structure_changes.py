"""What was cut and appended, as changes beside those of flags, names and values."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count

from ..errors import BadEdit
from ..model import Layer, Model
from .structure import AppendDense, CutHead, RestoreHead


@dataclass(frozen=True)
class CutChange:
    """The layers behind one are gone."""

    path: str
    """Path now of the layer that is the last one of those in the file."""
    original: str
    """Its path in the file."""
    removed: tuple[str, ...]
    """Paths in the file of what is gone, outermost layers only."""

    @property
    def before(self) -> str:
        """What lay behind it, in a word or two."""
        return self.removed[0] if len(self.removed) == 1 else f"{len(self.removed):,} layers"

    @property
    def after(self) -> str:
        """What is there now, in a word."""
        return "cut"


@dataclass(frozen=True)
class NewLayerChange:
    """A layer that the file does not have."""

    path: str
    edit: AppendDense

    @property
    def before(self) -> str:
        """What was there, in a word."""
        return "nothing"

    @property
    def after(self) -> str:
        """What it is, in a word or two."""
        return f"Dense {self.edit.units:,} {self.edit.activation}"


StructureChange = CutChange | NewLayerChange


def with_structure(original: Model, model: Model) -> Model:
    """Return `original`, a file's description, with the layers that `model` has.

    They have the names, flags and values of the file; an appended layer has its name in
    `model`, or another one where the file has that name already. So two descriptions with the
    same layers can be compared one by one. Raises BadEdit when `model` is of another file.
    """
    structure = model.structure
    if structure == original.structure:
        return original
    if structure is None or original.structure is not None:
        raise BadEdit("Layers at the end were cut or appended between; undo that first.")
    if len(structure.whole.layers) != len(original.layers):
        raise BadEdit("The file has other layers now than when its head was changed.")
    found = original
    for edit in edits_of_structure(original, model):
        found = edit.apply(found)
    return found


def edits_of_structure(original: Model, model: Model) -> list[CutHead | AppendDense]:
    """Return the edits that give the file's description the layers of `model`, and no more."""
    structure = model.structure
    if structure is None:
        return []
    found: list[CutHead | AppendDense] = []
    if structure.cut_at >= 0:
        found.append(CutHead(original.layers[structure.cut_at].path))
    stay = set(structure.origins)
    tops = (i for i in original.children(-1) if i in stay)
    taken = {original.layers[i].name for i in tops}
    for edit in appended(model):
        name = _free(taken, edit.name)
        taken.add(name)
        found.append(replace(edit, name=name))
    return found


def appended(model: Model) -> Iterator[AppendDense]:
    """Yield the edits that appended the new layers, with the names that these have now."""
    structure = model.structure
    if structure is None:
        return
    new = (i for i, origin in enumerate(structure.origins) if origin < 0)
    for index, made in zip(new, structure.made, strict=True):
        config = model.layers[index].config
        units = config.get("units", config.get("output_dim"))
        yield AppendDense(
            model.layers[index].name, int(units or 0), str(config["activation"]), made.seed,
            made.initializer,
        )  # fmt: skip


def structure_changes(original: Model, model: Model) -> list[StructureChange]:
    """Return what was cut from `original` and appended, in that order."""
    structure = model.structure
    if structure is None or structure == original.structure:
        return []
    found: list[StructureChange] = []
    if structure.cut_at >= 0:
        now = structure.origins.index(structure.cut_at)
        gone = sorted(set(range(len(original.layers))) - set(structure.origins))
        outermost = [i for i in gone if original.layers[i].parent not in gone]
        paths = tuple(original.layers[i].path for i in outermost)
        last = original.layers[structure.cut_at].path
        found.append(CutChange(model.layers[now].path, last, paths))
    edits = appended(model)
    found += [
        NewLayerChange(model.layers[i].path, next(edits))
        for i, origin in enumerate(structure.origins)
        if origin < 0
    ]
    return found


def new_layers(model: Model) -> list[tuple[int, Layer]]:
    """Return the layers that were appended, with their indices."""
    return [(i, layer) for i, layer in enumerate(model.layers) if model.is_new(i)]


def structure_edits(changes: Iterable[StructureChange]) -> tuple[list[CutHead], list[AppendDense]]:
    """Return the edits that bring the changes about: before, and after layers are renamed."""
    cuts: list[CutHead] = []
    new: list[AppendDense] = []
    for change in changes:
        if isinstance(change, CutChange):
            cuts.append(CutHead(change.original))
        else:
            new.append(change.edit)
    return cuts, new


def reverting_structure(
    changes: Iterable[StructureChange],
) -> tuple[list[RestoreHead], list[RestoreHead]]:
    """Return the edits that take the changes back: before, and after names are as in the file.

    New layers go with the cut that they followed, and before a name may be needed that one has;
    cut layers come back when the names that others took from them are free again.
    """
    found = list(changes)
    new = [RestoreHead(only_new=True)] if found else []
    cut = [RestoreHead()] if any(isinstance(change, CutChange) for change in found) else []
    return new, cut


def _free(taken: Container[str], name: str) -> str:
    """Return `name`, or one like it that is not taken."""
    others = (f"{name}_new{number or ''}" for number in count())
    return name if name not in taken else next(other for other in others if other not in taken)

"""Where the values of a document's weights are."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .layer import Weight
from .model import FileIdentity, Model
from .packing import Packing, packing_of
from .source import ArraySource, Drawn


@dataclass(frozen=True)
class Kept:
    """A dataset of the model's own file that keeps its values when the file is saved."""

    file: FileIdentity
    dtype: str
    """The weight's, to which numbers are rounded when it is saved in another than now."""
    packing: Packing | None = None
    """How numbers lie in its bytes, if these are no numbers themselves."""

    @property
    def path(self) -> str:
        """The model's file."""
        return self.file.path


Place = FileIdentity | Kept | ArraySource | Drawn
"""The model's own file as it is on the disk, or as it will be saved, what is to replace a
weight, or how an appended layer begins."""


def place_of(model: Model, index: int, weight: Weight) -> Place:
    """Return where the values are that a weight of layer `index` has once the file is saved.

    In the model's own file they are in `weight.dataset`. A `Kept` and an `ArraySource` state
    the dtype of the weight, to which values are rounded then.
    """
    if weight.replaced is not None:
        return replace(weight.replaced, dtype=weight.dtype)
    if index >= 0 and model.structure is not None and model.is_new(index):
        made = model.structure.made_at(index)
        name = f"{model.layers[index].path}/{weight.name}"
        return Drawn(name, weight.shape, weight.dtype, made.initializer, made.seed)
    packing = packing_of(model.layers[index], weight) if index >= 0 else None
    return Kept(model.file, weight.dtype, packing)

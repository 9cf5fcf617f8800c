"""Where the values of a document's weights are."""

from __future__ import annotations

from dataclasses import replace

from .layer import Weight
from .model import FileIdentity, Model
from .source import ArraySource, Drawn

Place = FileIdentity | ArraySource | Drawn
"""The model's own file, what is to replace a weight, or how an appended layer begins."""


def place_of(model: Model, index: int, weight: Weight) -> Place:
    """Return where the values are that a weight of layer `index` has once the file is saved.

    In the model's own file they are in `weight.dataset`. An `ArraySource` states the dtype of
    the weight, to which its values are rounded then.
    """
    if weight.replaced is not None:
        return replace(weight.replaced, dtype=weight.dtype)
    if index >= 0 and model.structure is not None and model.is_new(index):
        made = model.structure.made_at(index)
        name = f"{model.layers[index].path}/{weight.name}"
        return Drawn(name, weight.shape, weight.dtype, made.initializer, made.seed)
    return model.file

"""The edit that gives a weight other values, which lie in a file and are never read here."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fnmatch import translate
from typing import Any

from ..errors import BadEdit
from ..model import ArraySource, Layer, Model, safe_text
from .forms import Fields, form, source_fields

# void16 is how bfloat16 looks in a .npy or in HDF5.
_NUMBERS = re.compile(r"(bool|u?int|b?float|complex)\d*\Z|void16\Z")


@form("set_weight")
@dataclass(frozen=True)
class SetWeight:
    """Give the weight `name` of the layer at `path` the values in `source`.

    ``source=None`` gives it back the values that it has in the file.
    """

    path: str
    name: str
    source: ArraySource | None

    def describe(self) -> str:
        """Say in a few words what the edit does."""
        what = safe_text(f"{self.path}/{self.name}", 120)
        if self.source is None:
            return f"{what} as in the file"
        return f"{what} from {safe_text(self.source.label or self.source.file, 60)}"

    def apply(self, model: Model) -> Model:
        """Return the model with the weight's source set.

        Raises BadEdit for a weight that it does not have, another shape, or what is no numbers.
        """
        return with_sources(model, [self])

    def to_fields(self) -> dict[str, Any]:
        """Return the fields of its JSON object."""
        return {"layer": self.path, "weight": self.name, "from": source_fields(self.source)}

    @classmethod
    def from_fields(cls, fields: Fields) -> SetWeight:
        """Return the edit of a JSON object. Raises BadEdit."""
        return cls(fields.text("layer"), fields.text("weight"), fields.source("from"))

    def moved(self, to: Callable[[str], str]) -> SetWeight:
        """Return the same edit for a description in which layers have other paths."""
        return replace(self, path=to(self.path))


def find_weight(model: Model, path: str, name: str) -> tuple[int, int]:
    """Return the layer's index and the weight's number in it. Raises BadEdit."""
    index = model.index.get(path)
    if index is None:
        raise BadEdit(f"There is no layer {safe_text(path, 200)!r} in this model.")
    names = [weight.name for weight in model.layers[index].weights]
    if names.count(name) != 1:
        have = safe_text(", ".join(names) or "none", 200)
        problem = "several weights named" if name in names else "no weight"
        raise BadEdit(
            f"The layer {safe_text(path, 200)} has {problem} {safe_text(name, 100)!r}; "
            f"its weights: {have}."
        )
    return index, names.index(name)


def with_sources(model: Model, edits: Sequence[SetWeight]) -> Model:
    """Return the model after many edits, in one go. Raises BadEdit as `SetWeight.apply` does."""
    layers: dict[int, Layer] = {}
    for edit in edits:
        index, number = find_weight(model, edit.path, edit.name)
        layer = layers.get(index, model.layers[index])
        if edit.source is not None:
            _check(layer, number, edit.source)
        layers[index] = layer.with_source(number, edit.source)
    if all(layer is model.layers[index] for index, layer in layers.items()):
        return model
    return model.with_layers(tuple(layers.get(i, old) for i, old in enumerate(model.layers)))


def match_weights(model: Model, text: str) -> tuple[tuple[str, str], ...]:
    """Return (layer path, weight name) of the weights that `text` means, in the model's order.

    Either ``layer/weight`` as it is (the name in the file, ``dense/kernel:0``, does as well), or
    a glob over such texts (``block*/kernel``; ``*`` crosses ``/``).
    """
    every = [(layer, weight) for layer in model.layers for weight in layer.weights]
    exact = [
        (layer.path, weight.name)
        for layer, weight in every
        if text == f"{layer.path}/{weight.name}"
        or text in (weight.stored_name, weight.stored_name.removesuffix(":0"))
    ]
    named = [pair for pair in exact if "/".join(pair) == text]
    if exact:
        return tuple(named or exact)
    glob = re.compile(translate(text))
    return tuple(
        (layer.path, weight.name)
        for layer, weight in every
        if glob.match(f"{layer.path}/{weight.name}")
    )


def present_source(model: Model, path: str, name: str) -> ArraySource:
    """Return where the values are that a weight has at present: new ones, or those in the file.

    Raises BadEdit for a weight that the model does not have, or that is not in the file yet.
    """
    index, number = find_weight(model, path, name)
    weight = model.layers[index].weights[number]
    if weight.replaced is not None:
        return weight.replaced
    if model.is_new(index):
        raise BadEdit(
            f"The layer {safe_text(path, 200)} is new: its values are drawn when the file is "
            "saved. Save first, or give it an array."
        )
    return ArraySource(model.file.path, weight.dataset, weight.shape, weight.dtype, "file")


def _check(layer: Layer, number: int, source: ArraySource) -> None:
    weight = layer.weights[number]
    complex_ = source.dtype.startswith("complex") and not weight.dtype.startswith("complex")
    if source.shape == weight.shape and _NUMBERS.match(source.dtype) and not complex_:
        return  # what messages need costs more than all else
    what = f"{safe_text(f'{layer.path}/{weight.name}', 200)}"
    given = f"the array {safe_text(source.label or source.file, 100)}"
    if len(source.shape) != len(weight.shape):
        raise BadEdit(
            f"{what} has {_axes(len(weight.shape))} {weight.shape}, but {given} has "
            f"{_axes(len(source.shape))} {source.shape}; give one of the same shape."
        )
    for axis, (here, there) in enumerate(zip(weight.shape, source.shape, strict=True)):
        if here != there:
            raise BadEdit(
                f"{what} has shape {weight.shape}, but {given} has {source.shape}: axis {axis} "
                f"must be {here}, not {there}."
            )
    if not _NUMBERS.match(source.dtype):
        raise BadEdit(f"{what} needs numbers, but {given} holds {safe_text(source.dtype, 40)}.")
    raise BadEdit(f"{what} is {weight.dtype}, but {given} is {source.dtype}.")


def _axes(count: int) -> str:
    return "1 axis" if count == 1 else f"{count} axes"

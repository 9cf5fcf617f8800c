"""The edit that stores weights in another floating-point dtype.

Only how the file keeps the numbers changes: Keras reads them into variables of the dtype
that the layer's policy says (``Variable.assign`` of Keras 3 and ``batch_set_value`` of
tf_keras convert), so that the configuration stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, cast

from ..errors import BadEdit
from ..model import Layer, Model, Weight, safe_text
from .forms import Fields, form
from .weights import find_weight

TARGETS = ("float16", "float32", "float64")
"""What can be converted to."""
SIZES = {"float16": 2, "float32": 4, "float64": 8, "bfloat16": 2, "void16": 2}
"""What can be converted from, with bytes of an element; ``void16`` is how HDF5 shows what
Keras stores as bfloat16. A conversion can be taken back to any of them."""

Names = tuple[tuple[str, str], ...]
"""Weights by their layer's path and their own name."""


@form("convert_dtype")
@dataclass(frozen=True)
class ConvertDtype:
    """Store the weights in `dtype` from now on."""

    weights: Names
    dtype: str

    def describe(self) -> str:
        """Say in a few words what the edit does."""
        if len(self.weights) == 1:
            what = "/".join(self.weights[0])
        else:
            what = f"{len(self.weights):,} weights"
        return f"{safe_text(what, 120)} to {safe_text(self.dtype, 20)}"

    def apply(self, model: Model) -> Model:
        """Return the model with the dtypes set.

        Raises BadEdit for a weight that it does not have, and for what is no floating-point
        number.
        """
        if self.dtype not in SIZES:
            raise BadEdit(
                f"Weights can be converted to {', '.join(TARGETS)}, not to "
                f"{safe_text(self.dtype, 40)!r}."
            )
        chosen: dict[int, list[int]] = {}
        for path, name in self.weights:
            index, number = find_weight(model, path, name)
            _check(model.layers[index], model.layers[index].weights[number])
            chosen.setdefault(index, []).append(number)
        layers = list(model.layers)
        for index, numbers in chosen.items():
            layers[index] = _converted(layers[index], numbers, self.dtype)
        if all(new is old for new, old in zip(layers, model.layers, strict=True)):
            return model
        return replace(model, layers=tuple(layers))  # bytes are counted anew

    def to_fields(self) -> dict[str, Any]:
        """Return the fields of its JSON object."""
        return {"weights": [list(pair) for pair in self.weights], "dtype": self.dtype}

    @classmethod
    def from_fields(cls, fields: Fields) -> ConvertDtype:
        """Return the edit of a JSON object. Raises BadEdit."""
        given = fields.value("weights")
        pairs = cast("list[object]", given) if isinstance(given, list) else [None]
        names: list[tuple[str, str]] = []
        for pair in pairs:
            parts = cast("list[object]", pair) if isinstance(pair, list) else []
            texts = [part for part in parts if isinstance(part, str)]
            if len(parts) != 2 or len(texts) != 2:
                raise fields.wrong("weights", "a list of [layer, weight]")
            names.append((texts[0], texts[1]))
        return cls(tuple(names), fields.text("dtype"))

    def moved(self, to: Callable[[str], str]) -> ConvertDtype:
        """Return the same edit for a description in which layers have other paths."""
        return replace(self, weights=tuple((to(path), name) for path, name in self.weights))


def convertible(model: Model, indices: Iterable[int]) -> Names:
    """Return the floating-point weights of the layers at `indices` that are in the file."""
    return tuple(
        (model.layers[i].path, weight.name)
        for i in indices
        if not model.is_new(i)
        for weight in model.layers[i].weights
        if weight.dtype in SIZES
    )


def _check(layer: Layer, weight: Weight) -> None:
    if weight.dtype not in SIZES:
        what = safe_text(f"{layer.path}/{weight.name}", 200)
        raise BadEdit(f"{what} is {weight.dtype}; only floating-point weights are converted.")


def _converted(layer: Layer, numbers: list[int], dtype: str) -> Layer:
    weights = list(layer.weights)
    for number in numbers:
        if weights[number].dtype != dtype:
            weights[number] = replace(weights[number], dtype=dtype, item_size=SIZES[dtype])
    if all(new is old for new, old in zip(weights, layer.weights, strict=True)):
        return layer
    return layer.with_fields(weights=tuple(weights))

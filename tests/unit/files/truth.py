"""What a live Keras model says about itself, row by row, to compare descriptions with."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """A layer of the live model, in preorder."""

    name: str
    class_name: str
    depth: int
    trainable: bool
    weights: tuple[Any, ...]
    """Its own variables: trainable ones first, as in the legacy formats."""
    output_shape: tuple[int | None, ...] | None

    @property
    def trained(self) -> int:
        """Parameters of its own that Keras trains."""
        return sum(math.prod(w.shape) for w in self.weights if w.trainable)


def inner(layer: Any) -> list[Any]:
    """The layers that a description shows below `layer`."""
    name = type(layer).__name__
    if hasattr(layer, "layers") and hasattr(layer, "get_layer"):
        if name == "Sequential":  # `layers` leaves the input out; configurations list it
            return list(getattr(layer, "_layers", None) or layer._self_tracked_trackables)
        return list(getattr(layer, "operations", None) or layer.layers)
    if name == "Bidirectional":
        return [layer.forward_layer, layer.backward_layer]
    if name == "StackedRNNCells":
        return list(layer.cells)
    if name == "RNN":
        return [layer.cell]
    return [layer.layer] if "layer" in getattr(layer, "__dict__", {}) else []


def rows(model: Any) -> list[Row]:
    """All layers of a live model."""
    found: list[Row] = []

    def visit(layer: Any, depth: int) -> None:
        parts = inner(layer)
        inside = {id(w) for part in parts for w in part.weights}
        every = [*getattr(layer, "trainable_weights", []),
                 *getattr(layer, "non_trainable_weights", [])]  # fmt: skip
        own = [w for w in every if id(w) not in inside]
        flag = bool(getattr(layer, "trainable", True))
        row = Row(layer.name, type(layer).__name__, depth, flag, tuple(own), _shape(layer))
        found.append(row)
        for part in parts:
            visit(part, depth + 1)

    for layer in inner(model):
        visit(layer, 0)
    return found


def _shape(layer: Any) -> tuple[int | None, ...] | None:
    try:
        output = layer.output
    except (AttributeError, ValueError, RuntimeError):
        return None
    if isinstance(output, (list, tuple)):
        output = output[0] if len(output) == 1 else None
    return tuple(output.shape) if hasattr(output, "shape") else None

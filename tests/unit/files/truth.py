"""What a live Keras model says about itself, as plain data to compare with."""

from __future__ import annotations

from typing import Any


def weights_of(layer: Any) -> list[Any]:
    """A layer's own weights and those of parts that have no row of their own."""
    return [] if inner(layer) else list(layer.trainable_weights + layer.non_trainable_weights)


def inner(layer: Any) -> list[Any]:
    """The layers that a description shows below `layer`."""
    name = type(layer).__name__
    if hasattr(layer, "layers") and hasattr(layer, "get_layer"):
        found = list(layer.layers)
        if name == "Sequential":
            # `layers` leaves the input out; configurations list it
            found = list(getattr(layer, "_layers", None) or layer._self_tracked_trackables)
        return found
    if name == "Bidirectional":
        return [layer.forward_layer, layer.backward_layer]
    if name == "StackedRNNCells":
        return list(layer.cells)
    if name == "RNN":
        return [layer.cell]
    if "layer" in getattr(layer, "__dict__", {}):
        return [layer.layer]
    return []


def shape_of(layer: Any) -> Any:
    try:
        output = layer.output
    except (AttributeError, ValueError, RuntimeError):
        return None
    if isinstance(output, (list, tuple)):
        return None if len(output) != 1 else tuple(output[0].shape)
    if isinstance(output, dict):
        return None
    return tuple(output.shape)


def rows(model: Any) -> list[dict[str, Any]]:
    """All layers of a model, in preorder."""
    found: list[dict[str, Any]] = []

    def visit(layer: Any, depth: int) -> None:
        own = weights_of(layer)
        found.append(
            {
                "name": layer.name,
                "class_name": type(layer).__name__,
                "depth": depth,
                "trainable": bool(layer.trainable),
                "shapes": [tuple(int(d) for d in w.shape) for w in own],
                "names": [w.name for w in own],
                "output_shape": shape_of(layer),
                "count": sum(int(w.shape.num_elements() if hasattr(w.shape, "num_elements") else _size(w.shape)) for w in layer.weights),
            }
        )
        for part in inner(layer):
            visit(part, depth + 1)

    for layer in inner(model):
        visit(layer, 0)
    return found


def _size(shape: Any) -> int:
    total = 1
    for d in shape:
        total *= int(d)
    return total

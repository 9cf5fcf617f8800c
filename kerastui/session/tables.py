"""What the Keras process is told of the table: rows, flags, and what stand-ins need."""

from __future__ import annotations

import re
from typing import Any

from ..model import Layer, Model

_BELOW_LAYER = re.compile(r".*(?:\A|/)layers/[^/]+/")


def rows_of(model: Model) -> list[object]:
    """Return ``[path, class name, [[weight name, shape], …]]`` for each layer."""
    return [
        [layer.path, layer.class_name, [[w.name, list(w.shape)] for w in layer.weights]]
        for layer in model.layers
    ]


def flags_of(model: Model) -> dict[str, bool]:
    """Return the effective flag of each layer by path; ``""`` is the model itself."""
    flags = {"": model.trainable}
    flags.update(zip((layer.path for layer in model.layers), model.effective, strict=True))
    return flags


def instances_of(model: Model) -> dict[str, dict[str, Any]]:
    """Return, by class name and layer name, the weights and output shapes of all layers.

    It is what `inside.standins.make` asks for. Registered classes are listed under their
    full and their plain name; the model itself is listed too.
    """
    found: dict[str, dict[str, Any]] = {}
    for layer in model.layers:
        about: dict[str, Any] = {"weights": [_weight(layer, i) for i in range(len(layer.weights))]}
        if layer.output_shape is not None:
            about["output_shape"] = list(layer.output_shape)
        for name in {layer.class_name, layer.class_name.rpartition(">")[2]}:
            found.setdefault(name, {})[layer.name] = about
    if model.extra:
        weights = [_described(w.name, w.shape, w.dtype, w.dataset) for w in model.extra]
        for name in {model.class_name, model.class_name.rpartition(">")[2]}:
            found.setdefault(name, {})[model.name] = {"weights": weights}
    return found


def _weight(layer: Layer, index: int) -> dict[str, Any]:
    weight = layer.weights[index]
    return _described(weight.name, weight.shape, weight.dtype, weight.dataset)


def _described(name: str, shape: tuple[int, ...], dtype: str, dataset: str) -> dict[str, Any]:
    path = _BELOW_LAYER.sub("", dataset.lstrip("/"))
    return {"name": name, "shape": list(shape), "dtype": dtype, "path": path}

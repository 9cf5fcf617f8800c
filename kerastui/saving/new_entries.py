"""The configuration's entry of an appended layer, as the Keras of the file writes entries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from ..edits.dense import era_of, policy_of
from ..model import Layer, Model


def entry_text(model: Model, index: int) -> str:
    """Return the entry of layer `index` of `model`, which its configuration lacks, as JSON."""
    layer = model.layers[index]
    era, archive = era_of(model), model.format == "keras"
    fed = _feeding(model, index)
    # The flag may have been changed since; the settings state the one that it began with.
    config = {**layer.config, "trainable": layer.trainable}
    entry: dict[str, Any] = {"class_name": layer.class_name, "config": config}
    if archive:
        entry = {"module": "keras.layers", **entry, "registered_name": None}
        entry["build_config"] = {"input_shape": list(fed.output_shape or ())}
    if layer.calls:
        calls = _keras3_calls(model, layer, fed) if era == "keras3" else _calls(layer, era)
        if era == "keras2":  # multi-backend Keras begins with the name
            entry = {"name": layer.name, **entry, "inbound_nodes": calls}
        else:
            entry |= {"name": layer.name, "inbound_nodes": calls}
    return json.dumps(entry)


def _feeding(model: Model, index: int) -> Layer:
    """Return the layer whose result enters the appended layer `index`."""
    inside = [model.layers[i] for i in model.children(-1) if i < index]
    names = model.layers[index].inbound
    return next((x for x in inside if x.name in names), inside[-1])


def _calls(layer: Layer, era: str) -> list[Any]:
    """Keras 1 wrote no settings of the call."""
    settings: list[Any] = [] if era == "keras1" else [{}]
    return [[[*reference, *settings] for reference in call] for call in layer.calls]


def _keras3_calls(model: Model, layer: Layer, fed: Layer) -> list[Any]:
    tensor = {
        "class_name": "__keras_tensor__",
        "config": {
            "shape": list(fed.output_shape or ()),
            "dtype": _compute_dtype(fed.config.get("dtype", policy_of(model).stated)),
            "keras_history": list(layer.calls[0][0]),
        },
    }
    return [{"args": [tensor], "kwargs": {}}]


def _compute_dtype(stated: object) -> str:
    """Return what a layer's results are, by its dtype policy."""
    if isinstance(stated, Mapping):
        config = cast("Mapping[str, Any]", stated).get("config")
        stated = (
            cast("Mapping[str, Any]", config).get("name") if isinstance(config, Mapping) else ""
        )
    name = stated if isinstance(stated, str) and stated else "float32"
    return name.removeprefix("mixed_")

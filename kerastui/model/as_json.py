"""A description as plain JSON values: the stable schema of ``kerastui show --json``.

Schema version 1. Keys are only ever added within a version.

====================  =========================================================================
``schema``            1
``file``              path as given
``format``            ``hdf5``, ``keras``, ``hdf5-weights``, ``keras-weights`` or ``hdf5-other``
``keras_version``     as the file says, null if it does not
``backend``           likewise
``model``             ``{name, class_name}``
``layers``            list of layers, see below
``compile``           null, or ``{optimizer, outputs, has_optimizer_state}``
``parameters``        ``{total, trainable, frozen}``; moving statistics count as frozen
``notes``             list of sentences on what is odd in the file
====================  =========================================================================

A layer: ``path`` (names joined by ``/``), ``name``, ``class_name`` (null where the file does
not tell), ``trainable`` (own flag; null in files without flags), ``effective_trainable``,
``auto_named``, ``parameters``, ``output_shape``, ``inbound``, ``weights``
(``[{name, shape, dtype, axes, trainable}]``) and ``layers`` (those inside it).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .axes import axes
from .compile import Compile, FunctionName
from .layer import Layer, Weight
from .model import Model

SCHEMA = 1


def model_as_json(model: Model, only: Iterable[int] | None = None) -> dict[str, Any]:
    """Return `model` as JSON values; with `only`, list the layers at these indices instead."""
    entries = [_layer(model, i) for i in range(len(model.layers))]
    for i, layer in enumerate(model.layers):
        if layer.parent >= 0:
            entries[layer.parent]["layers"].append(entries[i])
    chosen = model.children(-1) if only is None else only
    counts = model.parameters
    return {
        "schema": SCHEMA,
        "file": model.file.path,
        "format": model.format,
        "keras_version": model.keras_version or None,
        "backend": model.backend or None,
        "model": {"name": model.name, "class_name": model.class_name},
        "layers": [entries[i] for i in chosen],
        "compile": _compile(model.compile),
        "parameters": {
            "total": counts.total,
            "trainable": counts.trainable if model.has_flags else None,
            "frozen": counts.frozen if model.has_flags else None,
        },
        "notes": list(model.notes),
    }


def _layer(model: Model, index: int) -> dict[str, Any]:
    layer = model.layers[index]
    flags = model.has_flags
    shape = layer.output_shape
    return {
        "path": layer.path,
        "name": layer.name,
        "class_name": layer.class_name or None,
        "trainable": layer.trainable if flags else None,
        "effective_trainable": model.effective[index] if flags else None,
        "auto_named": layer.auto_named,
        "parameters": layer.parameters,
        "output_shape": None if shape is None else list(shape),
        "inbound": list(layer.inbound),
        "weights": [_weight(layer, weight) for weight in layer.weights],
        "layers": [],
    }


def _weight(layer: Layer, weight: Weight) -> dict[str, Any]:
    return {
        "name": weight.name,
        "shape": list(weight.shape),
        "dtype": weight.dtype,
        "axes": list(axes(layer, weight)),
        "trainable": weight.trainable,
    }


def _compile(section: Compile | None) -> dict[str, Any] | None:
    if section is None:
        return None
    return {
        "optimizer": _function(section.optimizer),
        "outputs": [
            {
                "output": row.output,
                "loss": _function(row.loss),
                "loss_weight": row.loss_weight,
                "metrics": [_function(metric) for metric in row.metrics],
                "weighted_metrics": [_function(metric) for metric in row.weighted_metrics],
            }
            for row in section.outputs
        ],
        "has_optimizer_state": section.has_optimizer_state,
    }


def _function(function: FunctionName | None) -> dict[str, Any] | None:
    if function is None:
        return None
    return {
        "name": function.name,
        "custom": function.custom,
        "settings": dict(function.settings),
    }

"""A new Dense layer as the Keras that wrote the file would have written it.

Each era's form of the configuration was compared with files that its Keras wrote: 1.2.2,
2.0.8 to 2.3.1, tf.keras of TensorFlow 2.4 to 2.13, and Keras 3.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from ..model import Layer, Model, Weight
from .initializers import named

Era = Literal["keras1", "keras2", "tf.keras", "modules", "keras3"]
"""``modules``: tf.keras from TensorFlow 2.12 on, whose objects say their modules."""

ACTIVATIONS = ("linear", "softmax", "sigmoid", "relu", "tanh", "elu", "selu", "softplus",
               "softsign", "hard_sigmoid", "exponential", "swish", "gelu")  # fmt: skip
"""What a new head may end with, in Keras's words."""
_SINCE: Mapping[str, Era] = {
    "elu": "keras2", "selu": "keras2", "exponential": "keras2", "swish": "tf.keras",
    "gelu": "tf.keras",
}  # fmt: skip
_ORDER: tuple[Era, ...] = ("keras1", "keras2", "tf.keras", "modules", "keras3")
INITIALIZERS = ("glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform",
                "random_normal", "random_uniform", "orthogonal", "zeros")  # fmt: skip
_SCALING = {"truncated": "normal"}
_SETTINGS: Mapping[str, dict[str, Any]] = {
    "RandomNormal": {"mean": 0.0, "stddev": 0.05},
    "RandomUniform": {"minval": -0.05, "maxval": 0.05},
    "Orthogonal": {"gain": 1.0},
}  # fmt: skip
_KERAS1_NAMES = {"random_normal": "normal", "random_uniform": "uniform", "zeros": "zero"}
_WEIGHTS = "model_weights"
_FLOATS = {"float16": 2, "bfloat16": 2, "float32": 4, "float64": 8}
"""Bytes of an element of the dtypes that a new layer can have."""


@dataclass(frozen=True)
class Policy:
    """What a layer computes with, as the file says it, and what its weights are stored as."""

    stated: object
    dtype: str


def era_of(model: Model) -> Era:
    """Return whose form the configuration is in."""
    version = model.keras_version
    if version.startswith("1."):
        return "keras1"
    if version.startswith("3"):
        return "keras3"
    numbers = [int(part) for part in version.split("-")[0].split(".")[:2] if part.isdigit()]
    if tuple(numbers) >= (2, 12):
        return "modules"
    return "tf.keras" if version.endswith("-tf") or tuple(numbers) >= (2, 4) else "keras2"


def activations(model: Model) -> tuple[str, ...]:
    """Return the activations that the Keras of the file has."""
    era = _ORDER.index(era_of(model))
    return tuple(name for name in ACTIVATIONS if era >= _ORDER.index(_SINCE.get(name, "keras1")))


def dense_config(
    model: Model, name: str, units: int, activation: str, initializer: str, inputs: int
) -> dict[str, Any]:
    """Return the settings of a Dense layer with a bias, in the order that Keras writes."""
    era = era_of(model)
    if era == "keras1":
        return {
            "name": name, "trainable": True, "output_dim": units,
            "init": _KERAS1_NAMES.get(initializer, initializer), "activation": activation,
            "W_regularizer": None, "b_regularizer": None, "activity_regularizer": None,
            "W_constraint": None, "b_constraint": None, "bias": True, "input_dim": inputs,
        }  # fmt: skip
    config: dict[str, Any] = {"name": name, "trainable": True}
    if era != "keras2" or _states_dtype(model):
        config["dtype"] = _alone(policy_of(model).stated)
    config |= {
        "units": units, "activation": activation, "use_bias": True,
        "kernel_initializer": _initializer(model, initializer, era),
        "bias_initializer": _object("Zeros", {}, era),
        "kernel_regularizer": None, "bias_regularizer": None,
    }  # fmt: skip
    if era != "keras3":
        config["activity_regularizer"] = None
    config |= {"kernel_constraint": None, "bias_constraint": None}
    if any("quantization_config" in layer.config for layer in model.layers):
        config["quantization_config"] = None
    return config


def dense_weights(
    model: Model, name: str, shape: tuple[int, int], group: str
) -> tuple[Weight, ...]:
    """Return kernel and bias; `group` is the path of the group that they will lie in."""
    dtype = policy_of(model).dtype
    names = ("W", "b") if era_of(model) == "keras1" else ("kernel", "bias")
    stored = ("vars/0", "vars/1")
    if model.format == "hdf5":
        stored = tuple(_stored_name(model, name, part) for part in names)
    return tuple(
        Weight(part, at, f"{group}/{at}", size, dtype, item_size=_FLOATS[dtype])
        for part, at, size in zip(names, stored, (shape, shape[1:]), strict=True)
    )


def legacy_group(name: str) -> str:
    """Return the group of a layer at the top of a model in a legacy file."""
    return f"/{_WEIGHTS}/{name}"


def places_for_name(model: Model, layer: Layer, name: str) -> tuple[Weight, ...]:
    """Return the weights of a layer that is not in the file yet, planned for another name.

    Groups of archives are counted by class, so that only legacy files ask for other places.
    """
    if model.format != "hdf5":
        return layer.weights
    stored = [_stored_name(model, name, weight.name) for weight in layer.weights]
    return tuple(
        replace(weight, stored_name=at, dataset=f"{legacy_group(name)}/{at}")
        for weight, at in zip(layer.weights, stored, strict=True)
    )


def policy_of(model: Model) -> Policy:
    """Return the dtype policy of the last layer that states one and has weights, if any has."""
    stated: object = None
    for layer in reversed(model.layers):
        if layer.class_name.rpartition(">")[2] == "InputLayer" or "dtype" not in layer.config:
            continue
        held = [w.dtype for w in layer.weights if w.dtype in _FLOATS]
        if held:
            return Policy(layer.config["dtype"], held[0])
        stated = stated or layer.config["dtype"]
    kinds = [w.dtype for layer in model.layers for w in layer.weights if w.dtype in _FLOATS]
    return Policy(stated or "float32", kinds[-1] if kinds else "float32")


def _states_dtype(model: Model) -> bool:
    """Whether layers in the middle state a dtype: multi-backend Keras from 2.3 on."""
    return any(
        "dtype" in layer.config and "batch_input_shape" not in layer.config
        for layer in model.layers
    )


def _initializer(model: Model, name: str, era: Era) -> dict[str, Any]:
    found = named(name)
    label = found.label if found else name
    if era == "keras2" and found is not None and found.form == "scaled":
        kind = _SCALING.get(found.distribution, found.distribution)
        settings = {"scale": found.numbers[0], "mode": found.mode, "distribution": kind}
        return _object("VarianceScaling", {**settings, "seed": None}, era)
    seen = _seen(model, label)
    if seen is not None:
        return seen
    return _object(
        label, {**_SETTINGS.get(label, {}), **({} if label == "Zeros" else {"seed": None})}, era
    )


def _alone(stated: Any) -> Any:
    """Return a copy of an object's form that no other object of the file is said to be."""
    if not isinstance(stated, dict):
        return stated
    parts = cast("dict[str, Any]", stated)
    return {k: copy.deepcopy(v) for k, v in parts.items() if k != "shared_object_id"}


def _seen(model: Model, label: str) -> dict[str, Any] | None:
    """Return an initializer as the file has it: its settings differ between versions."""
    for layer in reversed(model.layers):
        stated = layer.config.get("kernel_initializer")
        if isinstance(stated, dict):
            parts = cast("dict[str, Any]", stated)
            config = parts.get("config")
            if parts.get("class_name") == label and isinstance(config, dict):
                settings = cast("dict[str, Any]", config)
                plain = {"seed", "input_axes", "output_axes"}
                if all(value is None for value in settings.values()) and set(settings) <= plain:
                    return _alone(parts)
    return None


def _object(label: str, settings: dict[str, Any], era: Era) -> dict[str, Any]:
    plain: dict[str, Any] = {"class_name": label, "config": settings}
    if era in ("modules", "keras3"):
        return {"module": "keras.initializers", **plain, "registered_name": None}
    return plain


def _stored_name(model: Model, name: str, part: str) -> str:
    """Return a weight's name in legacy HDF5, after the pattern of the file's layers.

    What the example is called now plays no part: its weights lie under the name in the file.
    """
    example = _example(model)
    if era_of(model) == "keras1":
        ending = ":0" if example is None or _ends(example.weights[0]) else ""
        return f"{name}_{part}{ending}"
    ending = "" if era_of(model) == "keras3" else ":0"
    if example is None:
        return f"{name}/{part}{ending}"
    first = example.weights[0]
    group = first.dataset.removesuffix(f"/{first.stored_name}").removeprefix(f"/{_WEIGHTS}")
    folders, own = first.stored_name.split("/")[:-1], group.removeprefix("/")
    folders = folders[: folders.index(own)] if own in folders else []
    return "/".join([*folders, name, part + (":0" if _ends(first) else "")])


def _example(model: Model) -> Layer | None:
    """Return the last layer of the file at the top of the model that has weights of its own."""
    for index in range(len(model.layers) - 1, -1, -1):
        layer = model.layers[index]
        told = layer.parent < 0 and layer.kind == "layer" and bool(layer.weights)
        if told and not model.is_new(index):
            return layer
    return None


def _ends(weight: Weight) -> bool:
    return weight.stored_name.endswith(":0")

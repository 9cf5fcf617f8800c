"""The layer entries of a parsed configuration, in every era's dialect.

An *entry* is ``{"class_name": …, "config": …}`` plus, by era, ``name``, ``inbound_nodes``,
``module``, ``build_config``. What an entry holds inside it:

- a model: ``config["layers"]``; up to Keras 2.2.2 a Sequential's config *is* that list;
- a wrapper: ``config["layer"]`` (TimeDistributed, custom ones), Bidirectional's
  ``backward_layer``, an RNN's ``cell`` or ``cells``;
- Keras 1's ``Merge`` inside a Sequential: ``config["layers"]`` as well;
- custom classes: a serialized layer under any key.
"""

from __future__ import annotations

from typing import Any, TypeGuard, cast

from ..model import Kind

Path = tuple[str | int, ...]
Entry = dict[str, Any]

_LAYER_KEYS = ("layer", "backward_layer", "cell")
_LIST_KEYS = ("layers", "cells")
_MODEL_CLASSES = frozenset({"Sequential", "Model", "Functional", "Container", "Graph"})
_FUNCTION_KEYS = frozenset({"activation", "recurrent_activation"})
_FUNCTION_CLASSES = frozenset(
    {"Activation", "ELU", "Identity", "LeakyReLU", "ReLU", "Rescaling", "Softmax"}
)


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a JSON value is an object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether a JSON value is a list."""
    return isinstance(value, list)


def is_entry(value: object) -> TypeGuard[Entry]:
    """Whether `value` is a serialized object with a class and a configuration."""
    return (
        is_object(value)
        and isinstance(value.get("class_name"), str)
        and isinstance(value.get("config"), (dict, list))
    )


def is_layer_entry(value: object) -> TypeGuard[Entry]:
    """Whether an entry under an unknown key is a layer (and not, say, an initializer)."""
    if not is_entry(value):
        return False
    config = value["config"]
    if is_list(config):
        return value["class_name"] == "Sequential"
    return is_object(config) and (
        isinstance(config.get("trainable"), bool) or is_list(config.get("layers"))
    )


def class_of(entry: Entry) -> str:
    """Return the class name as the entry states it."""
    name = entry.get("class_name")
    return name if isinstance(name, str) else ""


def base_class(class_name: str) -> str:
    """Return the bare class name of a registered one (``Custom>MyLayer``)."""
    return class_name.rpartition(">")[2]


def settings_of(entry: Entry) -> dict[str, Any]:
    """Return the configuration as an object ({} for a Sequential that is a list)."""
    config = entry.get("config")
    return config if is_object(config) else {}


def inside(entry: Entry) -> list[tuple[Path, Entry, str]]:
    """Return the entries directly inside: where (relative), the entry, under which key."""
    config = entry.get("config")
    if is_list(config):
        return [
            (("config", i), value, "layers") for i, value in enumerate(config) if is_entry(value)
        ]
    if not is_object(config):
        return []
    found: list[tuple[Path, Entry, str]] = []
    for key, value in config.items():
        kind = cast(
            "Any", type(value)
        )  # nearly all settings are plain values: pass them by quickly
        if kind is dict:
            if key in _FUNCTION_KEYS and is_plain_function(value):
                continue
            if is_entry(value) if key in _LAYER_KEYS else is_layer_entry(value):
                found.append((("config", key), value, key))
        elif kind is list and value and (key in _LIST_KEYS or type(value[0]) is dict):
            found += _listed(key, value)
    return found


def is_plain_function(value: object) -> bool:
    """Whether a layer that stands for an activation function holds no weights.

    Keras 3 takes layers as activations, also a Sequential of several; without weights they are
    a setting of the layer that calls them, and no layers of their own.
    """
    if not is_entry(value):
        return False
    if value["class_name"] != "Sequential":
        return value["class_name"] in _FUNCTION_CLASSES
    inner = settings_of(value).get("layers")
    return is_list(inner) and all(
        is_entry(layer) and layer["class_name"] in _FUNCTION_CLASSES for layer in inner
    )


def _listed(key: str, items: list[Any]) -> list[tuple[Path, Entry, str]]:
    test = is_entry if key in _LIST_KEYS else is_layer_entry
    return [(("config", key, i), item, key) for i, item in enumerate(items) if test(item)]


def kind_of(entry: Entry, holds: list[tuple[Path, Entry, str]]) -> Kind:
    """Tell a nested model, a wrapper and a plain layer apart."""
    base = base_class(class_of(entry))
    config = entry.get("config")
    if base in _MODEL_CLASSES or is_list(config):
        return "model"
    if base == "Merge":
        return "wrapper" if holds else "layer"
    if is_object(config) and is_list(config.get("layers")) and "input_layers" in config:
        return "model"
    if not holds:
        return "layer"
    return "model" if any(key == "layers" for _, _, key in holds) else "wrapper"


def without_inner(entry: Entry, holds: list[tuple[Path, Entry, str]]) -> dict[str, Any]:
    """Return the configuration without what `inside` found."""
    config = settings_of(entry)
    if not holds and "layers" not in config:
        return config
    keys = {key for _, _, key in holds} | {"layers"}
    return {key: value for key, value in config.items() if key not in keys}


def name_of(entry: Entry) -> str | None:
    """Return the layer's name; None when the entry states none that is text."""
    config = entry.get("config")
    name = config.get("name") if is_object(config) else None
    if not isinstance(name, str) or not name:
        name = entry.get("name")
    return name if isinstance(name, str) and name else None

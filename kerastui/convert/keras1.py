"""Keras 1's layers in today's words: classes, settings, and Merge in its many modes."""

from __future__ import annotations

from typing import Any

from ..files.entries import is_list, is_object
from ..model.dialects import in_todays_words
from .report import Report
from .tables import CLASSES_OF_KERAS_1, INITIALIZERS_OF_KERAS_1, MERGES

_ORDERINGS = {"tf": "channels_last", "th": "channels_first"}
_IN_KERNEL_SIZE = ("nb_row", "nb_col", "kernel_dim1", "kernel_dim2", "kernel_dim3")


def layer_today(class_name: str, config: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return class and settings of a Keras 1 layer in the words of Keras 2 and 3."""
    today = in_todays_words(class_name, config)
    if "kernel_size" in today:
        for key in _IN_KERNEL_SIZE:
            today.pop(key, None)
    if class_name == "SeparableConvolution2D":
        today["depthwise_initializer"] = today.pop("kernel_initializer", "glorot_uniform")
    if class_name.startswith("Deconvolution"):
        today.pop("output_shape", None)
    if class_name in ("LSTM",) and "forget_bias_init" in today:
        today["unit_forget_bias"] = today.pop("forget_bias_init") == "one"
    if class_name in ("LSTM", "GRU", "SimpleRNN"):
        today.setdefault("use_bias", True)
    if class_name == "GRU":
        today["reset_after"] = False
    ordering = today.get("data_format")
    if isinstance(ordering, str):
        today["data_format"] = _ORDERINGS.get(ordering, ordering)
    for key, value in today.items():
        if key.endswith("_initializer") and isinstance(value, str):
            today[key] = INITIALIZERS_OF_KERAS_1.get(value, value)
        elif key.endswith(("_regularizer", "_constraint")) and is_object(value):
            today[key] = _object_today(value)
    return CLASSES_OF_KERAS_1.get(class_name, class_name), today


def _object_today(value: dict[str, Any]) -> dict[str, Any]:
    """Return a regularizer or constraint (``{"name": …, settings}``) as class and settings."""
    if "class_name" in value or not isinstance(value.get("name"), str):
        return value
    settings = {key: item for key, item in value.items() if key != "name"}
    name: str = value["name"]
    if name in ("WeightRegularizer", "L1L2Regularizer", "ActivityRegularizer"):
        name = "L1L2"
    renamed = {"m": "max_value", "p": "rate"}
    return {
        "class_name": name[:1].upper() + name[1:],
        "config": {renamed.get(key, key): item for key, item in settings.items()},
    }


def merge_today(config: dict[str, Any], report: Report, where: str) -> tuple[str, dict[str, Any]]:
    """Return the layer that does what a Keras 1 ``Merge`` did."""
    mode = config.get("mode")
    name = MERGES.get(mode) if isinstance(mode, str) else None
    kept = {key: config[key] for key in ("name", "trainable", "dtype") if key in config}
    if name is None:
        report.lost(
            "Merge with a function as its mode has no counterpart in today's Keras; it is kept "
            "under its old class, which you have to provide.",
            where,
        )
        return "Merge", config
    if name == "Concatenate":
        kept["axis"] = config.get("concat_axis", -1)
    if name == "Dot":
        axes = config.get("dot_axes", -1)
        if is_list(axes) and len(axes) == 2 and all(is_list(a) and len(a) == 1 for a in axes):
            axes = [axes[0][0], axes[1][0]]
        kept["axes"] = axes
        kept["normalize"] = mode == "cos"
    return name, kept


def without_merge(name: str, layers: list[Any]) -> dict[str, Any] | None:
    """Return the Functional form of a Sequential that begins with a Merge of Sequentials.

    None when it has another form. The layers are as Keras 1 wrote them, but for the entries
    that Functional models need.
    """
    first: Any = layers[0] if layers else None
    if not is_object(first) or first.get("class_name") != "Merge":
        return None
    config = first.get("config")
    branches = config.get("layers") if is_object(config) else None
    if not is_list(branches) or not branches:
        return None
    found: list[dict[str, Any]] = []
    inputs: list[Any] = []
    ends: list[Any] = []
    for branch in branches:
        inner = branch.get("config") if is_object(branch) else None
        if not is_list(inner) or not inner or branch.get("class_name") != "Sequential":
            return None
        shape = inner[0].get("config", {}).get("batch_input_shape") if is_object(inner[0]) else None
        if shape is None:
            return None
        entry = _named(inner[0])
        source = f"{entry['name']}_input"
        found.append(
            {
                "class_name": "InputLayer",
                "name": source,
                "config": {
                    "name": source,
                    "batch_input_shape": shape,
                    "dtype": entry["config"].get("input_dtype") or "float32",
                },
                "inbound_nodes": [],
            }
        )
        inputs.append([source, 0, 0])
        found += _chain(inner, [[source, 0, 0]])
        ends.append([found[-1]["name"], 0, 0])
    merge = _named(first)
    merge["config"] = {k: v for k, v in merge["config"].items() if k != "layers"}
    merge["inbound_nodes"] = [ends]
    found.append(merge)
    found += _chain(layers[1:], [[merge["name"], 0, 0]])
    outputs = [[found[-1]["name"], 0, 0]]
    settings = {"name": name, "layers": found, "input_layers": inputs, "output_layers": outputs}
    return {"class_name": "Functional", "config": settings}


def _chain(entries: list[Any], feeding: list[Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for item in entries:
        entry = _named(item)
        entry["inbound_nodes"] = [feeding]
        feeding = [[entry["name"], 0, 0]]
        found.append(entry)
    return found


def _named(item: dict[str, Any]) -> dict[str, Any]:
    return {**item, "name": item["config"]["name"], "config": dict(item["config"])}

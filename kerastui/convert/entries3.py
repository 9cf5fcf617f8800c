"""Pieces of a configuration in Keras 3's dialect that older ones have in another place, or not."""

from __future__ import annotations

from typing import Any

from ..files.entries import Entry, base_class, class_of, is_entry, is_list, is_object
from .tables import layer_settings

FUNCTIONAL = "keras.src.models.functional"
OLD_HARD_SIGMOID: dict[str, Any] = {
    "module": "keras",
    "class_name": "Sequential",
    "config": {
        "name": "keras2_hard_sigmoid",
        "layers": [
            {
                "module": "keras.layers",
                "class_name": "Rescaling",
                "config": {"name": "rescaling", "scale": 0.2, "offset": 0.5},
                "registered_name": None,
            },
            {
                "module": "keras.layers",
                "class_name": "ReLU",
                "config": {"name": "re_lu", "max_value": 1.0},
                "registered_name": None,
            },
        ],
    },
    "registered_name": None,
}
"""``clip(0.2 x + 0.5, 0, 1)``, Keras 2's hard_sigmoid, made of layers that Keras 3 has: its own
function of the name is another one (``relu6(x + 3) / 6``)."""


def home_of(entry: Entry, class_name: str, functional: bool, major: int) -> tuple[str | None, Any]:
    """Return module and registered name of a class."""
    stated, base = entry.get("module"), base_class(class_name)
    if major >= 3 and "module" in entry:
        return stated, entry.get("registered_name")
    if base == "Functional" and functional:
        return FUNCTIONAL, "Functional"
    if class_name == "Sequential":
        return "keras", None
    if layer_settings("keras3", class_name) is not None:
        return "keras.layers", None
    package = class_name.rpartition(">")[0]
    registered = entry.get("registered_name") or (class_name if package else base)
    if isinstance(stated, str) and stated and not stated.startswith("keras"):
        return stated, registered
    return None, registered


def input_of(entry: Entry) -> tuple[Any, str]:
    """Return the input shape that a Sequential's first layer states, and the dtype.

    A first layer that is a model is asked for its own first layer or only input.
    """
    for _ in range(500):
        config = entry.get("config")
        if is_object(config):
            for key in ("batch_input_shape", "batch_shape"):
                if config.get(key) is not None:
                    dtype = config.get("input_dtype") or config.get("dtype")
                    return config[key], dtype if isinstance(dtype, str) else "float32"
        inner = config if is_list(config) else config.get("layers") if is_object(config) else None
        if not is_list(inner):
            break
        inner = [item for item in inner if is_entry(item)]
        if is_object(config) and "input_layers" in config:
            inner = [item for item in inner if class_of(item) == "InputLayer"]
            if len(inner) != 1:
                break
        if not inner:
            break
        entry = inner[0]
    return None, "float32"


def input_layer(name: str, shape: Any, dtype: str) -> Entry:
    """Return the entry of a Sequential's input; `shape` has the batch axis."""
    return {
        "module": "keras.layers",
        "class_name": "InputLayer",
        "config": {
            "batch_shape": shape,
            "dtype": dtype,
            "sparse": False,
            "ragged": False,
            "name": name,
            "optional": False,
        },
        "registered_name": None,
    }

"""A layer's whole configuration as readable lines, the most telling first.

Not a JSON dump: objects by name with what they set, sizes as ``3×3``, the batch axis by
name, everything that is null in one line. Keras 1's words are kept, with today's beside them.
The layer's name and its trainable flag are left out: they are shown (and changed) elsewhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .dialects import is_keras1, todays_name
from .explain import explanations
from .known_layers import base_class, is_known
from .layer import Layer
from .text import safe_text
from .values import as_list, code_size, setting

_LEFT_OUT = frozenset({"name", "trainable"})
_LAST = ("dtype", "data_format", "dim_ordering", "batch_input_shape", "input_dtype", "dynamic")
_MAX_LINES = 300
_MAX_LABEL = 80
_SIZE_PARTS = (("nb_row", "nb_col"), ("kernel_dim1", "kernel_dim2", "kernel_dim3"))
_CODE_KEYS = frozenset({"function", "output_shape", "mask"})
_LIKE_THEM = {
    "variancescalingscale=1,fanavg,uniform": "glorotuniform",
    "variancescalingscale=1,fanavg,normal": "glorotnormal",
    "variancescalingscale=2,fanin,normal": "henormal",
    "variancescalingscale=2,fanin,uniform": "heuniform",
    "variancescalingscale=1,fanin,normal": "lecunnormal",
    "variancescalingscale=1,fanin,uniform": "lecununiform",
    "orthogonalinitializer": "orthogonal",
    "randomuniformminval=0.05,maxval=0.05": "uniform",
    "tf": "channelslast",
    "th": "channelsfirst",
    "zero": "zeros",
    "one": "ones",
}
"""Other spellings of the same value, as `canonical` has them."""


@dataclass(frozen=True)
class ConfigLine:
    """One setting of a layer, safe to show."""

    label: str
    value: str
    changed: bool = False
    """Whether it differs from today's default; False where there is no default."""


def config_lines(layer: Layer) -> tuple[ConfigLine, ...]:
    """Return the layer's configuration: primary settings first, nulls last, in one line."""
    config = layer.config
    lines: list[ConfigLine] = []
    nothing: list[str] = []
    merged = _merged_sizes(layer.class_name, config)
    for key in _ordered(layer.class_name, config)[:_MAX_LINES]:
        if config[key] is None or config[key] in ({}, []):
            nothing.append(_label(layer.class_name, key, config))
        elif key in merged:
            lines += [ConfigLine(*line) for line in (merged[key],) if line]
        else:
            lines.append(_line(layer.class_name, key, config))
    if len(config) > _MAX_LINES:
        lines.append(ConfigLine("and more", f"{len(config) - _MAX_LINES:,} further settings"))
    if nothing:
        lines.append(ConfigLine("none", safe_text(", ".join(nothing), 1000)))
    return tuple(lines)


def _ordered(class_name: str, config: Mapping[str, Any]) -> list[str]:
    """Keys of the configuration, primary ones first, then the file's order."""
    primary = explanations()["primary"]
    wanted = (primary.get(class_name) or primary.get(base_class(class_name)) or "").split()
    rank = {key: i for i, key in enumerate(wanted)}
    later = {key: len(rank) + 1 + i for i, key in enumerate(_LAST)}

    def place(key: str) -> int:
        today = todays_name(class_name, key, config)
        if any(key in parts for parts in _SIZE_PARTS) and "kernel_size" in rank:
            return rank["kernel_size"]
        return rank.get(key, rank.get(today, later.get(key, len(rank))))

    return sorted((key for key in config if key not in _LEFT_OUT), key=place)


def _merged_sizes(class_name: str, config: Mapping[str, Any]) -> dict[str, tuple[str, str] | None]:
    """Keras 1's ``nb_row`` and ``nb_col`` as one line, shown in place of the first."""
    for parts in _SIZE_PARTS:
        values = [config.get(key) for key in parts]
        if all(isinstance(value, int) for value in values) and is_keras1(class_name, config):
            line = (f"{', '.join(parts)} (kernel_size)", setting("kernel_size", values))
            return {key: line if i == 0 else None for i, key in enumerate(parts)}
    return {}


def _line(class_name: str, key: str, config: Mapping[str, Any]) -> ConfigLine:
    value = config[key]
    code = _code(class_name, key, config)
    shown = code or setting(key, value)
    return ConfigLine(
        _label(class_name, key, config),
        shown,
        not code and _is_changed(class_name, todays_name(class_name, key, config), shown, config),
    )


def _label(class_name: str, key: str, config: Mapping[str, Any]) -> str:
    today = todays_name(class_name, key, config)
    plain = safe_text(key, _MAX_LABEL)
    return plain if today == key else f"{plain} ({today})"


def _code(class_name: str, key: str, config: Mapping[str, Any]) -> str:
    """Say of Python bytecode that it is some; ``""`` for what is none. Nothing is decoded."""
    if class_name != "Lambda" or key not in _CODE_KEYS:
        return ""
    value: Any = config[key]
    kind = config.get("function_type" if key == "function" else f"{key}_type")
    listed = key == "function" and as_list(value) is not None  # [code, defaults, closure]
    size = code_size(value) if listed or kind == "lambda" else None
    if size is None:
        return ""
    return f"Python bytecode, about {size:,} bytes (kerastui neither runs nor decodes it)"


def _is_changed(class_name: str, key: str, shown: str, config: Mapping[str, Any]) -> bool:
    """Whether a value differs from the class's default of today."""
    if not is_known(class_name):
        return False
    if key == "strides" and "Pool" in class_name:
        size = config.get("pool_size", config.get("pool_length"))
        return size is not None and setting("pool_size", size) != shown
    if key == "value_dim":
        return config.get("key_dim") != config.get("value_dim")
    usual = usual_values(class_name, key)
    if usual is None:
        return False
    return canonical(shown) not in {canonical(text) for text in usual}


@cache
def _defaults() -> Mapping[str, Any]:
    return json.loads(Path(__file__).with_name("layer_defaults.json").read_text("utf-8"))


def usual_values(class_name: str, key: str) -> list[str] | None:
    """Return the values that a setting has by default, as text; None where none is known."""
    data = _defaults()
    own: Mapping[str, Any] = data["classes"].get(class_name, {})
    found: Any = own.get(key, data["common"].get(key))
    if found is None:
        return None
    return [found] if isinstance(found, str) else found


def canonical(shown: str) -> str:
    """Return one spelling for ``GlorotUniform``, ``glorot_uniform`` and their like."""
    plain = re.sub(r"[\s_()-]", "", shown.lower()).replace("truncatednormal", "normal")
    plain = re.sub(r"v[12]$", "", plain)
    return _LIKE_THEM.get(plain, plain)

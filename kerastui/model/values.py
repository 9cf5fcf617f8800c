"""Values of a configuration as short readable text, whatever the file holds there.

Keras writes objects (initializers, losses, schedules …) as ``{"class_name", "config"}``, with
``module`` and ``registered_name`` in Keras 3; here they become ``L2(0.0001)``. Nothing is
imported or evaluated. Every result has passed `safe_text`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from .figures import number, shape, times
from .text import safe_text

MAX_TEXT = 120
"""Characters shown of one value."""
_MAX_DEPTH = 4
_MAX_ITEMS = 12
_SIZES = frozenset(
    {"kernel_size", "strides", "pool_size", "dilation_rate", "size", "subsample", "atrous_rate",
     "output_size", "output_padding", "patch_size"}
)  # fmt: skip
_SHOWN_BARE = frozenset({"l1", "l2", "value", "mode", "distribution"})
"""Settings of objects that need no key: ``L2(0.0001)``, ``VarianceScaling(fan_avg, uniform)``."""
_L1L2 = ("l1", "l2")
_ORDER = ("scale", "mode", "distribution", "l1", "l2")
"""Keras 2 wrote keys in the order of a hash table; these are always shown in this order."""
_OBJECT_DEFAULTS: Mapping[str, Any] = {"gain": 1.0, "seed": None}

Setting = tuple[str, str]


def as_mapping(value: object) -> Mapping[str, Any] | None:
    """Return the value if it is a JSON object, else None."""
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else None


def as_list(value: object) -> Sequence[Any] | None:
    """Return the value if it is a JSON array (or tuple), else None."""
    return cast("Sequence[Any]", value) if isinstance(value, list | tuple) else None


def object_parts(value: object) -> tuple[str, Mapping[str, Any]] | None:
    """Return (class name, config) of a serialized object, or None if it is none.

    ``Custom>`` is dropped: TensorFlow 2.11 to 2.13 write built-in optimizers so.
    """
    fields = as_mapping(value)
    if fields is None:
        return None
    name = fields.get("class_name")
    if not isinstance(name, str) or not name:
        return None
    return name.removeprefix("Custom>"), as_mapping(fields.get("config")) or {}


def function_name(value: object) -> str | None:
    """Return the name of a function that Keras 3 serialized as an object, or None."""
    fields = as_mapping(value)
    if fields is None or fields.get("class_name") not in ("function", "__lambda__"):
        return None
    if fields["class_name"] == "__lambda__":
        return "<lambda>"
    config = fields.get("config")
    name = config if isinstance(config, str) else (as_mapping(config) or {}).get("name")
    return name if isinstance(name, str) else "<function>"


def text(value: object, limit: int = MAX_TEXT, depth: int = 0) -> str:
    """Return any JSON value as one short line that is safe to show."""
    if isinstance(value, str):
        return safe_text(value, limit)
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return number(value)
    if depth >= _MAX_DEPTH:
        return "…"
    if (items := as_list(value)) is not None:
        return safe_text(_list(items, limit, depth), limit)
    if (fields := as_mapping(value)) is not None:
        return safe_text(_mapping(fields, limit, depth), limit)
    return safe_text(repr(value) if isinstance(value, bytes) else value, limit)


def setting(key: str, value: object, depth: int = 0) -> str:
    """Return the value of a setting as its key suggests: ``3×3``, ``(batch, 28, 28)``."""
    items = as_list(value)
    if items is not None and items:
        if key in _SIZES and all(isinstance(i, int) for i in items):
            return times(items[:_MAX_ITEMS])
        if key.endswith("shape") and not any(isinstance(i, list | tuple | dict) for i in items):
            if key.startswith("batch_") or items[0] is None:
                return shape(items[:_MAX_ITEMS])
            return f"({text(items)})"
    if key == "dtype" and (policy := _policy_name(value)) is not None:
        return policy
    return text(value, depth=depth)


def _policy_name(value: object) -> str | None:
    """The name of a dtype policy that is written as an object."""
    parts = object_parts(value)
    name = parts[1].get("name") if parts else None
    return safe_text(name) if isinstance(name, str) else None


def code_size(value: object) -> int | None:
    """Bytes of Python code in a serialized lambda (told from its base64), or None.

    Nothing is decoded. Keras 1 and 2 write a list whose first item is the code, Keras 3 an
    object of class ``__lambda__``.
    """
    fields = as_mapping(value)
    if fields is not None and fields.get("class_name") == "__lambda__":
        config = as_mapping(fields.get("config")) or {}
        value = config.get("code", config.get("value"))
    items = as_list(value)
    code = items[0] if items else value
    return len(code.strip()) * 3 // 4 if isinstance(code, str) else None


def settings(
    config: Mapping[str, Any], defaults: Mapping[str, Any] | None = None, depth: int = 0
) -> tuple[Setting, ...]:
    """Return what a configuration sets, in the file's order.

    Null and false values and those equal to `defaults` are left out; True without a default
    stays.
    """
    defaults = defaults or {}
    return tuple(
        (safe_text(key, 60), setting(key, value, depth + 1))
        for key, value in config.items()
        if value is not None and value is not False and not same(value, defaults.get(key))
    )


def same(value: object, default: object) -> bool:
    """Whether a value from a file means the default (0.1 in float32, tuple or list)."""
    if isinstance(value, bool) or isinstance(default, bool):
        return value is default
    if isinstance(value, int | float) and isinstance(default, int | float):
        return value == default or number(value) == number(default)
    values, others = as_list(value), as_list(default)
    if values is not None and others is not None:
        return len(values) == len(others) and all(map(same, values, others))
    return type(value) is type(default) and isinstance(value, str) and value == default


def call(name: str, arguments: Sequence[Setting]) -> str:
    """Return ``name(key=value, …)``, or the bare name without arguments."""
    if not arguments:
        return safe_text(name)
    inside = ", ".join(f"{key}={value}" if key else value for key, value in arguments)
    return f"{safe_text(name)}({inside})"


def _list(items: Sequence[Any], limit: int, depth: int) -> str:
    shown = ", ".join(text(item, limit, depth + 1) for item in items[:_MAX_ITEMS])
    more = f", … {len(items):,} in all" if len(items) > _MAX_ITEMS else ""
    return f"({shown}{more})" if depth or not items else shown + more


def _mapping(fields: Mapping[str, Any], limit: int, depth: int) -> str:
    if fields.get("class_name") == "__lambda__":
        size = code_size(fields)
        return f"Python bytecode, {size:,} bytes" if size else "Python bytecode"
    if (function := function_name(fields)) is not None:
        return function
    if (parts := object_parts(fields)) is None:
        return _plain_mapping(fields, limit, depth)
    name, config = parts
    if name in ("__tensor__", "__numpy__") and "value" in config:
        return text(config["value"], limit, depth + 1)
    return _object(name, config, depth)


def _object(name: str, config: Mapping[str, Any], depth: int) -> str:
    """An initializer, regularizer, constraint …: its class and what it sets."""
    ordered = sorted(config, key=lambda k: _ORDER.index(k) if k in _ORDER else len(_ORDER))
    kept = {k: config[k] for k in ordered if k != "name" and not (k in _L1L2 and config[k] == 0)}
    arguments = settings(kept, _OBJECT_DEFAULTS, depth)
    bare = [k in _SHOWN_BARE and (k not in _L1L2 or name.lower() == k) for k, _ in arguments]
    return call(name, [("" if b else k, v) for (k, v), b in zip(arguments, bare, strict=True)])


def _plain_mapping(fields: Mapping[str, Any], limit: int, depth: int) -> str:
    name = fields.get("name")
    if isinstance(name, str) and ("l1" in fields or "l2" in fields):  # Keras 1's regularizers
        return _object(name, fields, depth)
    pairs = list(fields.items())[:_MAX_ITEMS]
    inside = ", ".join(f"{safe_text(k, 60)}: {text(v, limit, depth + 1)}" for k, v in pairs)
    return f"{{{inside}{', …' if len(fields) > _MAX_ITEMS else ''}}}"

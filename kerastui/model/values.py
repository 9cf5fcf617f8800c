"""Values of a configuration as short readable text, whatever the file holds there.

Keras writes objects (initializers, losses, schedules …) as ``{"class_name", "config"}``, with
``module`` and ``registered_name`` in Keras 3; here they become ``L2(0.0001)``. Nothing is
imported or evaluated. Every result has passed `safe_text`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from .figures import number, times
from .text import safe_text

MAX_TEXT = 120
"""Characters shown of one value."""
_MAX_DEPTH = 4
_MAX_ITEMS = 12

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


def settings(
    config: Mapping[str, Any], defaults: Mapping[str, Any] | None = None, depth: int = 0
) -> tuple[Setting, ...]:
    """Return what a configuration sets, in the file's order.

    Null and false values and those equal to `defaults` are left out; True without a default
    stays.
    """
    defaults = defaults or {}
    return tuple(
        (safe_text(key, 60), text(value, depth=depth + 1))
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
    plain = all(isinstance(i, int) and not isinstance(i, bool) for i in items)
    if plain and 2 <= len(items) <= 5 and depth == 0:
        return times(items)
    shown = ", ".join(text(item, limit, depth + 1) for item in items[:_MAX_ITEMS])
    more = f", … {len(items):,} in all" if len(items) > _MAX_ITEMS else ""
    return f"[{shown}{more}]"


def _mapping(fields: Mapping[str, Any], limit: int, depth: int) -> str:
    if (function := function_name(fields)) is not None:
        return function
    if (parts := object_parts(fields)) is None:
        pairs = list(fields.items())[:_MAX_ITEMS]
        inside = ", ".join(f"{safe_text(k, 60)}: {text(v, limit, depth + 1)}" for k, v in pairs)
        return f"{{{inside}{', …' if len(fields) > _MAX_ITEMS else ''}}}"
    name, config = parts
    if name in ("__tensor__", "__numpy__") and "value" in config:
        return text(config["value"], limit, depth + 1)
    kept = {k: v for k, v in config.items() if k != "name"}
    return call(name, settings(kept, depth=depth))

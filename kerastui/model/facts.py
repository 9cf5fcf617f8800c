"""The numbers of one layer by name, and templates that put them into words.

A template is text with fields: ``{filters}`` is a number or a setting, ``{filters|filter}`` a
count with its noun, ``{filters|map comes|maps come}`` with both its forms. A
template whose field is not known for the layer does not apply.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from .axes import axes
from .dialects import in_todays_words
from .figures import count, plural, times
from .layer import Layer
from .text import safe_text
from .values import as_list, setting, text

Facts = Mapping[str, object]

_FIELD = re.compile(r"\{([^{}|]+)(?:\|([^{}|]*))?(?:\|([^{}|]*))?\}")
_GATES = re.compile(r"(\d+) gates × (units|filters)")
_BIG = 10**15


def facts(layer: Layer) -> dict[str, object]:
    """Return what is known about a layer's numbers.

    Names are those of the weights' axes (``input channels``, ``units``), ``kernel`` for the
    spatial size (``3×3``), and the configuration's own keys under today's names.
    """
    found: dict[str, object] = dict(in_todays_words(layer.class_name, layer.config))
    found.update(_sizes(layer))
    _derive(found)
    return found


def _sizes(layer: Layer) -> dict[str, object]:
    """Sizes of the weights' axes by their names; of equal names the first weight's counts."""
    found: dict[str, object] = {}
    for weight in layer.weights:
        spatial: list[int] = []
        for name, size in zip(axes(layer, weight), weight.shape, strict=False):
            if name.startswith("kernel "):
                spatial.append(size)
            elif gates := _GATES.search(name):
                found.setdefault("gates", int(gates[1]))
                found.setdefault(gates[2], size // int(gates[1]))
            elif name != "1":
                found.setdefault(name, size)
        if spatial and "kernel" not in found:
            found["kernel"] = times(spatial) if len(spatial) > 1 else f"length {spatial[0]}"
    return found


def _derive(found: dict[str, object]) -> None:
    """Numbers that follow from others."""
    per_group, groups = found.get("input channels per group"), found.get("groups")
    if isinstance(per_group, int) and isinstance(groups, int) and 1 < groups < _BIG:
        found["input channels"] = per_group * groups
        found["grouped"] = True
    channels, multiplier = found.get("input channels"), found.get("depth multiplier")
    if isinstance(channels, int) and isinstance(multiplier, int):
        found.setdefault("output channels", channels * multiplier)
    for key, name in (("strides", "strided"), ("dilation_rate", "dilated")):
        if _exceeds_one(found.get(key)):
            found[name] = True
    if "kernel" not in found and (size := found.get("kernel_size")) is not None:
        items = as_list(size)
        found["kernel"] = (
            f"length {text(items[0])}"
            if items and len(items) == 1
            else setting("kernel_size", size)
        )


def _exceeds_one(value: object) -> bool:
    items = as_list(value)
    values: Sequence[object] = items if items is not None else (value,)
    return any(isinstance(v, int) and v > 1 for v in values)


def fill(template: str, known: Facts) -> str | None:
    """Return the template with its fields filled in, or None if one is not known."""
    missing = False

    def value_of(match: re.Match[str]) -> str:
        nonlocal missing
        shown = _shown(match[1], known.get(match[1]), match[2], match[3])
        missing = missing or shown is None
        return shown or ""

    filled = _FIELD.sub(value_of, template)
    return None if missing else filled


def _shown(key: str, value: object, noun: str | None, nouns: str | None) -> str | None:
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int):
        return plural(value, noun, nouns or "") if noun else count(value)
    if noun or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return safe_text(value) if isinstance(value, str) else setting(key, value)

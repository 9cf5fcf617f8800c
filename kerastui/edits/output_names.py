"""Where a compile section names the model's outputs: keys of settings, and metrics' names.

Losses, their weights and metrics may be dictionaries by output; tf.keras with several outputs
puts an output's name before those of its metrics, and numbers outputs that share a layer
(`tf_keras/src/engine/compile_utils.py`, ``_set_metric_names``; `engine/functional.py`,
``_set_output_names``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from .references import Place

_BY_OUTPUT = ("loss", "loss_weights", "metrics", "weighted_metrics", "sample_weight_mode")
"""Settings that may be dictionaries by output."""
_WITH_NAMES = ("metrics", "weighted_metrics")


@dataclass
class OutputPlaces:
    """What becomes of a section: new values, and new keys, by place in the old one."""

    values: dict[Place, str] = field(default_factory=dict[Place, str])
    keys: dict[Place, str] = field(default_factory=dict[Place, str])


def output_places(
    section: Mapping[str, Any],
    outputs: Sequence[str],
    names: Mapping[str, str],
    *,
    numbered: bool,
) -> OutputPlaces:
    """Return where a parsed section names outputs that get other names.

    Args:
        section: a ``training_config`` or ``compile_config``.
        outputs: the layers that the outputs come from, in order.
        names: old → new names of layers.
        numbered: whether outputs that share a layer are numbered, as tf.keras does.
    """
    found = OutputPlaces()
    if not any(output in names for output in outputs):
        return found
    renamed = [names.get(output, output) for output in outputs]
    old, new = (_numbered(x) if numbered else list(x) for x in (outputs, renamed))
    changed = {o: n for o, n in zip(old, new, strict=True) if o != n}
    for setting in _BY_OUTPUT:
        table = section.get(setting)
        if isinstance(table, dict) and not _is_object(cast("dict[str, Any]", table)):
            keys = cast("dict[str, Any]", table)
            found.keys |= {(setting, key): changed[key] for key in keys if key in changed}
        if setting in _WITH_NAMES and len(old) > 1:
            places = _metric_names(section.get(setting), old, changed)
            found.values |= {(setting, *place): name for place, name in places}
    return found


def with_output_names(section: dict[str, Any], places: OutputPlaces) -> dict[str, Any]:
    """Put the new names into a parsed section; its keys stay in order. Returns the section."""
    for place, name in places.values.items():
        target: Any = section
        for step in place[:-1]:
            target = target[step]
        target[place[-1]] = name
    for setting in {place[0] for place in places.keys}:
        table = cast("dict[str, Any]", section[cast(str, setting)])
        section[cast(str, setting)] = {
            places.keys.get((setting, key), key): value for key, value in table.items()
        }
    return section


def _numbered(outputs: Sequence[str]) -> list[str]:
    found: list[str] = []
    counts: dict[str, int] = {}
    for output in outputs:
        name = output
        while name in found:
            name = f"{output}_{counts.get(output, 1)}"
            counts[output] = counts.get(output, 1) + 1
        found.append(name)
    return found


def _metric_names(
    value: object, outputs: Sequence[str], changed: Mapping[str, str]
) -> Iterator[tuple[Place, str]]:
    """Yield where a metric's name begins with an output's, and what it becomes."""
    longest = sorted(outputs, key=len, reverse=True)
    stack: list[tuple[Place, object, str]] = [((), value, "")]
    while stack:
        place, item, owner = stack.pop()
        if isinstance(item, list):
            items = cast("list[Any]", item)
            per_output = not place and len(items) == len(outputs)
            stack.extend(
                ((*place, i), inner, outputs[i] if per_output else owner)
                for i, inner in enumerate(items)
            )
        elif isinstance(item, dict):
            table = cast("dict[str, Any]", item)
            if not _is_object(table):
                stack.extend(((*place, key), inner, key) for key, inner in table.items())
                continue
            name = cast("dict[str, Any]", table["config"]).get("name")
            if isinstance(name, str):
                own = [owner] if owner and name.startswith(f"{owner}_") else longest
                output = next((o for o in own if name.startswith(f"{o}_")), "")
                if output in changed:
                    yield (*place, "config", "name"), changed[output] + name[len(output) :]


def _is_object(table: Mapping[str, Any]) -> bool:
    return isinstance(table.get("class_name"), str) and isinstance(table.get("config"), dict)

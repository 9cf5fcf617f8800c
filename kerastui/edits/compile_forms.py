"""Putting a loss, a weight or metrics for one output into a section, in the form that it has.

What the forms mean was measured with Keras 3.15 and tf_keras 2.21: Keras 3 wants every output
in a dictionary of losses or of weights, and lists one entry an output; before Keras 3 a flat
list of metrics is for every output, and multi-backend Keras knows no list of lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from ..model.compile_reading import is_keras3, metrics_per_output, per_output
from ..model.values import object_parts
from .compile_parts import full_name

Section = dict[str, Any]


def put(section: Section, key: str, names: Sequence[str], index: int, value: Any) -> None:
    """Put a loss (key ``loss``) or a weight (``loss_weights``) for output `index` in.

    One value for all stays one where there is one output; else it becomes a list, or a
    dictionary where losses are one.
    """
    present = section.get(key)
    fill = 1.0 if key == "loss_weights" else None
    if _is_table(present):
        table = cast("dict[str, Any]", present)
        if key == "loss_weights":
            table |= {name: fill for name in names if table.get(name) is None}
        table[names[index]] = value
        return
    if isinstance(present, list):
        items = cast("list[Any]", present)
        items += [fill] * (len(names) - len(items))
        items[index] = value
        return
    if len(names) == 1 and key == "loss":
        section[key] = value
        return
    values = per_output(present, names)[0]
    values = [fill if v is None else v for v in values]
    values[index] = value
    if _is_table(section.get("loss")):
        section[key] = dict(zip(names, values, strict=True))
    else:
        section[key] = values


def put_metrics(
    section: Section,
    key: str,
    names: Sequence[str],
    index: int,
    values: Sequence[Any],
    version: str,
) -> None:
    """Put the metrics of output `index` in; `key` is ``metrics`` or ``weighted_metrics``."""
    present = section.get(key)
    if _is_table(present):
        cast("dict[str, Any]", present)[names[index]] = list(values)
        return
    items: list[Any] = cast("list[Any]", present) if isinstance(present, list) else []
    nested = any(isinstance(item, list) for item in items)
    if len(names) == 1 and not nested:
        section[key] = list(values) if values or isinstance(present, list) else present
        return
    keras3 = is_keras3(section, version)
    lists: list[Any]
    if nested:
        spare: list[Any] = [[] for _ in range(len(names) - len(items))]
        lists = [*items, *spare]
    else:
        notes: list[tuple[str, str]] = []
        found = metrics_per_output(cast(object, present), names, keras3, key, notes)
        lists = cast("list[Any]", [list(one) for one in found])
    objects = any(isinstance(item, dict) for item in _flat(lists))
    if nested and objects and not keras3:
        values = [_named(value, names[index]) for value in values]
    lists[index] = list(values)
    by_name = _is_table(section.get("loss")) or (not keras3 and not nested and _is_old(section))
    section[key] = dict(zip(names, lists, strict=True)) if by_name and not nested else lists


def _flat(lists: list[Any]) -> list[Any]:
    return [
        item
        for one in lists
        for item in (cast("list[Any]", one) if isinstance(one, list) else [one])
    ]


def _named(value: Any, output: str) -> Any:
    """Return a metric as tf.keras writes it for one of several outputs: its name has theirs.

    It reads a bare name as well, but then the output's is missing in what it reports. Names
    that stand for others by the shape of the labels stay bare.
    """
    if not isinstance(value, str) or value.lower() in ("accuracy", "acc", "crossentropy", "ce"):
        return value
    config = {"name": f"{output}_{value}", "dtype": "float32", "fn": full_name(value)}
    return {"class_name": "MeanMetricWrapper", "config": config}


def _is_table(value: object) -> bool:
    """Whether a value is a dictionary by output, and no object."""
    return isinstance(value, dict) and object_parts(cast("dict[str, Any]", value)) is None


def _is_old(section: Section) -> bool:
    """Whether multi-backend Keras wrote it: tf.keras gives every optimizer a name."""
    optimizer = section.get("optimizer_config")
    config = cast("Section", optimizer).get("config") if isinstance(optimizer, dict) else None
    return not isinstance(config, dict) or "name" not in config

"""Reading the compile section of a model file, in every era's form.

Legacy HDF5 keeps it as ``training_config`` (``optimizer_config``, ``loss``, ``metrics`` …), the
Keras 3 archive as ``compile_config`` (``optimizer`` …). What a plain list of metrics means for
a model of several outputs has changed; both readings were measured by training with Keras
3.15 and tf_keras 2.21:

- Keras 1, 2 and tf.keras compute every metric of a flat list for every output;
- Keras 3 takes a list with as many entries as there are outputs as one entry an output, and
  refuses to train with a flat list of another length.

Losses go to outputs one to one in all of them; a single loss serves all outputs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .compile import Compile, FunctionName, OutputCompile
from .compile_names import loss_name, metric_name, optimizer_name
from .figures import number
from .text import safe_text
from .values import Setting, as_list, as_mapping, object_parts, text

_MAX_OUTPUTS = 1000
_MAX_METRICS = 200
_OPTIONS = {
    "sample_weight_mode": (None,),
    "run_eagerly": (None, False),
    "steps_per_execution": (None, 1),
    "jit_compile": (None, False),
    "auto_scale_loss": (None, True),
}
"""Other options of compile(), each with the values that are not worth a word."""


def read_compile(
    config: Mapping[str, Any] | None,
    outputs: Sequence[str],
    has_optimizer_state: bool = False,
    keras_version: str = "",
) -> Compile | None:
    """Read a ``training_config`` or ``compile_config``.

    Args:
        config: the parsed JSON, of whatever shape.
        outputs: names of the model's outputs, in order; may be empty if they are not known.
        has_optimizer_state: whether the file holds optimizer slots.
        keras_version: as the file says; without it the era is told from the keys.

    Returns:
        The compile section, or None when the model was not compiled. Never raises on what
        the file holds: what cannot be understood is shown as it is, under `Compile.other`.
    """
    fields = as_mapping(config)
    if not fields or not any(k in fields for k in ("optimizer", "optimizer_config", "loss")):
        return None
    keras3 = is_keras3(fields, keras_version)
    names = tuple(outputs[:_MAX_OUTPUTS]) or _named_by(fields)
    optimizer = fields.get("optimizer_config") or fields.get("optimizer")
    losses, extra_losses = per_output(fields.get("loss"), names)
    weights, _ = per_output(fields.get("loss_weights"), names)
    notes: list[Setting] = []
    metrics, weighted = (
        metrics_per_output(fields.get(key), names, keras3, key, notes)
        for key in ("metrics", "weighted_metrics")
    )
    rows = tuple(
        OutputCompile(
            output=name,
            loss=loss_name(losses[i], keras3),
            loss_weight=_weight(weights[i]),
            metrics=tuple(m for v in metrics[i] if (m := metric_name(v, keras3, names))),
            weighted_metrics=tuple(m for v in weighted[i] if (m := metric_name(v, keras3, names))),
        )
        for i, name in enumerate(names)
    )
    more = [(f"loss of {_quoted(key)}", _shown(value)) for key, value in extra_losses]
    return Compile(
        optimizer=optimizer_name(optimizer),
        outputs=rows,
        other=(*more, *notes, *_options(fields)),
        has_optimizer_state=has_optimizer_state,
        section=_dumped(fields),
    )


def _dumped(fields: Mapping[str, Any]) -> str:
    try:
        return json.dumps(fields)
    except (RecursionError, ValueError):
        return ""


def is_keras3(fields: Mapping[str, Any], version: str) -> bool:
    """Which reading of a flat list of metrics holds."""
    if version[:1].isdigit():
        return not version.startswith(("0.", "1.", "2."))
    if "optimizer_config" in fields:
        return "run_eagerly" in fields
    keys = list(fields)
    if "metrics" in keys and "loss_weights" in keys:  # TensorFlow 2.12 … 2.15 turn them round
        return keys.index("loss_weights") < keys.index("metrics")
    return True


def _named_by(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """Names for the outputs when the model does not tell them: the keys of a dictionary."""
    length = 1
    for key in ("loss", "metrics", "loss_weights"):
        if (table := as_mapping(fields.get(key))) and object_parts(table) is None:
            return tuple(str(name) for name in list(table)[:_MAX_OUTPUTS])
        if key == "loss" and (items := as_list(fields.get(key))):
            length = min(len(items), _MAX_OUTPUTS)
    return ("output",) if length == 1 else tuple(f"output {i + 1}" for i in range(length))


def per_output(value: object, names: Sequence[str]) -> tuple[list[object], list[tuple[str, Any]]]:
    """Spread a loss or weight over the outputs; return what is over, too, by its key."""
    table = as_mapping(value)
    if table is not None and object_parts(table) is None:
        extra = [(key, v) for key, v in table.items() if key not in names and v is not None]
        found: list[object] = [table.get(name) for name in names]
        return found, extra[:_MAX_OUTPUTS]
    if (items := as_list(value)) is not None:
        values: list[object] = [*items[: len(names)], *[None] * (len(names) - len(items))]
        over = enumerate(items[len(names) : len(names) + _MAX_OUTPUTS], len(names) + 1)
        return values, [(f"output {i}", v) for i, v in over if v is not None]
    return [value] * len(names), []


def metrics_per_output(
    value: object, names: Sequence[str], keras3: bool, key: str, notes: list[Setting]
) -> list[list[object]]:
    """Return for each output the metrics computed for it; odd things go to `notes`."""
    count = len(names)
    table = as_mapping(value)
    if table is not None and object_parts(table) is None:
        notes.extend(
            (f"{key} of {_quoted(name)}", "; ".join(_shown(m) for m in _flat(metrics)))
            for name, metrics in list(table.items())[:_MAX_OUTPUTS]
            if name not in names and metrics is not None
        )
        return [_flat(table.get(name)) for name in names]
    items = as_list(value)
    if items is None or count == 1:
        return [_flat(value)] * count
    nested = any(as_list(item) is not None for item in items)
    if nested or (keras3 and len(items) == count):
        return [_flat(items[i]) if i < len(items) else [] for i in range(count)]
    if keras3 and items:
        notes.append(
            (key, f"a list of {len(items)} for {count} outputs: Keras 3 refuses to train with it")
        )
    return [_flat(items)] * count


def _flat(value: object) -> list[object]:
    """Flatten lists (and tables by output) of metrics, keeping serialized objects whole."""
    found: list[object] = []
    stack: list[object] = [value]
    while stack and len(found) < _MAX_METRICS:
        item = stack.pop()
        if (items := as_list(item)) is not None:
            stack.extend(reversed(items[:_MAX_METRICS]))
        elif (table := as_mapping(item)) is not None and object_parts(table) is None:
            stack.extend(reversed(list(table.values())[:_MAX_METRICS]))
        elif item is not None:
            found.append(item)
    return found


def _weight(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(number(float(value)))
    except OverflowError:
        return None


def _shown(value: object) -> str:
    name: FunctionName | None = loss_name(value, True)
    return name.name if name else text(value)


def _quoted(key: object) -> str:
    return f"‘{safe_text(key, 60)}’, which is no output"


def _options(fields: Mapping[str, Any]) -> list[Setting]:
    return [
        (key, text(fields[key]))
        for key, usual in _OPTIONS.items()
        if key in fields and not any(fields[key] is u or fields[key] == u for u in usual)
    ]

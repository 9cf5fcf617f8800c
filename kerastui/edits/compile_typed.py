"""Edits of the compile section from what somebody typed, on the command line or in a form."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ..errors import BadEdit
from ..model import Model, safe_text
from ..model.compile_names import metric_name
from ..model.compile_reading import is_keras3, metrics_per_output
from ..model.known_functions import defaults, names_of
from .compile_base import NOT_COMPILED
from .compile_optimizer import SetOptimizer
from .compile_outputs import SetLoss, SetLossWeight, SetMetrics
from .compile_parts import section_of

NONE = "none"
_WORDS = {"none": None, "true": True, "false": False, "yes": True, "no": False}
_NEEDS_MORE = frozenset(
    {"io_u", "mean_io_u", "one_hot_io_u", "one_hot_mean_io_u", "precision_at_recall",
     "recall_at_precision", "sensitivity_at_specificity", "specificity_at_sensitivity", "mean",
     "sum", "binary_io_u"}
)  # fmt: skip
"""Metrics whose name alone does not make one that can be trained with."""


def value_of(text: str) -> str:
    """Return the JSON of a value as typed: a number, true, false, none, or a text."""
    plain = text.strip()
    if plain.lower() in _WORDS:
        return json.dumps(_WORDS[plain.lower()])
    for kind in (int, float):
        try:
            return json.dumps(kind(plain))
        except (ValueError, OverflowError):
            continue
    return json.dumps(plain)


def setting_edit(pairs: Iterable[tuple[str, str]]) -> SetOptimizer:
    """Return the edit for settings of the optimizer, as typed."""
    return SetOptimizer(tuple((name, value_of(text)) for name, text in pairs))


def loss_edit(output: str, text: str) -> SetLoss:
    """Return the edit for a loss as typed; ``none`` and nothing are none."""
    name = text.strip()
    return SetLoss.named(output, None if name.lower() in ("", NONE) else name)


def weight_edit(output: str, text: str) -> SetLossWeight:
    """Return the edit for a loss weight as typed; nothing is 1. Raises BadEdit."""
    try:
        return SetLossWeight(output, float(text) if text.strip() else 1.0)
    except ValueError:
        shown = safe_text(text, 40)
        raise BadEdit(
            f"The loss weight of {safe_text(output, 60)} is no number: {shown}."
        ) from None


def metrics_edit(model: Model, output: str, text: str, weighted: bool = False) -> SetMetrics:
    """Return the edit for metrics as typed, with commas between.

    Those that the output has already stay as the file holds them, with their settings.
    """
    names = [name.strip() for name in text.split(",")]
    names = [name for name in names if name and name.lower() != NONE]
    present = _present(model, output, weighted)
    values = [present.get(name, name) for name in names]
    return SetMetrics(output, tuple(json.dumps(value) for value in values), weighted)


def only_output(model: Model) -> str:
    """Return the model's output where it has one. Raises BadEdit."""
    if model.compile is None:
        raise BadEdit(NOT_COMPILED)
    rows = model.compile.outputs
    if len(rows) != 1:
        listed = safe_text(", ".join(row.output for row in rows[:20]), 300)
        raise BadEdit(f"The model has {len(rows)} outputs; say which one: {listed}.")
    return rows[0].output


def loss_names(model: Model) -> tuple[str, ...]:
    """Return the names of losses that the file's Keras knows, for completion."""
    bad = {"ce", "crossentropy", "circle", "ctc"}
    return tuple(n for n in names_of("losses", _is_keras3(model)) if n.islower() and n not in bad)


def metric_names(model: Model) -> tuple[str, ...]:
    """Return the names of metrics that the file's Keras knows, for completion."""
    keras3 = _is_keras3(model)
    found = [n for n in names_of("metrics", keras3) if n.islower() and n not in _NEEDS_MORE]
    if not keras3:
        found += [name for name in defaults("metrics") if name in ("AUC", "Precision", "Recall")]
    return tuple(found)


def _is_keras3(model: Model) -> bool:
    return model.keras_version.startswith("3")


def _present(model: Model, output: str, weighted: bool) -> dict[str, Any]:
    """Return an output's metrics as the file holds them, by the names that are shown."""
    compiled = model.compile
    if compiled is None or not compiled.section:
        return {}
    names = [row.output for row in compiled.outputs]
    if output not in names:
        return {}
    section = section_of(compiled)
    key = "weighted_metrics" if weighted else "metrics"
    keras3 = is_keras3(section, model.keras_version)
    values = metrics_per_output(section.get(key), names, keras3, key, [])[names.index(output)]
    pairs = [(metric_name(value, keras3, names), value) for value in values]
    return {found.name: value for found, value in pairs if found}

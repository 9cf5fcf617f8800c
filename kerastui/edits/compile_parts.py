"""A compile section taken apart: what is said of each output, and each setting by itself.

Two sections mean the same when their parts are equal, in whatever form they stand: one loss
for all outputs, a list, or a dictionary.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

from ..model import Compile
from ..model.compile_reading import is_keras3, metrics_per_output, per_output
from ..model.optimizer_settings import INNER, optimizer_key, settings_of

LOSS, WEIGHT, METRICS, WEIGHTED = "loss", "loss_weight", "metrics", "weighted_metrics"
OPTIMIZER = "optimizer"
Part = tuple[str, str | int]
"""What it is about, and which: a setting of the optimizer by name, an output by place."""
_ABOUT_OUTPUTS = ("loss", "loss_weights", "metrics", "weighted_metrics")


def section_of(compiled: Compile) -> dict[str, Any]:
    """Return the section, parsed anew, so that it may be changed; {} where there is none."""
    return cast("dict[str, Any]", json.loads(compiled.section)) if compiled.section else {}


def parts_of(compiled: Compile, version: str, short: bool) -> dict[Part, str | None]:
    """Return all parts of a section as JSON; None for a setting that is not stated.

    Args:
        compiled: the section.
        version: of Keras, as the file says.
        short: whether short names of losses (``mse``) are written in full in this file.
    """
    return dict(_parts(compiled, version, short))


def _parts(compiled: Compile, version: str, short: bool) -> Iterator[tuple[Part, str | None]]:
    section = section_of(compiled)
    settings = settings_of(section)
    for name, setting in settings.items():
        if "." not in name:
            yield (OPTIMIZER, name), json.dumps(setting.value) if setting.stated else None
    if key := optimizer_key(section):
        value = section[key]
        yield (OPTIMIZER, ""), json.dumps(list(_classes(value)) if settings else value)
    names = [row.output for row in compiled.outputs]
    losses, _ = per_output(section.get("loss"), names)
    weights, _ = per_output(section.get("loss_weights"), names)
    keras3 = is_keras3(section, version)
    metrics, weighted = (
        metrics_per_output(section.get(key), names, keras3, key, [])
        for key in ("metrics", "weighted_metrics")
    )
    for i in range(len(names)):
        yield (LOSS, i), json.dumps(full_name(losses[i]) if short else losses[i])
        yield (WEIGHT, i), json.dumps(_weight(weights[i]))
        yield (METRICS, i), json.dumps(metrics[i])
        yield (WEIGHTED, i), json.dumps(weighted[i])
    rest = {k: v for k, v in section.items() if k not in (*_ABOUT_OUTPUTS, OPTIMIZER)}
    rest.pop("optimizer_config", None)
    for key, value in rest.items():
        yield ("other", key), json.dumps(value)


def _classes(value: Any) -> Iterator[str]:
    """Yield the class of an optimizer, and that of what it wraps."""
    while isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        yield str(fields.get("class_name"))
        config = fields.get("config")
        settings = cast("dict[str, Any]", config) if isinstance(config, dict) else {}
        value = next((settings[key] for key in INNER if key in settings), None)


def effects_of(compiled: Compile | None, version: str) -> dict[Part, object]:
    """Return the parts in a form that does not depend on what the outputs are called."""
    if compiled is None:
        return {}
    found: dict[Part, object] = {}
    for (kind, which), value in parts_of(compiled, version, True).items():
        if kind in (METRICS, WEIGHTED) and isinstance(which, int):
            row = compiled.outputs[which]
            found[kind, which] = row.metrics if kind == METRICS else row.weighted_metrics
        elif kind != "other":
            found[kind, which] = value
    found["other", ""] = compiled.other
    found["state", ""] = compiled.has_optimizer_state
    return found


def _weight(value: object) -> object:
    """Return a loss weight; none is 1, and 1 is 1.0."""
    if value is None:
        return 1.0
    return float(value) if type(value) in (int, float) else value  # pyright: ignore[reportArgumentType]


_FULL = {
    "mse": "mean_squared_error", "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error", "msle": "mean_squared_logarithmic_error",
    "bce": "binary_crossentropy", "kld": "kl_divergence", "huber_loss": "huber",
    "kullback_leibler_divergence": "kl_divergence", "logcosh": "log_cosh",
}  # fmt: skip


def full_name(value: object) -> object:
    """Return a short name of a loss in full; anything else as it is.

    Keras 3 writes short names into its HDF5 files and cannot read them from there: it looks
    for a class of that name.
    """
    return _FULL.get(value.lower(), value) if isinstance(value, str) else value

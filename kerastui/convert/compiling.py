"""The compile section, from every era's form to Keras 3's, and from there to HDF5's.

Between the two stands Keras 3's ``compile_config``. Names of functions that Keras lacks become
function objects there, as Keras writes them: strings would be looked up in Keras alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..files.entries import is_list, is_object
from ..model import safe_text
from ..model.known_functions import Role, is_known_function
from .report import Report
from .settings import keep_known
from .tables import LONG_NAMES, Dialect, optimizer_named, optimizer_settings

_WRAPPERS = ("MeanMetricWrapper", "LossFunctionWrapper", "SumOverBatchSizeMetricWrapper")
_PLAIN = ("accuracy", "acc", "crossentropy", "ce")
_MODULES = {"losses": "keras.losses", "metrics": "keras.metrics"}
_PARTS: tuple[tuple[str, Role], ...] = (
    ("loss", "losses"),
    ("metrics", "metrics"),
    ("weighted_metrics", "metrics"),
)
Translate = Callable[[str | dict[str, Any]], Any]


def to_compile_config(
    compiled: dict[str, Any], major: int, outputs: Sequence[str], report: Report
) -> dict[str, Any] | None:
    """Return the ``compile_config`` of any era's compile section; None if there is none."""
    optimizer = compiled.get("optimizer_config", compiled.get("optimizer"))
    if optimizer is None and compiled.get("loss") is None:
        return None
    if optimizer is None and major >= 3:  # Keras then takes its default
        return compiled
    result: dict[str, Any] = {"optimizer": _optimizer(optimizer, major, report)}
    if result["optimizer"] is None:
        return None
    for key, role in _PARTS:
        value = compiled.get(key)
        if major < 3 and role == "metrics":
            value = _by_output(value, outputs)
        result[key] = _mapped(value, lambda v, r=role: _function(v, r, major))
    result["loss_weights"] = compiled.get("loss_weights")
    if compiled.get("sample_weight_mode"):
        report.lost("sample_weight_mode has no counterpart in Keras 3.")
    for key, default in (("run_eagerly", False), ("steps_per_execution", 1)):
        result[key] = compiled.get(key) or default
    result["jit_compile"] = bool(compiled.get("jit_compile")) if major >= 3 else False
    order = ("optimizer", "loss", "loss_weights", "metrics", "weighted_metrics")
    return {**{key: result[key] for key in order}, **result}


def _mapped(value: Any, translate: Translate) -> Any:
    """Return losses or metrics, nested as they are, with each one translated."""
    if isinstance(value, str) or (is_object(value) and "class_name" in value):
        return translate(value)
    if is_list(value):
        return [_mapped(item, translate) for item in value]
    if is_object(value):
        return {key: _mapped(item, translate) for key, item in value.items()}
    return value


def _by_output(value: Any, outputs: Sequence[str]) -> Any:
    """Return metrics as Keras 3 counts them: a list with an entry for each output.

    Before, every metric of a flat list was computed for every output.
    """
    if not is_list(value) or not value:
        return value or None
    if len(outputs) == 1:
        return value[0] if len(value) == 1 and is_list(value[0]) else value
    if all(not is_list(item) for item in value) and len(outputs) > 1:
        return [list(value) for _ in outputs]
    return value


def _function(value: str | dict[str, Any], role: Role, major: int) -> Any:
    """Return one loss or metric in Keras 3's form."""
    if isinstance(value, str):
        name = value.removeprefix("Custom>")
        known = name in _PLAIN or is_known_function(role, name, major >= 3)
        return name if known and name == value else _bare(value)
    class_name, config = value.get("class_name"), value.get("config")
    if not is_object(config):  # a function object
        return value
    if class_name in _WRAPPERS and major < 3:
        function = config.get("fn")
        if is_object(function):
            function = function.get("config")
        return _function(function, role, major) if isinstance(function, str) else value
    if major >= 3 and "module" in value:
        return value
    settings = {key: item for key, item in config.items() if key != "fn"}
    if settings.get("reduction") == "auto":
        settings["reduction"] = "sum_over_batch_size"
    custom = isinstance(class_name, str) and ">" in class_name
    known = isinstance(class_name, str) and is_known_function(role, class_name, True)
    return {
        "module": None if custom or not known else _MODULES[role],
        "class_name": str(class_name).rpartition(">")[2],
        "config": settings,
        "registered_name": None if known and not custom else class_name,
    }


def _bare(name: str) -> dict[str, Any]:
    return {
        "module": "builtins",
        "class_name": "function",
        "config": name,
        "registered_name": "function",
    }


# --- optimizers ----------------------------------------------------------------------------


def _optimizer(value: Any, major: int, report: Report) -> Any:
    """Return an optimizer in Keras 3's form; None (and a sentence) for one that it lacks."""
    if isinstance(value, str):
        if major >= 3:
            return value
        value = {"class_name": value, "config": {}}
    for _ in range(4):
        inner = value.get("config") if is_object(value) else None
        wrapped = inner.get("inner_optimizer", inner.get("optimizer")) if is_object(inner) else None
        if major >= 3 or not is_object(wrapped):
            break
        report.lost("The loss scaling around the optimizer is left out; Keras 3 does its own.")
        value = wrapped
    if major >= 3 and is_object(value) and "module" in value:
        return value
    config = value.get("config") if is_object(value) else None
    stated = value.get("class_name") if is_object(value) else None
    name = optimizer_named("keras3", stated) if isinstance(stated, str) else None
    if name is None or not is_object(config):
        if major >= 3 and is_object(value):
            return {"module": None, **value, "registered_name": stated}
        report.lost(
            f"The optimizer {safe_text(stated, 60)} has no counterpart in Keras 3; the compile "
            "section is left out."
        )
        return None
    settings = dict(config)
    if "lr" in settings:
        settings["learning_rate"] = settings.pop("lr")
    if "learning_rate" in settings:
        settings["learning_rate"] = _schedule(settings["learning_rate"])
    known = optimizer_settings("keras3", name) or frozenset[str]()
    return {
        "module": "keras.optimizers",
        "class_name": name,
        "config": keep_known(settings, known, report, f"optimizer {name}", "Keras 3"),
        "registered_name": None,
    }


def _schedule(value: Any) -> Any:
    if is_object(value) and "class_name" in value and "module" not in value:
        return {"module": "keras.optimizers.schedules", **value, "registered_name": None}
    return value


# --- HDF5 ----------------------------------------------------------------------------------


def to_training_config(
    compiled: dict[str, Any], dialect: Dialect, report: Report
) -> dict[str, Any] | None:
    """Return the ``training_config`` for HDF5; None where the optimizer has no counterpart.

    Losses get their long names for Keras 3: 3.15 writes ``mse`` into HDF5 and cannot read it
    back (metrics it can).
    """
    optimizer = compiled.get("optimizer")
    if isinstance(optimizer, str):
        named = optimizer_named(dialect, optimizer) or optimizer
        config = _optimizer_for_hdf5({"class_name": named, "config": {}}, dialect, report)
    elif is_object(optimizer):
        config = _optimizer_for_hdf5(optimizer, dialect, report)
    else:
        report.lost("The file names no optimizer; the compile section is left out.")
        return None
    if not config:
        return None
    result: dict[str, Any] = {}
    for key, role in _PARTS:
        result[key] = _mapped(compiled.get(key), lambda v, r=role: _for_hdf5(v, r, dialect))
    result["loss_weights"] = compiled.get("loss_weights")
    if dialect == "keras3":
        for key in ("run_eagerly", "steps_per_execution", "jit_compile"):
            if key in compiled:
                result[key] = compiled[key]
    result["optimizer_config"] = config
    return result


def _for_hdf5(value: str | dict[str, Any], role: Role, dialect: Dialect) -> Any:
    if isinstance(value, str):
        short = dialect == "keras3" and role == "losses"
        return LONG_NAMES.get(value, value) if short else value
    config = value.get("config")
    if dialect == "keras3":
        return value
    if not is_object(config):
        return config if isinstance(config, str) else value
    settings = {key: item for key, item in config.items() if key != "dtype" or "name" not in config}
    return {
        "class_name": value.get("registered_name") or value.get("class_name"),
        "config": settings,
    }


def _optimizer_for_hdf5(
    optimizer: dict[str, Any], dialect: Dialect, report: Report
) -> dict[str, Any]:
    name, config = optimizer.get("class_name"), optimizer.get("config")
    settings = dict(config) if is_object(config) else {}
    if dialect == "keras3":
        return {"class_name": optimizer.get("registered_name") or name, "config": settings}
    known = optimizer_settings("tf_keras", str(name))
    if known is None:
        report.lost(
            f"The optimizer {safe_text(name, 60)} has no counterpart in tf_keras; the compile "
            "section is left out."
        )
        return {}
    rate = settings.get("learning_rate")
    if is_object(rate):
        settings["learning_rate"] = {k: rate[k] for k in ("class_name", "config") if k in rate}
    kept = keep_known(settings, known, report, f"optimizer {name}", "tf_keras")
    # Without the package tf_keras takes its optimizers of before TensorFlow 2.11.
    return {"class_name": f"Custom>{name}", "config": {**kept, "is_legacy_optimizer": False}}

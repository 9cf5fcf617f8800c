"""One loss, metric or optimizer of a compile section, in whatever form a file holds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .compile import FunctionName
from .known_functions import Role, defaults, is_known_class, is_known_function, is_schedule
from .names import to_snake_case
from .text import safe_text
from .values import Setting, as_list, as_mapping, call, function_name, object_parts, settings, text

_MAX_WRAPPING = 8
_OWN_MODULES = ("keras", "tf_keras", "tensorflow", "builtins")
_WRAPPERS = ("MeanMetricWrapper", "LossFunctionWrapper", "SumOverBatchSizeMetricWrapper")
_REDUCTIONS = ("auto", "sum_over_batch_size", "sum_over_batch_size_tf")
_PLAIN = frozenset({"accuracy", "acc", "crossentropy", "ce"})
"""Names that Keras resolves by the shape of the labels; the file holds what they became."""
_ALIASES = {
    "mse": "mean_squared_error", "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error", "msle": "mean_squared_logarithmic_error",
    "kld": "kl_divergence", "bce": "binary_crossentropy", "logcosh": "log_cosh",
    "kullback_leibler_divergence": "kl_divergence",
}  # fmt: skip
_HOUSEKEEPING = frozenset({"name", "jit_compile", "is_legacy_optimizer"})
_EMA = frozenset({"ema_momentum", "ema_overwrite_frequency"})


def full_name(name: str) -> str:
    """Return what a loss or metric is called in full: ``mean_squared_error`` for ``mse``."""
    return _ALIASES.get(name.lower(), name)


def loss_name(value: object, keras3: bool) -> FunctionName | None:
    """Read a loss: a name, a serialized object or function; None for no loss."""
    return _function("losses", value, keras3, ())


def metric_name(value: object, keras3: bool, outputs: Sequence[str]) -> FunctionName | None:
    """Read a metric; tf.keras prefixes its name with the output's, which is dropped."""
    return _function("metrics", value, keras3, outputs)


def optimizer_name(value: object) -> FunctionName | None:
    """Read an optimizer with its settings, in the file's order."""
    if value is None:
        return None
    if isinstance(value, str):
        plain = value.removeprefix("Custom>")
        return FunctionName(safe_text(plain), not is_known_function("optimizers", plain, True))
    parts = object_parts(value)
    if parts is None:
        return FunctionName(text(value), custom=True)
    name, config = parts
    inner = as_mapping(config.get("inner_optimizer"))
    custom = _is_custom("optimizers", name, as_mapping(value) or {})
    if inner is not None and (wrapped := optimizer_name(inner)) is not None:
        custom = custom or wrapped.custom
    return FunctionName(safe_text(name), custom, tuple(_optimizer_settings(config)))


def _optimizer_settings(config: Mapping[str, Any]) -> list[Setting]:
    """Settings worth showing: no nulls, no switched-off options, no ``decay: 0``."""
    found: list[Setting] = []
    for key, value in config.items():
        if value is None or value is False or key in _HOUSEKEEPING:
            continue
        if (key in _EMA and not config.get("use_ema")) or (key == "decay" and value == 0):
            continue
        found.append((safe_text(key, 60), setting_text(key, value)))
    return found


def setting_text(key: str, value: object) -> str:
    """Return an optimizer's setting as a short text: a number, a schedule with its settings."""
    if key == "inner_optimizer" and (inner := optimizer_name(value)) is not None:
        return call(inner.name, inner.settings)
    parts = object_parts(value)
    if parts is None or function_name(value) is not None:
        return text(value)
    name, config = parts
    plain = {k: v for k, v in config.items() if k != "name"}
    shown = text(value) if name.startswith("__") else call(name, settings(plain))
    return shown if name.startswith("__") or is_schedule(name) else f"{shown}, custom"


def _function(
    role: Role, value: object, keras3: bool, outputs: Sequence[str]
) -> FunctionName | None:
    if value is None or value == "":
        return None
    for _ in range(_MAX_WRAPPING):  # a list of one, in whatever many brackets
        items = as_list(value)
        value = items[0] if items is not None and len(items) == 1 else value
    if isinstance(value, str):
        name = value.removeprefix("Custom>")
        custom = name != value or not is_known_function(role, name, keras3)
        return FunctionName(safe_text(name), custom)
    if (name := function_name(value)) is not None:
        return _bare_function(role, name)
    parts = object_parts(value)
    if parts is None:
        return FunctionName(text(value), custom=True)
    name, config = parts
    if name in _WRAPPERS:
        return _wrapped(role, config, outputs)
    custom = _is_custom(role, name, as_mapping(value) or {})
    return FunctionName(safe_text(name), custom, _settings(role, name, config, outputs))


def _bare_function(role: Role, name: str) -> FunctionName:
    """A function object: Keras 3 resolves it among functions, never to a class of its own."""
    plain = name.removeprefix("Custom>")
    custom = name.startswith("Custom>") or not is_known_function(role, plain, role == "losses")
    return FunctionName(safe_text(plain), custom)


def _wrapped(role: Role, config: Mapping[str, Any], outputs: Sequence[str]) -> FunctionName:
    """A plain function that Keras wrapped: what counts is the function's name."""
    given = config.get("fn")
    function = given if isinstance(given, str) else function_name(given)
    parts = object_parts(given)
    if function is None:
        function = parts[0] if parts else ""
    shown = _display_name(config.get("name"), outputs)
    found = _bare_function(role, function or shown or "?")
    if not shown or shown == found.name:
        return found
    if not found.custom and _ALIASES.get(shown) == found.name:
        return FunctionName(safe_text(shown))
    if not found.custom and shown in _PLAIN:
        return FunctionName(safe_text(shown), settings=(("function", found.name),))
    return FunctionName(found.name, found.custom, (("name", safe_text(shown)),))


def _settings(
    role: Role, name: str, config: Mapping[str, Any], outputs: Sequence[str]
) -> tuple[Setting, ...]:
    """Settings of a loss or metric object that differ from the class's defaults."""
    kept = {
        key: value
        for key, value in config.items()
        if key not in ("name", "fn")
        and not (key == "reduction" and value in _REDUCTIONS)
        and not (key == "dtype" and value == "float32")
    }
    found = settings(kept, defaults(role).get(name))
    shown = _display_name(config.get("name"), outputs)
    base, _, counter = shown.rpartition("_")
    if not shown or to_snake_case(name) in (shown, base if counter.isdigit() else shown):
        return found
    if shown.replace("_", "") == name.lower():  # BinaryIoU names itself binary_io_u
        return found
    return (("name", safe_text(shown)), *found)


def _display_name(name: object, outputs: Sequence[str]) -> str:
    """The name under which a metric is logged, without the output's."""
    if not isinstance(name, str):
        return ""
    for output in outputs if len(outputs) > 1 else ():
        if name.startswith(output + "_") and len(name) > len(output) + 1:
            return name[len(output) + 1 :]
    return name


def _is_custom(role: Role, name: str, fields: Mapping[str, Any]) -> bool:
    """Whether a serialized object is of a class that Keras lacks.

    TensorFlow 2.11 to 2.13 registered their own optimizers as ``Custom>Adam``; losses and
    metrics with such a prefix are always somebody's own.
    """
    module = fields.get("module")
    foreign = isinstance(module, str) and module.split(".")[0] not in _OWN_MODULES
    if role != "optimizers":
        registered = (fields.get("registered_name"), fields.get("class_name"))
        foreign = foreign or any(isinstance(n, str) and ">" in n for n in registered)
    return foreign or not (is_known_class(role, name) or is_known_function(role, name, False))

"""What an optimizer's settings may be: knowledge about optimizers, as data.

Which settings there are is what the file states, because every Keras writes all of them; only
what older ones left out when it was off (clipping) may be added. Which values Keras takes was
read in `keras/src/optimizers` (3.15) and in `tf_keras/src/optimizers` (2.21).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from .values import as_mapping, object_parts

Kind = Literal["switch", "number", "count", "text", "any", "object"]
Place = tuple[str, ...]

RATES = ("learning_rate", "lr")
"""How the learning rate is called: ``lr`` in Keras 1 and in 2 up to 2.2."""
INNER = ("inner_optimizer", "optimizer")
"""Where an optimizer that scales losses keeps the one that it wraps."""
_MAX_WRAPPING = 4


@dataclass(frozen=True)
class Rule:
    """What a setting may be."""

    kind: Kind
    low: float = -math.inf
    high: float = math.inf
    optional: bool = False
    """Whether it may be off (null, or not stated)."""
    open: bool = False
    """Whether `low` itself is not allowed."""

    @property
    def words(self) -> str:
        """What it has to be, after "has to be"."""
        said = {"switch": "true or false", "count": "a whole number", "text": "a text"}
        text = said.get(self.kind, "a number")
        if self.high < math.inf:
            text += f" from {self.low:g} to {self.high:g}"
        elif self.low > -math.inf:
            text += f" {'over' if self.open else 'of at least'} {self.low:g}"
        return text + (", or none" if self.optional else "")

    @property
    def hint(self) -> str:
        """What it has to be, as short as beside a field."""
        said = {"switch": "true, false", "count": "whole", "number": "number"}
        text = said.get(self.kind, "")
        if self.high < math.inf:
            text = f"{self.low:g} … {self.high:g}" if self.low > -math.inf else f"≤ {self.high:g}"
        elif self.low > -math.inf:
            whole = f"{text}, " if self.kind == "count" else ""
            text = f"{whole}{'>' if self.open else '≥'} {self.low:g}"
        return f"{text}, or none" if self.optional else text


_FRACTION = Rule("number", 0, 1)
_POSITIVE = Rule("number", 0)
_LIMIT = Rule("number", 0, optional=True, open=True)
_SWITCH = Rule("switch")
_ANY_NUMBER = Rule("number")

_RULES: Mapping[str, Rule] = {
    "learning_rate": _POSITIVE, "lr": _POSITIVE, "decay": _POSITIVE, "schedule_decay": _POSITIVE,
    "momentum": _FRACTION, "rho": _FRACTION, "beta_1": _FRACTION, "beta_2": _FRACTION,
    "ema_momentum": _FRACTION, "nesterov": _SWITCH, "amsgrad": _SWITCH, "centered": _SWITCH,
    "use_ema": _SWITCH, "jit_compile": _SWITCH, "dynamic": _SWITCH, "relative_step": _SWITCH,
    "epsilon": Rule("number", 0, optional=True), "weight_decay": Rule("number", 0, optional=True),
    "clipnorm": _LIMIT, "clipvalue": _LIMIT, "global_clipnorm": _LIMIT,
    "loss_scale_factor": _LIMIT, "initial_scale": Rule("number", 0, open=True),
    "dynamic_growth_steps": Rule("count", 1), "initial_accumulator_value": _POSITIVE,
    "ema_overwrite_frequency": Rule("count", 1, optional=True),
    "gradient_accumulation_steps": Rule("count", 2, optional=True),
    "learning_rate_power": Rule("number", high=0), "beta": _ANY_NUMBER,
    "l1_regularization_strength": _POSITIVE, "l2_regularization_strength": _POSITIVE,
    "l2_shrinkage_regularization_strength": _POSITIVE, "beta_2_decay": _ANY_NUMBER,
    "epsilon_1": _POSITIVE, "epsilon_2": _POSITIVE, "clip_threshold": _POSITIVE,
}  # fmt: skip
_FIXED = frozenset({"name", "is_legacy_optimizer", *INNER})
"""Not for editing: names, and what the settings of another object are in."""
_CLIPPING = ("clipnorm", "clipvalue", "global_clipnorm")
_EXTRA = {"keras": ("clipnorm", "clipvalue"), "tf.keras": _CLIPPING}
"""What those Keras leave out while it is off."""


@dataclass(frozen=True)
class Setting:
    """One setting of an optimizer, where it stands, and what it may be."""

    name: str
    """As the user knows it: ``learning_rate.decay_steps`` for a setting of a schedule."""
    place: Place
    """Keys from the section down to it."""
    value: Any
    """As in the file; None too where it is not stated."""
    stated: bool
    rule: Rule


def optimizer_key(section: Mapping[str, Any]) -> str:
    """Return where the section keeps its optimizer; "" if it names none."""
    for key in ("optimizer_config", "optimizer"):
        if section.get(key):
            return key
    return ""


def settings_of(section: Mapping[str, Any]) -> dict[str, Setting]:
    """Return the optimizer's settings by name, in the file's order; those of a wrapped one first.

    Empty when the section names no optimizer, or only its class.
    """
    found: dict[str, Setting] = {}
    outer: list[Setting] = []
    key = optimizer_key(section)
    place, value = (key,), section.get(key)
    for _ in range(_MAX_WRAPPING):
        config = _config(value)
        if config is None:
            break
        inner = next((k for k in INNER if _config(config.get(k)) is not None), "")
        here = list(_settings(config, (*place, "config")))
        if not inner:
            found = {setting.name: setting for setting in here}
            found |= {s.name: s for s in _extra(config, (*place, "config")) if s.name not in found}
            break
        outer += [setting for setting in here if setting.name not in INNER]
        place, value = (*place, "config", inner), config[inner]
    return found | {s.name: s for s in outer if s.name not in found}


def rate_name(settings: Mapping[str, Setting], name: str) -> str:
    """Return what this file calls a setting: ``lr`` and ``learning_rate`` are one."""
    start, dot, rest = name.partition(".")
    if start in RATES and start not in settings:
        start = next((other for other in RATES if other in settings), start)
    return start + dot + rest


def problem(setting: Setting, value: Any) -> str:
    """Return what is wrong with a value, "" if nothing: what comes after the setting's name."""
    rule = setting.rule
    if rule.kind == "object":
        return "is an object, which kerastui does not edit"
    if value is None:
        return "" if rule.optional or rule.kind == "any" else f"has to be {rule.words}"
    right = {
        "switch": isinstance(value, bool),
        "count": type(value) is int,
        "number": type(value) in (int, float),
        "text": isinstance(value, str),
        "any": isinstance(value, bool | int | float | str),
    }[rule.kind]
    if not right or (rule.kind in ("count", "number") and not _within(rule, float(value))):
        return f"has to be {rule.words}"
    return ""


def clash(settings: Mapping[str, Setting]) -> tuple[str, str] | None:
    """Return two settings that Keras does not take together, if there are such."""
    on = [name for name in _CLIPPING if name in settings and settings[name].value is not None]
    # Before TensorFlow 2.4 there was no global_clipnorm, and the other two went together.
    return (on[0], on[1]) if len(on) > 1 and "global_clipnorm" in settings else None


def _within(rule: Rule, value: float) -> bool:
    if not math.isfinite(value):
        return False
    return rule.low < value if rule.open else rule.low <= value <= rule.high


def _config(value: object) -> Mapping[str, Any] | None:
    fields = as_mapping(value)
    if fields is None or object_parts(fields) is None:
        return None
    return as_mapping(fields.get("config"))


def _settings(config: Mapping[str, Any], place: Place) -> Iterator[Setting]:
    for name, value in config.items():
        if name in _FIXED:
            continue
        parts = object_parts(value)
        rule = _RULES.get(name) or _rule_like(value)
        if parts is not None and name not in RATES:
            rule = Rule("object")
        yield Setting(name, (*place, name), value, True, rule)
        if parts is not None and name in RATES:  # a schedule
            yield from (
                Setting(
                    f"{name}.{key}", (*place, name, "config", key), inner, True, _of(key, inner)
                )
                for key, inner in parts[1].items()
                if key != "name"
            )


def _of(name: str, value: object) -> Rule:
    return Rule("count", 1) if name.endswith("steps") and type(value) is int else _rule_like(value)


def _extra(config: Mapping[str, Any], place: Place) -> Iterator[Setting]:
    era = "tf.keras" if "name" in config else "keras"
    for name in _EXTRA[era]:
        yield Setting(name, (*place, name), None, False, _RULES[name])


def _rule_like(value: object) -> Rule:
    """Return the rule of a setting that is not known: what its present value is."""
    if isinstance(value, bool):
        return _SWITCH
    if isinstance(value, int | float):
        return _ANY_NUMBER
    if isinstance(value, str):
        return Rule("text")
    return Rule("any") if value is None else Rule("object")


def with_value(section: dict[str, Any], place: Place, value: Any, *, stated: bool = True) -> None:
    """Put a value into a section at `place`, or, with ``stated=False``, take it out."""
    target = section
    for key in place[:-1]:
        target = cast("dict[str, Any]", target[key])
    if stated:
        target[place[-1]] = value
    else:
        target.pop(place[-1], None)

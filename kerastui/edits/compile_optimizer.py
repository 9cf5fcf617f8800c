"""The edit that gives settings of the optimizer other values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from ..errors import BadEdit
from ..model import Compile, Model, safe_text
from ..model.known_functions import defaults
from ..model.optimizer_settings import (
    Setting,
    clash,
    optimizer_key,
    problem,
    rate_name,
    settings_of,
    with_value,
)
from .compile_base import edited, parsed, shown, texts
from .forms import Fields, form


@form("set_optimizer")
@dataclass(frozen=True)
class SetOptimizer:
    """Give settings of the optimizer other values; its class stays."""

    settings: tuple[tuple[str, str | None], ...]
    """Name and value as JSON; None for one that is not to be stated any more.

    ``learning_rate`` and ``lr`` are one; a schedule's settings are called
    ``learning_rate.decay_steps`` and the like.
    """

    @classmethod
    def of(cls, **settings: float | str | bool | None) -> SetOptimizer:
        """Return the edit that gives these settings these values."""
        return cls(tuple((name, json.dumps(value)) for name, value in settings.items()))

    def describe(self) -> str:
        """Say in a few words what the edit does."""
        said = [
            f"{safe_text(name, 60)} = {shown(value)}" if value else f"without {safe_text(name)}"
            for name, value in self.settings[:4]
        ]
        return "optimizer: " + ", ".join(said) + (" …" if len(self.settings) > 4 else "")

    def apply(self, model: Model) -> Model:
        """Return the model with these settings. Raises BadEdit for what the optimizer lacks."""
        return edited(model, self._set)

    def _set(self, section: dict[str, Any], _: Compile) -> None:
        _expand(section)
        for name, value in self.settings:
            settings = _settings(section)
            own = rate_name(settings, name)
            if own not in settings:
                raise BadEdit(_unknown(section, name, settings))
            setting = settings[own]
            if value is None:
                with_value(section, setting.place, None, stated=False)
                continue
            given = parsed(value)
            wrong = "" if isinstance(given, dict) else problem(setting, given)
            if wrong:
                raise BadEdit(f"{safe_text(own, 60)} {wrong}, not {shown(value)}.")
            stated = setting.stated or given is not None
            with_value(section, setting.place, given, stated=stated)
        pair = clash(_settings(section))
        if pair and any(name in pair for name, _ in self.settings):
            raise BadEdit(
                f"Keras takes {pair[0]} or {pair[1]}, not both; give one of them the value none."
            )

    def to_fields(self) -> dict[str, Any]:
        """Return the fields of its JSON object."""
        stated = {name: json.loads(v) for name, v in self.settings if v is not None}
        fields: dict[str, Any] = {"settings": stated}
        gone = [name for name, value in self.settings if value is None]
        return {**fields, "without": gone} if gone else fields

    @classmethod
    def from_fields(cls, fields: Fields) -> SetOptimizer:
        """Return the edit of a JSON object. Raises BadEdit."""
        value = fields.value("settings")
        if not isinstance(value, dict):
            raise fields.wrong("settings", "an object of settings")
        stated = cast("dict[str, Any]", value)
        pairs = [(name, json.dumps(v)) for name, v in stated.items()]
        return cls((*pairs, *((name, None) for name in texts(fields, "without"))))


def _settings(section: Mapping[str, Any]) -> dict[str, Setting]:
    settings = settings_of(section)
    if not settings:
        named = optimizer_key(section)
        why = "has no settings in the file" if named else "is not named in the file"
        raise BadEdit(f"The optimizer {why}, so there is nothing to set; compile it in a script.")
    return settings


def _expand(section: dict[str, Any]) -> None:
    """Give an optimizer that is only named (``"adam"``) a configuration to put settings into."""
    key = optimizer_key(section)
    name = section.get(key)
    if not isinstance(name, str):
        return
    known = {cls.lower(): cls for cls in defaults("optimizers")}
    if name.lower() not in known:
        return
    stated: dict[str, Any] = {"class_name": known[name.lower()], "config": {"learning_rate": None}}
    if key == "optimizer":
        stated = {"module": "keras.optimizers", **stated, "registered_name": None}
    section[key] = stated


def _unknown(section: Mapping[str, Any], name: str, settings: Mapping[str, Setting]) -> str:
    optimizer: Any = section.get(optimizer_key(section))
    cls = safe_text(optimizer.get("class_name", "optimizer"), 60).removeprefix("Custom>")
    known = ", ".join(safe_text(own, 60) for own in settings)
    return f"{cls} has no setting {safe_text(name, 60)!r} in this file; it has {known}."

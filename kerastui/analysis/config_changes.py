"""Settings that differ between two layers, and between two compile sections.

Settings are compared under today's names and in one spelling (`GlorotUniform` is
`glorot_uniform`). What only one of the files states is no difference where it is what the
class does by default, or changes no result.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model import Compile, Layer
from ..model.compile import FunctionName, OutputCompile
from ..model.dialects import in_todays_words
from ..model.eras import HARMLESS, MEANINGLESS, RENAMED, todays_class
from ..model.figures import number
from ..model.readable import canonical, usual_values
from ..model.values import as_list, as_mapping, call, setting
from .compare_results import SettingChange

_ELSEWHERE = frozenset({"name", "trainable", "layers", "input_layers", "output_layers"})
"""Compared as such, or holding names of layers in a form that depends on the era."""
_BESIDES = frozenset({"shared_object_id", "registered_name", "build_config", "module"})
"""What Keras notes down in serialized objects for itself."""
_USUAL: Mapping[str, Any] = {"dtype": "float32", "trainable": True}
_NOTHING: tuple[Any, ...] = (None, False, {}, [], "")
_CUT = ("…", " in all", "bytecode", "<lambda>", "<function>")
"""Texts that do not say all of a value."""


def setting_changes(old: Layer, new: Layer) -> tuple[SettingChange, ...]:
    """Return the settings of a layer that differ, the class and its inputs among them."""
    here, there = todays_class(old.class_name), todays_class(new.class_name)
    found = list[SettingChange]()
    if here != there and here and there:
        found.append(SettingChange("class", setting("", here), setting("", there)))
    if old.kind != "model" or new.kind != "model":
        found += _changed(there, _today(old), _today(new))
    return tuple(found)


def input_changes(old: Layer, new: Layer, renamed: Mapping[str, str]) -> tuple[SettingChange, ...]:
    """Return the change of the layers that feed it. `renamed` has new names by old ones.

    A Sequential does not write it down: where one file is silent there is no difference.
    """
    before = [renamed.get(name, name) for name in old.inbound]
    if not before or not new.inbound or before == list(new.inbound):
        return ()
    return (SettingChange("inputs", setting("", old.inbound), setting("", new.inbound)),)


def _today(layer: Layer) -> dict[str, Any]:
    """Return a layer's settings under today's names."""
    own = RENAMED.get(layer.class_name, {})
    config = in_todays_words(layer.class_name, layer.config)
    if layer.class_name == "InputLayer" and "batch_input_shape" in config:
        config["batch_shape"] = config.pop("batch_input_shape")
    return {
        own.get(key, key): _plain(value)
        for key, value in config.items()
        if key not in _ELSEWHERE and key not in _BESIDES
    }


def _plain(value: Any, depth: int = 0) -> Any:
    """Return a JSON value without what Keras notes down for itself."""
    if depth > 20:
        return value
    if (fields := as_mapping(value)) is not None:
        return {k: _plain(v, depth + 1) for k, v in fields.items() if k not in _BESIDES}
    if (items := as_list(value)) is not None:
        return [_plain(item, depth + 1) for item in items]
    return value


def _changed(
    class_name: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> list[SettingChange]:
    found = list[SettingChange]()
    for key in dict.fromkeys((*new, *old)):
        if key in old and key in new:
            if not _same(key, old[key], new[key]):
                found.append(SettingChange(setting("", key), *_texts(key, old[key], new[key])))
        else:
            value = old[key] if key in old else new[key]
            if not _goes_without_saying(class_name, key, value):
                text = setting(key, value)
                texts = (text, "") if key in old else ("", text)
                found.append(SettingChange(setting("", key), *texts))
    return found


def _same(key: str, old: Any, new: Any) -> bool:
    if type(old) is type(new) and old == new:
        return True
    one, other = setting(key, old), setting(key, new)
    if any(sign in text for sign in _CUT for text in (one, other)):
        return False
    return _one_spelling(one) == _one_spelling(other)


def _one_spelling(text: str) -> str:
    """Return names as `canonical` spells them; a minus counts where there are numbers alone."""
    return canonical(text) if any(c.isalpha() for c in text) else text


def _texts(key: str, old: Any, new: Any) -> tuple[str, str]:
    """Return both values as text; the new one says so where its text is the same."""
    one, other = setting(key, old), setting(key, new)
    return one, f"{other} (another)" if one == other else other


def _goes_without_saying(class_name: str, key: str, value: Any) -> bool:
    """Whether a setting that only one file states means what is done without it."""
    if key in MEANINGLESS or value in _NOTHING or value in HARMLESS.get(key, ()):
        return True
    shown = _one_spelling(setting(key, value))
    if key in _USUAL and shown == _one_spelling(setting(key, _USUAL[key])):
        return True
    usual = usual_values(class_name, key)
    return usual is not None and shown in {_one_spelling(text) for text in usual}


def compile_changes(old: Compile | None, new: Compile | None) -> tuple[SettingChange, ...]:
    """Return what differs in how two models are compiled."""
    if old is None or new is None:
        if old is new:
            return ()
        texts = ("compiled", "not compiled") if new is None else ("not compiled", "compiled")
        return (SettingChange("compile", *texts),)
    found = _optimizer_changes(old.optimizer, new.optimizer)
    rows = {row.output: row for row in new.outputs}
    alone = len(old.outputs) == len(new.outputs) == 1
    for row in old.outputs:
        other = new.outputs[0] if alone else rows.pop(row.output, None)
        if other is not None:
            found += _output_changes(row, other)
    return tuple(found)


def _optimizer_changes(old: FunctionName | None, new: FunctionName | None) -> list[SettingChange]:
    here, there = _name(old), _name(new)
    if _one_spelling(here) != _one_spelling(there):
        return [SettingChange("optimizer", here, there)]
    before = {_rate(k): v for k, v in (old.settings if old else ())}
    after = {_rate(k): v for k, v in (new.settings if new else ())}
    return [
        SettingChange(f"{there} {key}", before[key], after[key])
        for key in before
        if key in after and _one_spelling(before[key]) != _one_spelling(after[key])
    ]  # what only one era states was not asked for by anybody


def _rate(key: str) -> str:
    return "learning_rate" if key == "lr" else key


def _output_changes(old: OutputCompile, new: OutputCompile) -> list[SettingChange]:
    def texts(row: OutputCompile) -> tuple[tuple[str, str], ...]:
        weight = 1.0 if row.loss_weight is None else row.loss_weight
        return (
            ("loss", _call(row.loss)),
            ("loss weight", number(weight)),
            ("metrics", ", ".join(map(_call, row.metrics))),
            ("weighted metrics", ", ".join(map(_call, row.weighted_metrics))),
        )

    return [
        SettingChange(f"{name} of {new.output}", before, after)
        for (name, before), (_, after) in zip(texts(old), texts(new), strict=True)
        if _one_spelling(before) != _one_spelling(after)
    ]


def _name(function: FunctionName | None) -> str:
    return function.name if function else "none"


def _call(function: FunctionName | None) -> str:
    return call(function.name, function.settings) if function else "none"

"""Settings that differ between two layers, and between two compile sections.

Settings are compared under today's names and in one spelling (`GlorotUniform` is
`glorot_uniform`). What only one of the files states is no difference where it is what the
class does by default, or changes no result.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..model import Compile, Layer
from ..model.compile import FunctionName, OutputCompile
from ..model.compile_names import full_name
from ..model.dialects import in_todays_words
from ..model.eras import HARMLESS, MEANINGLESS, RENAMED, todays_class
from ..model.figures import number
from ..model.readable import usual_values
from ..model.values import as_list, as_mapping, call, setting
from .compare_results import SettingChange
from .spellings import in_era, one_spelling, same, same_text, texts

_ELSEWHERE = frozenset({"name", "trainable", "layers", "input_layers", "output_layers"})
"""Compared as such, or holding names of layers in a form that depends on the era."""
_BESIDES = frozenset({"shared_object_id", "registered_name", "build_config", "module"})
"""What Keras notes down in serialized objects for itself."""
_USUAL: Mapping[str, Any] = {"dtype": "float32", "trainable": True}
_NOTHING: tuple[Any, ...] = (None, False, {}, [], "")
_PARTS = frozenset({"nb_row", "nb_col", "kernel_dim1", "kernel_dim2", "kernel_dim3"})
"""What Keras 1 calls the parts of a ``kernel_size``."""
_AXIS_OF_INPUT = frozenset(
    {"BatchNormalization", "LayerNormalization", "GroupNormalization", "UnitNormalization",
     "Concatenate", "Softmax"}
)  # fmt: skip
"""Classes whose ``axis`` counts in their output as in their input."""


def setting_changes(
    old: Layer, new: Layer, keras3: tuple[bool, bool] = (True, True)
) -> tuple[SettingChange, ...]:
    """Return the settings of a layer that differ, its class among them.

    `keras3` says of both whether Keras 3 or an older one wrote them.
    """
    here, there = todays_class(old.class_name), todays_class(new.class_name)
    found = list[SettingChange]()
    if here != there and here and there:
        found.append(SettingChange("class", setting("", here), setting("", there)))
    if old.kind != "model" or new.kind != "model":
        before, after = (_today(*one) for one in zip((old, new), keras3, strict=True))
        if "axis" in before and _axis(old, before) == _axis(new, after):
            after["axis"] = before["axis"]
        found += _changed(there, before, after)
    return tuple(found)


def _axis(layer: Layer, config: Mapping[str, Any]) -> object:
    """Return an axis as counted from the first one, where that can be told: -1 is 3 of 4 axes."""
    axis = as_list(config.get("axis")) or [config.get("axis")]
    if layer.output_shape is None or todays_class(layer.class_name) not in _AXIS_OF_INPUT:
        return axis
    return [i + len(layer.output_shape) if isinstance(i, int) and i < 0 else i for i in axis]


def _today(layer: Layer, keras3: bool) -> dict[str, Any]:
    """Return a layer's settings under today's names."""
    own = RENAMED.get(layer.class_name, {})
    config = in_todays_words(layer.class_name, layer.config)
    if layer.class_name == "InputLayer" and "batch_input_shape" in config:
        config["batch_shape"] = config.pop("batch_input_shape")
    besides = _ELSEWHERE | _BESIDES
    if "kernel_size" in config:
        besides |= _PARTS
    return {
        own.get(key, key): in_era(key, _plain(value), keras3)
        for key, value in config.items()
        if key not in besides
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
            if not same(key, old[key], new[key]):
                found.append(SettingChange(setting("", key), *texts(key, old[key], new[key])))
        else:
            value = old[key] if key in old else new[key]
            if not _goes_without_saying(class_name, key, value):
                text = setting(key, value)
                both = (text, "") if key in old else ("", text)
                found.append(SettingChange(setting("", key), *both))
    return found


def _goes_without_saying(class_name: str, key: str, value: Any) -> bool:
    """Whether a setting that only one file states means what is done without it."""
    if key in MEANINGLESS or value in _NOTHING or value in HARMLESS.get(key, ()):
        return True
    shown = one_spelling(setting(key, value))
    if key in _USUAL and shown == one_spelling(setting(key, _USUAL[key])):
        return True
    usual = usual_values(class_name, key)
    return usual is not None and shown in {one_spelling(text) for text in usual}


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
    if one_spelling(here) != one_spelling(there):
        return [SettingChange("optimizer", here, there)]
    before = {_rate(k): v for k, v in (old.settings if old else ())}
    after = {_rate(k): v for k, v in (new.settings if new else ())}
    return [
        SettingChange(f"{there} {key}", before[key], after[key])
        for key in before
        if key in after and not same_text(before[key], after[key])
    ]  # what only one era states was not asked for by anybody


def _rate(key: str) -> str:
    return "learning_rate" if key == "lr" else key


def _output_changes(old: OutputCompile, new: OutputCompile) -> list[SettingChange]:
    def told(row: OutputCompile) -> Iterator[tuple[str, str, str]]:
        """Yield each setting's name, its text, and that text with full names."""
        weight = number(1.0 if row.loss_weight is None else row.loss_weight)
        yield "loss", _call(row.loss), _meant(row.loss)
        yield "loss weight", weight, weight
        for name, found in (("metrics", row.metrics), ("weighted metrics", row.weighted_metrics)):
            yield name, _listed(map(_call, found)), _listed(map(_meant, found))

    return [
        SettingChange(f"{name} of {new.output}", before, after)
        for (name, before, meant), (_, after, other) in zip(told(old), told(new), strict=True)
        if not same_text(meant, other)
    ]


def _name(function: FunctionName | None) -> str:
    return function.name if function else "none"


def _call(function: FunctionName | None) -> str:
    return call(function.name, function.settings) if function else "none"


def _meant(function: FunctionName | None) -> str:
    """Return a loss or metric as text, with what a nickname stands for: eras differ in those."""
    if function is None:
        return "none"
    meant = dict(function.settings).get("function")
    return meant or call(full_name(function.name), function.settings)


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(texts) or "none"

"""Keras 3's dialect as tf_keras's: plain class names, calls as lists, operators as layers."""

from __future__ import annotations

from typing import Any

from ..files.entries import Entry, base_class, is_entry, is_layer_entry, is_list, is_object
from ..model.eras import RENAMED
from .entries3 import OLD_HARD_SIGMOID
from .nodes import (
    copied,
    is_tensor,
    old_reference,
    references,
    tensors_in,
    with_old_references,
)
from .report import Report
from .settings import keep_known, policy_name
from .slices import GETITEM, slice_of_keras2
from .tables import NUMPY, OPERATORS, RECURRENT, layer_settings

_LAYER_KEYS = ("layer", "backward_layer", "cell")
_OPERATIONS = {(m, c): (function, names) for function, (m, c, names) in OPERATORS.items()}
_OPERATIONS[NUMPY, "GetItem"] = (GETITEM, ("tensor", "slice_spec"))
_SETTINGS = {"axis": "axis", "keepdims": "keepdims", "newshape": "shape", "axes": "perm"}
_CALL_ARGUMENTS = {
    "MultiHeadAttention": ("query", "value", "key", "query_mask"),
    "Attention": ("inputs",),
}
_IDLE = frozenset({"mask", "initial_state"})
"""Arguments of a call that say nothing when they are None. ``training`` never does: Keras 3 writes
down what it was when the model was made and decides anew, tf_keras would fix it for good."""


def to_keras2(entry: Entry, report: Report) -> Entry:
    """Return the outermost model's entry in tf_keras's dialect."""
    return _Backwards(report).layer(entry, "")


class _Backwards:
    """One translation."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def layer(self, entry: Entry, where: str) -> Entry:
        """Return a layer's entry; `where` is its path."""
        config = entry.get("config")
        settings = dict(config) if is_object(config) else {}
        if is_list(settings.get("layers")):
            return self._model(entry, settings, where)
        class_name = str(entry.get("class_name"))
        module = entry.get("module")
        builtin = module == "keras.layers"
        known = layer_settings("tf_keras", class_name) if builtin else None
        if builtin and known is None:
            self._report.lost(f"tf_keras has no class {class_name}; it needs one from you.", where)
        if str(module).startswith("keras.src.ops"):
            self._report.lost(f"the operation {class_name} has no counterpart in tf_keras.", where)
        settings = {key: self._value(key, value, where) for key, value in settings.items()}
        if class_name == "InputLayer" and "batch_shape" in settings:
            settings["batch_input_shape"] = settings.pop("batch_shape")
            settings.pop("optional", None)
        if known is not None:
            back = {new: old for old, new in RENAMED.get(class_name, {}).items()}
            settings = {back.get(key, key): value for key, value in settings.items()}
            settings = keep_known(settings, known, self._report, where, "tf_keras")
        if builtin:
            settings.update(_demanded(class_name, entry, settings))
        return self._entry(entry, settings)

    def _entry(self, entry: Entry, settings: dict[str, Any]) -> Entry:
        registered = entry.get("registered_name")
        custom = isinstance(registered, str) and ">" in registered
        result: Entry = {
            "class_name": registered if custom else entry.get("class_name"),
            "config": settings,
        }
        if "name" in entry:
            result["name"] = entry["name"]
        return result

    # --- models ------------------------------------------------------------------------

    def _model(self, entry: Entry, settings: dict[str, Any], where: str) -> Entry:
        layers: list[Entry] = [layer for layer in settings["layers"] if is_entry(layer)]
        settings.pop("dtype", None)
        functional = "input_layers" in settings
        result: list[Entry] = []
        nested = {str(layer.get("name")): _counts_from_one(layer) for layer in layers}
        for layer in layers:
            config = layer["config"]
            name = str(layer.get("name") or (config.get("name") if is_object(config) else ""))
            path = f"{where}/{name}".lstrip("/")
            operation = _OPERATIONS.get((str(layer.get("module")), str(layer.get("class_name"))))
            if functional and operation is not None:
                result.append(self._operator(layer, operation, nested, name))
                continue
            made = self.layer(layer, path)
            if functional:
                made["name"] = name
                nodes: list[Any] = layer.get("inbound_nodes") or []
                made["inbound_nodes"] = [self._call(n, layer, nested, path) for n in nodes]
            result.append(made)
        settings["layers"] = result
        if functional:
            for key in ("input_layers", "output_layers"):
                settings[key] = self._ends(settings.get(key), layers, nested)
        return self._entry(entry, settings)

    def _ends(self, value: Any, layers: list[Entry], nested: dict[str, bool]) -> Any:
        by_name = {str(layer.get("name")): layer for layer in layers}
        ends = copied(value)
        for reference in references(ends, by_name):
            layer = by_name[reference[0]]
            already = "input_layers" in layer["config"]  # Keras 3 counts these from 1 here
            reference[1] += int(nested[reference[0]]) - int(already)
        if is_list(ends) and ends and isinstance(ends[0], str):
            return [ends]
        return ends

    def _call(self, node: Any, layer: Entry, nested: dict[str, bool], where: str) -> Any:
        """Return an old call: ``[[layer, node, tensor, settings], …]``."""
        if not is_object(node):
            return node
        arguments: list[Any] = list(node.get("args") or [])
        kwargs: dict[str, Any] = dict(node.get("kwargs") or {})
        class_name = base_class(str(layer.get("class_name")))
        names = _CALL_ARGUMENTS.get(class_name, ())
        for number, value in enumerate(arguments[1:], 1):
            if number < len(names):
                kwargs[names[number]] = value
            elif value is not None:
                self._report.lost("an argument of its call is not carried over.", where)
        first = arguments[0] if arguments else kwargs.pop("inputs", None)
        states = kwargs.get("initial_state")
        tensors = list(tensors_in(first))
        if class_name in RECURRENT and states is not None:
            tensors += list(tensors_in(kwargs.pop("initial_state")))
        kept = {
            key: with_old_references(value, nested)
            for key, value in kwargs.items()
            if key != "training" and not (key in _IDLE and value is None)
        }
        if not tensors:
            self._report.lost("its call has no tensor that tf_keras can be told of.", where)
        call: list[list[Any]] = [[*old_reference(tensor, nested), {}] for tensor in tensors]
        if call:
            call[0][3] = kept
            for other in call[1:]:
                other[3] = dict(kept)
        return call

    def _operator(
        self,
        layer: Entry,
        operation: tuple[str, tuple[str, ...]],
        nested: dict[str, bool],
        name: str,
    ) -> Entry:
        function, names = operation
        config = layer.get("config")
        settings = config if is_object(config) else {}
        calls: list[Any] = []
        nodes: list[Any] = layer.get("inbound_nodes") or []
        for node in nodes:
            arguments: list[Any] = list(node.get("args") or [])
            kwargs: dict[str, Any] = {"name": None}
            for argument, value in zip(names[1:], arguments[1:], strict=False):
                kwargs[argument] = with_old_references(value, nested)
            if function == GETITEM:
                kwargs = {"slice_spec": slice_of_keras2(arguments[1] if arguments[1:] else None)}
            for key, value in settings.items():
                if key in _SETTINGS and value is not None:
                    kwargs[_SETTINGS[key]] = value
            first: Any = arguments[0] if arguments else None
            if is_list(first):
                calls.append([[*old_reference(t, nested), dict(kwargs)] for t in tensors_in(first)])
            elif is_tensor(first):
                calls.append([*old_reference(first, nested), kwargs])
            else:
                calls.append(["_CONSTANT_VALUE", -1, first, kwargs])
        return {
            "class_name": "SlicingOpLambda" if function == GETITEM else "TFOpLambda",
            "config": {"name": name, "trainable": True, "dtype": "float32", "function": function},
            "name": name,
            "inbound_nodes": calls,
        }

    # --- settings ----------------------------------------------------------------------

    def _value(self, key: str, value: Any, where: str) -> Any:
        if key == "dtype":
            return _policy(value)
        if key in ("activation", "recurrent_activation"):
            return self._activation(value, where)
        if is_list(value) and value and all(is_entry(v) for v in value):
            return [self._value("cell" if key == "cells" else key, v, where) for v in value]
        if not is_object(value) or "class_name" not in value:
            return value
        config = value.get("config")
        if value["class_name"] == "function" and isinstance(config, str):
            return config
        if is_entry(value) and (key in _LAYER_KEYS or is_layer_entry(value)):
            inner = value["config"].get("name", "") if is_object(value["config"]) else ""
            return self.layer(value, f"{where}/{inner}".strip("/"))
        if value["class_name"] == "__lambda__" and is_object(config):
            return [config.get("code"), config.get("defaults"), config.get("closure")]
        if is_object(config):
            kept = {k: v for k, v in config.items() if v is not None or k == "seed"}
            return {
                "class_name": value.get("registered_name") or value["class_name"],
                "config": kept,
            }
        return value

    def _activation(self, value: Any, where: str) -> Any:
        if value == OLD_HARD_SIGMOID:
            return "hard_sigmoid"
        if value == "hard_sigmoid":
            self._report.lost(
                "hard_sigmoid is another function in tf_keras (clip(0.2 x + 0.5, 0, 1)) than in "
                "Keras 3 (relu6(x + 3) / 6); predictions will differ.",
                where,
            )
        if is_object(value):
            config = value.get("config")
            if isinstance(config, str):
                return config
            self._report.lost("a layer as its activation may not load in tf_keras.", where)
            return {"class_name": value.get("class_name"), "config": config}
        return value


def _demanded(class_name: str, entry: Entry, settings: dict[str, Any]) -> dict[str, Any]:
    """Return settings that tf_keras's classes cannot do without, and Keras 3's lack."""
    if class_name == "MultiHeadAttention":
        build = entry.get("build_config")
        shapes = build.get("shapes_dict") if is_object(build) else None
        known = shapes if is_object(shapes) else {}
        query, value = known.get("query_shape"), known.get("value_shape")
        key = known.get("key_shape", value)
        return {"query_shape": query, "key_shape": key, "value_shape": value}
    if class_name == "Lambda":
        kind = "lambda" if is_list(settings.get("function")) else "function"
        shape = settings.get("output_shape")
        return {
            "function_type": kind,
            "module": None,
            "output_shape": shape,
            "output_shape_type": "lambda" if is_object(shape) else "raw",
            "output_shape_module": None,
            "arguments": settings.get("arguments") or {},
        }
    return {}


def _counts_from_one(layer: Entry) -> bool:
    """Whether tf_keras counts a nested model's calls from 1: it was called when it was made."""
    config = layer.get("config")
    layers = config.get("layers") if is_object(config) else None
    if not is_object(config) or not is_list(layers) or not layers:
        return False
    return "input_layers" in config or layers[0].get("class_name") == "InputLayer"


def _policy(value: Any) -> Any:
    name = policy_name(value)
    if isinstance(name, str) and name.startswith("mixed_"):
        return {"class_name": "Policy", "config": {"name": name}}
    return name

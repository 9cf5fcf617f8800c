"""A model's configuration of any era in Keras 3's dialect, by the rules in `tables`.

What Keras 3 wrote itself stays as it is, but for the modules that its HDF5 files leave out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..files.entries import (
    Entry,
    base_class,
    class_of,
    is_entry,
    is_layer_entry,
    is_list,
    is_object,
)
from ..model import Shape
from ..model.dialects import is_keras1
from ..model.eras import RENAMED
from ..model.names import to_snake_case
from . import keras1
from .entries3 import OLD_HARD_SIGMOID, home_of, input_layer, input_of
from .nodes import Graph, operator_call, shift_nodes, to_call, unwrapped
from .report import Report
from .settings import keep_known, policy_today
from .slices import GETITEM, slice_today
from .tables import (
    GONE,
    MODULES,
    NUMPY,
    OLD_CLASSES,
    OPERATION_SETTINGS,
    OPERATORS,
    RECURRENT,
    layer_settings,
)

_LAYER_KEYS = ("layer", "backward_layer", "cell")


@dataclass
class Translator:
    """One translation. `major` is the era (1, 2 or 3) of the file, `shapes` what is known."""

    major: int
    shapes: Mapping[str, Shape | None]
    """Layer path → output shape."""
    report: Report

    def model(self, entry: Entry, name: str = "") -> Entry:
        """Return the entry of the outermost model in Keras 3's dialect."""
        return self.layer(entry, "", name or "model", top=True)

    def layer(self, entry: Entry, above: str, name: str, top: bool = False) -> Entry:
        """Return a layer's entry; `above` is the path of what holds it ("" or "a/b/")."""
        config = entry.get("config")
        if is_list(config):  # a Sequential up to Keras 2.2.2
            stated = entry.get("name")
            name = stated if isinstance(stated, str) and stated else name
            made = keras1.without_merge(name, config)
            if made is not None:
                self.report.lost(
                    "A Merge inside a Sequential has no counterpart in today's Keras; the model "
                    "becomes a Functional one of the same layers."
                )
                entry = {**entry, **made}
            else:
                entry = {**entry, "config": {"name": name, "layers": config}}
            config = entry["config"]
        settings = dict(config) if is_object(config) else {}
        name = settings.get("name") or entry.get("name") or name
        path = "" if top else f"{above}{name}/"
        if is_list(settings.get("layers")):
            return self._model(entry, settings, path, name)
        if self.major < 3 and class_of(entry) not in ("TFOpLambda", "SlicingOpLambda"):
            return self._old_layer(entry, settings, path, name)
        return self._entry(entry, class_of(entry), self._inner(settings, path))

    # --- models ------------------------------------------------------------------------

    def _model(self, entry: Entry, settings: dict[str, Any], path: str, name: str) -> Entry:
        settings.setdefault("name", name)
        layers = settings["layers"]
        named: list[tuple[Entry, str]] = []
        for i, layer in enumerate(layers):
            if is_entry(layer):
                made_up = f"{to_snake_case(base_class(class_of(layer))) or 'layer'}_{i + 1}"
                named.append((layer, made_up))
        functional = "input_layers" in settings or "output_layers" in settings
        if functional:
            self._functional(settings, named, path)
        else:
            settings["layers"] = self._sequential(named, path)
        if self.major < 3:
            settings.pop("build_input_shape", None)
            settings.setdefault("trainable", True)
            if "dtype" in settings:
                settings["dtype"] = policy_today(settings["dtype"])
        class_name = class_of(entry)
        if base_class(class_name) in ("Model", "Container", "Functional"):
            class_name = "Functional"
        return self._entry(entry, class_name, settings, functional=functional)

    def _sequential(self, named: list[tuple[Entry, str]], path: str) -> list[Entry]:
        result = [self.layer(layer, path, made_up) for layer, made_up in named]
        if self.major < 3 and result and result[0]["class_name"] != "InputLayer":
            first, old = result[0], named[0][0]
            shape, dtype = input_of(old)
            if shape is not None:
                name = f"{first['config']['name']}_input"
                result.insert(0, input_layer(name, shape, dtype))
        return result

    def _functional(
        self, settings: dict[str, Any], named: list[tuple[Entry, str]], path: str
    ) -> None:
        old = [layer for layer, _ in named]
        result = [self.layer(layer, path, made_up) for layer, made_up in named]
        names = [
            layer.get("name") or r["config"].get("name")
            for layer, r in zip(old, result, strict=True)
        ]
        shapes = {name: self.shapes.get(f"{path}{name}") for name in names}
        dtypes = {n: d for n, r in zip(names, result, strict=True) if (d := _dtype(r))}
        graph = Graph(frozenset(names), shapes, dtypes)
        for name, before, after in zip(names, old, result, strict=True):
            after["name"] = name
            calls: list[Any] = before.get("inbound_nodes") or []
            if class_of(before) in ("TFOpLambda", "SlicingOpLambda"):
                after.update(self._operator(before, calls, graph, name))
            else:
                recurrent = base_class(after["class_name"]) in RECURRENT
                after["inbound_nodes"] = [to_call(call, graph, recurrent) for call in calls]
        settings["layers"] = result
        if self.major < 3:
            for key in ("input_layers", "output_layers"):
                if key in settings:
                    settings[key] = unwrapped(settings[key])
            shift_nodes(result, settings.get("output_layers"), _is_functional)

    def _operator(self, entry: Entry, calls: Any, graph: Graph, name: str) -> dict[str, Any]:
        """Return what makes an operator layer of tf.keras an operation of Keras 3."""
        config = entry.get("config")
        function = config.get("function", "") if is_object(config) else ""
        if function == GETITEM:
            return _get_item(name, calls, graph)
        found = OPERATORS.get(function)
        if found is None:
            self.report.lost(
                f"The operator {function or class_of(entry)} has no counterpart that kerastui "
                "knows; Keras 3 needs the class of its layer from you.",
                name,
            )
            return {"inbound_nodes": [to_call(call, graph, False) for call in calls]}
        module, class_name, arguments = found
        settings: dict[str, Any] = {"name": name}
        nodes: list[dict[str, Any]] = []
        for call in calls:
            tensors, others = operator_call(call, graph, arguments)
            for key, value in others.items():
                if key in OPERATION_SETTINGS:
                    settings[OPERATION_SETTINGS[key]] = value
                elif value is not None:
                    self.report.lost(f"The operator's setting {key} is not carried over.", name)
            nodes.append({"args": tensors, "kwargs": {}})
        if class_name == "ExpandDims":
            settings.setdefault("axis", 0)
        return {
            "module": module,
            "class_name": class_name,
            "config": settings,
            "registered_name": class_name,
            "inbound_nodes": nodes,
        }

    # --- layers ------------------------------------------------------------------------

    def _old_layer(self, entry: Entry, settings: dict[str, Any], path: str, name: str) -> Entry:
        class_name = class_of(entry)
        base = base_class(class_name)
        where = path.rstrip("/")
        settings.setdefault("name", name)
        if base == "Merge":
            class_name, settings = keras1.merge_today(settings, self.report, where)
        elif is_keras1(base, settings) or self.major == 1:
            class_name, settings = keras1.layer_today(base, settings)
        base = base_class(class_name)
        if base in ("CuDNNLSTM", "CuDNNGRU"):
            settings["recurrent_activation"] = "sigmoid"
            settings["reset_after"] = True
        class_name = OLD_CLASSES.get(class_name, class_name)
        base = base_class(class_name)
        known = layer_settings("keras3", class_name)
        if class_name in GONE:
            self.report.lost(f"Keras 3 has no class {class_name}; it needs one from you.", where)
        if known is not None:
            settings = {RENAMED.get(base, {}).get(k, k): v for k, v in settings.items()}
            self._repair(base, settings, where)
            settings = keep_known(settings, known, self.report, where, "Keras 3")
        settings = self._inner(settings, path)
        return self._entry(entry, class_name, settings)

    def _repair(self, base: str, settings: dict[str, Any], where: str) -> None:
        """Mend what Keras 3 takes in another form than its elders; in place."""
        if base == "InputLayer":
            if "batch_input_shape" in settings:
                settings["batch_shape"] = settings.pop("batch_input_shape")
            settings.pop("trainable", None)
        if base in ("GRU", "GRUCell"):
            settings.setdefault("reset_after", False)
        if base == "BatchNormalization" and is_list(settings.get("axis")):
            settings["axis"] = settings["axis"][0]
        for key in ("activation", "recurrent_activation"):
            if settings.get(key) == "hard_sigmoid":
                settings[key] = OLD_HARD_SIGMOID
        function = settings.get("function")
        if base == "Lambda" and is_list(function):
            keys = ("code", "defaults", "closure")
            code = dict(zip(keys, function, strict=False))
            settings["function"] = {"class_name": "__lambda__", "config": code}
            self.report.lost(
                "its function is bytecode of the Python that saved it, copied as it is; another "
                "Python cannot run it.",
                where,
            )

    def _inner(self, settings: dict[str, Any], path: str) -> dict[str, Any]:
        """Return settings with the objects in them in Keras 3's form."""
        return {key: self._value(key, value, path) for key, value in settings.items()}

    def _value(self, key: str, value: Any, path: str) -> Any:
        if key == "dtype" and self.major < 3:
            return policy_today(value)
        if is_list(value) and value and all(is_entry(v) for v in value):
            return [self._value("cell" if key == "cells" else key, v, path) for v in value]
        if not is_entry(value) or value is OLD_HARD_SIGMOID:
            return value
        if key in _LAYER_KEYS or is_layer_entry(value):
            name = f"{to_snake_case(base_class(class_of(value))) or 'layer'}_1"
            return self.layer(value, path, name)
        module = MODULES.get(key.rpartition("_")[2])
        if module and "module" not in value:
            return {"module": module, **value, "registered_name": None}
        return value

    def _entry(
        self, entry: Entry, class_name: str, settings: dict[str, Any], functional: bool = False
    ) -> Entry:
        """Return an entry with module and registered name, Keras 3's order of keys."""
        module, registered = home_of(entry, class_name, functional, self.major)
        result: Entry = {
            "module": module,
            "class_name": base_class(class_name),
            "config": settings,
            "registered_name": registered,
        }
        for key in ("build_config", "compile_config", "shared_object_id", "name"):
            if key in entry and not (key == "compile_config" and self.major < 3):
                result[key] = entry[key]
        return result


def _get_item(name: str, calls: list[Any], graph: Graph) -> dict[str, Any]:
    """Return the operation for ``x[…]``."""
    nodes: list[dict[str, Any]] = []
    for call in calls:
        tensors, settings = operator_call(call, graph, ("tensor",))
        nodes.append({"args": [*tensors, slice_today(settings.get("slice_spec"))], "kwargs": {}})
    return {
        "module": NUMPY,
        "class_name": "GetItem",
        "config": {"name": name},
        "registered_name": "GetItem",
        "inbound_nodes": nodes,
    }


def _is_functional(layer: Mapping[str, Any]) -> bool:
    return is_list(layer["config"].get("layers")) and "input_layers" in layer["config"]


def _dtype(layer: Entry) -> str | None:
    dtype = layer["config"].get("dtype")
    return dtype if isinstance(dtype, str) else None

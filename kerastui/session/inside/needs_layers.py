# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false
# (Values of a JSON file are narrowed where they are used; they have no types before.)
"""Following a model's configuration through its layers (see `needs`)."""

from __future__ import annotations

import re
from collections import deque
from typing import Any

from .rows import Rows

# Keras's own marks for values that are no named objects (serialization_lib).
_SPECIAL_TEXT = (
    "__keras_tensor__ __tensor__ __numpy__ __bytes__ __ellipsis__ __slice__ __lambda__ "
    "__typespec__ __tuple__"
)
SPECIAL = frozenset(_SPECIAL_TEXT.split())
_KIND_OF_KEY = {
    "activation": "activation",
    "inner_activation": "activation",
    "init": "initializer",
    "inner_init": "initializer",
    "forget_bias_init": "initializer",
}
_KINDS = ("activation", "initializer", "regularizer", "constraint")
_ONE_LAYER = ("layer", "backward_layer", "forward_layer", "cell")
_LAMBDA_PARTS = ("function", "output_shape", "mask")
_NAME = re.compile(r"(?:[\w.]+>)?(?:[^\W\d]\w*|<lambda>)\Z")
MAX_PATH = 1000
_WORDS = frozenset({"name", "layers", "cells", "input_layers", "output_layers", "class_name"})


class LayerWalk:
    """A walk by a worklist, not by recursion: a file may nest its models 10,000 deep."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.known = rows.known
        self._todo: deque[tuple[Any, str, str]] = deque()

    def model(self, config: Any) -> None:
        """Walk a whole model: `config` is the outermost object of the file."""
        self._todo.append((config, "", "top"))
        while self._todo:
            obj, path, how = self._todo.pop()
            if isinstance(obj, dict):
                self._layer(obj, path, how)

    def _layer(self, obj: dict[str, Any], above: str, how: str) -> None:
        class_name, config = obj.get("class_name"), obj.get("config")
        if not isinstance(class_name, str) or class_name in SPECIAL:
            return
        named = config.get("name") if isinstance(config, dict) else None
        own_name = named if isinstance(named, str) else obj.get("name")
        own_name = own_name if isinstance(own_name, str) else class_name
        if len(above) > MAX_PATH:  # else a deep nest of models costs time without end
            above = above.partition("/…")[0][:MAX_PATH] + "/…"
        path = own_name if how == "top" or not above else above + "/" + own_name
        known = self._is_known(obj, class_name, how)
        if not known:
            registered = obj.get("registered_name")
            key = registered if isinstance(registered, str) else class_name
            kind = "model" if how == "top" or "input_layers" in (config or ()) else "layer"
            use = "the model itself" if how == "top" else path
            self.rows.add(kind, key, use, obj.get("module"), registered)
        self._inside(class_name, config, "" if how == "top" else path, path, known)
        self._nodes(obj.get("inbound_nodes"), path)

    def _is_known(self, obj: dict[str, Any], class_name: str, how: str) -> bool:
        module, registered = obj.get("module"), obj.get("registered_name", class_name)
        if isinstance(registered, str) and registered in self.known.registered:
            return True
        if "module" in obj and (self.known.new or how == "top"):
            return isinstance(module, str) and self.known.symbol(module, class_name)
        if "module" in obj and module is None:
            return False
        if how == "wrapped":
            return self.known.bare_layer(class_name)
        return self.known.name("layer", class_name)

    def _inside(self, class_name: str, config: Any, below: str, path: str, known: bool) -> None:
        layers = _inner_layers(config)
        # The worklist is a stack: the last pushed is walked first.
        for layer in reversed(layers or []):
            self._todo.append((layer, below, "layer"))
        if not isinstance(config, dict):
            return
        for key, value in config.items():
            if value is None or key in _WORDS:
                continue
            kind = kind_of_key(key)
            if kind:
                self._attribute(kind, value, f"{key} of {path}", known)
            elif key in _ONE_LAYER and isinstance(value, dict):
                self._todo.append((value, path, "wrapped"))
            elif class_name == "Lambda" and key in _LAMBDA_PARTS:
                self._lambda(config, key, value, path)
            elif key != "dtype" and isinstance(value, (dict, list)):
                self._objects(value, f"{key} of {path}", known)
        if isinstance(config.get("cells"), list):
            self._todo.extend((cell, path, "wrapped") for cell in reversed(config["cells"]))

    def _attribute(self, kind: str, value: Any, use: str, parent_known: bool) -> None:
        if isinstance(value, str):
            odd = not parent_known and not _NAME.match(value)
            if value and not odd and not self._knows_word(kind, value):
                self.rows.add(kind, value, use)
        elif isinstance(value, dict) and isinstance(value.get("class_name"), str):
            self.obj(kind, value, use)
        elif isinstance(value, list):
            self._objects(value, use, parent_known)

    def _knows_word(self, kind: str, word: str) -> bool:
        return self.known.name(kind, word) or (kind == "regularizer" and word == "l1_l2")

    def obj(self, kind: str, value: dict[str, Any], use: str) -> None:
        """Judge a serialized object where Keras expects one of `kind`."""
        class_name, module = value["class_name"], value.get("module")
        registered, inner = value.get("registered_name"), value.get("config")
        if class_name in SPECIAL:
            return
        if class_name == "function":
            self._function_obj(kind, value, use)
            return
        custom = [n for n in (class_name, registered) if isinstance(n, str)]
        if any(n in self.known.registered for n in custom):
            return
        if kind == "activation" and self.known.new:
            known = isinstance(module, str) and self.known.symbol(module, class_name)
        else:
            known = self.known.name(kind, class_name) and value.get("module", "") is not None
        if not known:
            key = registered if isinstance(registered, str) else class_name
            self.rows.add(kind, key, use, module, registered)
        if isinstance(inner, dict):
            for key, part in inner.items():
                if isinstance(part, dict) and isinstance(part.get("class_name"), str):
                    self._objects(part, f"{key} of {use}", known)

    def _function_obj(self, kind: str, value: dict[str, Any], use: str) -> None:
        """``{"class_name": "function", "config": NAME, "module": …}``."""
        name, module = value.get("config"), value.get("module")
        if not isinstance(name, str) or name in self.known.registered:
            return
        table_kind = kind if kind in _KINDS or kind in ("loss", "metric") else ""
        if table_kind and (kind != "activation" or not self.known.new):
            word = name if module == "builtins" else value.get("registered_name")
            known = isinstance(word, str) and self.known.name(kind, word)
        else:
            known = isinstance(module, str) and self.known.symbol(module, name, function=True)
        if not known:
            self.rows.add(kind or "function", name, use, module, value.get("registered_name"))

    def _lambda(self, config: dict[str, Any], key: str, value: Any, path: str) -> None:
        """A Lambda layer's function given by name (bytecode is no missing name)."""
        use = f"{key} of {path}"
        if isinstance(value, dict) and value.get("class_name") == "function":
            self._function_obj("function", value, use)
        elif not isinstance(value, str) or value in self.known.registered:
            return
        elif config.get(key + "_type") == "function":
            module_key = "module" if key == "function" else key + "_module"
            self.rows.add("function", value, use, config.get(module_key))

    def _objects(self, value: Any, use: str, parent_known: bool) -> None:
        """Serialized objects in a place that no Keras class is known to resolve by itself.

        With a module or a registered name they were written by Keras 3's serializer, and
        the custom class reads them back the same way. Without, they count only inside a
        custom class (Keras's own classes would have been seen by key).
        """
        todo = [value]
        while todo:
            item = todo.pop()
            if isinstance(item, list):
                todo.extend(reversed(item))
            elif isinstance(item, dict):
                if isinstance(item.get("class_name"), str) and "config" in item:
                    self._object(item, use, parent_known)
                else:
                    todo.extend(item.values())

    def _object(self, item: dict[str, Any], use: str, parent_known: bool) -> None:
        name, module = item["class_name"], item.get("module")
        if name in SPECIAL:
            return
        if name == "function":
            self._function_obj("function", item, use)
            return
        if isinstance(item.get("config"), dict) and "trainable" in item["config"]:
            self._todo.append((item, use.rsplit(" of ", 1)[-1], "wrapped"))
            return
        if isinstance(module, str):
            known = self.known.symbol(module, name)
        else:
            known = parent_known or any(self.known.name(k, name) for k in (*_KINDS, "layer"))
        registered = item.get("registered_name")
        if not known and registered not in self.known.registered:
            key = registered if isinstance(registered, str) else name
            self.rows.add("object", key, use, module, registered)

    def _nodes(self, nodes: Any, path: str) -> None:
        """Keyword arguments of calls (Keras 3) may hold serialized objects."""
        for node in nodes if isinstance(nodes, list) else ():
            if isinstance(node, dict):
                self._objects(list(node.values()), "a call of " + path, True)


def kind_of_key(key: str) -> str:
    """Return which kind of object Keras resolves under this key of a layer, or ``""``."""
    if key in _KIND_OF_KEY:
        return _KIND_OF_KEY[key]
    ending = key.rsplit("_", 1)[-1]
    return ending if "_" in key and ending in _KINDS else ""


def _inner_layers(config: Any) -> list[Any] | None:
    """The layers of a model's config (old Sequential models are a plain list), or None."""
    layers = config.get("layers") if isinstance(config, dict) else config
    return layers if isinstance(layers, list) else None

"""What feeds what: the calls of layers and the ends of models, as they are written in the file.

A description says which layers feed a layer. Two models may still differ in what else a call
was given (``training=False``), in which call of a shared layer is meant, and in the order of a
model's inputs and outputs. That is read here from the configuration itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..errors import KerastuiError
from ..files import read_configs
from ..model import Model
from ..model.layer import Reference
from ..model.values import as_list, as_mapping, setting

_ENDS = {"inputs": "input_layers", "outputs": "output_layers"}
_OF_KERAS = frozenset({"name", "_scope", "_keras_history"})
"""Arguments of a call that Keras adds by itself."""


class Wiring:
    """The calls and ends of one model file. Where its configuration is odd, nothing is said."""

    def __init__(self, model: Model) -> None:
        self._model = model
        try:
            config = read_configs(model.file.path)[0] if model.has_flags else None
        except KerastuiError:  # the description is all that is known then
            config = None
        self._config: object = config
        self._calls = _counted(model)

    def feeding(self, index: int, names: Mapping[str, str]) -> tuple[str, ...]:
        """Return for each call of a layer what is fed to it, under the names given by `names`."""
        layer = self._model.layers[index]
        return tuple(
            ", ".join(self._reference(layer.parent, ref, names) for ref in call)
            for call in layer.calls
        )

    def _reference(self, parent: int, ref: Reference, names: Mapping[str, str]) -> str:
        """Return a tensor as text: its layer, and which call and output of it unless the only."""
        text = names.get(ref.layer, ref.layer)
        nodes = self._calls[parent, ref.layer]
        if len(nodes) > 1:
            text += f" (call {nodes.index(ref.node) + 1})"
        return f"{text}[{ref.tensor}]" if ref.tensor else text

    def ends(self, index: int, names: Mapping[str, str]) -> dict[str, str]:
        """Return ``inputs`` and ``outputs`` of a model (-1: the outermost) in their order."""
        config = as_mapping((as_mapping(self._entry(index)) or {}).get("config")) or {}
        known = {self._model.layers[i].name for i in self._model.children(index)}
        return {
            end: ", ".join(
                self._reference(index, ref, names) for ref in _references(config[key], known)
            )
            for end, key in _ENDS.items()
            if key in config
        }

    def arguments(self, index: int) -> dict[str, str]:
        """Return what calls of a layer are given besides tensors, as text by what it is."""
        entry = as_mapping(self._entry(index)) or {}
        nodes = as_list(entry.get("inbound_nodes")) or ()
        found = dict[str, str]()
        for number, node in enumerate(nodes, 1):
            call = "call" if len(nodes) == 1 else f"call {number}"
            for key, value in _arguments(node):
                if value is not None and key not in _OF_KERAS:
                    found[f"{call}({key})"] = setting(key, value)
        return found

    def _entry(self, index: int) -> object:
        """Return the entry of a layer (-1: the outermost model) in the configuration."""
        place = self._model.layers[index].config_at if index >= 0 else ()
        item: Any = self._config
        for step in place:
            try:
                item = item[step]
            except (KeyError, IndexError, TypeError):  # the file is another one by now
                return None
        return item


def _counted(model: Model) -> Mapping[tuple[int, str], list[int]]:
    """Return by enclosing layer and name which calls of a layer matter, in their order.

    Eras do not count alike: some number the calls of a nested model from 1.
    """
    nodes: dict[tuple[int, str], set[int]] = defaultdict(set)
    for layer in model.layers:
        for call in layer.calls:
            for ref in call:
                nodes[layer.parent, ref.layer].add(ref.node)
        nodes[layer.parent, layer.name].update(node for node, _ in layer.outputs)
    return defaultdict(list, {key: sorted(found) for key, found in nodes.items()})


def _references(value: object, names: Iterable[str]) -> Iterator[Reference]:
    """Yield the tensors in ``input_layers`` or ``output_layers``, in their order."""
    stack: list[object] = [value]
    while stack:
        item = stack.pop()
        if (fields := as_mapping(item)) is not None:
            stack.extend(reversed(list(fields.values())))
        elif (items := as_list(item)) is not None:
            match list(items[:3]):
                case [str() as name, int() as node, int() as tensor] if name in names:
                    yield Reference(name, node, tensor)
                case _:
                    stack.extend(reversed(items))


def _arguments(node: object) -> Iterator[tuple[str, object]]:
    """Yield the arguments of one call that are no tensors."""
    if (call := as_mapping(node)) is not None:  # Keras 3
        for place, value in enumerate(as_list(call.get("args")) or (), 1):
            yield from _plain(str(place), value)
        for key, value in (as_mapping(call.get("kwargs")) or {}).items():
            yield from _plain(key, value)
        return
    tensors = as_list(node) or ()
    for tensor in (tensors, *tensors):  # an operator's call is the tensor itself
        parts = as_list(tensor) or ()
        if len(parts) == 4 and isinstance(parts[0], str):
            for key, value in (as_mapping(parts[3]) or {}).items():
                yield from _plain(key, value)


def _plain(key: str, value: object) -> Iterator[tuple[str, object]]:
    if not _holds_tensors(value):
        yield key, value


def _holds_tensors(value: object, depth: int = 0) -> bool:
    if depth > 8:
        return True
    if (fields := as_mapping(value)) is not None:
        if fields.get("class_name") == "__keras_tensor__":
            return True
        return any(_holds_tensors(item, depth + 1) for item in fields.values())
    if (items := as_list(value)) is not None:
        match list(items[:3]):
            case [str(), int(), int()]:
                return True
            case _:
                return any(_holds_tensors(item, depth + 1) for item in items)
    return False


def order_of(model: Model, index: int) -> list[int]:
    """Return the layers in a Sequential (-1: the outermost), inputs left out; [] in others."""
    class_name = model.layers[index].class_name if index >= 0 else model.class_name
    if class_name.rpartition(">")[2] != "Sequential":
        return []
    return [i for i in model.children(index) if model.layers[i].class_name != "InputLayer"]

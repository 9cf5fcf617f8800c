"""What feeds a layer, from the lists of Keras 1 and 2 to Keras 3's objects and back.

Old: a call is a list of ``[layer, node, tensor, settings]``; tensors among the settings are
``[layer, node, tensor]``; operator layers have one level less. Keras 3: a call is ``{"args",
"kwargs"}`` with ``__keras_tensor__`` objects.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from ..files.entries import is_list, is_object
from ..model import Shape

Shapes = Mapping[str, Shape | None]
"""Layer name → shape of its (first) output."""
CONSTANT = "_CONSTANT_VALUE"
"""What tf.keras writes in a layer's place for an argument that is no tensor."""


class Graph:
    """The layers of one Functional model, by name: what a reference may point to."""

    def __init__(self, names: Collection[str], shapes: Shapes, dtypes: Mapping[str, str]) -> None:
        self.names = names
        self._shapes = shapes
        self._dtypes = dtypes

    def tensor(self, layer: str, node: int, number: int) -> dict[str, Any]:
        """Return Keras 3's object for a tensor.

        Keras takes the real tensor's shape and dtype when it loads; these are for readers.
        """
        shape = self._shapes.get(layer) if number == 0 else None
        return {
            "class_name": "__keras_tensor__",
            "config": {
                "shape": [None] if shape is None else list(shape),
                "dtype": self._dtypes.get(layer, "float32"),
                "keras_history": [layer, node, number],
            },
        }

    def is_reference(self, value: object) -> bool:
        """Whether a JSON value is an old reference to one of the layers."""
        return (
            is_list(value)
            and len(value) in (3, 4)
            and isinstance(value[0], str)
            and type(value[1]) is int
            and type(value[2]) is int
            and value[0] in self.names
        )

    def revived(self, value: Any) -> Any:
        """Return a setting with old references in it made Keras 3's tensors."""
        if self.is_reference(value):
            return self.tensor(*value[:3])
        if is_list(value):
            return [self.revived(item) for item in value]
        if is_object(value):
            return {key: self.revived(item) for key, item in value.items()}
        return value


def to_call(call: Any, graph: Graph, recurrent: bool) -> dict[str, Any]:
    """Return Keras 3's form of one old call. `recurrent` layers take states by name."""
    if is_object(call):
        return call
    items = [call] if graph.is_reference(call) or _is_constant(call) else list(call)
    tensors: list[Any] = []
    kwargs: dict[str, Any] = {}
    for item in items:
        if _is_constant(item):
            tensors.append(item[2])
        else:
            tensors.append(graph.tensor(*item[:3]))
        if len(item) > 3 and is_object(item[3]):
            kwargs.update(graph.revived(item[3]))
    if recurrent and len(tensors) > 1:
        kwargs["initial_state"] = tensors[1:]
        tensors = tensors[:1]
    return {"args": [tensors[0] if len(tensors) == 1 else tensors], "kwargs": kwargs}


def operator_call(call: Any, graph: Graph, names: tuple[str, ...]) -> tuple[list[Any], Any]:
    """Return the tensors of an operator's old call in order, and its other settings.

    `names` are the operator's tensor arguments; the first is positional in the file.
    """
    first = call if not (is_list(call) and call and is_list(call[0])) else call[0]
    several = is_list(call) and len(call) > 0 and is_list(call[0]) and len(call) > 1
    settings: dict[str, Any] = {}
    items: list[Any] = list(call) if several else [first]
    tensors: list[Any] = []
    for item in items:
        tensors.append(item[2] if _is_constant(item) else graph.tensor(*item[:3]))
        if len(item) > 3 and is_object(item[3]):
            settings.update(item[3])
    arguments: list[Any] = [tensors if several else tensors[0]]
    for name in names[1:]:
        if name in settings:
            arguments.append(graph.revived(settings.pop(name)))
    settings.pop("name", None)
    return arguments, settings


def _is_constant(item: Any) -> bool:
    return is_list(item) and len(item) >= 3 and item[0] == CONSTANT


def histories(value: Any) -> Iterator[list[Any]]:
    """Yield every reference in Keras 3's calls, as the list that can be changed in place."""
    stack = [value]
    while stack:
        item = stack.pop()
        if is_list(item):
            stack.extend(reversed(item))
        elif is_object(item):
            if item.get("class_name") == "__keras_tensor__":
                yield item["config"]["keras_history"]
            else:
                stack.extend(reversed(list(item.values())))


def references(value: Any, names: Collection[str]) -> Iterator[list[Any]]:
    """Yield the references in ``input_layers`` or ``output_layers``, changeable in place."""
    stack = [value]
    while stack:
        item = stack.pop()
        if is_list(item):
            if len(item) >= 3 and isinstance(item[0], str) and item[0] in names:
                yield item
            else:
                stack.extend(reversed(item))
        elif is_object(item):
            stack.extend(reversed(list(item.values())))


def shift_nodes(
    layers: list[dict[str, Any]], outputs: Any, starts_at_one: Callable[[dict[str, Any]], bool]
) -> None:
    """Count the calls of nested models from 0, as Keras 3 does; in place.

    Older eras count a nested model's calls from 1, because making it was the first. In
    ``output_layers`` Keras 3 still counts those of a Functional from 1 (`starts_at_one`).
    """
    by_name = {layer["name"]: layer for layer in layers}
    inner = [h for layer in layers for h in histories(layer.get("inbound_nodes"))]
    outer = list(references(outputs, by_name))
    highest: dict[str, int] = {}
    for history in (*inner, *outer):
        highest[history[0]] = max(highest.get(history[0], 0), history[1])
    shifts: dict[str, int] = {}
    for name, most in highest.items():
        layer = by_name.get(name)
        count = len(layer.get("inbound_nodes") or ()) if layer else 0
        if layer and count and most >= count:
            shifts[name] = most + 1 - count
    for history in inner:
        history[1] = max(0, history[1] - shifts.get(history[0], 0))
    for history in outer:
        history[1] = max(0, history[1] - shifts.get(history[0], 0))
        if starts_at_one(by_name[history[0]]):
            history[1] += 1


def unwrapped(value: Any) -> Any:
    """Return ``[[name, 0, 0]]`` as ``[name, 0, 0]``: one tensor, and not a list of one."""
    if is_list(value) and len(value) == 1 and is_list(value[0]):
        return value[0]
    return value


def is_tensor(value: Any) -> bool:
    """Whether a JSON value is one of Keras 3's tensors."""
    return is_object(value) and value.get("class_name") == "__keras_tensor__"


def tensors_in(value: Any) -> list[dict[str, Any]]:
    """Return the tensors in a structure, in order."""
    if is_tensor(value):
        return [value]
    if is_list(value):
        return [tensor for item in value for tensor in tensors_in(item)]
    if is_object(value):
        return [tensor for item in value.values() for tensor in tensors_in(item)]
    return []


def old_reference(tensor: dict[str, Any], nested: dict[str, bool]) -> list[Any]:
    """Return ``[layer, node, tensor]``; `nested` tells whose calls count from 1."""
    layer, node, number = next(histories(tensor))
    return [layer, node + int(nested.get(layer, False)), number]


def with_old_references(value: Any, nested: dict[str, bool]) -> Any:
    """Return a structure with the tensors in it as old references."""
    if is_tensor(value):
        return old_reference(value, nested)
    if is_list(value):
        return [with_old_references(item, nested) for item in value]
    if is_object(value):
        return {key: with_old_references(item, nested) for key, item in value.items()}
    return value


def copied(value: Any) -> Any:
    """Return a deep copy of a JSON value."""
    if is_list(value):
        return [copied(item) for item in value]
    if is_object(value):
        return {key: copied(item) for key, item in value.items()}
    return value

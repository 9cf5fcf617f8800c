"""What feeds a layer: the dialects of ``inbound_nodes``.

- Keras 1 to tf.keras: a list of calls, each a list of ``[name, node, tensor, kwargs]``;
- operator layers (``TFOpLambda``): a call is ``[name, node, tensor, kwargs]`` itself, and
  further tensors hide in ``kwargs`` as ``["name", 0, 0]``;
- Keras 3: a call is ``{"args": …, "kwargs": …}`` with ``__keras_tensor__`` objects, whose
  ``keras_history`` is ``[name, node, tensor]``.

One walk finds the references in all of them. It is iterative: the nesting is the file's.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from ..model import Call, Reference
from .entries import is_list, is_object

MAX_REFERENCES = 100_000


def calls_of(nodes: object, names: Container[str]) -> tuple[Call, ...]:
    """Return the calls in an ``inbound_nodes`` value; only layers in `names` count."""
    if not is_list(nodes):
        return ()
    return tuple(_references(node, names) for node in nodes)


def single_call(value: object, names: Container[str]) -> Call:
    """Return the references in ``input_layers``, ``output_layers`` or one call."""
    return _references(value, names)


def _references(value: object, names: Container[str]) -> Call:
    if is_list(value) and len(value) == 1:  # the usual [["conv1", 0, 0, {}]]
        only = value[0]
        if is_list(only) and len(only) == 4 and not only[3]:
            found = _reference(only, names)
            return (found,) if found else ()
    result: list[Reference] = []
    stack: list[Any] = [value]
    while stack and len(result) < MAX_REFERENCES:
        item = stack.pop()
        if is_list(item):
            found = _reference(item, names)
            if found:
                result.append(found)
                stack.extend(reversed(item[3:]))
            else:
                stack.extend(reversed(item))
        elif is_object(item):
            if item.get("class_name") == "__keras_tensor__":
                stack.append(_history(item))
            else:
                stack.extend(reversed(list(item.values())))
    return tuple(result)


def _history(tensor: dict[str, Any]) -> Any:
    config = tensor.get("config")
    return config.get("keras_history") if is_object(config) else None


def _reference(item: list[Any], names: Container[str]) -> Reference | None:
    if len(item) < 3:
        return None
    layer, node, tensor = item[0], item[1], item[2]
    if type(layer) is str and type(node) is int and type(tensor) is int and layer in names:
        return Reference(layer, node, tensor)
    return None

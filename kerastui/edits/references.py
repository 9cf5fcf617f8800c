"""Where a configuration refers to layers by name: the dialects of every era.

References are ``[name, node, tensor]`` (or longer) wherever they stand: in ``inbound_nodes``
of Keras 1 to tf.keras, one level up in those of operator layers, inside their keyword
arguments, as ``keras_history`` of Keras 3's tensors, and in ``input_layers`` and
``output_layers``, which may also be one plain reference or a dictionary of them.
`files.inbound` reads the same forms, without the places.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any, cast

Place = tuple[str | int, ...]
"""Keys and positions from the value that was searched down to a name."""


def find_references(value: object, names: Container[str]) -> Iterator[tuple[Place, str]]:
    """Yield place and name of every reference to a layer in `names`, in the file's order.

    The walk is iterative: how deep a file nests is the file's choice.
    """
    stack: list[tuple[Place, object]] = [((), value)]
    while stack:
        place, item = stack.pop()
        if isinstance(item, list):
            items = cast("list[Any]", item)
            name = _referred(items)
            if name is None:
                stack.extend(((*place, i), items[i]) for i in reversed(range(len(items))))
                continue
            if name in names:
                yield (*place, 0), name
            stack.extend(((*place, i), items[i]) for i in reversed(range(3, len(items))))
        elif isinstance(item, dict):
            fields = cast("dict[str, Any]", item)
            stack.extend(((*place, key), fields[key]) for key in reversed(fields))


def with_references(value: Any, names: Mapping[str, str]) -> Any:
    """Return a copy of `value` that refers to the new names; `value` itself where none does."""
    found = list(find_references(value, names))
    if not found:
        return value
    copied = _copied(value)
    for place, name in found:
        target = copied
        for step in place[:-1]:
            target = target[step]
        target[place[-1]] = names[name]
    return copied


def with_reference(value: Any, names: Container[str], name: str, node: int, tensor: int) -> Any:
    """Return a copy of `value` in which the one reference to any of `names` is another one."""
    copied = _copied(value)
    for place, _ in find_references(value, names):
        target = copied
        for step in place[:-1]:
            target = target[step]
        target[:3] = [name, node, tensor]
    return copied


def _copied(value: Any) -> Any:
    """Return a deep copy of lists and dictionaries, without recursion."""
    holder = [value]
    stack: list[tuple[Any, Any]] = [(holder, 0)]
    while stack:
        outer, key = stack.pop()
        item = outer[key]
        if isinstance(item, list):
            outer[key] = fresh = list(cast("list[Any]", item))
            stack.extend((fresh, i) for i in range(len(fresh)))
        elif isinstance(item, dict):
            outer[key] = table = dict(cast("dict[str, Any]", item))
            stack.extend((table, k) for k in table)
    return holder[0]


def _referred(item: list[Any]) -> str | None:
    if len(item) < 3:
        return None
    name, node, tensor = item[0], item[1], item[2]
    return name if type(name) is str and type(node) is int and type(tensor) is int else None

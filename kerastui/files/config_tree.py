"""From a parsed configuration to a flat list of nodes, in preorder and the model's own order.

The walk is iterative (models may be nested 500 deep) and takes the file as it comes: names
that are no text, duplicates and odd shapes are mended and noted, never fatal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..errors import UnreadableFile, UnsafeFile
from ..model import Call, Kind, Shape
from ..model.names import to_snake_case
from ..model.paths import Paths
from .entries import (
    Entry,
    Path,
    base_class,
    class_of,
    inside,
    is_list,
    is_object,
    kind_of,
    name_of,
    settings_of,
    without_inner,
)
from .inbound import calls_of, single_call

MAX_LAYERS = 200_000
MAX_CONFIG_DEPTH = 64
"""Levels of nesting kept of one layer's own settings (Keras writes four or five)."""


@dataclass(slots=True)
class Node:
    """A layer entry of the configuration, before its weights are known."""

    name: str
    path: str
    class_name: str
    kind: Kind
    depth: int
    parent: int
    end: int
    key: str
    """The key it lies under in the enclosing configuration: ``layers``, ``layer``, ``cell`` …"""
    at: Path
    config: dict[str, Any]
    trainable: bool
    states_trainable: bool
    module: str
    calls: tuple[Call, ...]
    outputs: Call
    """A model's output tensors (``output_layers``)."""
    input_shape: Shape | None
    """From Keras 3's ``build_config``, when it is one plain shape."""
    children: list[int] = field(default_factory=list[int])

    @property
    def base(self) -> str:
        """The class name without a registered package."""
        return base_class(self.class_name)


@dataclass(slots=True)
class Tree:
    """A configuration: the outermost model and, in preorder, all that is in it."""

    top: Node
    nodes: list[Node]
    notes: list[str]
    known: dict[int, Any] = field(default_factory=dict[int, Any])
    """What `assign.own_specs` found for each node."""

    def children(self, index: int) -> list[int]:
        """Return the indices of the nodes directly inside node `index` (-1: the top)."""
        return self.top.children if index < 0 else self.nodes[index].children


def read_tree(entry: Entry) -> Tree:
    """Return the tree of a parsed ``model_config`` or ``config.json``.

    Raises UnreadableFile when it is no configuration of a model, UnsafeFile over 200,000
    layers.
    """
    if not class_of(entry) or not isinstance(entry.get("config"), (dict, list)):
        raise UnreadableFile(
            "The file's model configuration has no class_name and config; it is damaged or "
            "was not written by Keras."
        )
    return _Walk(entry).tree


class _Walk:
    """One pass over a configuration."""

    def __init__(self, entry: Entry) -> None:
        self._paths = Paths()
        self._unnamed = self._deep = 0
        self._first_repeated = ""
        holds = inside(entry)
        top = self._node(entry, -1, -1, (), "", name_of(entry) or "", "", holds)
        self.tree = Tree(top, [], [])
        self._run(entry, holds)
        self._note()

    def _run(self, entry: Entry, holds: list[tuple[Path, Entry, str]]) -> None:
        nodes = self.tree.nodes
        stack = self._items(holds, -1, entry)
        while stack:
            child, at, key, parent, names = stack.pop()
            if len(nodes) >= MAX_LAYERS:
                raise UnsafeFile(f"The model has over {MAX_LAYERS:,} layers; it is refused.")
            above = nodes[parent] if parent >= 0 else self.tree.top
            index, inner = len(nodes), inside(child)
            name = self._name(child, len(above.children))
            path = self._path(above.path if parent >= 0 else "", name)
            node = self._node(child, parent, above.depth + 1, at, key, name, path, inner)
            node.calls = calls_of(child.get("inbound_nodes"), names)
            node.end = index + 1
            nodes.append(node)
            above.children.append(index)
            if inner:
                stack.extend(self._items(inner, index, child))
        for index in range(len(nodes) - 1, -1, -1):
            parent = nodes[index].parent
            if parent >= 0:
                nodes[parent].end = max(nodes[parent].end, nodes[index].end)
        self.tree.top.end = len(nodes)

    def _items(
        self, holds: list[tuple[Path, Entry, str]], parent: int, entry: Entry
    ) -> list[tuple[Entry, Path, str, int, set[str]]]:
        """Return what to visit inside an entry, last first (it goes on a stack)."""
        above = self.tree.nodes[parent] if parent >= 0 else self.tree.top
        names = {name for _, child, _ in holds if (name := name_of(child))}
        above.outputs = single_call(settings_of(entry).get("output_layers"), names)
        return [(child, above.at + at, key, parent, names) for at, child, key in reversed(holds)]

    def _node(
        self,
        entry: Entry,
        parent: int,
        depth: int,
        at: Path,
        key: str,
        name: str,
        path: str,
        holds: list[tuple[Path, Entry, str]],
    ) -> Node:
        config = without_inner(entry, holds)
        if too_deep(config):
            self._deep += 1
            config = {k: v for k, v in config.items() if not isinstance(v, (dict, list))}
        flag = config.get("trainable")
        module = entry.get("module")
        return Node(
            name=name,
            path=path,
            class_name=class_of(entry),
            kind=kind_of(entry, holds),
            depth=depth,
            parent=parent,
            end=0,
            key=key,
            at=at,
            config=config,
            trainable=flag if isinstance(flag, bool) else True,
            states_trainable=isinstance(flag, bool),
            module=module if isinstance(module, str) else "",
            calls=(),
            outputs=(),
            input_shape=_built_with(entry),
        )

    def _name(self, entry: Entry, position: int) -> str:
        name = name_of(entry)
        if name is None:
            # Keras makes a name up as well (a list-form Sequential inside a Merge has none).
            self._unnamed += 0 if is_list(entry.get("config")) else 1
            name = f"{to_snake_case(base_class(class_of(entry))) or 'layer'}_{position + 1}"
        return name

    def _path(self, above: str, name: str) -> str:
        before = self._paths.repeated
        path = self._paths.take(above, name)
        if self._paths.repeated > before:
            self._first_repeated = self._first_repeated or name
        return path

    def _note(self) -> None:
        notes = self.tree.notes
        if self._paths.repeated:
            have = _layers(self._paths.repeated)
            notes.append(
                f"{have} the name of another one ({self._first_repeated}); "
                "kerastui tells them apart by a number after @, Keras will refuse to load it."
            )
        if self._deep:
            notes.append(f"{_layers(self._deep)} settings nested too deep to be shown.")
        if self._unnamed:
            notes.append(f"{_layers(self._unnamed)} no usable name in the configuration.")


def _layers(count: int) -> str:
    return "1 layer has" if count == 1 else f"{count:,} layers have"


def too_deep(config: dict[str, Any]) -> bool:
    """Whether settings are nested deeper than Keras ever writes them."""
    level: list[Any] = [v for v in config.values() if type(v) is dict or type(v) is list]
    depth = 1
    while level:
        depth += 1
        if depth > MAX_CONFIG_DEPTH:
            return True
        level = [
            inner
            for value in level
            for inner in (value.values() if is_object(value) else value)
            if type(inner) is dict or type(inner) is list
        ]
    return False


def _built_with(entry: Entry) -> Shape | None:
    build = entry.get("build_config")
    return plain_shape(build.get("input_shape")) if is_object(build) else None


def plain_shape(value: object) -> Shape | None:
    """Return a JSON shape with its batch axis, None for anything else (or several shapes)."""
    if not is_list(value) or not value or len(value) > 32:
        return None
    for size in value:
        if size is not None and (type(size) is not int or not 0 <= size < 1 << 62):
            return None
    return tuple(value)

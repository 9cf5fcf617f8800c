"""The loaded model's layers and weights, by the paths that the table knows.

The screen sends its rows (`Row`): what it read from the file. Each is matched with the live
layers that it stands for, usually one; the one inner layer that older files state for a
Bidirectional stands for the forward and the backward one. Without rows the paths come from
the live model alone.
"""

from __future__ import annotations

from typing import Any

from .weight_names import short_names, stored_name

_WHOLE_MODELS = ("Sequential", "Functional", "Model")


class Node:
    """A row of the table, live."""

    __slots__ = ("class_name", "layers", "path", "weights")

    def __init__(self, path: str, layers: list[Any], class_name: str) -> None:
        self.path = path
        self.layers = layers
        self.class_name = class_name
        self.weights: dict[str, Any] = {}
        """Short name → variable, in Keras's order; those of inner rows are theirs."""

    @property
    def layer(self) -> Any:
        """The (first) live layer."""
        return self.layers[0]


class Live:
    """All layers of a live model by path."""

    def __init__(self, model: Any, rows: list[Any] | None = None) -> None:
        """`rows`: ``[path, class name, [[weight name, shape], …]]`` in preorder."""
        self.model = model
        self.nodes: dict[str, Node] = {}
        self.missing: list[str] = []
        """Paths of rows for which there is no live layer."""
        stated: dict[str, list[Any]] = {}
        if rows:
            self._match(rows)
            stated = {row[0]: row[2] for row in rows}
        else:
            self._walk(model, "")
        self._give_weights(stated)

    def __getitem__(self, path: str) -> Node:
        """Return the node at `path`; the name alone does where only one layer has it."""
        node = self.nodes.get(path)
        if node is None and path:
            ends = [n for p, n in self.nodes.items() if p.rpartition("/")[2] == path]
            node = ends[0] if len(ends) == 1 else None
        if node is None:
            raise KeyError(path)
        return node

    def parent(self, path: str) -> str:
        """Return the path of the layer around one; ``""`` is the model."""
        parent = path.rpartition("/")[0]
        while parent and parent not in self.nodes:
            parent = parent.rpartition("/")[0]
        return parent

    def weight(self, path: str) -> Any:
        """Return the variable at ``layer/weight``. Raises KeyError."""
        for cut in range(len(path) - 1, 0, -1):
            if path[cut] == "/":
                try:
                    node = self[path[:cut]]
                except KeyError:
                    continue
                name = path[cut + 1 :]
                if name in node.weights:
                    return node.weights[name]
        raise KeyError(path)

    def weight_paths(self) -> list[str]:
        """Return the paths of all weights."""
        return [f"{n.path}/{name}" for n in self.nodes.values() for name in n.weights]

    def _walk(self, parent: Any, prefix: str) -> None:
        stack = [(prefix + _name(c), c) for c in reversed(children(parent))]
        while stack:
            path, layer = stack.pop()
            while path in self.nodes:
                path += "@2"
            self.nodes[path] = Node(path, [layer], type(layer).__name__)
            stack += [(f"{path}/{_name(c)}", c) for c in reversed(children(layer))]

    def _match(self, rows: list[Any]) -> None:
        inside: dict[str, list[Any]] = {}
        paths = {row[0] for row in rows}
        for row in rows:
            inside.setdefault(_parent(row[0], paths), []).append(row)
        places: dict[str, list[Any]] = {"": [self.model]}
        for row in rows:  # preorder: a parent comes before what is in it
            parent = _parent(row[0], paths)
            if parent not in places:
                continue
            if row is inside[parent][0]:
                for child, layers in _pair(inside[parent], places[parent], parent):
                    places[child[0]] = layers
            if row[0] in places:
                self.nodes[row[0]] = Node(row[0], places[row[0]], row[1])
        self.missing = [row[0] for row in rows if row[0] not in self.nodes]

    def _give_weights(self, stated: dict[str, list[Any]]) -> None:
        inner: dict[str, set[int]] = {}
        for path, node in self.nodes.items():
            parent = self.parent(path)
            while parent:
                inner.setdefault(parent, set()).update(
                    id(v) for layer in node.layers for v in layer.weights
                )
                parent = self.parent(parent)
        for path, node in self.nodes.items():
            taken = inner.get(path, set())
            own = [v for layer in node.layers for v in layer.weights if id(v) not in taken]
            node.weights = _named(own, stated.get(path) or [], path)


def children(layer: Any) -> list[Any]:
    """Return the layers directly inside one, as a model file lists them."""
    inner: Any
    if hasattr(layer, "forward_layer") and hasattr(layer, "backward_layer"):
        return [layer.forward_layer, layer.backward_layer]
    if _is_model(layer):
        inner = getattr(layer, "_layers", None) or getattr(layer, "_self_tracked_trackables", None)
        if type(layer).__name__ == "Sequential" and isinstance(inner, (list, tuple)):
            found = [item for item in inner if _is_layer(item)]
            return found or list(layer.layers)
        return [item for item in layer.layers if _is_layer(item)]
    inner = getattr(layer, "layer", None)
    if _is_layer(inner):
        return [inner]
    if type(layer).__name__ == "RNN" and _is_layer(getattr(layer, "cell", None)):
        return [layer.cell]
    if type(layer).__name__ == "StackedRNNCells":
        return [cell for cell in layer.cells if _is_layer(cell)]
    return []


def _sublayers(layer: Any) -> list[Any]:
    """Return what a layer of an unknown class holds."""
    known = children(layer)
    if known:
        return known
    if hasattr(layer, "_flatten_layers"):
        try:
            return list(layer._flatten_layers(include_self=False, recursive=False))
        except TypeError:
            return list(layer._flatten_layers(include_self=False))
    return [item for item in getattr(layer, "_layers", ()) if _is_layer(item)]


def _pair(rows: list[Any], parents: list[Any], above: str) -> list[tuple[Any, list[Any]]]:
    """Match the rows inside a layer with its live inner layers: by name, else by position."""
    parent = parents[0]
    inner = _sublayers(parent)
    if hasattr(parent, "forward_layer") and len(rows) == 1 and len(inner) == 2:
        return [(rows[0], inner)]
    by_name: dict[str, Any] = {}
    for layer in inner:
        by_name.setdefault(_name(layer), layer)
    pairs: list[tuple[Any, list[Any]]] = []
    used: set[int] = set()
    prefix = len(above) + 1 if above else 0
    left: list[Any] = []
    for row in rows:
        layer = by_name.get(row[0][prefix:])
        if layer is None:
            left.append(row)
        else:
            pairs.append((row, [layer]))
            used.add(id(layer))
    rest = [layer for layer in inner if id(layer) not in used]
    if left and len(left) == len(rest):
        pairs += [(row, [layer]) for row, layer in zip(left, rest)]
    return pairs


def _parent(path: str, paths: set[str]) -> str:
    parent = path.rpartition("/")[0]
    while parent and parent not in paths:
        parent = parent.rpartition("/")[0]
    return parent


def _named(variables: list[Any], stated: list[Any], path: str) -> dict[str, Any]:
    """Name a layer's variables, as the table does where names or shapes tell which is which."""
    layer = path.rpartition("/")[2]
    names = short_names([stored_name(v) for v in variables], layer)
    if len(stated) == len(variables) and {s[0] for s in stated} != set(names):
        shapes = [list(v.shape) for v in variables]
        if shapes == [list(s[1]) for s in stated]:
            names = [s[0] for s in stated]
    return dict(zip(names, variables))


def _name(layer: Any) -> str:
    return str(getattr(layer, "name", "") or type(layer).__name__)


def _is_layer(value: Any) -> bool:
    return hasattr(value, "trainable") and hasattr(value, "weights") and hasattr(value, "name")


def _is_model(layer: Any) -> bool:
    return any(kind.__name__ in _WHOLE_MODELS for kind in type(layer).__mro__)

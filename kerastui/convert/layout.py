"""Where each layer's weights lie in a ``.keras`` archive, from the configuration alone."""

from __future__ import annotations

from ..files.config_tree import Tree
from ..files.keras3 import count_names


def group_paths(tree: Tree) -> dict[int, str]:
    """Return the HDF5 group of every node (no slash at either end), as Keras walks a model.

    A Bidirectional whose configuration has one layer for both directions shares its own group
    with that layer; the places of its weights begin with the direction.
    """
    paths: dict[int, str] = {}
    stack = [(-1, "")]
    while stack:
        index, path = stack.pop()
        for inner, where in _inside(tree, index):
            paths[inner] = f"{path}/{where}".strip("/")
            stack.append((inner, paths[inner]))
    return paths


def _inside(tree: Tree, index: int) -> list[tuple[int, str]]:
    node = tree.top if index < 0 else tree.nodes[index]
    if index < 0 or node.kind == "model":
        layers = list(node.children)
        if not any(tree.nodes[i].calls for i in layers):  # a Sequential's input is no layer
            layers = [i for i in layers if tree.nodes[i].base != "InputLayer"]
        return [(i, f"layers/{name}") for i, name in _counted(tree, layers)]
    if node.base == "Bidirectional" and len(node.children) == 1:
        return [(node.children[0], "")]
    found: list[tuple[int, str]] = []
    lists: dict[str, list[int]] = {}
    for i in node.children:
        key = tree.nodes[i].key
        if key in ("cells", "layers"):
            lists.setdefault(key, []).append(i)
        elif key == "layer" and node.base == "Bidirectional":
            found.append((i, "forward_layer"))
        else:
            found.append((i, key))
    for key, indices in lists.items():
        found += [(i, f"{key}/{name}") for i, name in _counted(tree, indices)]
    return found


def _counted(tree: Tree, indices: list[int]) -> list[tuple[int, str]]:
    return count_names(tree, indices, [False] * len(indices))

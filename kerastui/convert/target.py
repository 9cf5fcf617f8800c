"""The converted model's description: what will be read back, and what orders are taken from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..files.config_tree import Tree, read_tree
from ..files.describe import describe
from ..files.legacy_model import Owned
from ..model import FileIdentity, Model, Weight
from .layout import group_paths
from .weights import Moved

NOWHERE = FileIdentity("", 0, 0, 0, 0)
_SIDES = ("forward/", "backward/")


@dataclass(frozen=True)
class Target:
    """A model that is to be written: configuration, tree, weights, in one order."""

    config: dict[str, Any]
    tree: Tree
    moved: list[Moved]
    groups: dict[int, str]
    """Node → group in a ``.keras`` archive."""
    model: Model
    """Its description as a legacy HDF5 file; a weight's place is its name."""

    def moved_at(self, layer: int, position: int) -> Moved:
        """Return the weight number `position` of a layer."""
        return self._by_layer[layer][position]

    @cached_property
    def _by_layer(self) -> dict[int, list[Moved]]:
        return _by_node(self.moved)

    def archive_path(self, moved: Moved) -> str:
        """Return the path of a weight's dataset in an archive's HDF5 file."""
        return f"{self.groups[moved.node]}/{moved.place}/{moved.number}"


def make_target(config: dict[str, Any], tree: Tree, moved: list[Moved], ending: str) -> Target:
    """Return the target of a translated configuration. `ending` is ``:0`` for TensorFlow."""
    owned = Owned()
    taken: dict[str, int] = {}
    for node, weights in _by_node(moved).items():
        made: list[Weight] = []
        for item in weights:
            name = _unique(legacy_name(tree, item), taken) + ending
            dataset = f"/model_weights/{_top_name(tree, node)}/{name}"
            made.append(Weight(item.name, name, dataset, item.shape, item.dtype, item.trainable))
        owned.weights[node] = tuple(made)
    model = describe(NOWHERE, "hdf5", tree, owned, None, [], "", "")
    return Target(config, tree, moved, group_paths(tree), model)


def retree(config: dict[str, Any]) -> Tree:
    """Return the tree of a translated configuration."""
    return read_tree(config)


def legacy_name(tree: Tree, moved: Moved) -> str:
    """Return the name of a weight in HDF5: names from the top layer down, then its own."""
    path, name = tree.nodes[moved.node].path, moved.name
    for side in _SIDES:
        if name.startswith(side):
            above, _, last = path.rpartition("/")
            path, name = f"{above}/{side[:-1]}_{last}".lstrip("/"), name.removeprefix(side)
    return f"{path}/{name}"


def _top_name(tree: Tree, node: int) -> str:
    while tree.nodes[node].parent >= 0:
        node = tree.nodes[node].parent
    return tree.nodes[node].name


def _by_node(moved: list[Moved]) -> dict[int, list[Moved]]:
    result: dict[int, list[Moved]] = {}
    for item in moved:
        result.setdefault(item.node, []).append(item)
    return result


def _unique(name: str, taken: dict[str, int]) -> str:
    count = taken.get(name, 0)
    taken[name] = count + 1
    return f"{name}_{count}" if count else name

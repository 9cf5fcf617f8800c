"""The weights of a ``.keras`` archive or ``.weights.h5``, found by Keras's own walk.

Paths come from class names, counted within each container: ``layers/conv2d``,
``layers/conv2d_1``, nested ``layers/functional/layers/dense``, wrapped
``layers/bidirectional/forward_layer/cell/vars/0``. User names play no part; the attribute
``name`` that later versions put on ``vars`` is what the layer was called when it was saved.

After ``_save_state``, ``_save_container_state`` and ``_walk_saveable`` in
``keras/src/saving/saving_lib.py``; TensorFlow 2.13 walked ``_layer_checkpoint_dependencies``,
where a layer with weights comes twice, so that its class's counter advances by two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ..model import Weight
from ..model.names import to_snake_case
from .assign import fits_shape, own_specs
from .config_tree import Node, Tree
from .guards import Refused, Stored, child, is_dataset, is_group, links
from .joined import restore, unjoin
from .legacy import Problems, to_text, walk
from .legacy_model import Owned, missing_note
from .low import Handle
from .weight_names import is_trained
from .weight_specs import Spec

LAYERS = b"layers"
OLD_LAYERS = b"_layer_checkpoint_dependencies"
NOT_LAYERS = frozenset(
    {b"optimizer", b"_optimizer", b"metrics", b"_metrics", b"_compile_metrics", b"_loss_tracker",
     b"loss", b"_compile_loss", b"vars"}
)  # fmt: skip
"""Members of the root that hold the state of training, not of layers."""
_NUMBERS = re.compile(r"(\d+)")
_TRUE_NAMES = {"GroupQueryAttention": "GroupedQueryAttention"}
"""Classes that Keras exports, and names in configurations, otherwise than they are called."""
_WALK_KEYS = {"layer": "layer", "backward_layer": "backward_layer", "cell": "cell"}

Found = list[tuple[str, Stored]]


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key under which ``dense_2`` comes before ``dense_10``."""
    parts = _NUMBERS.split(text[:1000])
    return tuple((1, int(p), "") if p.isdecimal() and len(p) < 20 else (0, 0, p) for p in parts)


@dataclass(slots=True)
class _Place:
    """A node's group in the file."""

    node: int
    group: Handle
    path: str


@dataclass(slots=True)
class _Reader:
    tree: Tree
    problems: Problems = field(default_factory=Problems)
    taken: set[str] = field(default_factory=set[str])
    """Datasets that a layer owns."""
    owned: Owned = field(default_factory=Owned)


def give_keras3(tree: Tree, root: Handle) -> Owned:
    """Give every weight in the HDF5 file of a ``.keras`` archive to its layer."""
    reader = _Reader(tree)
    root, true_paths = unjoin(root, child, links)
    stack = _container(reader, tree.top, root, "")
    while stack:
        place = stack.pop()
        stack.extend(_inside(reader, place))
        _own(reader, place)
    _extra(reader, root)
    if true_paths:
        owned = reader.owned
        owned.weights = {i: restore(w, true_paths) for i, w in owned.weights.items()}
        owned.extra = list(restore(tuple(owned.extra), true_paths))
    missing = [
        node.path
        for index, node in enumerate(tree.nodes)
        if (specs := own_specs(tree, index)) and _fewer(reader.owned.weights.get(index), specs)
    ]
    reader.owned.notes += reader.problems.notes + missing_note(missing)
    return reader.owned


def _fewer(weights: tuple[Weight, ...] | None, specs: list[Spec]) -> bool:
    return len(weights or ()) < len(specs)


def _open(reader: _Reader, group: Handle, name: bytes) -> Handle | None:
    try:
        found = child(group, name)
    except Refused as error:
        reader.problems.refused(error)
        return None
    return found if is_group(found) else None


def _container(reader: _Reader, model: Node, group: Handle, path: str) -> list[_Place]:
    """Return the places of a model's layers, by the names that Keras counts out."""
    for key in (LAYERS, OLD_LAYERS):
        folder = _open(reader, group, key)
        if folder is not None:
            where = f"{path}/{key.decode()}"
            members = {name for name, _ in links(folder)}
            names = _counted(reader.tree, model, members, key == OLD_LAYERS)
            return _places(reader, folder, where, names)
    return []


def _places(
    reader: _Reader, folder: Handle, where: str, names: list[tuple[int, str]]
) -> list[_Place]:
    found: list[_Place] = []
    for index, name in names:
        group = _open(reader, folder, name.encode("utf-8", "replace"))
        if group is not None:
            found.append(_Place(index, group, f"{where}/{name}"))
    return found


def _counted(tree: Tree, model: Node, members: set[bytes], old: bool) -> list[tuple[int, str]]:
    """Return each direct layer's group name.

    A Sequential's input is no layer of its own here. In the old walk a layer with weights is
    met twice; which layers have weights is known from their class, and where it is not, the
    counting that finds more groups wins.
    """
    sequential = not any(tree.nodes[i].calls for i in model.children)
    layers = [i for i in model.children if not (sequential and tree.nodes[i].base == "InputLayer")]
    single = count_names(tree, layers, [False] * len(layers))
    if not old:
        return single
    twice = [any(own_specs(tree, j) != [] for j in range(i, tree.nodes[i].end)) for i in layers]
    double = count_names(tree, layers, twice)

    def hits(names: list[tuple[int, str]]) -> int:
        return sum(name.encode("utf-8", "replace") in members for _, name in names)

    return double if hits(double) >= hits(single) else single


def count_names(tree: Tree, layers: list[int], twice: list[bool]) -> list[tuple[int, str]]:
    """Return the group's name of each of a container's layers, counted by class.

    A layer for which `twice` says so takes two numbers (see `_counted`).
    """
    used: dict[str, int] = {}
    names: list[tuple[int, str]] = []
    for index, double in zip(layers, twice, strict=True):
        base = tree.nodes[index].base
        name = to_snake_case(_TRUE_NAMES.get(base, base))
        number = used.get(name, 0)
        names.append((index, f"{name}_{number}" if number else name))
        used[name] = number + (2 if double else 1)
    return names


def _inside(reader: _Reader, place: _Place) -> list[_Place]:
    """Return the places of what a node holds: a model's layers, what a wrapper wraps."""
    node = reader.tree.nodes[place.node]
    if not node.children or (node.base == "Bidirectional" and len(node.children) == 1):
        return []
    if node.kind == "model":
        return _container(reader, node, place.group, place.path)
    found: list[_Place] = []
    lists: dict[str, list[int]] = {}
    for index in node.children:
        key = reader.tree.nodes[index].key
        if key in ("cells", "layers"):
            lists.setdefault(key, []).append(index)
            continue
        forward = node.base == "Bidirectional" and key == "layer"
        name = "forward_layer" if forward else _WALK_KEYS.get(key, key)
        group = _open(reader, place.group, name.encode("utf-8", "replace"))
        if group is not None:
            found.append(_Place(index, group, f"{place.path}/{name}"))
    for key, indices in lists.items():
        folder = _open(reader, place.group, key.encode())
        if folder is not None:
            names = count_names(reader.tree, indices, [False] * len(indices))
            found += _places(reader, folder, f"{place.path}/{key}", names)
    return found


def _own(reader: _Reader, place: _Place) -> None:
    """Give a node the datasets of its group that belong to none of its children."""
    tree, index = reader.tree, place.node
    node = tree.nodes[index]
    found = _datasets(reader, place)
    if node.base == "Bidirectional" and len(node.children) == 1:
        # One child of the configuration stands for both directions: give it all of them.
        index = node.children[0]
    specs = own_specs(tree, index)
    if tree.nodes[index].base == "SpectralNormalization":
        # Keras stores the wrapped layer's kernel a second time, as 0.
        reader.taken.update(path for path, _ in found[:1] if path.endswith("/vars/0"))
        found = [pair for pair in found if not pair[0].endswith(f"{place.path}/vars/0")]
    if not found:
        return
    named = name_weights(node.base, place.path, found, specs or [])
    reader.taken.update(path for path, _ in found)
    reader.owned.weights[index] = reader.owned.weights.get(index, ()) + tuple(named)


def _datasets(reader: _Reader, place: _Place) -> Found:
    """Return the datasets below a node's group, without those of nodes inside it."""
    node = reader.tree.nodes[place.node]
    if not node.children or (node.base == "Bidirectional" and len(node.children) == 1):
        return sort_found(walk(place.group, place.path, reader.problems), place.path)
    own = _open(reader, place.group, b"vars")
    if own is None:
        return []
    found = walk(own, f"{place.path}/vars", reader.problems)
    return sort_found(found, place.path)


def sort_found(found: Found, path: str) -> Found:
    """Sort datasets as Keras walks: own variables first, parts by name, private ones last."""

    def key(pair: tuple[str, Stored]) -> tuple[object, ...]:
        inner = pair[0][len(path) + 1 :]
        return (
            not inner.startswith("vars/"),
            inner.replace("/_", "/~").replace("_", "~", 1) if inner[:1] == "_" else inner[:0],
            natural(inner),
        )

    return sorted(found, key=key)


def name_weights(base: str, path: str, found: Found, specs: list[Spec]) -> list[Weight]:
    """Name the datasets: by the class where place, count and shape agree, else by place."""
    places = {full: full[len(path) + 1 :] for full, _ in found}
    by_place = {place.removeprefix("_"): full for full, place in places.items()}
    shapes = dict(found)
    names: dict[str, tuple[str, bool]] = {}
    for spec in specs:
        full = by_place.get(f"{spec.place.removeprefix('../')}/{spec.number}")
        if full is None or not fits_shape(spec.pattern, shapes[full].shape):
            names = {}
            break
        names[full] = (spec.name, spec.trainable)
    ordered = list(names) + [full for full, _ in found if full not in names]
    weights: list[Weight] = []
    for full in ordered:
        what = shapes[full]
        name, trained = names.get(full) or (_by_place(places[full]), True)
        trained = trained and is_trained(name, what.dtype, base)
        weights.append(
            Weight(name, places[full], full, what.shape, what.dtype, trained, what.item_size)
        )
    return weights


def _by_place(place: str) -> str:
    if place.endswith("seed_generator/vars/0"):
        return f"{place.removesuffix('/vars/0')}_state"
    return place


def _extra(reader: _Reader, root: Handle) -> None:
    """Keep the weights that no layer of the configuration owns, and say so."""
    extra: list[Weight] = []
    for name, _ in sorted(links(root)):
        if name in NOT_LAYERS and name != b"vars":
            continue
        try:
            member = child(root, name)
        except Refused as error:
            reader.problems.refused(error)
            continue
        if not is_group(member):
            if is_dataset(member):
                reader.problems.add("the dataset", name, "lies outside of all layers")
            continue
        found = walk(member, f"/{to_text(name)}", reader.problems)
        extra += [
            Weight(full[1:], full[1:], full, what.shape, what.dtype, True, what.item_size)
            for full, what in sorted(found, key=lambda pair: natural(pair[0]))
            if full not in reader.taken
        ]
    reader.owned.extra += extra
    if extra:
        reader.owned.notes.append(
            f"The file holds {len(extra):,} weights that its configuration does not mention."
            if len(extra) > 1
            else "The file holds a weight that its configuration does not mention."
        )

"""Which inner layer a weight belongs to, in a group that holds a whole nested model.

Keras writes a nested model or wrapper as *one* group whose ``weight_names`` hold all weights
inside, trainable ones first, and reads it back by position alone. Names usually tell the
layer (``fc1/kernel:0``), but Keras 1 (``dense_3_W:0``), TimeDistributed
(``time_distributed/kernel:0``) and files whose layers were renamed need more. So two
witnesses are heard: the names, and the order that the flags imply; both are checked
against what each class is known to have.

Orders seen (FORMATS.md, "Traps when editing"; ``Layer.trainable_weights`` in Keras 2 and 3):
own flags, every enclosing flag as well (Keras 3), frozen wrappers in plain order (tf.keras).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .class_weights import expected
from .config_tree import Tree
from .legacy import StoredWeight
from .weight_names import bare
from .weight_specs import Pattern, Spec


class Slot(NamedTuple):
    """A weight that a node is expected to have."""

    node: int
    spec: Spec


class Part(NamedTuple):
    """A stored weight and the node that owns it."""

    weight: StoredWeight
    node: int
    spec: Spec | None


class Assignment(NamedTuple):
    """Who owns what; `sure` is False when names and known classes did not settle it."""

    parts: list[Part]
    sure: bool


def own_specs(tree: Tree, index: int) -> list[Spec] | None:
    """Return the weights that node `index` itself is expected to have, None if unknown.

    The one `layer` of a Bidirectional stands for two: forward and backward.
    """
    known = tree.known
    if index not in known:
        known[index] = _find_specs(tree, index)
    return known[index]


def _find_specs(tree: Tree, index: int) -> list[Spec] | None:
    node = tree.nodes[index]
    specs = expected(node.base, node.config, bool(node.children))
    if specs and node.key == "layer" and node.parent >= 0:
        outer = tree.nodes[node.parent]
        if outer.base == "Bidirectional" and len(outer.children) == 1:
            return [
                spec._replace(name=f"{side}/{spec.name}", place=f"../{side}_layer/{spec.place}")
                for side in ("forward", "backward")
                for spec in specs
            ]
    return specs


def assign(tree: Tree, start: int, weights: Sequence[StoredWeight]) -> Assignment:
    """Return the owner of each of a group's weights; `start` is the group's node."""
    end = tree.nodes[start].end
    if end == start + 1:
        return _plain(start, own_specs(tree, start), weights)
    specs = {i: own_specs(tree, i) for i in range(start, end)}
    named = _by_name(tree, start, weights)
    if None not in named and _fits(named, specs, weights):
        return Assignment(_parts(named, specs, weights), True)
    _infer_unknown(specs, len(weights))
    for order in (_own_flags, _all_flags, _plain_wrappers, _no_flags):
        slots = order(tree, start, specs)
        if slots is not None and _matches(slots, weights):
            pairs = zip(weights, slots, strict=True)
            return Assignment([Part(w, s.node, s.spec) for w, s in pairs], True)
    owners = [start if owner is None else owner for owner in named]
    return Assignment(_parts(owners, specs, weights), False)


def _plain(node: int, specs: list[Spec] | None, weights: Sequence[StoredWeight]) -> Assignment:
    if specs is None:
        return Assignment([Part(w, node, None) for w in weights], True)
    if len(specs) != len(weights):
        return Assignment([Part(w, node, None) for w in weights], False)
    return Assignment([Part(w, node, s) for w, s in zip(weights, specs, strict=True)], True)


def _parts(
    owners: Sequence[int | None],
    specs: dict[int, list[Spec] | None],
    weights: Sequence[StoredWeight],
) -> list[Part]:
    """Pair each weight with its owner and, in order, with the owner's expectation."""
    taken: dict[int, int] = {}
    counts: dict[int, int] = {}
    for owner in owners:
        if owner is not None:
            counts[owner] = counts.get(owner, 0) + 1
    result: list[Part] = []
    for owner, weight in zip(owners, weights, strict=True):
        node = owner if owner is not None else -1
        known = specs.get(node)
        number = taken.get(node, 0)
        taken[node] = number + 1
        spec = known[number] if known is not None and len(known) == counts[node] else None
        result.append(Part(weight, node, spec))
    return result


# --- by name -------------------------------------------------------------------------------


def _by_name(tree: Tree, start: int, weights: Sequence[StoredWeight]) -> list[int | None]:
    """Return the node that each weight's name tells, None where it tells none or several."""
    nodes = tree.nodes
    by_name: dict[str, list[int]] = {}
    for i in range(start, nodes[start].end):
        name = nodes[i].name
        for form in (name, f"forward_{name}", f"backward_{name}"):
            by_name.setdefault(form, []).append(i)
    cache: dict[str, int | None] = {}
    owners: list[int | None] = []
    for weight in weights:
        folder, _, last = bare(weight.name).rpartition("/")
        key = folder or last
        if key not in cache:
            cache[key] = (
                _by_folders(tree, start, by_name, folder.split("/"))
                if folder
                else _by_prefix(tree, by_name, last)
            )
        owners.append(cache[key])
    return owners


def _by_folders(
    tree: Tree, start: int, by_name: dict[str, list[int]], parts: list[str]
) -> int | None:
    """Find the node that the folders of a weight's name lead to, innermost first."""
    for at in range(len(parts) - 1, -1, -1):
        candidates = by_name.get(parts[at])
        if candidates:
            if len(candidates) > 1:
                candidates = _nearest(tree, candidates, parts[:at])
            return _inmost(tree, candidates[0]) if len(candidates) == 1 else None
    return None


def _nearest(tree: Tree, candidates: list[int], outer: list[str]) -> list[int]:
    """Keep the candidates whose enclosing layers are named most in the folders before."""
    exact = [sum(1 for name in _ancestors(tree, i) if name in outer) for i in candidates]
    best = max(exact)
    return [i for i, score in zip(candidates, exact, strict=True) if score == best]


def _ancestors(tree: Tree, index: int) -> list[str]:
    names: list[str] = []
    index = tree.nodes[index].parent
    while index >= 0 and len(names) < 50:
        names.append(tree.nodes[index].name)
        index = tree.nodes[index].parent
    return names


def _inmost(tree: Tree, index: int) -> int | None:
    """Return what a wrapper without weights of its own wraps; several inside are ambiguous."""
    node = tree.nodes[index]
    while node.children:
        if node.kind == "model" or len(node.children) != 1:
            return None
        if expected(node.base, node.config, True) != []:
            return index
        index = node.children[0]
        node = tree.nodes[index]
    return index


def _by_prefix(tree: Tree, by_name: dict[str, list[int]], name: str) -> int | None:
    """Find the node of a name such as ``forward_lstm_1_W_i``: the longest that begins it."""
    end = len(name)
    while (end := name.rfind("_", 0, end)) > 0:
        candidates = by_name.get(name[:end])
        if candidates:
            return _inmost(tree, candidates[0]) if len(candidates) == 1 else None
    return None


def _fits(
    owners: Sequence[int | None],
    specs: dict[int, list[Spec] | None],
    weights: Sequence[StoredWeight],
) -> bool:
    """Whether every node of a known class got exactly the weights that it must have."""
    got: dict[int, list[StoredWeight]] = {}
    for owner, weight in zip(owners, weights, strict=True):
        got.setdefault(owner if owner is not None else -1, []).append(weight)
    for node, known in specs.items():
        if known is not None:
            mine = got.get(node, [])
            if len(mine) != len(known):
                return False
            if not all(_compatible(s, w) for s, w in zip(known, mine, strict=True)):
                return False
    return True


# --- by order ------------------------------------------------------------------------------

_Lists = tuple[list[Slot], list[Slot]]
Specs = dict[int, list[Spec] | None]


def _infer_unknown(specs: Specs, total: int) -> None:
    """Give the one node of an unknown class what the others leave."""
    unknown = [i for i, known in specs.items() if known is None]
    left = total - sum(len(known) for known in specs.values() if known)
    if len(unknown) == 1 and left >= 0:
        specs[unknown[0]] = [Spec(f"vars/{n}") for n in range(left)]


def _own_flags(tree: Tree, start: int, specs: Specs) -> list[Slot] | None:
    return _ordered(tree, start, specs, {i: tree.nodes[i].trainable for i in specs})


def _all_flags(tree: Tree, start: int, specs: Specs) -> list[Slot] | None:
    flags: dict[int, bool] = {}
    for i in specs:
        node = tree.nodes[i]
        flags[i] = node.trainable and flags.get(node.parent, True)
    return _ordered(tree, start, specs, flags)


def _plain_wrappers(tree: Tree, start: int, specs: Specs) -> list[Slot] | None:
    flags: dict[int, bool] = {}
    frozen: set[int] = set()  # wrappers that are off, and all that is in them
    for i in specs:
        node = tree.nodes[i]
        if node.parent in frozen or (node.kind == "wrapper" and not node.trainable):
            frozen.add(i)
        flags[i] = node.trainable and i not in frozen
    return _ordered(tree, start, specs, flags)


def _no_flags(tree: Tree, start: int, specs: Specs) -> list[Slot] | None:
    return _ordered(tree, start, specs, dict.fromkeys(specs, False))


def _ordered(tree: Tree, start: int, specs: Specs, flags: dict[int, bool]) -> list[Slot] | None:
    """Return the expected weights: trained ones of all inside, then the rest."""
    trained: list[Slot] = []
    rest: list[Slot] = []
    for i in range(start, tree.nodes[start].end):
        known = specs[i]
        if known is None:
            return None
        for spec in known:
            (trained if flags[i] and spec.trainable else rest).append(Slot(i, spec))
    return trained + rest


def _matches(slots: list[Slot], weights: Sequence[StoredWeight]) -> bool:
    return len(slots) == len(weights) and all(
        _compatible(slot.spec, weight) for slot, weight in zip(slots, weights, strict=True)
    )


_TELLING = frozenset(
    {"kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance", "recurrent_kernel",
     "embeddings", "depthwise_kernel", "pointwise_kernel"}
)  # fmt: skip


def _compatible(spec: Spec, weight: StoredWeight) -> bool:
    """Whether a stored weight can be the expected one, by shape and by the end of its name."""
    if weight.found is not None and not fits_shape(spec.pattern, weight.found.shape):
        return False
    end = bare(weight.name).rpartition("/")[2]
    wanted = spec.name.rpartition("/")[2]
    return end not in _TELLING or wanted not in _TELLING or end == wanted


def fits_shape(pattern: Pattern | None, shape: tuple[int, ...]) -> bool:
    """Whether a shape is what a class's weight must look like."""
    if pattern is None:
        return True
    return len(pattern) == len(shape) and all(
        p is None or p == n for p, n in zip(pattern, shape, strict=True)
    )

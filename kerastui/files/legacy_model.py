"""The weights of a legacy full model, given to the layers of its configuration."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..model import Weight
from .assign import Part, assign, own_specs
from .config_tree import Tree
from .legacy import LayerGroup, LegacyWeights, as_weight
from .weight_names import is_trained, short_names


@dataclass(slots=True)
class Owned:
    """What each node owns, and what nobody does."""

    weights: dict[int, tuple[Weight, ...]] = field(default_factory=dict[int, tuple[Weight, ...]])
    extra: list[Weight] = field(default_factory=list[Weight])
    notes: list[str] = field(default_factory=list[str])


def give_legacy(tree: Tree, stored: LegacyWeights) -> Owned:
    """Give every stored weight to its layer."""
    result = Owned(extra=list(stored.extra), notes=list(stored.notes))
    pairs, orphans = _match(tree, stored.groups, result.notes)
    unsure: list[str] = []
    for unit, group in pairs:
        if not group.weights:
            continue
        assignment = assign(tree, unit, group.weights)
        if not assignment.sure:
            unsure.append(tree.nodes[unit].path)
        _keep(tree, assignment.parts, result)
    for group in orphans:
        result.extra += [as_weight(w, w.name) for w in group.weights if w.found]
    missing = _missing(tree, result)
    _note(result, unsure, missing, [g.name for g in orphans if g.weights])
    return result


def _match(
    tree: Tree, groups: list[LayerGroup], notes: list[str]
) -> tuple[list[tuple[int, LayerGroup]], list[LayerGroup]]:
    """Pair nodes with groups: by name, else, as Keras does, by position among the weighted."""
    by_name = {group.name: group for group in groups}
    pairs: list[tuple[int, LayerGroup]] = []
    lonely: list[int] = []
    for unit in _units(tree, by_name):
        group = by_name.pop(tree.nodes[unit].name, None)
        if group is not None:
            pairs.append((unit, group))
        elif _may_hold(tree, unit):
            lonely.append(unit)
    orphans = [group for group in groups if group.name in by_name and group.weights]
    if lonely and len(lonely) == len(orphans):
        tried = list(zip(lonely, orphans, strict=True))
        if all(assign(tree, unit, group.weights).sure for unit, group in tried):
            notes.append(
                "Some layers are named otherwise in the weights than in the configuration; "
                "they were matched by position, as Keras does."
            )
            return pairs + tried, []
    return pairs, orphans


def _units(tree: Tree, names: dict[str, LayerGroup]) -> list[int]:
    """Return the nodes that have a group each: the top ones, or those inside a Merge.

    Keras 1 wrote what is in a Merge at the start of a Sequential as layers of the top.
    """
    units: list[int] = []
    stack = list(reversed(tree.top.children))
    while stack:
        unit = stack.pop()
        node = tree.nodes[unit]
        inner = range(unit + 1, node.end)
        if node.base == "Merge" and node.name not in names and len(inner):
            units += [i for i in inner if not tree.nodes[i].children]
        else:
            units.append(unit)
    return units


def _may_hold(tree: Tree, unit: int) -> bool:
    """Whether a node, or anything in it, has or may have weights."""
    return any(own_specs(tree, i) != [] for i in range(unit, tree.nodes[unit].end))


def _keep(tree: Tree, parts: list[Part], result: Owned) -> None:
    mine: dict[int, list[Part]] = {}
    for part in parts:
        mine.setdefault(part.node, []).append(part)
    for index, owned in mine.items():
        node = tree.nodes[index]
        names = short_names([p.weight.name for p in owned], node.name)
        names = _by_spec(names, owned)
        result.weights[index] = result.weights.get(index, ()) + tuple(
            as_weight(
                part.weight,
                name,
                is_trained(name, part.weight.found.dtype, node.base)
                and (part.spec is None or part.spec.trainable),
            )
            for part, name in zip(owned, names, strict=True)
            if part.weight.found is not None
        )


def _by_spec(names: list[str], parts: list[Part]) -> list[str]:
    """Prefer a class's names where the file's are the same but for sides and folders."""
    specs = [part.spec for part in parts]
    if any(s is None or s.name.rpartition("/")[2] != n.rpartition("/")[2]
           for s, n in zip(specs, names, strict=True)):  # fmt: skip
        return names
    return [spec.name for spec in specs if spec is not None]


def _missing(tree: Tree, result: Owned) -> list[str]:
    """Return the layers that have fewer weights than their class must have."""
    missing: list[str] = []
    for index, node in enumerate(tree.nodes):
        specs = own_specs(tree, index)
        if specs and len(result.weights.get(index, ())) < len(specs):
            missing.append(node.path)
    return missing


def missing_note(missing: list[str]) -> list[str]:
    """Return the note on layers that lack weights; none when nothing is missing."""
    if not missing:
        return []
    return [f"{_some(missing)} not all the weights in the file that it needs."]


def _note(result: Owned, unsure: list[str], missing: list[str], orphans: list[str]) -> None:
    result.notes += missing_note(missing)
    unsure = [name for name in unsure if name not in missing]
    if unsure:
        result.notes.append(
            f"{_some(unsure)} other weights in the file than its class usually has."
        )
    if orphans:
        result.notes.append(
            f"The file holds weights for {_list(orphans)}, which the configuration "
            "does not mention."
        )


def _some(names: list[str]) -> str:
    return f"{names[0]} has" if len(names) == 1 else f"{_list(names)} each have"


def _list(names: list[str]) -> str:
    shown = ", ".join(name[:100] for name in names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3:,} more"

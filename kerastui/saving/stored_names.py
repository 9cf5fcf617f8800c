"""What a legacy HDF5 file's groups, weights and slots are called when layers have other names.

Keras writes a top-level layer as a group of its name, with weights named by the scopes that
they were made in: ``conv1/kernel:0``, inside models and wrappers
``bidirectional/forward_lstm/lstm_cell/kernel:0``, in Keras 1 ``forward_lstm_1_W_i:0``. Loading
goes by position, ``by_name`` by the groups; so a name that says nothing of the layer stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from ..model import Model
from .arrange import named_after

Key = tuple[int, int]
"""A weight: index of its layer, and its number there."""

_SIDES = ("forward_", "backward_")
_COUNTED = re.compile(r"(.+)(_\d+)\Z", re.DOTALL)


def new_stored_names(before: Model, after: Model) -> dict[Key, str]:
    """Return the stored names that change, `before` being as it is in the file."""
    known = {layer.name for layer in before.layers}
    found: dict[Key, str] = {}
    for i, layer in enumerate(before.layers):
        levels = _levels(before, after, i) if layer.weights else []
        if not any(old != new for level in levels for old, new in level.items()):
            continue
        for k, weight in enumerate(layer.weights):
            name = _renamed(weight.stored_name, levels, known)
            if name != weight.stored_name:
                found[i, k] = name
    return found


def _levels(before: Model, after: Model, index: int) -> list[dict[str, str]]:
    """Return, from the layer outwards to the model, what each may be called in a name."""
    levels: list[dict[str, str]] = []
    while index >= 0:
        old, new = before.layers[index], after.layers[index]
        outer = before.layers[old.parent] if old.parent >= 0 else None
        sided = outer is not None and outer.class_name.rpartition(">")[2] == "Bidirectional"
        levels.append(_forms(old.name, new.name) if sided else {old.name: new.name})
        index = old.parent
    if before.name:
        levels.append({before.name: after.name})
    return levels


def _forms(old: str, new: str) -> dict[str, str]:
    """Return the names of both directions of a Bidirectional's layer."""
    forms = {old: new}
    for side in _SIDES:
        forms[side + old] = side + new
    for side in _SIDES:  # Keras 3 takes a prefix off before it puts one on
        forms[side + _bare(old)] = side + _bare(new)
    return forms


def _bare(name: str) -> str:
    for side in _SIDES:
        name = name.removeprefix(side)
    return name


def _renamed(stored: str, levels: Sequence[Mapping[str, str]], known: set[str]) -> str:
    """Give the folders of a stored name new names, innermost layer first."""
    *folders, last = stored.split("/")
    at, told = 0, False
    for number in range(len(folders) - 1, -1, -1):
        for level in (*range(at, len(levels)), at - 1):
            fresh = _form(folders[number], levels[level], known) if level >= 0 else None
            if fresh is not None:
                folders[number], at, told = fresh, level + 1, True
                break
    if not told:
        last = _with_prefix(last, levels)
    return "/".join([*folders, last])


def _form(folder: str, level: Mapping[str, str], known: set[str]) -> str | None:
    """Return the folder's new name; TensorFlow may have put a number behind (``conv1_2``)."""
    if folder in level:
        return level[folder]
    counted = None if folder in known else _COUNTED.match(folder)
    if counted is not None and counted[1] in level:
        return level[counted[1]] + counted[2]
    return None


def _with_prefix(name: str, levels: Iterable[Mapping[str, str]]) -> str:
    """Rename what a weight of Keras 1 begins with: ``dense_3_W``, ``forward_lstm_1_W_i``."""
    for level in levels:
        for old in sorted(level, key=len, reverse=True):
            if name.startswith(f"{old}_"):
                return level[old] + name[len(old) :]
    return name


def new_slot_names(names: Sequence[str], cores: Mapping[str, str]) -> list[str]:
    """Return names of an optimizer's state that embed a weight's, with the new ones.

    Args:
        names: as the file has them, with their :0.
        cores: every weight's old → new name, without :0.

    Where two would come out the same nothing is renamed.
    """
    joined = {core.replace("/", "_"): new.replace("/", "_") for core, new in cores.items()}
    longest = sorted(joined, key=len, reverse=True)
    made = [_new_slot_name(name, cores, joined, longest) for name in names]
    return made if len(set(made)) == len(set(names)) else list(names)


def _new_slot_name(
    name: str, cores: Mapping[str, str], joined: Mapping[str, str], longest: Sequence[str]
) -> str:
    core = named_after(name, cores)
    if core is not None:
        if cores[core] == core:
            return name
        head, _, tail = f"/{name}".rpartition(f"/{core}")
        return f"{head}/{cores[core]}{tail}"[1:]
    scope, slash, rest = name.partition("/")
    if name.endswith(":0") or not slash:
        return name
    known = next((core for core in longest if rest.startswith(f"{core}_")), None)
    return name if known is None else f"{scope}/{joined[known]}{rest[len(known) :]}"

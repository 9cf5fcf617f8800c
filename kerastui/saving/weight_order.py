"""The order of ``weight_names`` in legacy HDF5, which moves when flags inside a layer change.

Keras assigns the arrays of a top-level layer by position, to ``trainable_weights`` and then
``non_trainable_weights`` *as the flags in the file make them*. For a plain layer nothing ever
moves; inside a nested model or a wrapper it does. Only the list is permuted, arrays stay.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..errors import SaveFailed
from ..model import Model, safe_text
from .arrange import Variable
from .loaders import LOADERS, Loader, part_of, plain, stored_order


@dataclass(frozen=True)
class Reordered:
    """One top-level layer whose list of weights moves."""

    layer: int
    group: str
    """Absolute path of the group that has the attribute ``weight_names``."""
    old: tuple[str, ...]
    new: tuple[str, ...]
    agreed: bool = True
    """Whether Keras 3 and tf_keras read the new flags in the same order."""


def plan_order(
    before: Model, after: Model, native: Loader, names_in: Callable[[str], Sequence[str]]
) -> list[Reordered]:
    """Return the lists that have to move.

    Args:
        before: the description as it is in the file.
        after: the description to be written.
        native: decides where the two Keras differ: the one that wrote the file.
        names_in: returns ``weight_names`` of the group at an absolute path.

    Raises SaveFailed where the file's list does not fit the configuration, so that no order
    would be right.
    """
    found: list[Reordered] = []
    for index in after.children(-1):
        end = after.layers[index].end
        if end == index + 1 and not _mixed(after, index):
            continue
        if any(
            before.layers[i].trainable is not after.layers[i].trainable for i in range(index, end)
        ):
            moved = _plan_layer(before, after, index, native, names_in)
            if moved is not None:
                found.append(moved)
    return found


def _mixed(model: Model, index: int) -> bool:
    """Whether a plain layer may contain others: several names before the last one."""
    weights = model.layers[index].weights
    return len({w.trainable for w in weights}) == 2 and any("/" in w.name for w in weights)


def _plan_layer(
    before: Model,
    after: Model,
    index: int,
    native: Loader,
    names_in: Callable[[str], Sequence[str]],
) -> Reordered | None:
    old_part, new_part = part_of(before, index), part_of(after, index)
    variables = list(plain(old_part))
    if not variables:
        return None
    groups = {v.weight.dataset[: -len(v.weight.stored_name) - 1] for v in variables}
    if len(groups) > 1:  # the Merge of Keras 1: what is inside has groups of its own, all plain
        return None
    group = groups.pop()
    stored = tuple(names_in(group))
    old = _in_order(stored, variables)
    if old is None:
        raise _unclear(after, index)
    lists = {loader: stored_order(new_part, loader) for loader in LOADERS}
    readers = [n for n in LOADERS if _keys(stored_order(old_part, n)) == _keys(old)]
    if readers:
        new = lists[native if native in readers else readers[0]]
    else:
        new = _by_position(old, stored_order(old_part, native), lists[native])
    if _keys(new) == _keys(old):
        return None
    agreed = _keys(lists["keras3"]) == _keys(lists["tf_keras"])
    return Reordered(index, group, stored, tuple(v.weight.stored_name for v in new), agreed)


def _in_order(stored: Sequence[str], variables: Sequence[Variable]) -> list[Variable] | None:
    """Return the variables in the order of the file's list; None if it is another set."""
    by_name: dict[str, list[Variable]] = {}
    for variable in variables:
        by_name.setdefault(variable.weight.stored_name, []).append(variable)
    if len(stored) != len(variables) or any(len(v) > 1 for v in by_name.values()):
        return None
    found = [by_name[name][0] for name in stored if name in by_name]
    return found if len(found) == len(stored) else None


def _by_position(
    old: Sequence[Variable], was: Sequence[Variable], becomes: Sequence[Variable]
) -> list[Variable]:
    """Carry an odd order over: who read an array at a position goes on reading that array."""
    if [v.shape for v in old] != [v.shape for v in was]:
        return list(becomes)
    given = {reader.key: held for reader, held in zip(was, old, strict=True)}
    return [given[reader.key] for reader in becomes]


def _keys(variables: Sequence[Variable]) -> list[tuple[int, int]]:
    return [v.key for v in variables]


def _unclear(model: Model, index: int) -> SaveFailed:
    name = safe_text(model.layers[index].path)
    return SaveFailed(
        f"The weights of {name} in the file are not the ones that its configuration tells, so "
        "that freezing something inside would mix them up; nothing was written."
    )

"""Which weight of a layer is which of its twin, and how one is reported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

from ..errors import UnreadableFile
from ..files.arrays import ArrayFile
from ..model import Layer, Weight
from ..model.known_layers import find_weight
from .array_pairs import compare_arrays
from .compare_results import Numbers, State, WeightChange
from .streaming import Advance

Files = tuple[ArrayFile, ArrayFile]
Pair = tuple[Weight | None, Weight | None]


def paired(old: Layer, new: Layer) -> Iterator[Pair]:
    """Yield the weights of two layers, the new one's in order, then those that it lacks.

    They go by name in today's words, or by place where all names differ and shapes do not.
    """
    rest = {_name(old, weight): weight for weight in old.weights}
    names = [_name(new, weight) for weight in new.weights]
    alike = [w.shape for w in old.weights] == [w.shape for w in new.weights]
    if alike and not any(name in rest for name in names):
        yield from zip(old.weights, new.weights, strict=True)
        return
    for name, weight in zip(names, new.weights, strict=True):
        yield rest.pop(name, None), weight
    for weight in rest.values():
        yield weight, None


def _name(layer: Layer, weight: Weight) -> str:
    """Return a weight's name as today's Keras has it: ``kernel`` for Keras 1's ``W``."""
    known = find_weight(layer.class_name, weight.name)
    if known is None or "/" in weight.name:
        return weight.name
    return known.names[0]


def paired_by_dataset(old: Sequence[Weight], new: Sequence[Weight]) -> Iterator[Pair]:
    """Yield weights that no layer owns, by where they lie in the file."""
    rest = {weight.dataset: weight for weight in old}
    for weight in new:
        yield rest.pop(weight.dataset, None), weight
    for weight in rest.values():
        yield weight, None


def change_of(pair: Pair, files: Files, advance: Advance, class_name: str = "") -> WeightChange:
    """Return how a weight differs between the two files; what cannot be read is said."""
    old, new = pair
    if old is None or new is None:
        return _lone(old, new, class_name)
    if old.shape != new.shape:
        return _change(old, new, "shape", class_name)
    state: State
    try:
        arrays = files[0].array(old.dataset), files[1].array(new.dataset)
        state, numbers = compare_arrays(*arrays, advance)
    except UnreadableFile as error:
        return _change(old, new, "unreadable", class_name, problem=str(error))
    old, new = (_in_words(w, array.label) for w, array in zip((old, new), arrays, strict=True))
    return _change(old, new, state, class_name, numbers)


def _in_words(weight: Weight, label: str) -> Weight:
    """Return a weight with the dtype's name; a description may know only how long elements are."""
    return replace(weight, dtype=label) if weight.dtype.startswith("void") else weight


def unread(pair: Pair, class_name: str) -> WeightChange:
    """Return a weight that one file alone has, or that is known to have the same bytes in both."""
    old, new = pair
    if old is None or new is None:
        return _lone(old, new, class_name)
    return _change(old, new, "identical", class_name)


def _lone(old: Weight | None, new: Weight | None, class_name: str) -> WeightChange:
    weight = new or old
    assert weight is not None
    state: Literal["added", "removed"] = "added" if old is None else "removed"
    return WeightChange(
        weight.name,
        state,
        old.shape if old else None,
        new.shape if new else None,
        old.dtype if old else "",
        new.dtype if new else "",
        weight.trainable,
        _is_statistics(class_name, weight),
    )


def _change(
    old: Weight,
    new: Weight,
    state: State,
    class_name: str,
    numbers: Numbers | None = None,
    problem: str = "",
) -> WeightChange:
    return WeightChange(
        new.name, state, old.shape, new.shape, old.dtype, new.dtype, new.trainable,
        _is_statistics(class_name, new), numbers, problem,
        old.name if old.name != new.name else "",
    )  # fmt: skip


def _is_statistics(class_name: str, weight: Weight) -> bool:
    if weight.trainable:
        return False
    known = find_weight(class_name, weight.name)
    name = known.names[0] if known else weight.name.rpartition("/")[2]
    return name.startswith(("moving_", "running_"))

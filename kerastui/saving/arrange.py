"""Finding out which entry of an optimizer's state belongs to which variable.

The files hold a plain list: some scalars, then slots in the order of the trained variables,
laid out by optimizer and era (`layouts`). Shapes decide; names, where the era wrote telling
ones, must agree; what fits in two ways that mean different things is not certain, and then
nothing is moved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from ..model import Weight
from .layouts import Block, Shape, Style, blocks, scalars_behind, slot_shapes

MAX_SLOTS = 5
"""Slots a variable that an unknown optimizer is credited with."""
_MAX_SCALARS = 12


@dataclass(frozen=True)
class Entry:
    """One array of the saved state: its name ("" where the format numbers them), its shape."""

    name: str
    shape: Shape


@dataclass(frozen=True)
class Variable:
    """A trained weight: index of its layer, index in the layer, and the weight."""

    layer: int
    position: int
    weight: Weight

    @property
    def key(self) -> tuple[int, int]:
        """What tells it from all others."""
        return self.layer, self.position

    @property
    def shape(self) -> Shape:
        """Its shape."""
        return self.weight.shape


@dataclass(frozen=True)
class Optimizer:
    """An optimizer as the compile section states it."""

    class_name: str
    config: Mapping[str, Any]
    style: Style


Place = tuple[tuple[int, int], str]
"""A variable's key and the name of a slot."""


@dataclass(frozen=True)
class Arrangement:
    """Scalars, then blocks over `variables`, then scalars."""

    optimizer: Optimizer
    blocks: tuple[Block, ...]
    variables: tuple[Variable, ...]
    before: int = 0
    after: int = 0
    places: Mapping[Place, int] = field(default_factory=dict[Place, int])
    """Which entry holds which slot."""


def sequence(
    layout: Sequence[Block], variables: Sequence[Variable], style: Style
) -> Iterator[tuple[Variable, str, Shape]]:
    """Yield variable, slot and shape of every entry of the blocks, in the file's order."""
    for number, block in enumerate(layout):
        for variable in variables:
            shapes = slot_shapes(block, variable.shape, style)
            names = block[-len(shapes) :] if shapes else ()
            for slot, shape in zip(names, shapes, strict=True):
                yield variable, f"{number}/{slot}", shape


def arrange(
    entries: Sequence[Entry], variables: Sequence[Variable], optimizer: Optimizer
) -> Arrangement | None:
    """Return how `entries` are arranged over `variables`; None when that is not certain."""
    known = blocks(optimizer.class_name, optimizer.config, optimizer.style)
    if known is not None:
        behind = scalars_behind(optimizer.class_name, optimizer.style)
        fitting = _fits(entries, known, variables, optimizer, (behind,))
        if fitting:
            return fitting[0]
    found: list[Arrangement] = []
    for layout in _layouts(len(entries), len(variables)):
        found += _fits(entries, layout, variables, optimizer, (0, 1))
    by_effect = {tuple(sorted(_effect(a))): a for a in found}
    return next(iter(by_effect.values())) if len(by_effect) == 1 else None


def _effect(arrangement: Arrangement) -> list[tuple[tuple[int, int], int]]:
    return [(key, index) for (key, _), index in arrangement.places.items()]


def _layouts(entries: int, variables: int) -> Iterator[tuple[Block, ...]]:
    """Yield all ways to divide up to five slots a variable into blocks."""
    if variables == 0:
        return
    for total in range(min(MAX_SLOTS, entries // variables) + 1):
        if entries - total * variables > _MAX_SCALARS:
            continue
        for cuts in range(1 << max(total - 1, 0)):
            borders = [0, *(i + 1 for i in range(total - 1) if cuts >> i & 1), total]
            layout = tuple(tuple(f"slot{i}" for i in range(a, b)) for a, b in pairwise(borders))
            yield layout if total else ()


def _fits(
    entries: Sequence[Entry],
    layout: tuple[Block, ...],
    variables: Sequence[Variable],
    optimizer: Optimizer,
    behind: Sequence[int],
) -> list[Arrangement]:
    """Return the arrangements that fit, with so many scalars behind the blocks."""
    expected = list(sequence(layout, variables, optimizer.style))
    spare = len(entries) - len(expected)
    if not 0 <= spare <= _MAX_SCALARS:
        return []
    found: list[Arrangement] = []
    for after in behind:
        before = spare - after
        if before < 0:
            continue
        outside = [*entries[:before], *entries[before + len(expected) :]]
        if any(entry.shape not in ((), (1,)) for entry in outside):
            continue
        pairs = list(zip(expected, entries[before:], strict=False))
        if all(shape == e.shape for (_, _, shape), e in pairs) and agree(
            [(variable, e) for (variable, _, _), e in pairs]
        ):
            places = {
                (variable.key, slot): before + i for i, (variable, slot, _) in enumerate(expected)
            }
            found.append(Arrangement(optimizer, layout, tuple(variables), before, after, places))
    return found


def agree(pairs: Sequence[tuple[Variable, Entry]]) -> bool:
    """Whether no entry is named after another of the variables than the one it is paired with."""
    cores = {core(v): v.key for v, _ in pairs}
    for variable, entry in pairs:
        if entry.name and not names(entry.name, core(variable)):
            other = named_after(entry.name, cores)
            if other is not None and cores[other] != variable.key:
                return False
    return True


def core(variable: Variable) -> str:
    """Return a variable's stored name without TensorFlow's ``:0``."""
    return variable.weight.stored_name.removesuffix(":0")


def names(entry: str, variable: str) -> bool:
    """Whether an entry's name contains a variable's: ``Adam/m/conv/kernel:0``, ``conv/kernel``."""
    return variable in _candidates(entry) or f"_{variable.replace('/', '_')}_" in (
        f"_{entry.partition('/')[2]}_"
    )


def named_after(entry: str, cores: Mapping[str, Any]) -> str | None:
    """Return the one variable name in `cores` that an entry's name states outright."""
    return next((c for c in _candidates(entry) if c in cores), None)


def _candidates(entry: str) -> list[str]:
    """Return what an entry's name may say of its variable, the longest first."""
    parts = entry.removesuffix(":0").split("/")
    found = ["/".join(parts[a:b]) for b in (len(parts), len(parts) - 1) for a in range(len(parts))]
    return sorted((f for f in found if f), key=len, reverse=True)


def variables_by_name(
    entries: Sequence[Entry], variables: Sequence[Variable]
) -> tuple[Variable, ...] | None:
    """Return the variables that the entries' names tell, in their order; None if they do not.

    Every entry but scalars must state one variable, of a shape that fits.
    """
    cores: dict[str, Variable] = {}
    for variable in variables:
        if core(variable) in cores:
            return None  # two variables of one name: names tell nothing
        cores[core(variable)] = variable
    found: dict[tuple[int, int], Variable] = {}
    for entry in entries:
        name = named_after(entry.name, cores) if entry.name else None
        if name is not None:
            found.setdefault(cores[name].key, cores[name])
        elif entry.shape not in ((), (1,)):
            return None
    return tuple(found.values()) or None

"""Which weight is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from kerastui.model import Layer, Model, Weight
from kerastui.model.axes import axes
from kerastui.model.packing import Packing, packing_of
from kerastui.model.places import Place, place_of

Key = tuple[int, int]
"""A layer's index in `Model.layers` (-1: `Model.extra`) and a weight's number in it."""


@dataclass(frozen=True)
class Subject:
    """A weight of a model, with all that the views have to know of it."""

    model: Model
    key: Key
    as_bytes: bool = False
    """Whether packed numbers are looked at as the bytes that they are in."""

    @property
    def layer(self) -> Layer | None:
        """The layer that owns it; None for a weight that no layer owns."""
        return self.model.layers[self.key[0]] if self.key[0] >= 0 else None

    @property
    def stored(self) -> Weight:
        """The weight as the file has it."""
        index, number = self.key
        return (self.model.layers[index].weights if index >= 0 else self.model.extra)[number]

    @property
    def packing(self) -> Packing | None:
        """How its numbers are packed into bytes; None if they are not."""
        return packing_of(self.layer, self.stored) if self.layer else None

    @property
    def weight(self) -> Weight:
        """The weight as it is looked at: packed numbers have a shape and a dtype of their own."""
        stored, packing = self.stored, self.packing
        if packing is None or self.as_bytes:
            return stored
        return replace(stored, shape=packing.shape(stored.shape), dtype=packing.dtype, item_size=1)

    @property
    def path(self) -> str:
        """Layer path and weight name; of a weight that no layer owns its stored name."""
        layer, weight = self.layer, self.stored
        return f"{layer.path}/{weight.name}" if layer else weight.stored_name

    @property
    def place(self) -> Place:
        """Where its values are: the model's file, what replaces them, or how they begin."""
        if self.as_bytes:
            return self.model.file
        return place_of(self.model, self.key[0], self.stored)

    @property
    def dataset(self) -> str:
        """Absolute HDF5 path in `place`; of no use where that is not the model's file."""
        return self.stored.dataset

    @property
    def meanings(self) -> tuple[str, ...]:
        """What each axis means (`kerastui.model.axes`); ``()`` where nobody knows, and of bytes."""
        layer = self.layer
        return axes(layer, self.stored) if layer and not self.as_bytes else ()


def keys_of(model: Model, index: int | None = None) -> Iterator[Key]:
    """Yield the keys of all weights in the model's order, or of those in a layer and inside it.

    Those that no layer owns come last, and only for the whole model.
    """
    inside = range(len(model.layers)) if index is None else range(index, model.layers[index].end)
    for i in inside:
        yield from ((i, number) for number in range(len(model.layers[i].weights)))
    if index is None:
        yield from ((-1, number) for number in range(len(model.extra)))

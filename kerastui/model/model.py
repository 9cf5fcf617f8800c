"""What was read from a model file: the description."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import compress
from typing import Literal, NamedTuple

from .compile import Compile
from .layer import Layer, Weight
from .structure import Structure

Format = Literal["hdf5", "keras", "hdf5-weights", "keras-weights", "hdf5-other"]
"""``hdf5``: legacy full model; ``keras``: zip archive; ``hdf5-weights``: legacy weights only;
``keras-weights``: Keras 3 ``.weights.h5``; ``hdf5-other``: HDF5 without Keras inside."""

Box = Literal["all", "none", "some", "locked", "absent"]
"""State of a trainable box: of a subtree, all / none / some trainable; ``locked``: the own
flag is on but an enclosing layer is frozen; ``absent``: no weights (or no flags in the file)."""


@dataclass(frozen=True)
class FileIdentity:
    """Which file on disk was read, so that a later change to it can be noticed."""

    path: str
    """As the user gave it."""
    size: int
    mtime_ns: int
    inode: int
    device: int

    @classmethod
    def of(cls, path: str | os.PathLike[str], found: os.stat_result) -> FileIdentity:
        """Return the identity of the file at `path` that a stat result tells."""
        return cls(os.fspath(path), found.st_size, found.st_mtime_ns, found.st_ino, found.st_dev)

    @property
    def state(self) -> tuple[int, int, int, int]:
        """What tells one state of a file from another."""
        return self.size, self.mtime_ns, self.inode, self.device


@dataclass(frozen=True)
class Parameters:
    """Parameter counts; `trainable` + `frozen` = `total`."""

    total: int
    trainable: int
    total_bytes: int
    trainable_bytes: int

    @property
    def frozen(self) -> int:
        """Parameters that are not trained (moving statistics are always among them)."""
        return self.total - self.trainable

    @property
    def frozen_bytes(self) -> int:
        """Bytes of the parameters that are not trained."""
        return self.total_bytes - self.trainable_bytes


class Tree(NamedTuple):
    """For each layer what its place and weights say, whatever the flags are."""

    parents: list[int]
    own: list[bool]
    """Whether the layer has weights of its own."""
    holds: list[bool]
    """Whether it or any layer inside has weights."""
    sums: list[int]
    """Parameters of its own and of all layers inside."""
    trainable: list[int]
    """Its own parameters that are trained when it is on."""
    trainable_bytes: list[int]
    total: int
    """Parameters of all layers."""
    total_bytes: int
    flat: bool
    """Whether no layer encloses another."""


@dataclass(frozen=True)
class Model:
    """A model file's description: immutable; an edit makes a new one."""

    file: FileIdentity
    format: Format
    name: str
    class_name: str
    keras_version: str = ""
    """As the file says, ``""`` if it does not."""
    backend: str = ""
    layers: tuple[Layer, ...] = ()
    """All layers, nested ones too, flat, in preorder and in the model's own order."""
    trainable: bool = True
    """The outermost model's own flag."""
    compile: Compile | None = None
    notes: tuple[str, ...] = ()
    """One sentence each on what is odd in the file (weights that no layer owns, …)."""
    extra: tuple[Weight, ...] = field(default=())
    """Weights in the file that the configuration does not mention."""
    structure: Structure | None = None
    """What was cut and appended since the file was read; None: its layers are the file's."""

    @property
    def has_flags(self) -> bool:
        """Whether the file keeps trainable flags at all (weights-only files do not)."""
        return self.format in ("hdf5", "keras")

    def is_new(self, index: int) -> bool:
        """Whether layer `index` was appended and is not in the file."""
        return self.structure is not None and self.structure.origins[index] < 0

    @cached_property
    def index(self) -> dict[str, int]:
        """Layer path → index in `layers`."""
        return {layer.path: i for i, layer in enumerate(self.layers)}

    def __getitem__(self, path: str) -> Layer:
        """Return the layer at `path`. Raises KeyError."""
        return self.layers[self.index[path]]

    def children(self, index: int) -> Iterator[int]:
        """Yield the indices of the layers directly inside layer `index` (-1: the top)."""
        i, end = index + 1, len(self.layers) if index < 0 else self.layers[index].end
        while i < end:
            yield i
            i = self.layers[i].end

    @cached_property
    def tree(self) -> Tree:
        """What does not depend on flags, in plain lists; shared by all edited descriptions."""
        parents = [layer.parent for layer in self.layers]
        sums = [layer.parameters for layer in self.layers]
        total = sum(sums)
        own = [bool(layer.weights) for layer in self.layers]
        holds = list(own)
        for i in range(len(parents) - 1, -1, -1):
            parent = parents[i]
            if parent >= 0:
                sums[parent] += sums[i]
                holds[parent] = holds[parent] or holds[i]
        return Tree(
            parents=parents,
            own=own,
            holds=holds,
            sums=sums,
            trainable=[layer.trainable_parameters for layer in self.layers],
            trainable_bytes=[layer.trainable_bytes for layer in self.layers],
            total=total,
            total_bytes=sum(layer.nbytes for layer in self.layers),
            flat=not any(parent >= 0 for parent in parents),
        )

    @cached_property
    def effective(self) -> tuple[bool, ...]:
        """For each layer: its own flag and every enclosing layer's."""
        flags = [layer.trainable for layer in self.layers]
        if not self.trainable:
            return (False,) * len(flags)
        if not self.tree.flat:
            for i, parent in enumerate(self.tree.parents):
                if parent >= 0 and not flags[parent]:
                    flags[i] = False
        return tuple(flags)

    @cached_property
    def parameters(self) -> Parameters:
        """Counts over the whole model; moving statistics are never trainable."""
        tree = self.tree
        on = self.effective if self.has_flags else ()
        extra = sum(weight.size for weight in self.extra)
        extra_bytes = sum(weight.nbytes for weight in self.extra)
        return Parameters(
            total=tree.total + extra,
            trainable=sum(compress(tree.trainable, on)),
            total_bytes=tree.total_bytes + extra_bytes,
            trainable_bytes=sum(compress(tree.trainable_bytes, on)),
        )

    @property
    def subtree_parameters(self) -> list[int]:
        """For each layer: parameters of its own and of all layers inside."""
        return self.tree.sums

    @cached_property
    def boxes(self) -> tuple[Box, ...]:
        """For each layer the state of its trainable box."""
        if not self.has_flags:
            return ("absent",) * len(self.layers)
        tree, effective = self.tree, self.effective
        if tree.flat and self.trainable:
            signs: tuple[Box, Box] = ("none", "all")
            return tuple(
                signs[on] if own else "absent" for own, on in zip(tree.own, effective, strict=True)
            )
        # Bit 1: something inside is trained, bit 2: something is frozen.
        bits = [own and (1 if on else 2) for own, on in zip(tree.own, effective, strict=True)]
        for i in range(len(bits) - 1, -1, -1):
            parent = tree.parents[i]
            if parent >= 0:
                bits[parent] |= bits[i]
        return tuple(self._box(i, seen) if seen else "absent" for i, seen in enumerate(bits))

    def _box(self, index: int, bits: int) -> Box:
        if bits == 1:
            return "all"
        if bits == 3:
            return "some"
        layer = self.layers[index]
        outer = self.effective[layer.parent] if layer.parent >= 0 else self.trainable
        return "locked" if layer.trainable and not outer else "none"

    def with_flags(self, indices: Iterable[int], trainable: bool) -> Model:
        """Return a model in which the layers at `indices` have the flag `trainable`."""
        layers = list(self.layers)
        for i in indices:
            layers[i] = layers[i].with_trainable(trainable)
        return self.with_layers(tuple(layers))

    def with_layer(self, index: int, layer: Layer) -> Model:
        """Return a model with another layer at `index`; see `with_layers`."""
        return self.with_layers((*self.layers[:index], layer, *self.layers[index + 1 :]))

    def with_layers(self, layers: tuple[Layer, ...]) -> Model:
        """Return a model with other layers at the same places.

        They have the same names, weights and shapes; flags and sources of values may differ.
        """
        twin = replace(self, layers=layers)
        for derived in ("index", "tree"):  # they do not depend on these
            if derived in self.__dict__:
                twin.__dict__[derived] = self.__dict__[derived]
        return twin

    def with_compile(self, compiled: Compile | None) -> Model:
        """Return a model with another compile section, or none."""
        twin = replace(self, compile=compiled)
        for derived in ("index", "tree", "effective", "parameters", "boxes"):
            if derived in self.__dict__:
                twin.__dict__[derived] = self.__dict__[derived]
        return twin

    def with_names(self, layers: tuple[Layer, ...], name: str, compiled: Compile | None) -> Model:
        """Return a model with other names: layers at the same places, and what names them."""
        twin = replace(self, layers=layers, name=name, compile=compiled)
        for derived in ("tree", "effective", "parameters", "boxes"):  # flags are as they were
            if derived in self.__dict__:
                twin.__dict__[derived] = self.__dict__[derived]
        return twin

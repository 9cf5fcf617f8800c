"""What was read from a model file: the description."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from .compile import Compile
from .layer import Layer, Weight

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

    @property
    def has_flags(self) -> bool:
        """Whether the file keeps trainable flags at all (weights-only files do not)."""
        return self.format in ("hdf5", "keras")

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
    def effective(self) -> tuple[bool, ...]:
        """For each layer: its own flag and every enclosing layer's."""
        result: list[bool] = []
        for layer in self.layers:
            outer = result[layer.parent] if layer.parent >= 0 else self.trainable
            result.append(outer and layer.trainable)
        return tuple(result)

    @cached_property
    def parameters(self) -> Parameters:
        """Counts over the whole model; moving statistics are never trainable."""
        total = trainable = total_bytes = trainable_bytes = 0
        for layer, on in zip(self.layers, self.effective, strict=True):
            if layer.weights:
                total += layer.parameters
                total_bytes += layer.nbytes
                if on and self.has_flags:
                    trainable += layer.trainable_parameters
                    if layer.trainable_parameters == layer.parameters:
                        trainable_bytes += layer.nbytes
                    else:
                        trainable_bytes += sum(w.nbytes for w in layer.weights if w.trainable)
        extra = sum(w.size for w in self.extra)
        extra_bytes = sum(w.nbytes for w in self.extra)
        return Parameters(total + extra, trainable, total_bytes + extra_bytes, trainable_bytes)

    @cached_property
    def subtree_parameters(self) -> tuple[int, ...]:
        """For each layer: parameters of its own and of all layers inside."""
        sums = [layer.parameters for layer in self.layers]
        for i in range(len(sums) - 1, -1, -1):
            parent = self.layers[i].parent
            if parent >= 0:
                sums[parent] += sums[i]
        return tuple(sums)

    @cached_property
    def boxes(self) -> tuple[Box, ...]:
        """For each layer the state of its trainable box (one pass from the end)."""
        if not self.has_flags:
            return ("absent",) * len(self.layers)
        effective = self.effective
        seen = [0] * len(self.layers)  # bit 1: something inside is trained, bit 2: frozen
        for i in range(len(self.layers) - 1, -1, -1):
            layer = self.layers[i]
            if layer.weights:
                seen[i] |= 1 if effective[i] else 2
            if layer.parent >= 0:
                seen[layer.parent] |= seen[i]
        return tuple(
            self._box(i, bits) if bits else "absent" for i, bits in enumerate(seen)
        )

    def _box(self, index: int, bits: int) -> Box:
        layer = self.layers[index]
        if bits == 1:
            return "all"
        if bits == 3:
            return "some"
        outer = self.effective[layer.parent] if layer.parent >= 0 else self.trainable
        return "locked" if layer.trainable and not outer else "none"

    def with_flags(self, indices: Iterable[int], trainable: bool) -> Model:
        """Return a model in which the layers at `indices` have the flag `trainable`."""
        layers = list(self.layers)
        for i in indices:
            layers[i] = layers[i].with_trainable(trainable)
        return self.with_layers(tuple(layers))

    def with_layers(self, layers: tuple[Layer, ...]) -> Model:
        """Return a model with other layers at the same places."""
        twin = replace(self, layers=layers)
        for derived in ("index", "subtree_parameters"):  # they do not depend on flags
            if derived in self.__dict__:
                twin.__dict__[derived] = self.__dict__[derived]
        return twin

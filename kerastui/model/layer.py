"""A layer and a weight, as read from a file: immutable, without arrays or handles."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from .source import ArraySource

Kind = Literal["layer", "model", "wrapper"]
Shape = tuple[int | None, ...]


class Reference(NamedTuple):
    """One tensor that enters a call: which output of which call of which layer."""

    layer: str
    node: int
    tensor: int


Call = tuple[Reference, ...]

_ITEM_SIZES = {
    "bool": 1, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "int32": 4, "uint32": 4,
    "int64": 8, "uint64": 8, "float16": 2, "bfloat16": 2, "float32": 4, "float64": 8,
    "complex64": 8, "complex128": 16,
}  # fmt: skip


@dataclass(frozen=True)
class Weight:
    """One array of a layer."""

    name: str
    """Short name inside its layer: ``kernel``, ``forward_lstm/kernel``, ``query/bias``."""
    stored_name: str
    """The name as the file has it (an entry of ``weight_names``, or the dataset's path)."""
    dataset: str
    """Absolute HDF5 path of the dataset (inside the inner HDF5 file of an archive)."""
    shape: tuple[int, ...]
    dtype: str
    """NumPy's name of the dtype (``float32``)."""
    trainable: bool = True
    """False for what Keras never trains, frozen or not: moving statistics, seeds, counts."""
    item_size: int = 0
    """Bytes of one element; 0 means: as the dtype's name says."""
    replaced: ArraySource | None = None
    """Where the values that it is to get when the file is saved are; None: it keeps its own."""

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes of the array in memory, uncompressed."""
        return self.size * (self.item_size or _ITEM_SIZES.get(self.dtype, 4))


@dataclass(frozen=True)
class Layer:
    """One layer of a model. `Model.layers` holds them all, flat and in preorder.

    Instances carry a ``__dict__`` on purpose: `with_trainable` copies it, which is many
    times faster than `dataclasses.replace` when 20,000 layers are toggled at once.
    """

    path: str
    """Names from the outermost model down, joined by ``/``; unique within the model."""
    name: str
    class_name: str
    trainable: bool
    """The layer's own flag; see `Model.effective` for what it amounts to."""
    kind: Kind = "layer"
    """``model`` for a nested model, ``wrapper`` for what wraps one layer, else ``layer``."""
    depth: int = 0
    parent: int = -1
    """Index of the enclosing layer in `Model.layers`; -1 at the top."""
    end: int = 0
    """Index after the last descendant: descendants are ``range(index + 1, end)``."""
    weights: tuple[Weight, ...] = ()
    """The layer's own weights, in Keras's order; those of nested layers are theirs."""
    config: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The layer's configuration, without nested layers."""
    config_at: tuple[str | int, ...] = ()
    """Where its ``{"class_name", "config"}`` entry lies in the parsed ``model_config``."""
    states_trainable: bool = True
    """Whether the file's configuration states ``trainable`` for this layer."""
    calls: tuple[Call, ...] = ()
    """The calls of it, each with the tensors that enter; empty for Sequential."""
    outputs: tuple[tuple[int, int], ...] = ()
    """Which of its results (call, tensor) are outputs of the model that it is in."""
    output_shape: Shape | None = None
    """Shape of its output, None for a free axis; None as a whole where the file is silent."""
    auto_named: bool = False
    """Whether Keras made the name up (``conv2d_17``)."""
    module: str = ""
    """Where the class comes from, as the file states it (``keras.layers``); "" if silent."""

    @property
    def inbound(self) -> tuple[str, ...]:
        """Names of the layers that feed it, first call first, each once; none in Sequential."""
        calls = self.calls
        if len(calls) == 1 and len(calls[0]) == 1:
            return (calls[0][0].layer,)
        return tuple(dict.fromkeys(reference.layer for call in calls for reference in call))

    @property
    def parameters(self) -> int:
        """Number of parameters of its own weights."""
        return sum(w.size for w in self.weights)

    @property
    def trainable_parameters(self) -> int:
        """Parameters that are trained when the layer is effectively trainable."""
        return sum(w.size for w in self.weights if w.trainable)

    @property
    def nbytes(self) -> int:
        """Bytes of its own weights."""
        return sum(w.nbytes for w in self.weights)

    @property
    def trainable_bytes(self) -> int:
        """Bytes of what is trained when the layer is effectively trainable."""
        return sum(w.nbytes for w in self.weights if w.trainable)

    def with_trainable(self, trainable: bool) -> Layer:
        """Return the same layer with another flag."""
        if trainable is self.trainable:
            return self
        twin = object.__new__(Layer)
        twin.__dict__.update(self.__dict__, trainable=trainable)
        return twin

    def with_source(self, index: int, source: ArraySource | None) -> Layer:
        """Return the same layer whose weight number `index` gets its values from `source`."""
        old = self.weights[index]
        if old.replaced == source:
            return self
        weights = (*self.weights[:index], replace(old, replaced=source), *self.weights[index + 1 :])
        return self.with_fields(weights=weights)

    def edited_since(self, old: Layer) -> bool:
        """Whether flag, name, or values or dtypes of weights differ from `old`'s in the file."""
        if self is old:
            return False
        if self.trainable is not old.trainable or self.name != old.name:
            return True
        return self.weights is not old.weights and any(
            new.replaced or new.dtype != was.dtype
            for new, was in zip(self.weights, old.weights, strict=True)
        )

    def with_fields(self, **fields: Any) -> Layer:
        """Return the same layer with other fields, none of which any count depends on."""
        twin = object.__new__(Layer)
        twin.__dict__.update(self.__dict__, **fields)
        return twin

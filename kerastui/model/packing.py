"""Which weights hold two 4-bit numbers in each byte, along which axis, and how many of them.

Keras packs kernels and embeddings so when it quantizes to ``int4`` (``keras.quantizers.pack_int4``,
with a sign) and, by GPTQ and AWQ, to 4 bits (without one). Which axis is halved has changed from
one version to the next and is stated nowhere: it is told from the layer's own sizes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .layer import Layer, Weight
from .values import as_mapping

_STORED = {"int4": "int8", "gptq/4/": "uint8", "awq/4/": "uint8"}
"""How dtype policies of 4 bits begin, and the dtype of the bytes that numbers are packed into."""
_NAMES = ("kernel", "embeddings", "reverse_embeddings")
_NAMELESS = "vars"
"""Where weights lie in an archive whose names are not known; the packed one is the first."""


@dataclass(frozen=True)
class Packing:
    """How 4-bit numbers lie in bytes: of two that follow each other, the first is the low half."""

    axis: int
    """The axis that is half as long in the file."""
    length: int
    """How long it is; if that is odd, the last byte's high half means nothing."""
    dtype: str
    """``int4`` or ``uint4``."""

    def shape(self, stored: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shape of the numbers of an array that has the shape `stored` in the file."""
        return (*stored[: self.axis], self.length, *stored[self.axis + 1 :])


def packing_of(layer: Layer, weight: Weight) -> Packing | None:
    """Return how the numbers of a weight are packed; None if they are not."""
    stored = _stored_as(layer)
    if not stored or weight.dtype != stored or len(weight.shape) < 2 or weight.replaced:
        return None
    if not _is_packed(layer, weight):
        return None
    axis, length = _halved(layer, weight)
    return Packing(axis, length, stored.replace("8", "4"))


def is_transposed(layer: Layer, weight: Weight) -> bool:
    """Whether a packed kernel has its axes the other way round, as GPTQ and AWQ keep it."""
    packing = packing_of(layer, weight)
    return packing is not None and packing.dtype == "uint4"


def _stored_as(layer: Layer) -> str:
    """Return the dtype of packed weights of a layer; "" if its policy packs none."""
    policy: Any = layer.config.get("dtype")
    given = as_mapping(policy)
    if given is not None:  # a policy that is an object of its own
        inside = as_mapping(given.get("config")) or {}
        policy = inside.get("mode", inside.get("name"))
    if not isinstance(policy, str):
        return ""
    return next((stored for begin, stored in _STORED.items() if policy.startswith(begin)), "")


def _is_packed(layer: Layer, weight: Weight) -> bool:
    """Whether it is a kernel or a table: scales and zero points stay as they are."""
    folder, _, name = weight.name.rpartition("/")
    if folder == _NAMELESS:
        nameless = (w for w in layer.weights if w.dtype == weight.dtype)
        return next(nameless, None) is weight
    return name in _NAMES


def _halved(layer: Layer, weight: Weight) -> tuple[int, int]:
    """Return the axis that is half as long as it should be, and how long that is."""
    name, shape = weight.name.rpartition("/")[2], weight.shape
    first = weight.dtype == "uint8" or name == "reverse_embeddings"
    axis = 0 if first else len(shape) - 1
    for length in _lengths(layer, weight):
        if (length + 1) // 2 == shape[axis]:
            return axis, length
    if not layer.class_name.endswith("Embedding"):
        axis = 0  # as before Keras 3.15, which does not say either whether inputs are odd
    return axis, 2 * shape[axis]


def _lengths(layer: Layer, weight: Weight) -> Iterator[int]:
    """Yield how long the axis may be: as the layer is configured, or one of its other weights is.

    That is the scale that each of the packed axis's numbers has, or (of the layer's inputs) the
    group that it is in.
    """
    stated = (layer.config.get(key) for key in ("units", "output_dim"))
    if known := [length for length in stated if type(length) is int]:
        yield from known
        return
    folders = weight.name.rpartition("/")[0], _NAMELESS
    for other in layer.weights:
        if other.dtype.startswith("float") and other.name.rpartition("/")[0] in folders:
            yield from reversed(other.shape)

"""Which part of its model a layer belongs to: its front, a numbered block, or the head.

A block is what lies at one resolution: pooling, strides and upsampling begin the next one,
counted along the longest way from the inputs, so that branches side by side share a block.
In a transformer each attention layer begins one, the normalization right before it included.
The head is what follows the last convolution or attention: from the layer on that flattens,
pools over everything, or is the first Dense.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from ..model import Layer, Model

FRONT, HEAD = 0, -1
"""Parts that are no block; blocks count from 1."""

_ATTENTION = ("MultiHeadAttention", "GroupedQueryAttention", "Attention", "AdditiveAttention")
_STRIDES = ("strides", "subsample", "subsample_length", "stride")


@dataclass(frozen=True)
class Graph:
    """The layers directly inside one model, by their place among them."""

    layers: tuple[Layer, ...]
    sources: tuple[tuple[int, ...], ...]
    """What feeds each layer: earlier places only."""

    @property
    def consumers(self) -> list[list[int]]:
        """Return for each layer which ones it feeds."""
        found: list[list[int]] = [[] for _ in self.layers]
        for i, sources in enumerate(self.sources):
            for source in sources:
                found[source].append(i)
        return found


def graph_of(model: Model, parent: int) -> Graph:
    """Return the graph inside the model at index `parent` (-1: the outermost)."""
    layers = tuple(model.layers[i] for i in model.children(parent))
    connected = any(layer.inbound for layer in layers)
    places = {layer.name: i for i, layer in enumerate(layers)}
    sources = [
        tuple(sorted({p for name in layer.inbound if (p := places.get(name, i)) < i}))
        if connected
        else (i - 1,) * (i > 0)
        for i, layer in enumerate(layers)
    ]
    return Graph(layers, tuple(sources))


def parts_of(graph: Graph) -> list[int]:
    """Return for each layer `FRONT`, the number of its block, or `HEAD`."""
    consumers = graph.consumers
    forms = [_forms_blocks(layer) for layer in graph.layers]
    if not any(forms):
        return [FRONT] * len(forms)
    levels = _levels(graph, consumers)
    head = _head(graph, consumers, forms)
    begun = list(forms)
    for i, sources in enumerate(graph.sources):
        begun[i] = begun[i] or any(begun[s] for s in sources) or _begins(graph, consumers, i)
    numbers = {
        level: number
        for number, level in enumerate(
            sorted({levels[i] for i in range(len(forms)) if begun[i] and not head[i]}), 1
        )
    }
    return [
        FRONT if not begun[i] else HEAD if head[i] else numbers[levels[i]]
        for i in range(len(forms))
    ]


def class_name(layer: Layer) -> str:
    """Return a layer's bare class name."""
    return layer.class_name.rpartition(">")[2]


def is_attention(layer: Layer) -> bool:
    """Whether a layer attends."""
    return class_name(layer) in _ATTENTION


def _is_convolution(layer: Layer) -> bool:
    name = class_name(layer)
    return "Conv" in name and "LSTM" not in name


def _forms_blocks(layer: Layer) -> bool:
    return _is_convolution(layer) or is_attention(layer)


def is_pooling(layer: Layer) -> bool:
    """Whether a layer pools over windows."""
    name = class_name(layer)
    return "Pooling" in name and not name.startswith("Global")


def flattens(layer: Layer) -> bool:
    """Whether a layer ends the part that has space or time."""
    return class_name(layer) == "Flatten" or class_name(layer).startswith("Global")


def _changes_resolution(layer: Layer) -> bool:
    name = class_name(layer)
    if is_pooling(layer) or name.startswith("UpSampling"):
        return True
    return _is_convolution(layer) and any(_over_one(layer.config, key) for key in _STRIDES)


def _over_one(config: Mapping[str, Any], key: str) -> bool:
    value = config.get(key)
    sizes = cast("list[Any]", value) if isinstance(value, (list, tuple)) else [value]
    return any(type(size) is int and size > 1 for size in sizes)


def _begins(graph: Graph, consumers: list[list[int]], i: int) -> bool:
    """Whether an attention layer, or the normalization right before it, begins a block at `i`."""
    layer = graph.layers[i]
    if is_attention(layer):
        return not any(
            _normalizes(graph.layers[s]) and _begins(graph, consumers, s) for s in graph.sources[i]
        )
    return _normalizes(layer) and any(is_attention(graph.layers[c]) for c in consumers[i])


def _normalizes(layer: Layer) -> bool:
    return class_name(layer) in ("LayerNormalization", "RMSNormalization")


def _levels(graph: Graph, consumers: list[list[int]]) -> list[int]:
    """Return how many blocks began on the longest way to each layer.

    What follows a pooling stays in its block until something is computed at the new size.
    """
    leaving: list[tuple[int, bool]] = []
    for i, layer in enumerate(graph.layers):
        level, pooled = max((leaving[s] for s in graph.sources[i]), default=(0, False))
        if is_pooling(layer):
            leaving.append((level, True))
            continue
        begins = _changes_resolution(layer) or _begins(graph, consumers, i)
        begins = begins or (pooled and _forms_blocks(layer))
        leaving.append((level + 1, False) if begins else (level, pooled))
    return [level for level, _ in leaving]


def _head(graph: Graph, consumers: list[list[int]], forms: list[bool]) -> list[bool]:
    """Return which layers belong to the head."""
    size = len(forms)
    later = list(forms)  # whether it or anything after it forms blocks
    mixes = [False] * size  # whether anything after it adds or normalizes
    for i in range(size - 1, -1, -1):
        for c in consumers[i]:
            later[i] = later[i] or later[c]
            mixes[i] = mixes[i] or mixes[c] or _mixes(graph.layers[c])
    head = [False] * size
    attends = [is_attention(layer) for layer in graph.layers]
    for i, layer in enumerate(graph.layers):
        sources = graph.sources[i]
        attends[i] = attends[i] or any(attends[s] for s in sources)
        dense = class_name(layer) == "Dense" and not (attends[i] and mixes[i])
        head[i] = not later[i] and (flattens(layer) or dense or any(head[s] for s in sources))
    return head


def _mixes(layer: Layer) -> bool:
    return class_name(layer) == "Add" or _normalizes(layer)

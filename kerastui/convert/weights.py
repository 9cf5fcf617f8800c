"""Which stored array becomes which weight of the converted model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from ..files.assign import fits_shape, own_specs
from ..files.config_tree import Tree
from ..files.weight_specs import Spec
from ..model import Layer, Model, Weight
from .relayout import Made, Step, plain, plan_layer
from .report import Report
from .source import Source

_PRIVATE = "GroupQueryAttention"
"""The class whose parts Keras keeps under private names (``_query_dense``)."""


@dataclass(frozen=True)
class Moved:
    """One weight of the converted model, and what it is made of."""

    node: int
    """Index of its layer in the new tree."""
    name: str
    trainable: bool
    place: str
    """Group in a ``.keras`` archive, relative to the layer's."""
    number: str
    """Name of the dataset in that group."""
    origin: tuple[Weight, ...]
    step: Step | None
    shape: tuple[int, ...]
    dtype: str


def plan_weights(source: Source, tree: Tree, report: Report) -> list[Moved]:
    """Return every weight of the new model, layer by layer in the order of the new tree."""
    model = source.model
    places = {node.path: i for i, node in enumerate(tree.nodes)}
    single = _single_names(tree)
    found: dict[int, list[Moved]] = {}
    for layer in model.layers:
        if not layer.weights:
            continue
        node = places.get(layer.path, single.get(layer.name, -1))
        if node < 0:
            report.lost("its weights have no place in the converted model.", layer.path)
            continue
        found[node] = list(_of_layer(source, layer, tree, node, report))
    for node in range(len(tree.nodes)):
        if own_specs(tree, node) and node not in found:
            report.lost(
                "its weights are missing in the file, and Keras will not load a model without.",
                tree.nodes[node].path,
            )
    for weight in model.extra:
        report.lost(
            "weights that no layer of the configuration owns are not carried over.", weight.name
        )
    return [moved for node in sorted(found) for moved in found[node]]


def _single_names(tree: Tree) -> dict[str, int]:
    """Return the nodes whose own name is the only one of its kind."""
    counts: dict[str, list[int]] = {}
    for i, node in enumerate(tree.nodes):
        counts.setdefault(node.name, []).append(i)
    return {name: indices[0] for name, indices in counts.items() if len(indices) == 1}


def _of_layer(
    source: Source, layer: Layer, tree: Tree, node: int, report: Report
) -> Iterator[Moved]:
    made = plan_layer(layer, source.major, source.model.backend)
    specs = own_specs(tree, node)
    if specs is not None and not _fit(source, layer, made, specs):
        if specs or made != plain(len(layer.weights)):
            report.lost(
                "it has other weights in the file than its class usually has; they are carried "
                "over in their order.",
                layer.path,
            )
        made, specs = plain(len(layer.weights)), None
    for position, item in enumerate(made):
        origin = tuple(layer.weights[i] for i in item.parts)
        spec = specs[position] if specs is not None else None
        shape, dtype = _outcome(source, origin, item)
        place, number = _place(source.model, origin[0], spec, position)
        if tree.nodes[node].base == _PRIVATE:
            place = f"_{place}"
        yield Moved(
            node=node,
            name=spec.name if spec is not None else origin[0].name,
            trainable=spec.trainable if spec is not None else origin[0].trainable,
            place=place,
            number=number,
            origin=origin,
            step=item.step,
            shape=shape,
            dtype=dtype,
        )


def _fit(source: Source, layer: Layer, made: list[Made], specs: list[Spec]) -> bool:
    if len(made) != len(specs):
        return False
    for item, spec in zip(made, specs, strict=True):
        origin = tuple(layer.weights[i] for i in item.parts)
        if not fits_shape(spec.pattern, _outcome(source, origin, item)[0]):
            return False
    return True


def _outcome(source: Source, origin: tuple[Weight, ...], made: Made) -> tuple[tuple[int, ...], str]:
    """Return shape and dtype of the new weight."""
    if made.step is None:
        return origin[0].shape, origin[0].dtype
    dummies = [np.broadcast_to(np.zeros((), np.int8), weight.shape) for weight in origin]
    try:
        return tuple(made.step(dummies).shape), origin[0].dtype
    except (ValueError, IndexError):
        return (), "missing"


def _place(model: Model, weight: Weight, spec: Spec | None, position: int) -> tuple[str, str]:
    """Return group and number of a weight in an archive."""
    if spec is not None:
        return spec.place.removeprefix("../"), str(spec.number)
    if model.format == "keras" and "vars/" in weight.stored_name:
        place, _, number = weight.stored_name.rpartition("/")
        return place, number
    return "vars", str(position)


def value_of(source: Source, moved: Moved) -> Any:
    """Return the whole array of a weight that is laid out anew."""
    arrays = [source.array(weight.dataset)[()] for weight in moved.origin]
    return arrays[0] if moved.step is None else np.ascontiguousarray(moved.step(arrays))


def total_bytes(moved: list[Moved]) -> int:
    """Return the bytes that will be written."""
    return reduce(lambda n, m: n + sum(w.nbytes for w in m.origin), moved, 0)

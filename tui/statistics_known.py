"""What is known of a document's weights: figures by layer, and histograms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kerastui.analysis.results import Histogram, WeightStatistics
from kerastui.model import Layer, Model, Weight
from kerastui.model.places import Place, place_of

Range = tuple[float, float]
_NO_CONFIG: Mapping[str, Any] = {}


@dataclass(frozen=True)
class _Entry:
    config: Mapping[str, Any]
    rows: tuple[WeightStatistics, ...]
    full: bool
    """Whether quantiles and duplicates are among them."""


class Known:
    """Keeps what has been computed while a document is open.

    Figures belong to a layer's weights (the same file, the same sources of values) and to what
    else flags depend on: class and configuration. After an edit that replaces a weight, or a
    save, what does not fit any more is simply not found. Whole layers are kept, because flags of
    one weight tell of the others.
    """

    def __init__(self) -> None:
        self._layers: dict[object, _Entry] = {}
        self._histograms: dict[object, Histogram | None] = {}

    def rows(
        self, model: Model, index: int, full: bool = False
    ) -> tuple[WeightStatistics, ...] | None:
        """Return a layer's figures (-1: of the weights that no layer owns); None: unknown."""
        entry = self._layers.get(_key(model, index))
        if entry is None or (full and not entry.full) or entry.config != _config(model, index):
            return None
        layer = model.layers[index] if index >= 0 else None
        return tuple(
            replace(row, layer=index, path=f"{layer.path}/{weight.name}" if layer else row.path)
            for row, weight in zip(entry.rows, weights_of(model, index), strict=True)
        )

    def put(self, model: Model, index: int, rows: Sequence[WeightStatistics], full: bool) -> None:
        """Keep a layer's figures, one for each of its weights."""
        entry = _Entry(_config(model, index), tuple(rows), full)
        self._layers[_key(model, index)] = entry

    def histogram(
        self, model: Model, index: int, weight: Weight, within: Range
    ) -> tuple[Histogram | None] | None:
        """Return a weight's histogram (None inside where there is none); None: unknown."""
        key = _histogram_key(model, index, weight, within)
        return (self._histograms[key],) if key in self._histograms else None

    def put_histogram(
        self, model: Model, index: int, weight: Weight, within: Range, found: Histogram | None
    ) -> None:
        """Keep a histogram, or that there is none."""
        self._histograms[_histogram_key(model, index, weight, within)] = found


def weights_of(model: Model, index: int) -> tuple[Weight, ...]:
    """Return a layer's own weights; of -1 those that no layer owns."""
    return model.layers[index].weights if index >= 0 else model.extra


def layers_of(model: Model) -> tuple[int, ...]:
    """Return the indices of all layers that own weights, -1 last if there are such weights."""
    owners = [index for index, layer in enumerate(model.layers) if layer.weights]
    return (*owners, -1) if model.extra else tuple(owners)


def _config(model: Model, index: int) -> Mapping[str, Any]:
    return model.layers[index].config if index >= 0 else _NO_CONFIG


def _key(model: Model, index: int) -> object:
    """Return what figures of a layer belong to; tuples of the same objects compare at once."""
    weights = weights_of(model, index)
    places: tuple[Place, ...] = (model.file,)
    if index >= 0 and (model.is_new(index) or any(weight.replaced for weight in weights)):
        places = tuple(place_of(model, index, weight) for weight in weights)
    name = model.layers[index].class_name if index >= 0 else ""
    return name, weights, places


def _histogram_key(model: Model, index: int, weight: Weight, within: Range) -> object:
    return place_of(model, index, weight), weight.dataset, within


def slim(model: Model, indices: Sequence[int]) -> Model:
    """Return a model that has only these layers, at their places, for a message to the clerk.

    A description of thousands of layers would take longer to send than their figures to compute.
    """
    nothing = Layer("", "", "", True)
    layers = [nothing] * len(model.layers)
    for index in indices:
        if index >= 0:
            layers[index] = model.layers[index]
    extra = model.extra if -1 in indices else ()
    light = Model(
        model.file, model.format, "", "", model.keras_version, model.backend,
        layers=tuple(layers), extra=extra,
    )  # fmt: skip
    if model.structure is None:
        return light
    return replace(light, structure=replace(model.structure, whole=light))

"""The front door: figures and flags of a model's weights, or of some of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from threading import Event

from ..errors import KerastuiError
from ..files.arrays import ArrayFile, StoredArray, open_arrays
from ..model import Layer, Model, Weight
from ..model.places import Kept, place_of
from .figures import figures_of
from .health import flags_of, untouched
from .places import Places, as_saved
from .progress import Meter, Report
from .results import Cancelled, Flag, NotNumeric, Statistics, WeightStatistics
from .streaming import THREADS, gathered
from .untrained import Traces, Verdicts

Key = tuple[int, int]
"""A layer's index in `Model.layers` (-1: `Model.extra`) and a weight's number in it."""
_LARGE = 1 << 20
"""Bytes of a weight, on the average, from which several layers are looked at at once."""
_SHARES = min(2, os.cpu_count() or 1)


def all_weights(model: Model) -> tuple[Key, ...]:
    """Return the keys of all weights, in the model's order, those that no layer owns last."""
    owned = [(i, k) for i, layer in enumerate(model.layers) for k in range(len(layer.weights))]
    return (*owned, *((-1, k) for k in range(len(model.extra))))


def weight_at(model: Model, key: Key) -> tuple[Layer | None, Weight]:
    """Return a weight and its layer, None for one that no layer owns."""
    index, number = key
    if index < 0:
        return None, model.extra[number]
    return model.layers[index], model.layers[index].weights[number]


def statistics_of(
    model: Model,
    chosen: Iterable[Key] | None = None,
    *,
    quantiles: bool = False,
    duplicates: bool = False,
    progress: Report | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[WeightStatistics, ...]:
    """Return figures and flags of weights as they will be saved, in the given order.

    That is as they are in the model's file, but for what is to replace them, for other dtypes,
    and for layers that were appended. A weight that has no figures says why in its `problem`.
    Quantiles and the search for duplicated filters take further passes over the arrays. Raises
    UnreadableFile when the file is gone or has changed since, Cancelled.
    """
    keys = all_weights(model) if chosen is None else tuple(chosen)
    passes = 1 + bool(quantiles) + bool(duplicates)
    total = passes * sum(weight_at(model, key)[1].nbytes for key in keys)
    shares, stop = _shares(model, keys), Event()
    threads = THREADS if len(shares) == 1 else 1
    traces = Traces(model)
    meter = Meter(total, progress, lambda: stop.is_set() or (cancelled is not None and cancelled()))

    def look_at(share: tuple[Key, ...]) -> dict[Key, WeightStatistics]:
        with closing(Places()) as others, open_arrays(model.file.path, model.file) as file:
            examiner = _Examiner(model, file, others, quantiles, duplicates, traces, meter, threads)
            return {key: examiner.examine(key) for key in share}

    found = _at_once(look_at, shares, stop)
    return tuple(found[key] for key in keys)


def _shares(model: Model, keys: tuple[Key, ...]) -> list[tuple[Key, ...]]:
    """Share layers out among threads, which then take a weight each.

    One share where Python itself would take most of the time, and where a single layer is most
    of the work: its weights are passed over by several threads.
    """
    layers: dict[int, list[Key]] = {}
    for key in keys:
        layers.setdefault(key[0], []).append(key)
    sizes = {i: sum(weight_at(model, key)[1].nbytes for key in layers[i]) for i in layers}
    total = sum(sizes.values())
    if total < _LARGE * max(2, len(keys)) or max(sizes.values()) * _SHARES > total:
        return [keys]
    shares = [list[Key]() for _ in range(min(_SHARES, len(layers)))]
    loads = [0] * len(shares)
    for layer, size in sizes.items():
        least = loads.index(min(loads))
        shares[least] += layers[layer]
        loads[least] += size
    return [tuple(share) for share in shares if share]


def _at_once(
    look_at: Callable[[tuple[Key, ...]], dict[Key, WeightStatistics]],
    shares: list[tuple[Key, ...]],
    stop: Event,
) -> dict[Key, WeightStatistics]:
    """Look at all shares, each in a thread; the first trouble stops the others, and is raised."""
    if len(shares) == 1:
        return look_at(shares[0])
    with ThreadPoolExecutor(len(shares)) as pool:
        found = gathered([pool.submit(look_at, share) for share in shares], stop)
    return {key: one for share in found for key, one in share.items()}


class _Examiner:
    """Looks at weights one after the other, and keeps what is needed of their layers."""

    def __init__(
        self,
        model: Model,
        file: ArrayFile,
        others: Places,
        quantiles: bool,
        duplicates: bool,
        traces: Traces,
        meter: Meter,
        threads: int,
    ) -> None:
        self._model = model
        self._file = file
        self._others = others
        self._quantiles = quantiles
        self._duplicates = duplicates
        self._traces = traces
        self._meter = meter
        self._threads = threads
        self._layer = -1
        self._arrays: dict[str, StoredArray] = {}
        self._figures: dict[Key, Statistics | KerastuiError] = {}
        self._verdicts: Verdicts | None = None

    def examine(self, key: Key) -> WeightStatistics:
        layer, weight = weight_at(self._model, key)
        path = f"{layer.path}/{weight.name}" if layer else weight.stored_name
        found = WeightStatistics(path, key[0], weight.shape, weight.dtype)
        self._meter.stage = path
        if key[0] != self._layer:  # figures of a layer are kept while it is dealt with
            self._begin(key[0], layer)
        try:
            figures = self._figures_of(key)
            array = self._array(key)
            flags: list[Flag] = []
            owner = layer or Layer("", "", "", trainable=True)
            flags += flags_of(owner, weight, array, figures, self._duplicates, self._meter)
            flags += self._of_layer(layer, key, weight)
        except Cancelled:
            raise
        except KerastuiError as error:
            readable = isinstance(error, NotNumeric)
            return replace(found, problem=str(error), readable=readable)
        dtype, shape = _dtype(weight, array), array.shape
        return replace(found, dtype=dtype, shape=shape, figures=figures, flags=tuple(flags))

    def _begin(self, index: int, layer: Layer | None) -> None:
        self._layer, self._arrays, self._figures, self._verdicts = index, {}, {}, None
        if layer is not None:
            self._verdicts = Verdicts(
                layer, index, self._figures_of, self._array,
                lambda: self._traces.found(self._file, self._array),
            )  # fmt: skip

    def _array(self, key: Key) -> StoredArray:
        """Return the weight's array; finding it takes longer than reading a small one."""
        _, weight = weight_at(self._model, key)
        place = place_of(self._model, key[0], weight)
        if not isinstance(place, Kept):
            return self._others.array(place, weight.dataset)
        found = self._arrays.get(weight.dataset)
        if found is None:
            found = as_saved(self._file.array(weight.dataset), place)
            self._arrays[weight.dataset] = found
        return found

    def _figures_of(self, key: Key) -> Statistics:
        known = self._figures.get(key)
        if known is None:
            try:
                known = figures_of(
                    self._array(key),
                    quantiles=self._quantiles,
                    advance=self._meter,
                    threads=self._threads,
                )
            except Cancelled:
                raise
            except KerastuiError as error:
                known = error
            self._figures[key] = known
        if isinstance(known, KerastuiError):
            raise known
        return known

    def _of_layer(self, layer: Layer | None, key: Key, weight: Weight) -> list[Flag]:
        """Return what is told by a layer's weights together."""
        if layer is None:
            return []
        short = weight.name.rpartition("/")[2]
        if short in ("moving_mean", "moving_variance"):
            others = {"moving_mean": "moving_variance", "moving_variance": "moving_mean"}
            twin = weight.name.removesuffix(short) + others[short]
            names = [w.name for w in layer.weights]
            if twin not in names:
                return []
            pair = {short: self._figures_of(key)}
            try:
                pair[others[short]] = self._figures_of((key[0], names.index(twin)))
            except Cancelled:
                raise
            except KerastuiError:  # which the twin's own row says
                return []
            return [Flag("untouched")] if untouched(pair) else []
        assert self._verdicts is not None
        return [Flag("untrained")] if self._verdicts.looks_untrained(key[1]) else []


def _dtype(weight: Weight, array: StoredArray) -> str:
    """Return the dtype's name; of raw bytes and of packed ones what they are."""
    return array.label if array.dtype.kind == "V" or array.label.endswith("int4") else weight.dtype

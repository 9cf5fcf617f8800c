"""A model whose weights are the differences between two files, to be looked at like any other."""

from __future__ import annotations

from dataclasses import replace

from kerastui.analysis.compare_results import Comparison, LayerChange
from kerastui.model import Difference, FileIdentity, Layer, Model, Weight

from ..widgets.short_names import distinct_paths


def differences(old: Model, new: Model, found: Comparison) -> Model:
    """Return the new model with each weight that both files have in one shape as a difference.

    Weights that only the new file has are as they are there.
    """
    before, after = distinct_paths((old.file.path, new.file.path))
    label = f"difference: {after} − {before}"
    layers = list(new.layers)
    for change in found.layers:
        here, there = old.index.get(change.old_path or change.path), new.index.get(change.path)
        if change.status == "both" and here is not None and there is not None:
            layers[there] = _layer(old, old.layers[here], new, layers[there], change, label)
    return replace(new, layers=tuple(layers))


def _layer(
    old: Model, here: Layer, new: Model, there: Layer, change: LayerChange, label: str
) -> Layer:
    before = {weight.name: weight for weight in here.weights}
    names = {weight.name: weight.old_name or weight.name for weight in change.weights}
    weights = [
        _weight(old.file, twin, new.file, weight, label)
        if (twin := before.get(names.get(weight.name, ""))) and twin.shape == weight.shape
        else weight
        for weight in there.weights
    ]
    return replace(there, weights=tuple(weights))


def _weight(
    old: FileIdentity, before: Weight, new: FileIdentity, after: Weight, label: str
) -> Weight:
    source = Difference(
        new.path, after.dataset, after.shape, "float64", label, (new.size, new.mtime_ns),
        old.path, before.dataset, (old.size, old.mtime_ns), f"{after.dtype} − {before.dtype}",
    )  # fmt: skip
    # Not trainable: a difference is not to be judged as values that training begins with.
    return replace(after, dtype="float64", item_size=0, trainable=False, replaced=source)

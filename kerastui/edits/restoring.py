"""Descriptions with the layers of the file, or with those of another description."""

from __future__ import annotations

from dataclasses import replace

from ..model import Layer, Model, Structure
from .cutting import output_name, with_output
from .rename import Rename


def restored(model: Model, structure: Structure) -> Model:
    """Return the whole model, with names, flags and values as `model` has them now.

    Raises BadEdit when a name was given away meanwhile.
    """
    whole = structure.whole
    pairs = [(o, layer) for o, layer in zip(structure.origins, model.layers, strict=True) if o >= 0]
    names = [
        (whole.layers[o].path, layer.name)
        for o, layer in pairs
        if whole.layers[o].name != layer.name
    ]
    if model.name != whole.name:
        names.append(("", model.name))
    found = Rename(tuple(names)).apply(whole) if names else whole
    layers = list(found.layers)
    for origin, layer in pairs:
        layers[origin] = _like(layers[origin], layer)
    twin = replace(
        found,
        layers=tuple(layers),
        trainable=model.trainable,
        compile=with_output(model, output_name(found)),
    )
    return replace(twin, structure=None)


def _like(old: Layer, now: Layer) -> Layer:
    """Return `old` with what can be edited of `now`."""
    weights = tuple(
        replace(w, replaced=edited.replaced, dtype=edited.dtype, item_size=edited.item_size)
        if (w.replaced, w.dtype) != (edited.replaced, edited.dtype)
        else w
        for w, edited in zip(old.weights, now.weights, strict=True)
    )
    same = all(a is b for a, b in zip(weights, old.weights, strict=True))
    changed = old.with_trainable(now.trainable)
    return changed if same else changed.with_fields(weights=weights)

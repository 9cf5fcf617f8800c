"""A layer's weights in a few characters, for a column of the layer table."""

from __future__ import annotations

from .facts import facts, fill
from .figures import weight_shape
from .known_layers import summaries
from .layer import Layer

_MAX_RANK = 8


def kernel_summary(layer: Layer) -> str:
    """Return what a layer's weights amount to: ``3×3 · 64 → 128``, ``25,088 → 256``.

    For a class without a form of its own the shape of its largest weight is given, for a
    layer without weights ``""``.
    """
    if not layer.weights:
        return ""
    templates = summaries(layer.class_name)
    if templates:
        known = facts(layer)
        for template in templates:
            if (filled := fill(template, known)) is not None:
                return filled
    largest = max(layer.weights, key=lambda weight: weight.size).shape
    text = weight_shape(largest[:_MAX_RANK])
    return text if len(largest) <= _MAX_RANK else f"{text[:-1]}, …)"

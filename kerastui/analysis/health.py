"""What is odd about a weight, or about a layer's weights together: flags."""

from __future__ import annotations

import math

import numpy as np

from ..files.arrays import StoredArray
from ..model import Layer, Weight
from ..model.packing import packing_of
from .filters import dead_filters, duplicate_filters, filter_axis
from .results import MAX_INDICES, Flag, Statistics
from .streaming import Advance, over_blocks

_LARGEST = {"float16": 65504.0, "float8_e4m3fn": 448.0, "float8_e5m2": 57344.0}
_EPSILON = 1e-3
"""Of a BatchNormalization whose configuration states none."""
_TINY_VARIANCE = 1e-3
"""Times epsilon: below it a moving variance is as good as zero."""


def flags_of(
    layer: Layer,
    weight: Weight,
    array: StoredArray,
    figures: Statistics,
    duplicates: bool,
    advance: Advance,
) -> list[Flag]:
    """Return what is odd about one weight by itself; duplicates are looked for if wanted."""
    flags = _of_values(array, figures)
    if packing_of(layer, weight) is not None:
        flags.append(Flag("packed"))
    if weight.name.rpartition("/")[2] in ("moving_variance", "running_std"):
        flags += _of_variance(layer, array, figures, advance)
    axis = filter_axis(layer, weight)
    if axis is None or not figures.count:
        return flags
    mean_square = figures.l2 / math.sqrt(max(1, figures.finite))
    dead = dead_filters(array, axis, mean_square, advance)
    flags += [dead] if dead else []
    if duplicates and (dead is None or dead.count <= MAX_INDICES):  # its indices are all there
        same = duplicate_filters(array, axis, dead.indices if dead else (), advance)
        flags += [same] if same else []
    return flags


def untouched(weights: dict[str, Statistics]) -> bool:
    """Whether a layer's moving statistics are as before training: mean 0, variance 1."""
    mean, variance = weights.get("moving_mean"), weights.get("moving_variance")
    if mean is None or variance is None or not mean.finite or not variance.finite:
        return False
    return mean.min == mean.max == 0 and variance.min == variance.max == 1


def _of_values(array: StoredArray, figures: Statistics) -> list[Flag]:
    flags: list[Flag] = []
    if figures.nan:
        flags.append(Flag("nan", figures.nan))
    if figures.inf:
        flags.append(Flag("inf", figures.inf))
    if figures.finite and figures.min is not None and figures.max is not None:
        if figures.zeros == figures.count:
            flags.append(Flag("zero"))
        elif figures.min == figures.max and figures.finite == figures.count > 1:
            flags.append(Flag("constant"))
        largest = _LARGEST.get(array.label)
        if largest is not None and max(-figures.min, figures.max) >= largest:
            flags.append(Flag("saturated"))
    return flags


def _of_variance(
    layer: Layer, array: StoredArray, figures: Statistics, advance: Advance
) -> list[Flag]:
    """Return the channels whose moving variance is about zero."""
    epsilon = layer.config.get("epsilon")
    known = isinstance(epsilon, (int, float)) and not isinstance(epsilon, bool) and epsilon > 0
    limit = _TINY_VARIANCE * (float(epsilon) if known else _EPSILON)  # pyright: ignore[reportArgumentType]
    if figures.min is None or figures.min > limit or len(array.shape) != 1:
        return []
    found: list[int] = []
    total = 0
    for index, block in over_blocks(array, advance):
        places = np.flatnonzero(block <= limit) + index[0].start
        total += len(places)
        found += places[: MAX_INDICES - len(found)].tolist()
    return [Flag("variance", total, tuple(found), axis=0)]

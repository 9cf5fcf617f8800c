"""Whether weights look as their initializer draws them: never trained."""

from __future__ import annotations

import math

import numpy as np

from ..draws import draw
from ..edits.initial import initializer_of
from ..edits.initializers import Initializer, Spread
from ..errors import BadEdit
from ..files.arrays import StoredArray
from ..model import Layer, Weight
from .numbers import Array, decoder
from .results import Statistics
from .streaming import pieces, read_block

FEWEST = 100
"""Elements below which nothing can be told of a random distribution."""
SAMPLE = 1 << 16
"""Elements whose distribution is compared."""
_SIGMAS = 5.0
"""Standard errors that mean and deviation may be off."""
_KS = 2.2
"""Kolmogorov–Smirnov: n^½ times the distance; beyond it is one in 10,000 by chance."""
_CLEAR = 10_000
"""Elements of a bounded distribution some of which any training drives beyond its bounds."""
_VECTORS = 64
"""Vectors of an orthogonal matrix that are multiplied with each other."""
_WHOLE = 1 << 22
"""Elements of one up to which it is read for that; of larger ones the norm has to do."""
_ORTHOGONAL = 2e-5
"""Off by so much of the gain's square after a decomposition in float32."""
_KURTOSIS = {"uniform": 1.8, "normal": 3.0, "truncated": 3.0}
_PRECISION = {"float16": 2**-11, "bfloat16": 2**-8, "void16": 2**-8, "float64": 2**-24}


def looks_initial(
    layer: Layer, weight: Weight, figures: Statistics, array: StoredArray
) -> bool | None:
    """Return whether the values are such as the weight's initializer draws.

    None where that cannot be told: no initializer is known, or too few elements. A constant
    has to be met exactly; a random one by bounds, mean, standard deviation and the distribution
    of a sample (orthogonal: by its norm and scalar products), as little training moves them all.
    """
    try:
        initializer = initializer_of(layer, weight)
    except BadEdit:
        return None
    if not figures.finite or figures.finite < figures.count:
        return None
    rounding = _PRECISION.get(array.label, 2**-23)
    spread = initializer.spread(weight.shape)
    if spread.form == "constant":
        return _is_constant(initializer, spread, figures, array, rounding)
    if spread.form == "identity" or figures.count < FEWEST:
        return None
    if spread.form == "orthogonal":
        return _has_norm(spread, weight.shape, figures, rounding) and _is_orthogonal(
            spread, array, rounding
        )
    return _has_moments(spread, figures, rounding) and _has_form(spread, _sample(array), rounding)


def is_telling(layer: Layer, weight: Weight) -> bool:
    """Whether training would show in a weight alone, so that `looks_initial` is to be believed.

    It does not in a few hundred elements, nor in many of a distribution without bounds: they
    still look as drawn when each has moved by a tenth of their spread.
    """
    try:
        form = initializer_of(layer, weight).spread(weight.shape).form
    except BadEdit:
        return False
    return form == "orthogonal" or (form in ("uniform", "truncated") and weight.size >= _CLEAR)


def _is_constant(
    initializer: Initializer, spread: Spread, figures: Statistics, array: StoredArray, near: float
) -> bool:
    if initializer.ones is None:
        apart = abs(spread.first) * near
        return all(
            abs(float(end) - spread.first) <= apart
            for end in (figures.min, figures.max)
            if end is not None
        )
    if figures.count > SAMPLE:
        return False
    values = decoder(array)(array.read(tuple(slice(0, length) for length in array.shape)))
    return bool(np.array_equal(values, draw(initializer, array.shape, 0)))


def _has_norm(spread: Spread, shape: tuple[int, ...], figures: Statistics, rounding: float) -> bool:
    """An orthogonal matrix of r×c has min(r, c) singular values, each the gain."""
    expected = abs(spread.first) * math.sqrt(min(math.prod(shape[:-1]), shape[-1]))
    return abs(figures.l2 - expected) <= expected * max(1e-5, rounding)


def _is_orthogonal(spread: Spread, array: StoredArray, rounding: float) -> bool:
    """Rows (or columns, if these are fewer) of such a matrix are orthogonal to each other."""
    if array.size > _WHOLE:
        return True
    values = decoder(array)(array.read(tuple(slice(0, length) for length in array.shape)))
    matrix = values.reshape(-1, array.shape[-1]).astype("f8")
    vectors = (matrix.T if len(matrix) > len(matrix.T) else matrix)[:_VECTORS]
    apart = np.abs(vectors @ vectors.T - spread.first**2 * np.eye(len(vectors))).max()
    return bool(apart <= spread.first**2 * max(_ORTHOGONAL, 4 * rounding))


def _has_moments(spread: Spread, figures: Statistics, rounding: float) -> bool:
    low, high, mean, std = figures.min, figures.max, figures.mean, figures.std
    wanted, apart = spread.mean, spread.std
    if None in (low, high, mean, std) or wanted is None or not apart:
        return False
    assert low is not None and high is not None and mean is not None and std is not None
    if spread.bounds is not None:
        margin = max(map(abs, spread.bounds)) * rounding
        if low < spread.bounds[0] - margin or high > spread.bounds[1] + margin:
            return False
    n = figures.count
    error = apart * math.sqrt((_KURTOSIS[spread.form] - 1) / (4 * n))
    close_mean = abs(mean - wanted) <= _SIGMAS * apart / math.sqrt(n) + rounding * apart
    return close_mean and abs(std - apart) <= _SIGMAS * error + rounding * apart


def _sample(array: StoredArray) -> Array:
    """Return the array's first elements, as float64."""
    first = next(pieces(array.shape, array.dtype.itemsize, array.chunks, SAMPLE * 8))
    return decoder(array)(read_block(array, first)).reshape(-1)[:SAMPLE].astype("f8")


def _has_form(spread: Spread, sample: Array, rounding: float) -> bool:
    values = np.sort(sample)
    n = len(values)
    expected = _cumulative(spread, values)
    steps = np.arange(1, n + 1) / n
    distance = max(float((steps - expected).max()), float((expected - steps + 1 / n).max()))
    return distance <= _KS / math.sqrt(n) + rounding


def _cumulative(spread: Spread, values: Array) -> Array:
    """Return the share of the distribution below each value."""
    if spread.form == "uniform":
        return np.clip((values - spread.first) / (spread.second - spread.first), 0.0, 1.0)
    z = (values - spread.first) / (spread.second * math.sqrt(2))
    normal = 0.5 * (1 + np.array([math.erf(v) for v in z.tolist()]))
    if spread.form == "normal":
        return normal
    below = 0.5 * (1 + math.erf(-math.sqrt(2)))  # the part beyond two standard deviations
    return np.clip((normal - below) / (1 - 2 * below), 0.0, 1.0)

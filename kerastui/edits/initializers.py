"""Keras's initializers: what weights are before training, read from a configuration.

Nothing is computed here but a distribution's numbers; `kerastui.draws` makes arrays of them, and
`initial` says which one a layer's weight has. Formulas are those of Keras 3.15,
``keras/src/initializers`` (``random_initializers.py``, ``constant_initializers.py``);
names of Keras 1 and 2 mean what they mean there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

Form = Literal["constant", "uniform", "normal", "truncated", "orthogonal", "identity"]

TRUNCATED_STD = 0.87962566103423978
"""Standard deviation of a normal distribution of 1 that is cut off beyond 2."""

Axes = tuple[tuple[int, ...], tuple[int, ...]]
"""Which axes of a kernel are inputs, and which are outputs, of a layer that says so."""


@dataclass(frozen=True)
class Initializer:
    """How a weight begins: one of Keras's initializers, with all its settings."""

    label: str
    """What Keras calls it: ``GlorotUniform``; safe to show."""
    form: Form | Literal["scaled"]
    """``scaled``: VarianceScaling, whose numbers follow from the shape."""
    numbers: tuple[float, ...] = ()
    """constant: value; uniform: least, greatest; normal, truncated: mean, stddev (before the
    cut); orthogonal, identity: gain; scaled: scale."""
    mode: str = "fan_in"
    """Of ``scaled``: ``fan_in``, ``fan_out`` or ``fan_avg``."""
    distribution: str = "truncated"
    """Of ``scaled``: ``uniform``, ``truncated`` or ``normal``."""
    axes: Axes | None = None
    """Of ``scaled``, for kernels of another form than a convolution's."""
    ones: tuple[int, int] | None = None
    """Elements (from, to) that are one whatever else is said: an LSTM's forget gate."""

    def spread(self, shape: tuple[int, ...]) -> Spread:
        """Return what the elements of a new array of this shape are like."""
        if self.form == "scaled":
            return _scaled(self, shape)
        return Spread(self.form, *self.numbers)


@dataclass(frozen=True)
class Spread:
    """A distribution with its numbers: two that say its form, and what follows from them."""

    form: Form
    first: float = 0.0
    """constant: the value; uniform: the least; normal, truncated: the mean; else the gain."""
    second: float = 0.0
    """uniform: the greatest; normal, truncated: the standard deviation before the cut."""

    @property
    def mean(self) -> float | None:
        """Mean of the elements; None where it depends on the shape alone (identity)."""
        if self.form == "uniform":
            return (self.first + self.second) / 2
        if self.form == "orthogonal":
            return 0.0
        return None if self.form == "identity" else self.first

    @property
    def std(self) -> float | None:
        """Standard deviation of the elements; None where it is no number of its own."""
        if self.form == "uniform":
            return (self.second - self.first) / math.sqrt(12)
        if self.form in ("normal", "truncated"):
            return self.second * (TRUNCATED_STD if self.form == "truncated" else 1.0)
        return 0.0 if self.form == "constant" else None

    @property
    def bounds(self) -> tuple[float, float] | None:
        """What no element lies beyond; None for none."""
        if self.form == "uniform":
            return self.first, self.second
        if self.form == "truncated":
            return self.first - 2 * self.second, self.first + 2 * self.second
        return (self.first, self.first) if self.form == "constant" else None


def fans(shape: tuple[int, ...], axes: Axes | None = None) -> tuple[int, int]:
    """Return (fan in, fan out) as Keras counts them (``compute_fans``).

    A kernel of a convolution is (…, inputs, outputs), with what it covers before.
    """
    if axes is not None:
        inputs, outputs = ([shape[axis] for axis in some] for some in axes)
        return math.prod(inputs), math.prod(outputs)
    if len(shape) < 2:
        size = shape[0] if shape else 1
        return size, size
    covered = math.prod(shape[:-2])
    return shape[-2] * covered, shape[-1] * covered


def _scaled(initializer: Initializer, shape: tuple[int, ...]) -> Spread:
    """VarianceScaling: variance = scale / n, n being the fan that its mode names."""
    fan_in, fan_out = fans(shape, initializer.axes)
    average = (fan_in + fan_out) / 2
    n = {"fan_in": fan_in, "fan_out": fan_out}.get(initializer.mode, average)
    variance = initializer.numbers[0] / max(1.0, n)
    if initializer.distribution == "uniform":
        limit = math.sqrt(3.0 * variance)
        return Spread("uniform", -limit, limit)
    if initializer.distribution == "normal":
        return Spread("normal", 0.0, math.sqrt(variance))
    return Spread("truncated", 0.0, math.sqrt(variance) / TRUNCATED_STD)


# -- which one a name or a configuration means --------------------------------------------------

_SCALED = {
    "glorotuniform": ("GlorotUniform", 1.0, "fan_avg", "uniform"),
    "glorotnormal": ("GlorotNormal", 1.0, "fan_avg", "truncated"),
    "lecununiform": ("LecunUniform", 1.0, "fan_in", "uniform"),
    "lecunnormal": ("LecunNormal", 1.0, "fan_in", "truncated"),
    "heuniform": ("HeUniform", 2.0, "fan_in", "uniform"),
    "henormal": ("HeNormal", 2.0, "fan_in", "truncated"),
}
_ALIASES = {
    "zero": "zeros", "one": "ones", "normal": "randomnormal", "uniform": "randomuniform",
    "identityinitializer": "identity", "orthogonalinitializer": "orthogonal",
    "xavieruniform": "glorotuniform", "xaviernormal": "glorotnormal",
}  # fmt: skip
_PLAIN: dict[str, tuple[str, Form, tuple[tuple[str, float], ...]]] = {
    "zeros": ("Zeros", "constant", ()),
    "ones": ("Ones", "constant", ()),
    "constant": ("Constant", "constant", (("value", 0.0),)),
    "randomuniform": ("RandomUniform", "uniform", (("minval", -0.05), ("maxval", 0.05))),
    "randomnormal": ("RandomNormal", "normal", (("mean", 0.0), ("stddev", 0.05))),
    "truncatednormal": ("TruncatedNormal", "truncated", (("mean", 0.0), ("stddev", 0.05))),
    "orthogonal": ("Orthogonal", "orthogonal", (("gain", 1.0),)),
    "identity": ("Identity", "identity", (("gain", 1.0),)),
}
_FIXED = {"zeros": (0.0,), "ones": (1.0,)}
_DISTRIBUTIONS = {
    "uniform": "uniform", "normal": "truncated", "truncated_normal": "truncated",
    "untruncated_normal": "normal",
}  # fmt: skip

NAMES = (*_PLAIN, *_SCALED, "variancescaling")
"""All initializers that are known, as one word in lower case."""


def named(stated: object) -> Initializer | None:
    """Return the initializer of a configuration (a name, or an object); None if unknown.

    ``glorot_uniform``, ``GlorotUniform`` and ``{"class_name": …, "config": …}`` are the same.
    """
    config: Mapping[str, Any] = {}
    if isinstance(stated, Mapping):
        parts = cast("Mapping[str, Any]", stated)
        found = parts.get("config")
        config = cast("Mapping[str, Any]", found) if isinstance(found, Mapping) else {}
        stated = parts.get("class_name")
    if not isinstance(stated, str):
        return None
    word = stated.rpartition(">")[2].replace("_", "").casefold()
    word = _ALIASES.get(word, word)
    if word in _SCALED:
        label, scale, mode, distribution = _SCALED[word]
        return Initializer(label, "scaled", (scale,), mode, distribution, _stated_axes(config))
    if word == "variancescaling":
        return _variance_scaling(config)
    if word not in _PLAIN:
        return None
    label, form, settings = _PLAIN[word]
    numbers = _FIXED.get(word) or tuple(_number(config, *setting) for setting in settings)
    return None if None in numbers else Initializer(label, form, cast("tuple[float, ...]", numbers))


def _variance_scaling(config: Mapping[str, Any]) -> Initializer | None:
    scale = _number(config, "scale", 1.0)
    mode = config.get("mode", "fan_in")
    kind = config.get("distribution", "truncated_normal")
    distribution = _DISTRIBUTIONS.get(kind.casefold()) if isinstance(kind, str) else None
    if scale is None or scale <= 0 or distribution is None:
        return None
    if mode not in ("fan_in", "fan_out", "fan_avg"):
        return None
    axes = _stated_axes(config)
    return Initializer("VarianceScaling", "scaled", (scale,), mode, distribution, axes)


def _number(config: Mapping[str, Any], key: str, default: float) -> float | None:
    value = config.get(key, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return float(value)


def _stated_axes(config: Mapping[str, Any]) -> Axes | None:
    found = [config.get(key) for key in ("input_axes", "output_axes")]
    lists = [cast("list[object]", some) for some in found if isinstance(some, list)]
    if len(lists) != 2 or not all(type(axis) is int for some in lists for axis in some):
        return None
    inputs, outputs = (tuple(cast("list[int]", some)) for some in lists)
    return inputs, outputs

"""Output shapes of well-known layers, by rules that are certain; None for everything else.

Standard library only and pure: a class name, its configuration and the shapes of its inputs
go in, the shapes of its outputs come out. Shapes have the batch axis first and None for a
free axis. A wrong shape is worse than none, so whatever is not plain gives None.

Rules after ``compute_output_shape`` of the layers in ``keras/src/layers`` (Keras 3.15) and
``tf_keras/src/layers`` (2.21); the settings' names of Keras 1 are understood as well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

from .layer import Shape
from .spatial_shapes import Config, Rule, Shapes, first_of, one, per_axis, single, spatial_rules

_SAME = (
    "ActivityRegularization", "AlphaDropout", "BatchNormalization", "BatchNormalizationV1",
    "BatchNormalizationV2", "Dropout", "ELU", "GaussianDropout", "GaussianNoise",
    "GroupNormalization", "Highway", "Identity", "LayerNormalization", "LeakyReLU", "Masking",
    "Normalization", "PReLU", "RMSNormalization", "RandomBrightness", "RandomContrast",
    "RandomFlip", "RandomRotation", "RandomTranslation", "RandomZoom", "ReLU", "Rescaling",
    "Softmax", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D",
    "SyncBatchNormalization", "ThresholdedReLU", "UnitNormalization",
)  # fmt: skip
_ELEMENTWISE = ("Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract")
_SHAPE_CHANGING = {"glu"}
"""Activations after which a shape is not the one before."""


def output_shapes(class_name: str, config: Config, inputs: Sequence[Shape]) -> Shapes | None:
    """Return the shapes of a layer's outputs, None where the rules do not reach."""
    rule = _RULES.get(class_name)
    if rule is None or not inputs:
        return None
    try:
        return rule(config, tuple(inputs))
    except (TypeError, ValueError, IndexError, KeyError, ZeroDivisionError, OverflowError):
        return None  # a configuration of another shape than Keras writes


def recurrent_shape(config: Config, units: object, inputs: Shapes) -> Shape | None:
    """Return the output shape of a recurrent layer of `units` that returns no states."""
    if not isinstance(units, int) or not inputs or len(inputs[0]) != 3:
        return None
    if config.get("return_state"):
        return None
    batch, time, _ = inputs[0]
    return (batch, time, units) if config.get("return_sequences") else (batch, units)


def _same(config: Config, inputs: Shapes) -> Shapes:
    return one(single(inputs))


def _activation(config: Config, inputs: Shapes) -> Shapes | None:
    name = config.get("activation")
    if not isinstance(name, str) or name in _SHAPE_CHANGING:
        return None
    return one(single(inputs))


def _dense(config: Config, inputs: Shapes) -> Shapes:
    shape = single(inputs)
    if len(shape) < 2:
        raise ValueError("rank")
    return one((*shape[:-1], per_axis(first_of(config, "units", "output_dim"), 1)[0]))


def _embedding(config: Config, inputs: Shapes) -> Shapes:
    return one((*single(inputs), per_axis(config["output_dim"], 1)[0]))


def _flatten(config: Config, inputs: Shapes) -> Shapes:
    shape = single(inputs)
    rest = shape[1:]
    return one((shape[0], None if None in rest else math.prod(cast("tuple[int]", rest))))


def _reshape(config: Config, inputs: Shapes) -> Shapes | None:
    shape = single(inputs)
    target: list[int | None] = list(config["target_shape"])
    given = [n for n in target if type(n) is int and n >= 0]
    if target.count(-1) > 1 or len(given) + target.count(-1) != len(target):
        return None
    if -1 in target:
        rest = shape[1:]
        whole = None if None in rest else math.prod(cast("tuple[int, ...]", rest))
        target[target.index(-1)] = None if whole is None else whole // math.prod(given)
    return one((shape[0], *target))


def _permute(config: Config, inputs: Shapes) -> Shapes:
    shape = single(inputs)
    dims: list[int] = list(config["dims"])
    if sorted(dims) != list(range(1, len(shape))):
        raise ValueError("dims")
    return one((shape[0], *[shape[d] for d in dims]))


def _repeat(config: Config, inputs: Shapes) -> Shapes:
    batch, size = single(inputs)
    return one((batch, per_axis(config["n"], 1)[0], size))


def _elementwise(config: Config, inputs: Shapes) -> Shapes | None:
    if len(inputs) < 2 or len({len(shape) for shape in inputs}) != 1:
        return None
    sizes: list[int | None] = []
    for axis in zip(*inputs, strict=True):
        found = set(axis) - {1} if len(set(axis)) > 1 and None not in axis else set(axis)
        if len(found) != 1:
            return None
        sizes.append(found.pop())
    return one(tuple(sizes))


def _joined(axis: object, inputs: Shapes) -> Shapes | None:
    rank = len(inputs[0])
    if len(inputs) < 2 or not isinstance(axis, int) or not -rank <= axis < rank:
        return None
    axis %= rank
    rest = {shape[:axis] + shape[axis + 1 :] for shape in inputs}
    if len(rest) != 1 or any(len(shape) != rank for shape in inputs):
        return None
    sizes = [shape[axis] for shape in inputs]
    whole = None if None in sizes else sum(cast("list[int]", sizes))
    return one((*inputs[0][:axis], whole, *inputs[0][axis + 1 :]))


def _concatenate(config: Config, inputs: Shapes) -> Shapes | None:
    return _joined(config.get("axis", -1), inputs)


def _merge(config: Config, inputs: Shapes) -> Shapes | None:
    """Keras 1's Merge."""
    mode = config.get("mode")
    if mode == "concat":
        return _joined(config.get("concat_axis", -1), inputs)
    return _elementwise(config, inputs) if mode in ("sum", "mul", "ave", "max") else None


def _dot(config: Config, inputs: Shapes) -> Shapes | None:
    left, right = inputs
    axes: Any = config["axes"]
    at_left, at_right = (axes, axes) if isinstance(axes, int) else axes
    at_left, at_right = at_left % len(left), at_right % len(right)
    if at_left == 0 or at_right == 0:
        return None
    first, second = list(left), list(right)
    del first[at_left], second[at_right]
    shape = (*first, *second[1:])
    return one(shape if len(shape) > 1 else (*shape, 1))


def _recurrent(states: int) -> Rule:
    def rule(config: Config, inputs: Shapes) -> Shapes | None:
        units = per_axis(first_of(config, "units", "output_dim"), 1)[0]
        if len(inputs[0]) != 3:
            return None
        batch, time, _ = inputs[0]
        output = (batch, time, units) if config.get("return_sequences") else (batch, units)
        return (output, *([(batch, units)] * states if config.get("return_state") else ()))

    return rule


def _attention(config: Config, inputs: Shapes) -> Shapes | None:
    """MultiHeadAttention: what it gives back has the query's shape, scores come second."""
    if config.get("output_shape") is not None or len(inputs[0]) != 3:
        return None
    return one(inputs[0])


def _attended(config: Config, inputs: Shapes) -> Shapes | None:
    """Attention and AdditiveAttention of [query, value] or [query, value, key]."""
    if len(inputs) not in (2, 3) or any(len(shape) != 3 for shape in inputs):
        return None
    return one((*inputs[0][:-1], inputs[1][-1]))


def _rules() -> dict[str, Rule]:
    rules: dict[str, Rule] = dict.fromkeys(_SAME, _same)
    rules |= dict.fromkeys(_ELEMENTWISE, _elementwise)
    rules |= {
        "Activation": _activation, "Dense": _dense, "TimeDistributedDense": _dense,
        "Embedding": _embedding, "Flatten": _flatten, "Reshape": _reshape, "Permute": _permute,
        "RepeatVector": _repeat, "Concatenate": _concatenate, "Merge": _merge, "Dot": _dot,
        "MaxoutDense": _dense, "MultiHeadAttention": _attention,
        "Attention": _attended, "AdditiveAttention": _attended,
        "SimpleRNN": _recurrent(1), "GRU": _recurrent(1), "CuDNNGRU": _recurrent(1),
        "LSTM": _recurrent(2), "CuDNNLSTM": _recurrent(2),
    }  # fmt: skip
    return rules | spatial_rules()


_RULES = _rules()

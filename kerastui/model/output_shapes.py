"""Output shapes of well-known layers, by rules that are certain; None for everything else.

Standard library only and pure: a class name, its configuration and the shapes of its inputs
go in, the shapes of its outputs come out. Shapes have the batch axis first and None for a
free axis. A wrong shape is worse than none, so whatever is not plain gives None.

Rules after ``compute_output_shape`` of the layers in ``keras/src/layers`` (Keras 3.15) and
``tf_keras/src/layers`` (2.21); the settings' names of Keras 1 are understood as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from .layer import Shape

Config = Mapping[str, Any]
Shapes = tuple[Shape, ...]
Rule = Callable[[Config, Shapes], "Shapes | None"]

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


def _first(config: Config, *keys: str) -> Any:
    return next((config[key] for key in keys if config.get(key) is not None), None)


def _one(shape: Shape) -> Shapes:
    return (shape,)


def _single(inputs: Shapes) -> Shape:
    if len(inputs) != 1:
        raise ValueError("several inputs")
    return inputs[0]


def _per_axis(value: object, rank: int) -> list[int]:
    """Return a setting such as ``kernel_size`` with one number for each axis."""
    numbers = cast("list[Any]", value) if isinstance(value, (list, tuple)) else [value] * rank
    if len(numbers) != rank or not all(type(n) is int and n > 0 for n in numbers):
        raise ValueError("no sizes")
    return [int(n) for n in numbers]


def _channels_first(config: Config) -> bool:
    """Whether channels come before the picture's axes; None in a file says nothing."""
    for key in ("data_format", "dim_ordering"):
        if key in config:
            value = config[key]
            if value in ("channels_first", "th"):
                return True
            if value not in ("channels_last", "tf"):
                raise ValueError("no data format")
    return False


def _split(config: Config, shape: Shape, rank: int) -> tuple[list[int | None], int | None, bool]:
    """Return spatial axes, channels, and whether channels come first."""
    if len(shape) != rank + 2:
        raise ValueError("rank")
    first = _channels_first(config)
    return list(shape[2:] if first else shape[1:-1]), shape[1] if first else shape[-1], first


def _join(
    batch: int | None, axes: Sequence[int | None], channels: int | None, first: bool
) -> Shape:
    return (batch, channels, *axes) if first else (batch, *axes, channels)


def _window(n: int | None, kernel: int, stride: int, padding: object, dilation: int = 1) -> Any:
    """Return the length of an axis after a sliding window."""
    if n is None:
        return None
    if padding in ("same", "causal"):
        return -(-n // stride)
    if padding != "valid":
        raise ValueError("padding")
    length = (n - (kernel - 1) * dilation - 1) // stride + 1
    if length < 1:
        raise ValueError("too small")
    return length


def _padding(config: Config) -> Any:
    return _first(config, "padding", "border_mode") or "valid"


def _kernel(config: Config, rank: int) -> list[int]:
    value = _first(config, "kernel_size", "filter_length")
    if value is None:
        keys = ("nb_row", "nb_col") if rank == 2 else ("kernel_dim1", "kernel_dim2", "kernel_dim3")
        value = [config[key] for key in keys]
    return _per_axis(value, rank)


def _convolution(rank: int, filters: Callable[[Config, Any], Any]) -> Rule:
    def rule(config: Config, inputs: Shapes) -> Shapes:
        shape = _single(inputs)
        axes, channels, first = _split(config, shape, rank)
        kernel = _kernel(config, rank)
        stride = _per_axis(_first(config, "strides", "subsample", "subsample_length") or 1, rank)
        rate = _per_axis(_first(config, "dilation_rate", "atrous_rate") or 1, rank)
        how = _padding(config)
        sizes = [
            _window(n, k, s, how, d) for n, k, s, d in zip(axes, kernel, stride, rate, strict=True)
        ]
        return _one(_join(shape[0], sizes, filters(config, channels), first))

    return rule


def _filters(config: Config, channels: Any) -> Any:
    return _per_axis(_first(config, "filters", "nb_filter"), 1)[0]


def _depthwise(config: Config, channels: Any) -> Any:
    return None if channels is None else channels * _per_axis(config["depth_multiplier"], 1)[0]


def _transposed(rank: int) -> Rule:
    def rule(config: Config, inputs: Shapes) -> Shapes | None:
        shape = _single(inputs)
        if config.get("output_padding") is not None or "border_mode" in config:
            return None
        axes, _, first = _split(config, shape, rank)
        kernel, stride = _kernel(config, rank), _per_axis(config.get("strides", 1), rank)
        if set(_per_axis(config.get("dilation_rate", 1), rank)) != {1}:
            return None
        if config["padding"] not in ("same", "valid"):
            return None
        extra = [0 if config["padding"] == "same" else max(k - s, 0)
                 for k, s in zip(kernel, stride, strict=True)]  # fmt: skip
        sizes = [
            None if n is None else n * s + e for n, s, e in zip(axes, stride, extra, strict=True)
        ]
        return _one(_join(shape[0], sizes, _filters(config, None), first))

    return rule


def _pooling(rank: int) -> Rule:
    def rule(config: Config, inputs: Shapes) -> Shapes:
        shape = _single(inputs)
        axes, channels, first = _split(config, shape, rank)
        pool = _per_axis(_first(config, "pool_size", "pool_length"), rank)
        stride = _per_axis(_first(config, "strides", "stride") or pool, rank)
        how = _padding(config)
        sizes = [_window(n, p, s, how) for n, p, s in zip(axes, pool, stride, strict=True)]
        return _one(_join(shape[0], sizes, channels, first))

    return rule


def _global_pooling(rank: int) -> Rule:
    def rule(config: Config, inputs: Shapes) -> Shapes:
        shape = _single(inputs)
        _, channels, first = _split(config, shape, rank)
        if config.get("keepdims"):
            return _one(_join(shape[0], [1] * rank, channels, first))
        return _one((shape[0], channels))

    return rule


def _edges(value: Any, rank: int) -> list[int]:
    """Return what cropping or padding adds up to on each axis."""
    if rank == 1 and isinstance(value, (list, tuple)):
        value = [value]
    if isinstance(value, int):
        value = [value] * rank
    total: list[int] = []
    for pair in value:
        both = [pair, pair] if isinstance(pair, int) else list(pair)
        if len(both) != 2 or min(both) < 0:
            raise ValueError("edges")
        total.append(sum(both))
    if len(total) != rank:
        raise ValueError("edges")
    return total


def _resized(rank: int, key: str, sign: int) -> Rule:
    """Cropping and zero padding: `sign` -1 and 1."""

    def rule(config: Config, inputs: Shapes) -> Shapes:
        shape = _single(inputs)
        axes, channels, first = _split(config, shape, rank)
        total = _edges(config[key], rank)
        sizes = [None if n is None else n + sign * t for n, t in zip(axes, total, strict=True)]
        if any(n is not None and n < 0 for n in sizes):
            raise ValueError("cropped away")
        return _one(_join(shape[0], sizes, channels, first))

    return rule


def _upsampling(rank: int) -> Rule:
    def rule(config: Config, inputs: Shapes) -> Shapes:
        shape = _single(inputs)
        axes, channels, first = _split(config, shape, rank)
        size = _per_axis(_first(config, "size", "length"), rank)
        sizes = [None if n is None else n * s for n, s in zip(axes, size, strict=True)]
        return _one(_join(shape[0], sizes, channels, first))

    return rule


def _same(config: Config, inputs: Shapes) -> Shapes:
    return _one(_single(inputs))


def _activation(config: Config, inputs: Shapes) -> Shapes | None:
    name = config.get("activation")
    if not isinstance(name, str) or name in _SHAPE_CHANGING:
        return None
    return _one(_single(inputs))


def _dense(config: Config, inputs: Shapes) -> Shapes:
    shape = _single(inputs)
    if len(shape) < 2:
        raise ValueError("rank")
    return _one((*shape[:-1], _per_axis(_first(config, "units", "output_dim"), 1)[0]))


def _embedding(config: Config, inputs: Shapes) -> Shapes:
    return _one((*_single(inputs), _per_axis(config["output_dim"], 1)[0]))


def _flatten(config: Config, inputs: Shapes) -> Shapes:
    shape = _single(inputs)
    rest = shape[1:]
    return _one((shape[0], None if None in rest else math.prod(cast("tuple[int]", rest))))


def _reshape(config: Config, inputs: Shapes) -> Shapes | None:
    shape = _single(inputs)
    target: list[Any] = list(config["target_shape"])
    if not all(type(n) is int and n >= -1 for n in target) or target.count(-1) > 1:
        return None
    if -1 in target:
        if None in shape[1:]:
            target[target.index(-1)] = None
        else:
            known = math.prod(n for n in target if n != -1)
            target[target.index(-1)] = math.prod(cast("tuple[int]", shape[1:])) // known
    return _one((shape[0], *target))


def _permute(config: Config, inputs: Shapes) -> Shapes:
    shape = _single(inputs)
    dims: list[Any] = list(config["dims"])
    if sorted(dims) != list(range(1, len(shape))):
        raise ValueError("dims")
    return _one((shape[0], *(shape[d] for d in dims)))


def _repeat(config: Config, inputs: Shapes) -> Shapes:
    batch, size = _single(inputs)
    return _one((batch, _per_axis(config["n"], 1)[0], size))


def _elementwise(config: Config, inputs: Shapes) -> Shapes | None:
    if len(inputs) < 2 or len({len(shape) for shape in inputs}) != 1:
        return None
    sizes: list[int | None] = []
    for axis in zip(*inputs, strict=True):
        found = set(axis) - {1} if len(set(axis)) > 1 and None not in axis else set(axis)
        if len(found) != 1:
            return None
        sizes.append(found.pop())
    return _one(tuple(sizes))


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
    return _one((*inputs[0][:axis], whole, *inputs[0][axis + 1 :]))


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
    one, two = (axes, axes) if isinstance(axes, int) else axes
    if one % len(left) == 0 or two % len(right) == 0:
        return None
    first, second = list(left), list(right)
    del first[one % len(left)], second[two % len(right)]
    shape = (*first, *second[1:])
    return _one(shape if len(shape) > 1 else (*shape, 1))


def _recurrent(states: int) -> Rule:
    def rule(config: Config, inputs: Shapes) -> Shapes | None:
        units = _per_axis(_first(config, "units", "output_dim"), 1)[0]
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
    return _one(inputs[0])


def _rules() -> dict[str, Rule]:
    rules: dict[str, Rule] = dict.fromkeys(_SAME, _same)
    rules |= dict.fromkeys(_ELEMENTWISE, _elementwise)
    rules |= {
        "Activation": _activation, "Dense": _dense, "TimeDistributedDense": _dense,
        "Embedding": _embedding, "Flatten": _flatten, "Reshape": _reshape, "Permute": _permute,
        "RepeatVector": _repeat, "Concatenate": _concatenate, "Merge": _merge, "Dot": _dot,
        "MaxoutDense": _dense, "MultiHeadAttention": _attention,
        "SimpleRNN": _recurrent(1), "GRU": _recurrent(1), "CuDNNGRU": _recurrent(1),
        "LSTM": _recurrent(2), "CuDNNLSTM": _recurrent(2),
        "Convolution1D": _convolution(1, _filters), "Convolution2D": _convolution(2, _filters),
        "Convolution3D": _convolution(3, _filters),
        "AtrousConvolution1D": _convolution(1, _filters),
        "AtrousConvolution2D": _convolution(2, _filters),
        "SeparableConvolution2D": _convolution(2, _filters),
    }  # fmt: skip
    for rank in (1, 2, 3):
        rules[f"Conv{rank}D"] = rules[f"SeparableConv{rank}D"] = _convolution(rank, _filters)
        rules[f"LocallyConnected{rank}D"] = _convolution(rank, _filters)
        rules[f"DepthwiseConv{rank}D"] = _convolution(rank, _depthwise)
        rules[f"Conv{rank}DTranspose"] = _transposed(rank)
        for kind in ("Max", "Average"):
            rules[f"{kind}Pooling{rank}D"] = _pooling(rank)
            rules[f"Global{kind}Pooling{rank}D"] = _global_pooling(rank)
        rules[f"ZeroPadding{rank}D"] = _resized(rank, "padding", 1)
        rules[f"Cropping{rank}D"] = _resized(rank, "cropping", -1)
        rules[f"UpSampling{rank}D"] = _upsampling(rank)
    return rules


_RULES = _rules()

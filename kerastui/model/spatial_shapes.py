"""Output shapes of layers that slide over, crop, pad or stretch spatial axes.

Part of `output_shapes`; the same conventions (batch axis first, None for a free axis), and
the same way to say "not certain": ValueError, which the caller turns into None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from .layer import Shape

Config = Mapping[str, Any]
Shapes = tuple[Shape, ...]
Rule = Callable[[Config, Shapes], "Shapes | None"]


def first_of(config: Config, *keys: str) -> Any:
    """Return the first of these settings that is given (eras name them differently)."""
    return next((config[key] for key in keys if config.get(key) is not None), None)


def given(config: Config, default: Any, *keys: str) -> Any:
    """Return as `first_of`, or the default; 0 is given, and wrong, not absent."""
    value = first_of(config, *keys)
    return default if value is None else value


def one(shape: Shape) -> Shapes:
    """Return the shapes of a layer with one output."""
    return (shape,)


def single(inputs: Shapes) -> Shape:
    """Return the only input. Raises ValueError if there are several."""
    if len(inputs) != 1:
        raise ValueError("several inputs")
    return inputs[0]


def per_axis(value: object, rank: int) -> list[int]:
    """Return a setting such as ``kernel_size`` with one number for each axis."""
    listed = isinstance(value, (list, tuple))
    numbers = cast("list[Any]", value) if listed else [cast("Any", value)] * rank
    if len(numbers) != rank or not all(type(n) is int and n > 0 for n in numbers):
        raise ValueError("no sizes")
    return list(numbers)


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
    return first_of(config, "padding", "border_mode") or "valid"


def _kernel(config: Config, rank: int) -> list[int]:
    value = first_of(config, "kernel_size", "filter_length")
    if value is None:
        keys = ("nb_row", "nb_col") if rank == 2 else ("kernel_dim1", "kernel_dim2", "kernel_dim3")
        value = [config[key] for key in keys]
    return per_axis(value, rank)


def _convolution(rank: int, filters: Callable[[Config, Any], Any]) -> Rule:
    def rule(config: Config, inputs: Shapes) -> Shapes:
        shape = single(inputs)
        axes, channels, first = _split(config, shape, rank)
        kernel = _kernel(config, rank)
        stride = per_axis(given(config, 1, "strides", "subsample", "subsample_length"), rank)
        rate = per_axis(given(config, 1, "dilation_rate", "atrous_rate"), rank)
        how = _padding(config)
        sizes = [
            _window(n, k, s, how, d) for n, k, s, d in zip(axes, kernel, stride, rate, strict=True)
        ]
        return one(_join(shape[0], sizes, filters(config, channels), first))

    return rule


def _filters(config: Config, channels: Any) -> Any:
    return per_axis(first_of(config, "filters", "nb_filter"), 1)[0]


def _depthwise(config: Config, channels: Any) -> Any:
    return None if channels is None else channels * per_axis(config["depth_multiplier"], 1)[0]


def _transposed(rank: int) -> Rule:
    def rule(config: Config, inputs: Shapes) -> Shapes | None:
        shape = single(inputs)
        if config.get("output_padding") is not None or "border_mode" in config:
            return None
        axes, _, first = _split(config, shape, rank)
        kernel, stride = _kernel(config, rank), per_axis(config.get("strides", 1), rank)
        if set(per_axis(config.get("dilation_rate", 1), rank)) != {1}:
            return None
        if config["padding"] not in ("same", "valid"):
            return None
        extra = [0 if config["padding"] == "same" else max(k - s, 0)
                 for k, s in zip(kernel, stride, strict=True)]  # fmt: skip
        sizes = [
            None if n is None else n * s + e for n, s, e in zip(axes, stride, extra, strict=True)
        ]
        return one(_join(shape[0], sizes, _filters(config, None), first))

    return rule


def _pooling(rank: int) -> Rule:
    def rule(config: Config, inputs: Shapes) -> Shapes:
        shape = single(inputs)
        axes, channels, first = _split(config, shape, rank)
        pool = per_axis(first_of(config, "pool_size", "pool_length"), rank)
        stride = per_axis(given(config, pool, "strides", "stride"), rank)
        how = _padding(config)
        sizes = [_window(n, p, s, how) for n, p, s in zip(axes, pool, stride, strict=True)]
        return one(_join(shape[0], sizes, channels, first))

    return rule


def _global_pooling(rank: int) -> Rule:
    def rule(config: Config, inputs: Shapes) -> Shapes:
        shape = single(inputs)
        _, channels, first = _split(config, shape, rank)
        if config.get("keepdims"):
            return one(_join(shape[0], [1] * rank, channels, first))
        return one((shape[0], channels))

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
        shape = single(inputs)
        axes, channels, first = _split(config, shape, rank)
        total = _edges(config[key], rank)
        sizes = [None if n is None else n + sign * t for n, t in zip(axes, total, strict=True)]
        if any(n is not None and n < 0 for n in sizes):
            raise ValueError("cropped away")
        return one(_join(shape[0], sizes, channels, first))

    return rule


def _upsampling(rank: int) -> Rule:
    def rule(config: Config, inputs: Shapes) -> Shapes:
        shape = single(inputs)
        axes, channels, first = _split(config, shape, rank)
        size = per_axis(first_of(config, "size", "length"), rank)
        sizes = [None if n is None else n * s for n, s in zip(axes, size, strict=True)]
        return one(_join(shape[0], sizes, channels, first))

    return rule


def _conv_recurrent(rank: int) -> Rule:
    """ConvLSTM: a convolution over each step of a sequence."""
    plain = _convolution(rank, _filters)

    def rule(config: Config, inputs: Shapes) -> Shapes | None:
        shape = inputs[0]
        if config.get("return_state") or len(shape) != rank + 3 or len(inputs) != 1:
            return None
        batch, time, *rest = shape
        found = plain(config, ((batch, *rest),))
        if not found or not config.get("return_sequences"):
            return found
        return one((batch, time, *found[0][1:]))

    return rule


def _exact_size(config: Config, inputs: Shapes) -> Shapes:
    """Resizing and CenterCrop: the picture has the size that the configuration states."""
    shape = single(inputs)
    _, channels, first = _split(config, shape, 2)
    size = [per_axis(config[key], 1)[0] for key in ("height", "width")]
    return one(_join(shape[0], size, channels, first))


def spatial_rules() -> dict[str, Rule]:
    """Return class name → rule for all of them."""
    convolution = _convolution(2, _filters)
    rules: dict[str, Rule] = {
        "Convolution1D": _convolution(1, _filters), "Convolution2D": convolution,
        "Convolution3D": _convolution(3, _filters),
        "AtrousConvolution1D": _convolution(1, _filters),
        "AtrousConvolution2D": convolution, "SeparableConvolution2D": convolution,
        "CenterCrop": _exact_size, "Resizing": _exact_size,
    }  # fmt: skip
    for rank in (1, 2, 3):
        rules[f"Conv{rank}D"] = rules[f"SeparableConv{rank}D"] = _convolution(rank, _filters)
        rules[f"LocallyConnected{rank}D"] = _convolution(rank, _filters)
        rules[f"DepthwiseConv{rank}D"] = _convolution(rank, _depthwise)
        rules[f"ConvLSTM{rank}D"] = _conv_recurrent(rank)
        rules[f"Conv{rank}DTranspose"] = _transposed(rank)
        for kind in ("Max", "Average"):
            rules[f"{kind}Pooling{rank}D"] = _pooling(rank)
            rules[f"Global{kind}Pooling{rank}D"] = _global_pooling(rank)
        rules[f"ZeroPadding{rank}D"] = _resized(rank, "padding", 1)
        rules[f"Cropping{rank}D"] = _resized(rank, "cropping", -1)
        rules[f"UpSampling{rank}D"] = _upsampling(rank)
    return rules

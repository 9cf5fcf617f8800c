"""A weight that a class is known to have, and the rules of dense and convolutional classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from .entries import is_list

Pattern = tuple[int | None, ...]


class Spec(NamedTuple):
    """One weight that a layer of a known class has."""

    name: str
    trainable: bool = True
    pattern: Pattern | None = None
    """Its shape as far as the configuration tells, None for free axes; None: even the rank."""
    place: str = "vars"
    """The group in a ``.keras`` archive, relative to the layer's."""
    number: int = 0
    """The dataset's number in that group."""


Config = dict[str, Any]
Rule = Callable[[Config], "list[Spec] | None"]


def numbered(specs: list[Spec]) -> list[Spec]:
    """Number the datasets of each group in order."""
    counts: dict[str, int] = {}
    result: list[Spec] = []
    for spec in specs:
        number = counts.get(spec.place, 0)
        result.append(spec if not number else Spec(*spec[:4], number))
        counts[spec.place] = number + 1
    return result


def is_on(config: Config, *keys: str) -> bool:
    """Whether a switch such as ``use_bias`` is on (Keras's default for all of them)."""
    return all(bool(config.get(key, True)) for key in keys)


def whole_number(config: Config, *keys: str) -> int | None:
    """Return the first of these settings that is a positive number."""
    value = next((config[key] for key in keys if config.get(key) is not None), None)
    return value if type(value) is int and value > 0 else None


def kernel_sizes(config: Config, rank: int) -> Pattern:
    """Return a kernel's spatial axes, None where the configuration does not tell."""
    value = config.get("kernel_size", config.get("filter_length"))
    if is_list(value) and len(value) == rank and all(type(n) is int for n in value):
        return tuple(value)
    return (value,) * rank if type(value) is int else (None,) * rank


def by_keras_1(config: Config) -> bool:
    """Whether Keras 1 wrote the configuration: its kernels are laid out in other ways."""
    return any(key in config for key in ("nb_filter", "init", "W_regularizer", "border_mode"))


def kernel_spec(name: str, pattern: Pattern, config: Config) -> Spec:
    """Return the spec of a kernel; Keras 1 laid kernels out in other ways."""
    return Spec(name, True, (None,) * len(pattern) if by_keras_1(config) else pattern)


def dense_rule(config: Config) -> list[Spec]:
    """Return the weights of Dense."""
    units = whole_number(config, "units", "output_dim")
    specs = [Spec("kernel", True, (None, units))]
    return specs + ([Spec("bias", True, (units,))] if is_on(config, "use_bias", "bias") else [])


def einsum_rule(config: Config) -> list[Spec]:
    """Return the weights of EinsumDense."""
    bias = [Spec("bias")] if config.get("bias_axes") else []
    return [Spec("kernel"), *bias]


def convolution_rule(rank: int, transposed: bool = False) -> Rule:
    """Return the rule of plain (or transposed) convolutions over `rank` axes."""

    def rule(config: Config) -> list[Spec]:
        filters, sizes = whole_number(config, "filters", "nb_filter"), kernel_sizes(config, rank)
        pattern = (*sizes, filters, None) if transposed else (*sizes, None, filters)
        if by_keras_1(config) and rank == 1:
            pattern = (None, None, None, None)
        specs = [kernel_spec("kernel", pattern, config)]
        bias = is_on(config, "use_bias", "bias")
        return specs + ([Spec("bias", True, (filters,))] if bias else [])

    return rule


def depthwise_rule(rank: int) -> Rule:
    """Return the rule of depthwise convolutions over `rank` axes."""

    def rule(config: Config) -> list[Spec]:
        multiplier = whole_number(config, "depth_multiplier")
        pattern = (*kernel_sizes(config, rank), None, multiplier)
        specs = [kernel_spec("depthwise_kernel", pattern, config)]
        return specs + ([Spec("bias", True, (None,))] if is_on(config, "use_bias", "bias") else [])

    return rule


def separable_rule(rank: int) -> Rule:
    """Return the rule of separable convolutions over `rank` axes."""

    def rule(config: Config) -> list[Spec]:
        filters = whole_number(config, "filters", "nb_filter")
        multiplier = whole_number(config, "depth_multiplier")
        depth = (*kernel_sizes(config, rank), None, multiplier)
        specs = [
            kernel_spec("depthwise_kernel", depth, config),
            kernel_spec("pointwise_kernel", ((1,) * rank) + (None, filters), config),
        ]
        bias = is_on(config, "use_bias", "bias")
        return specs + ([Spec("bias", True, (filters,))] if bias else [])

    return rule


def locally_connected_rule(config: Config) -> list[Spec]:
    """Return the weights of LocallyConnected layers."""
    return [Spec("kernel")] + ([Spec("bias")] if is_on(config, "use_bias", "bias") else [])

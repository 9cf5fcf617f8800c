"""What each axis of a layer's weight means, in words.

From data (`known_layers`), plus three rules that need the layer's settings: the equation of
an EinsumDense, the normalized axes of a normalization, the shared axes of a PReLU.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .known_layers import KnownWeight, base_class, find_weight
from .layer import Layer, Weight
from .packing import is_transposed
from .values import as_list, as_mapping

_WRAPPING_KEYS = ("layer", "cell")
_NOTHING: Mapping[str, Any] = {}


def axes(layer: Layer, weight: Weight) -> tuple[str, ...]:
    """Return the meaning of each axis of `weight`, as many names as it has axes.

    ``()`` for a class that is not known, for a scalar, and when the file's shape is not what
    the class would have.
    """
    class_name, config = layer.class_name, layer.config
    known = find_weight(class_name, weight.name)
    if known is None or not (any(known.axes) or known.rule):
        class_name, config = _wrapped(layer)
        known = find_weight(class_name, weight.name)
        if known is None:
            return ()
    rank = len(weight.shape)
    names = _by_rule(known, config, weight) or _plain(known, config, rank)
    if len(names) != rank:
        return ()
    if is_transposed(layer, weight):
        names = names[::-1]
    return _grouped(class_name, config, names)


def _plain(known: KnownWeight, config: Mapping[str, Any], rank: int) -> tuple[str, ...]:
    theano = config.get("dim_ordering") == "th" and known.theano_axes
    for names in known.theano_axes if theano else known.axes:
        if len(names) == rank:
            return names
    return ()


def _by_rule(known: KnownWeight, config: Mapping[str, Any], weight: Weight) -> tuple[str, ...]:
    rank = len(weight.shape)
    if known.rule == "equation":
        return _equation(config, rank, bias=known.names[0] == "bias")
    if known.rule == "normalized" and rank > 1:
        stated = as_list(config.get("axis")) or ()
        if len(stated) != rank:
            return tuple(f"normalized axis {i + 1}" for i in range(rank))
        return tuple(f"axis {axis}" if isinstance(axis, int) else "axis" for axis in stated)
    if known.rule == "shared":
        shared = as_list(config.get("shared_axes")) or ()
        names = _plain(known, config, rank)
        return tuple(f"{n} (shared)" if i + 1 in shared else n for i, n in enumerate(names))
    return ()


def _equation(config: Mapping[str, Any], rank: int, bias: bool) -> tuple[str, ...]:
    """Read ``abc,cde->abde``: c is summed over, d and e are new."""
    text = config.get("equation")
    if not isinstance(text, str) or len(text) > 200 or text.count("->") != 1:
        return ()
    left, _, output = text.replace(" ", "").replace("...", "").partition("->")
    inputs, comma, kernel = left.partition(",")
    if not comma:
        return ()
    letters = config.get("bias_axes") if bias else kernel
    if not isinstance(letters, str) or len(letters) != rank:
        return ()
    return tuple(_letter(letter, inputs, output) for letter in letters)


def _letter(letter: str, inputs: str, output: str) -> str:
    if letter in inputs and letter not in output:
        return f"input features ({letter})"
    if letter in inputs:
        return f"shared axis ({letter})"
    return f"output features ({letter})"


def _grouped(class_name: str, config: Mapping[str, Any], names: tuple[str, ...]) -> tuple[str, ...]:
    """In a grouped convolution each filter sees only the channels of its group."""
    groups = config.get("groups")
    if not isinstance(groups, int) or groups <= 1:
        return names
    if not base_class(class_name).startswith("Conv"):
        return names
    return tuple(n + " per group" if n == "input channels" else n for n in names)


def _wrapped(layer: Layer) -> tuple[str, Mapping[str, Any]]:
    """Class and settings inside a wrapper whose configuration still holds them, or ``""``."""
    class_name, config = "", layer.config
    for _ in range(4):  # Bidirectional → RNN → StackedRNNCells → the first cell
        cells = as_list(config.get("cells"))
        inside = [config.get(key) for key in _WRAPPING_KEYS] + list(cells[:1] if cells else ())
        inner: Mapping[str, Any] = next((m for m in map(as_mapping, inside) if m), _NOTHING)
        name = inner.get("class_name")
        if not isinstance(name, str):
            break
        class_name, config = name, as_mapping(inner.get("config")) or {}
    return class_name, config

"""Which axes of a kernel are its filters', by what they mean (`kerastui.model.axes`)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .picture_results import FilterAxes

_PLAIN = {
    3: ("kernel length", "input channels", "filters"),
    4: ("kernel height", "kernel width", "input channels", "filters"),
    5: ("kernel depth", "kernel height", "kernel width", "input channels", "filters"),
}
"""What kernels of an unknown class are taken to be: the order of all Keras's own."""
_LARGEST = 63
"""Positions along a side of a kernel; more, and an unknown class's is no convolution."""
_ROWS = 64
"""Input channels of a kernel of one dimension that are seen at once, one below the other."""
_GATES = re.compile(r"\d+ gates × filters \(([^)]*)\)")


def filter_axes(name: str, shape: Sequence[int], meanings: Sequence[str] = ()) -> FilterAxes | None:
    """Return which axes make the tiles of a convolution kernel's gallery.

    Args:
        name: the weight's name, which decides where the meanings are unknown.
        shape: the weight's.
        meanings: a meaning for each axis, or none.

    None for what is no kernel with a width or height: Dense, 1×1, pointwise.
    """
    names = list(meanings) or _assumed(name, shape)
    if len(names) != len(shape) or 0 in shape:
        return None
    # "input channels per group" are input channels.
    names = [n.removesuffix(" per group") for n in names]
    found = {n: i for i, n in enumerate(names)}
    width = found.get("kernel width", found.get("kernel length", -1))
    if width < 0:
        return None
    height, depth = found.get("kernel height", -1), found.get("kernel depth", -1)
    gates = next((m for m in map(_GATES.fullmatch, names) if m), None)
    inputs, outputs = _channels(found, gates.string if gates else "filters")
    if not outputs:
        return None
    one_dimension = height < 0
    stacked = one_dimension and inputs >= 0 and shape[inputs] <= _ROWS
    if stacked:
        height, inputs = inputs, -1
    sides = [shape[axis] for axis in (height, width) if axis >= 0]
    if max(sides) == 1 or (one_dimension and shape[width] == 1):
        return None
    letters = tuple(gates.group(1).split(", ")) if gates else ()
    return FilterAxes(height, width, inputs, outputs, depth, letters, stacked)


def _assumed(name: str, shape: Sequence[int]) -> Sequence[str]:
    plain = _PLAIN.get(len(shape), ())
    small = all(length <= _LARGEST for length in shape[: max(0, len(shape) - 2)])
    if not small or len(shape) <= 3 or not name.endswith("kernel"):
        return ()
    return (*plain[:-1], "depth multiplier") if "depthwise" in name else plain


def _channels(found: dict[str, int], filters: str) -> tuple[int, tuple[int, ...]]:
    """Return the axis of input channels, and those that count filters."""
    inputs = found.get("input channels", -1)
    if "depth multiplier" in found:
        # Keras's output channel is input channel × multiplier + which of them.
        return -1, (inputs, found["depth multiplier"])
    if filters not in found:
        return inputs, ()
    if inputs < 0 and filters != "filters":  # a recurrent kernel: what came out goes in
        inputs = found.get("filters", -1)
    return inputs, (found[filters],)

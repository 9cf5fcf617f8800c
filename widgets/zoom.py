"""Looking closer at a part of an axis, and moving along it."""

from __future__ import annotations

import math
from dataclasses import replace

from .axis import Axis

_FINEST = 1e-12
"""Of the numbers themselves: closer than that, bins would be narrower than floats are apart."""


def zoomed(axis: Axis, whole: Axis, about: float, factor: float) -> Axis:
    """Return an axis `factor` times as long, on which `about` stays where it is.

    It is never longer than the whole, nor leaves it; nor does it get too short to tell numbers
    apart.
    """
    width = min(axis.width * factor, whole.width)
    width = max(width, min(whole.width, _FINEST * max(abs(axis.low), abs(axis.high))), 1e-300)
    low = about - axis.place(about) * width
    return _inside(low, width, axis, whole)


def moved(axis: Axis, whole: Axis, share: float) -> Axis:
    """Return the axis moved by a share of its length, as far as the whole goes."""
    return _inside(axis.low + share * axis.width, axis.width, axis, whole)


def _inside(low: float, width: float, axis: Axis, whole: Axis) -> Axis:
    if width >= whole.width or not math.isfinite(whole.width):
        return whole
    low = max(whole.low, min(low, whole.high - width))
    return replace(axis, low=low, high=min(low + width, whole.high))

"""Colours of zero-centred scales, for dark and for light screens.

Both run from blue (negative) to red (positive) and can be told apart by the colour-blind.
"light" is ColorBrewer's RdBu turned round (Brewer et al., 2003); "dark" is Crameri's "berlin"
(2018), whose middle is dark, so that the many weights about zero do not glare. "grey" is for
screens without colours: the larger, the lighter. Those for terminals of 256 colours are made of
these, in steps.
"""

from __future__ import annotations

import numpy as np

from .numbers import Array
from .picture_results import PaletteName

_ANCHORS: dict[PaletteName, str] = {
    "dark": "9eb0ff 79abed 519fd3 3685ad 286886 1d4b61 14303e 111a20 120f0e "
    "2b0e01 411201 5b1d08 7d341e 9e513f be6f63 df8f89 ffadad",
    "light": "053061 2166ac 4393c3 92c5de d1e5f0 f7f7f7 fddbc7 f4a582 d6604d b2182b 67001f",
    "dark-256": "d7ffff afd7ff 87afff 5fafff 0087d7 005faf 000087 00005f 000000 "
    "5f0000 870000 af0000 d75f00 d7875f ffaf87 ffd7af ffffd7",
    "light-256": "000087 005faf 0087d7 5fafff 87d7ff afd7ff d7d7ff ffffff "
    "ffd7d7 ffafaf ff8787 ff5f5f d70000 af0000 870000",
    "grey": "000000 ffffff",
}
SCREEN_LEVELS = 63
"""Few enough that a screen's cells share their styles, odd so that zero has its own."""
FINE_LEVELS = 255
NAN = (240, 228, 66)
INF = (0, 158, 115)
"""Yellow and green of Okabe and Ito (2008): in no palette here, for all eyes."""


def palette(name: PaletteName, levels: int = SCREEN_LEVELS) -> Array:
    """Return `levels` colours from the most negative to the most positive, as rows of RGB."""
    words = _ANCHORS[name].split()
    anchors: Array = np.array([list(bytes.fromhex(word)) for word in words], "f8")
    places = np.linspace(0, len(anchors) - 1, levels)
    if name.endswith("-256"):
        places = np.rint(places)
    colours: Array = np.empty((levels, 3), "u1")
    for i in range(3):
        colours[:, i] = np.rint(np.interp(places, range(len(anchors)), anchors[:, i]))
    return colours


def coloured(values: Array, limit: Array | float, colours: Array) -> Array:
    """Return RGB for each value: those of ±`limit` and beyond have the last colours.

    `limit` may be an array that NumPy spreads over the values. NaN and infinities have colours
    of their own.
    """
    middle = (len(colours) - 1) / 2
    finite = np.isfinite(values)
    with np.errstate(all="ignore"):
        parts = np.where(finite, values, 0) / np.where(limit, limit, 1)
    levels = np.rint(np.clip(parts, -1, 1) * middle + middle).astype(np.intp)
    pixels: Array = colours[levels]
    if not finite.all():
        pixels[np.isnan(values)] = NAN
        pixels[np.isinf(values)] = INF
    return pixels


def mixed(values: Array, limit: Array | float) -> Array:
    """Return three channels (last axis) as red, green and blue; zero is middle grey.

    Pixels with NaN or infinities have the colours for these.
    """
    finite = np.isfinite(values)
    with np.errstate(all="ignore"):
        parts = np.where(finite, values, 0) / np.where(limit, limit, 1)
    pixels = np.rint(np.clip(parts, -1, 1) * 127.5 + 127.5).astype("u1")
    if not finite.all():
        pixels[np.isnan(values).any(axis=-1)] = NAN
        pixels[np.isinf(values).any(axis=-1)] = INF
    return pixels


def largest(values: Array, axis: tuple[int, ...] | None = None) -> Array:
    """Return the largest finite absolute value, kept as an array that spreads over `values`."""
    sizes = np.abs(np.where(np.isfinite(values), values, 0))
    return np.max(sizes, axis=axis, keepdims=axis is not None, initial=0)

"""Tiles side by side on a picture, with room for a number below each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .numbers import Array

BETWEEN = 217
"""Grey between tiles: paper is the colour of zero."""
LETTER = 0.62
"""Width of a digit, as a share of the size of its font (DejaVu Sans has 0.64 at most)."""
_WIDE, _HIGH = 6000, 16_000
"""Dots of a picture at most, unless the tiles' own pixels are more."""
_SIDE = 900
"""Dots of a small gallery's longer side."""
_FONT, _SMALLEST_FONT = 16, 9
"""Dots; of one that still can be read."""
_GAP = 0.08
"""Share of a tile's narrower side."""


@dataclass(frozen=True)
class Sheet:
    """Tiles arranged: the picture, where the numbers are, and how large they are written."""

    picture: Array
    """Rows × columns × RGB."""
    columns: int
    """Tiles in a row."""
    places: tuple[tuple[float, float], ...]
    """Of each tile's number: its middle across, and its upper end; in pixels of the picture."""
    font: float
    """Size of the numbers in pixels of the picture; 0: there is no room for them."""


def arranged(tiles: Array, columns: int, digits: int) -> Sheet:
    """Return tiles (tile, row, column, RGB) in rows of so many, with numbers of so many digits."""
    count, height, width, _ = tiles.shape
    columns = max(1, min(columns, count))
    rows = -(-count // columns)
    scale, font = _sizes(height, width, columns, rows, digits)
    high, wide = height * scale, width * scale
    gap = max(1, round(_GAP * min(high, wide)))
    line = round(font * 1.3)
    down, across = high + gap + line, wide + gap
    picture = np.full((rows * down + gap, columns * across + gap, 3), BETWEEN, "u1")
    places: list[tuple[float, float]] = []
    for place, tile in enumerate(tiles):
        row, column = divmod(place, columns)
        top, left = gap + row * down, gap + column * across
        large = tile.repeat(scale, axis=0).repeat(scale, axis=1)
        picture[top : top + high, left : left + wide] = large
        places.append((left + wide / 2, top + high + font * 0.1))
    return Sheet(picture, columns, tuple(places), font)


def _sizes(height: int, width: int, columns: int, rows: int, digits: int) -> tuple[int, int]:
    """Return how many times as large tiles are drawn, and the font's size."""
    scale = max(1, _SIDE // max(columns * width, rows * height), -(-_FONT // min(height, width)))
    # Numbers fit below their tiles.
    scale = max(scale, -(-round(_SMALLEST_FONT * LETTER * (digits + 0.5)) // width))
    most = min(_WIDE // (columns * width), _HIGH // (rows * height))
    scale = max(1, min(scale, most))
    font = min(_FONT, int(width * scale / (LETTER * (digits + 0.5))))
    if font < _SMALLEST_FONT or rows * (height * scale + font) > 2 * _HIGH:
        return scale, 0
    return scale, font

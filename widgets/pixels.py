"""Pixels drawn with characters: two to a cell as half blocks, or as shades without colours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from rich.color import Color
from rich.segment import Segment
from rich.style import Style

UPPER_HALF = "▀"
SHADES = " ░▒▓█"
_MOST_CELLS = 20_000


@dataclass(frozen=True)
class Pixels:
    """A picture: three bytes (red, green, blue) a pixel, row by row."""

    width: int
    height: int
    rgb: bytes = field(repr=False)

    def row(self, y: int) -> bytes:
        """Return a row of pixels."""
        return self.rgb[3 * self.width * y : 3 * self.width * (y + 1)]

    def enlarged(self, across: int, down: int) -> Pixels:
        """Return the picture with every pixel so many times as wide and as high."""
        rows = (widened(self.row(y), across) * down for y in range(self.height))
        return Pixels(self.width * across, self.height * down, b"".join(rows))


def widened(row: bytes, times: int) -> bytes:
    """Return a row of pixels with each of them so many times."""
    if times == 1:
        return row
    return b"".join([row[i : i + 3] * times for i in range(0, len(row), 3)])


class _Cells:
    """Characters by the pixels that they show, so that equal ones share style and codes."""

    def __init__(self, make: Callable[[bytes], Segment]) -> None:
        self._make = make
        self._made: dict[bytes, Segment] = {}

    def __getitem__(self, pixels: bytes) -> Segment:
        cell = self._made.get(pixels)
        if cell is None:
            if len(self._made) >= _MOST_CELLS:
                self._made.clear()
            cell = self._made[pixels] = self._make(pixels)
        return cell


def _two_pixels(pixels: bytes) -> Segment:
    style = Style.from_color(Color.from_rgb(*pixels[:3]), Color.from_rgb(*pixels[3:]))
    return Segment(UPPER_HALF, style)


def _shade(pixels: bytes) -> Segment:
    return Segment(SHADES[sum(pixels) * (len(SHADES) - 1) // (3 * 255)])


_HALF_BLOCKS, _SHADED = _Cells(_two_pixels), _Cells(_shade)


def half_blocks(upper: bytes, lower: bytes) -> list[Segment]:
    """Return two rows of pixels as a line of cells."""
    starts = range(0, len(upper), 3)
    return [_HALF_BLOCKS[upper[i : i + 3] + lower[i : i + 3]] for i in starts]


def shades(row: bytes) -> list[Segment]:
    """Return a row of pixels as a line of cells, the lighter the fuller, without colours."""
    return [_SHADED[row[i : i + 3]] for i in range(0, len(row), 3)]

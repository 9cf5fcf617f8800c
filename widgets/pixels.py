"""Pixels drawn with characters: two to a cell as half blocks, or as shades without colours."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import groupby

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
    """Stretches of equal cells by the pixels that they show: equal ones share style and codes."""

    def __init__(self, make: Callable[[bytes, int], Segment]) -> None:
        self._make = make
        self._made: dict[tuple[bytes, int], Segment] = {}

    def line(self, cells: Iterable[bytes]) -> list[Segment]:
        """Return a line of cells, equal neighbours as one segment."""
        made = self._made
        if len(made) > _MOST_CELLS:
            made.clear()
        line: list[Segment] = []
        for pixels, same in groupby(cells):
            key = pixels, sum(1 for _ in same)
            segment = made.get(key)
            if segment is None:
                segment = made[key] = self._make(*key)
            line.append(segment)
        return line


def _two_pixels(pixels: bytes, count: int) -> Segment:
    style = Style.from_color(Color.from_rgb(*pixels[:3]), Color.from_rgb(*pixels[3:]))
    return Segment(UPPER_HALF * count, style)


def _shade(pixels: bytes, count: int) -> Segment:
    return Segment(SHADES[sum(pixels) * (len(SHADES) - 1) // (3 * 255)] * count)


_HALF_BLOCKS, _SHADED = _Cells(_two_pixels), _Cells(_shade)


def half_blocks(upper: bytes, lower: bytes) -> list[Segment]:
    """Return two rows of pixels as a line of cells."""
    return _HALF_BLOCKS.line(upper[i : i + 3] + lower[i : i + 3] for i in range(0, len(upper), 3))


def shades(row: bytes) -> list[Segment]:
    """Return a row of pixels as a line of cells, the lighter the fuller, without colours."""
    return _SHADED.line(row[i : i + 3] for i in range(0, len(row), 3))

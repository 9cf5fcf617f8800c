"""A PNG as coloured half blocks: two pixels a cell, which every terminal with colours shows.

Needs Pillow (the extra ``pictures``). Sharper ways (Sixel, Kitty's protocol) have to ask the
terminal first, which cannot be done while Textual reads from it.
"""

from __future__ import annotations

import io
import struct
from itertools import groupby
from typing import TYPE_CHECKING

from rich.color import Color
from rich.segment import Segment, Segments
from rich.style import Style

if TYPE_CHECKING:
    from PIL.Image import Image

UPPER_HALF = "▀"


class CannotShow(ValueError):
    """There is no way to show this picture here; the message is one sentence."""


def half_blocks(png: bytes, columns: int, rows: int) -> Segments:
    """Return a picture in at most `columns` × `rows` cells. Raises CannotShow."""
    try:
        import PIL.Image
    except ImportError:
        width, height = size_of(png)
        raise CannotShow(
            f"A figure of {width:,}×{height:,} pixels; `pip install 'kerastui[pictures]'` (it "
            "brings Pillow) shows figures here."
        ) from None
    try:
        image = PIL.Image.open(io.BytesIO(png), formats=["PNG"])
        return _drawn(_on_white(image), columns, rows)
    except (OSError, SyntaxError, ValueError, PIL.Image.DecompressionBombError) as error:
        raise CannotShow(f"The figure cannot be shown: {error}.") from error


def size_of(png: bytes) -> tuple[int, int]:
    """Return width and height as the header of a PNG states them; zeros if it is cut off."""
    return struct.unpack(">II", png[16:24]) if len(png) >= 24 else (0, 0)


def _on_white(image: Image) -> Image:
    import PIL.Image

    image = image.convert("RGBA")
    white = PIL.Image.new("RGBA", image.size, "white")
    return PIL.Image.alpha_composite(white, image).convert("RGB")


def _drawn(image: Image, columns: int, rows: int) -> Segments:
    """Draw, keeping the proportions: a cell is taken to be twice as high as wide."""
    scale = min(columns / image.width, 2 * rows / image.height)
    width = max(1, int(image.width * scale))
    height = max(2, 2 * round(image.height * scale / 2))
    raw = image.resize((width, height)).tobytes()
    segments: list[Segment] = []
    for y in range(0, height, 2):
        upper, lower = (_pixels(raw, width, row) for row in (y, y + 1))
        for (top, bottom), same in groupby(zip(upper, lower, strict=True)):
            style = Style(color=Color.from_rgb(*top), bgcolor=Color.from_rgb(*bottom))
            segments.append(Segment(UPPER_HALF * len(list(same)), style))
        segments.append(Segment.line())
    return Segments(segments)


def _pixels(raw: bytes, width: int, row: int) -> list[tuple[int, int, int]]:
    line = raw[3 * width * row : 3 * width * (row + 1)]
    return list(zip(line[::3], line[1::3], line[2::3], strict=True))

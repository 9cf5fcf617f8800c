"""A PNG as coloured half blocks: two pixels a cell, which every terminal with colours shows."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

from rich.segment import Segment, Segments

from . import pixels
from .pixels import Pixels

if TYPE_CHECKING:
    from PIL.Image import Image


class CannotShow(ValueError):
    """There is no way to show this picture here; the message is one sentence."""


def half_blocks(png: bytes, columns: int, rows: int) -> Segments:
    """Return a picture in at most `columns` × `rows` cells. Raises CannotShow."""
    import PIL.Image

    try:
        image = PIL.Image.open(io.BytesIO(png), formats=["PNG"])
        return _drawn(_fitted(_on_white(image), columns, rows))
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


def _fitted(image: Image, columns: int, rows: int) -> Pixels:
    """Scale, keeping the proportions: a cell is taken to be twice as high as wide."""
    scale = min(columns / image.width, 2 * rows / image.height)
    width = max(1, int(image.width * scale))
    height = max(2, 2 * round(image.height * scale / 2))
    return Pixels(width, height, image.resize((width, height)).tobytes())


def _drawn(picture: Pixels) -> Segments:
    segments: list[Segment] = []
    for y in range(0, picture.height, 2):
        segments += pixels.half_blocks(picture.row(y), picture.row(y + 1))
        segments.append(Segment.line())
    return Segments(segments)

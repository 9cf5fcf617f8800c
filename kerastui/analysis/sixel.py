"""Pictures as Sixel, the way many terminals take pixels.

Done in the clerk because of its encoder: textual-image's needs NumPy to be fast, and takes its
time all the same. Its widgets, which would do all of it on the screen, ask the terminal what it
can as soon as they are imported, while Textual is reading what the terminal says; the encoder
alone, a function of an inner module, asks nobody.
"""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image
from textual_image._sixel import image_to_sixels


def sixels(pictures: Sequence[tuple[int, int, bytes]]) -> tuple[str, ...]:
    """Return each picture (width, height, three bytes a pixel) as a control sequence."""
    images = (Image.frombytes("RGB", (w, h), rgb) for w, h, rgb in pictures)
    return tuple(image_to_sixels(image) for image in images)

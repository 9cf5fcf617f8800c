"""Numbers as background colours: blue below zero, red above, the screen's own at zero."""

from __future__ import annotations

import math

from textual.color import Color

NEGATIVE = Color(33, 102, 172)
POSITIVE = Color(178, 24, 43)
"""The ends of ColorBrewer's RdBu, which the colour-blind can tell apart."""
LEVELS = 24
"""Steps from zero to either end: few enough that a screen has few styles."""
_BLACK = Color(0, 0, 0)


class Diverging:
    """Colours of a scale that is centred on zero, over a background."""

    def __init__(self, background: Color) -> None:
        self._background = _BLACK if background.ansi is not None else background
        self._colours: dict[int, tuple[Color, Color]] = {}

    def colours(self, level: int) -> tuple[Color, Color]:
        """Return the background of a level and what is readable on it."""
        known = self._colours.get(level)
        if known is None:
            end = POSITIVE if level > 0 else NEGATIVE
            ground = self._background.blend(end, min(1.0, abs(level) / LEVELS))
            known = self._colours[level] = ground, ground.get_contrast_text(0.95)
        return known


def size_of(value: object) -> float | None:
    """Return how far a finite number is from zero; of anything else None."""
    if isinstance(value, float):
        return abs(value) if math.isfinite(value) else None
    if isinstance(value, int | complex):
        size = math.hypot(value.real, value.imag)  # abs of a complex number may overflow
        return size if math.isfinite(size) else None
    return None


def level_of(value: object, limit: float) -> int:
    """Return the level of a number, from -LEVELS to LEVELS, which `limit` and more have."""
    size = size_of(value)
    if not size or limit <= 0:
        return 0
    level = min(LEVELS, max(1, round(LEVELS * min(1.0, size / limit))))
    return -level if isinstance(value, int | float) and value < 0 else level

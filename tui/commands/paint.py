"""Colours for text on a terminal; none in a pipe."""

from __future__ import annotations

from typing import Literal

Colour = Literal["red", "green", "yellow", "cyan", "bold", "dim"]
_CODES: dict[Colour, int] = {
    "red": 31, "green": 32, "yellow": 33, "cyan": 36, "bold": 1, "dim": 2,
}  # fmt: skip


class Paint:
    """Colours text if it is to be; the text must be safe to show."""

    def __init__(self, on: bool) -> None:
        self.on = on

    def __call__(self, colour: Colour, text: str) -> str:
        """Return `text` in a colour."""
        return f"\x1b[{_CODES[colour]}m{text}\x1b[0m" if self.on and text else text


def fit(text: str, width: int) -> str:
    """Return text padded to a width, its middle left out where it is longer.

    The end of a path says more than its middle.
    """
    if len(text) <= width:
        return text.ljust(width)
    left = max(0, (width - 1) // 3)
    return text[:left] + "…" + text[len(text) - (width - 1 - left) :]

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
    """Return text padded to a width in cells, its middle left out where it is longer.

    The end of a path says more than its middle. East Asian characters take two cells.
    """
    if text.isascii():  # which needs nothing imported
        if len(text) <= width:
            return text.ljust(width)
        left = max(0, (width - 1) // 3)
        return text[:left] + "…" + text[len(text) - (width - 1 - left) :]
    from ...widgets.flow import cut, pad
    from ..paths import keep_end

    room = cells(text)
    if room > width:
        head = cut(text, (width - 1) // 3 + 1).removesuffix("…")
        text = head + keep_end(text, width - cells(head))
    return pad(text, width)


def cells(text: str) -> int:
    """Return how many cells of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)

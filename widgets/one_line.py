"""A widget of one line, left and right, that says less where there is less room.

On the way to the first frame: it imports nothing that Textual has not loaded by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

Piece = tuple[str, str]
"""Text (already safe to show) and the component that it is drawn with ("" for plain)."""
Pieces = Sequence[Piece]


class OneLine(Widget):
    """Subclasses offer their text in versions from full to short; the first that fits is drawn.

    The right side is drawn as long as it leaves room for the shortest left version.
    """

    TELLING: ClassVar[int] = 99
    """How many of the left versions are preferred to an unshortened right side."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "one-line--strong",
        "one-line--muted",
        "one-line--brand",
        "one-line--on",
        "one-line--changed",
    }
    """
    | Class | Description |
    | :- | :- |
    | `one-line--brand`, `--strong`, `--muted` | The program's name; more and less important. |
    | `one-line--on` | Trainable. |
    | `one-line--changed` | Differs from the file. |
    """

    DEFAULT_CSS = """
    OneLine {
        height: 1;
        padding: 0 1;
        & > .one-line--brand { text-style: bold; color: $text-primary; }
        & > .one-line--strong { text-style: bold; }
        & > .one-line--muted { color: $text-muted; }
        & > .one-line--on { color: $text-success; }
        & > .one-line--changed { text-style: bold; color: $text-warning; }
    }
    """

    def left_versions(self, width: int) -> list[Pieces]:
        """Return what stands on the left, from full to short; `width` is all there is."""
        raise NotImplementedError

    def right_versions(self) -> list[Pieces]:
        """Return what stands on the right, from full to short."""
        return [()]

    @property
    def text(self) -> str:
        """What is drawn, as plain text."""
        return self.render_line(0).text

    def render_line(self, y: int) -> Strip:
        """Draw the line."""
        width, base = self.size.width, self.visual_style.rich_style
        if y or width <= 0:
            return Strip.blank(width, base)
        left, right = choose(self.left_versions(width), self.right_versions(), width, self.TELLING)
        gap = max(0, width - measure(left) - measure(right))
        pieces = [*left, (" " * gap, ""), *right] if right else left
        strip = Strip([Segment(text, self._style(name)) for text, name in pieces])
        return strip.crop_extend(0, width, base)

    def _style(self, component: str) -> Style:
        names = (f"one-line--{component}",) if component else ()
        return self.get_visual_style(*names).rich_style


def measure(pieces: Pieces) -> int:
    """Return the cells that pieces take."""
    return sum(cell_len(text) for text, _ in pieces)


def choose(
    lefts: list[Pieces], rights: list[Pieces], width: int, telling: int = 99
) -> tuple[Pieces, Pieces]:
    """Return the fullest left and right that fit `width` cells with two between them.

    Right text is news: left gives way to the full right version before that one is shortened,
    but only down to the first `telling` versions of left, which say all that matters.
    """
    for first, last in ((0, telling), (telling, len(lefts))):
        for right in rights:
            room = width - (measure(right) + 2 if right else 0)
            for left in lefts[first:last]:
                if measure(left) <= room:
                    return left, right
    return next((left for left in lefts if measure(left) <= width), lefts[-1]), ()

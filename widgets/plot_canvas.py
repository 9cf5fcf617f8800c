"""The ground of a plot: Braille dots, signs and notes in cells."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

Spot = tuple[float, float]
"""Where something is, in dots from the lower left corner."""

_BLANK = 0x2800
_BITS = ((0x40, 0x80), (0x04, 0x20), (0x02, 0x10), (0x01, 0x08))
"""Of Unicode's Braille patterns: the bit of a dot by row (from below) and column."""


class Canvas:
    """Cells to draw into; what is drawn later lies above, and what is outside is left out.

    Args:
        columns: its width in cells; a cell is two dots wide.
        rows: its height in cells; a cell is four dots high.
        ground: the style of cells that nothing is drawn in.
    """

    def __init__(self, columns: int, rows: int, ground: Style) -> None:
        self.width, self.height = 2 * columns, 4 * rows
        self._columns, self._rows, self._ground = columns, rows, ground
        self._dots: dict[tuple[int, int], int] = {}
        self._styles: dict[tuple[int, int], Style] = {}
        """Of cells with dots; colours do not mix in one cell, the last one stays."""
        self._signs: dict[tuple[int, int], tuple[str, Style]] = {}

    def dots(self, spots: Iterable[Spot], style: Style) -> None:
        """Set single dots."""
        for x, y in {(round(x), round(y)) for x, y in spots}:
            if 0 <= x < self.width and 0 <= y < self.height:
                cell = (self._rows - 1 - (y >> 2), x >> 1)
                self._dots[cell] = self._dots.get(cell, 0) | _BITS[y & 3][x & 1]
                self._styles[cell] = style

    def line(self, start: Spot, end: Spot, style: Style) -> None:
        """Draw a straight line; what of it is outside is left out."""
        clipped = _clipped(start, end, self.width - 1, self.height - 1)
        if clipped is None:
            return
        (x, y), (right, top) = clipped
        steps = max(1, round(max(abs(right - x), abs(top - y))))
        dx, dy = (right - x) / steps, (top - y) / steps
        self.dots([(x + i * dx, y + i * dy) for i in range(steps + 1)], style)

    def signs(self, spots: Iterable[Spot], sign: str, style: Style) -> None:
        """Put a character into the cells of spots."""
        for x, y in spots:
            if 0 <= round(x) < self.width and 0 <= round(y) < self.height:
                self._signs[self._cell(x, y)] = sign, style

    def note(self, spot: Spot, text: str, style: Style) -> bool:
        """Write right or left of a spot, if there is room that is free; say whether it was done.

        Dots make way for a note, signs and other notes do not.
        """
        row, column = self._cell(*spot)
        length = cell_len(text)
        if not (0 <= row < self._rows and 0 <= column < self._columns) or length != len(text):
            return False  # of wide characters, cells cannot be counted off one by one
        for start in (column + 1, column - length):
            # A cell more at each end: words that touch would be read as one.
            wanted = {(row, at) for at in range(start - 1, start + length + 1)} - {(row, column)}
            if start >= 0 and start + length <= self._columns and not wanted & self._signs.keys():
                self._signs.update({(row, start + i): (c, style) for i, c in enumerate(text)})
                return True
        return False

    def segments(self, row: int) -> list[Segment]:
        """Return a row, counted from the top."""
        cells = [self._drawn((row, column)) for column in range(self._columns)]
        groups = ((style, list(same)) for style, same in groupby(cells, lambda cell: cell[1]))
        return [Segment("".join(text for text, _ in same), style) for style, same in groups]

    def _drawn(self, cell: tuple[int, int]) -> tuple[str, Style]:
        sign = self._signs.get(cell)
        if sign is not None:
            return sign
        dots = self._dots.get(cell)
        return (chr(_BLANK + dots), self._styles[cell]) if dots else (" ", self._ground)

    def _cell(self, x: float, y: float) -> tuple[int, int]:
        return self._rows - 1 - (round(y) >> 2), round(x) >> 1


def _clipped(start: Spot, end: Spot, right: int, top: int) -> tuple[Spot, Spot] | None:
    """Return what of a line is inside (after Liang and Barsky), None for nothing."""
    (x, y), (dx, dy) = start, (end[0] - start[0], end[1] - start[1])
    first, last = 0.0, 1.0
    for step, room in ((-dx, x), (dx, right - x), (-dy, y), (dy, top - y)):
        if step == 0:
            if room < 0:
                return None
        elif step < 0:
            first = max(first, room / step)
        else:
            last = min(last, room / step)
    if first > last:
        return None
    return (x + first * dx, y + first * dy), (x + last * dx, y + last * dy)

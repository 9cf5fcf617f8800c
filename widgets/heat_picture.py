"""A heat map's pixels with what they are of, and which part of two axes is seen."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .pixels import Pixels


@dataclass(frozen=True)
class Part:
    """A stretch of an axis."""

    start: int
    stop: int
    length: int
    """Of the whole axis."""

    @classmethod
    def whole(cls, length: int) -> Part:
        """Return all of an axis."""
        return cls(0, length, length)

    @property
    def span(self) -> int:
        """How much of the axis is seen."""
        return self.stop - self.start

    def zoomed(self, at: int, factor: float, least: int = 8) -> Part:
        """Return `factor` times as much, with index `at` staying where it is."""
        span = min(self.length, max(least, round(self.span * factor)))
        share = (at - self.start) / max(1, self.span)
        return self._at(round(at - share * span), span)

    def moved(self, by: int) -> Part:
        """Return as much of the axis further on, up to its ends."""
        return self._at(self.start + by, self.span)

    def with_inside(self, at: int) -> Part:
        """Return as much of the axis, moved so far that index `at` is inside."""
        if self.start <= at < self.stop:
            return self
        return self._at(at - self.span // 2, self.span)

    def _at(self, start: int, span: int) -> Part:
        start = max(0, min(start, self.length - span))
        return Part(start, start + span, self.length)


@dataclass(frozen=True)
class HeatPicture:
    """Pixels, each of a block of elements that edges delimit."""

    pixels: Pixels
    values: Sequence[float]
    """One a pixel, row by row."""
    row_edges: Sequence[int]
    """First index of each row of pixels, then the index after the last; empty if wrapped."""
    column_edges: Sequence[int]
    """The same of columns; of a wrapped array of all pixels, one after the other."""

    @property
    def wrapped(self) -> bool:
        """Whether one axis runs on from row to row."""
        return not self.row_edges

    @property
    def count(self) -> int:
        """How many pixels show elements; a wrapped array's last row may not be full."""
        if self.wrapped:
            return len(self.column_edges) - 1
        return self.pixels.width * self.pixels.height

    def ending_in(self, background: bytes) -> HeatPicture:
        """Return the picture with this colour after the last element of a wrapped array."""
        pixels = self.pixels
        rest = pixels.width * pixels.height - self.count
        if not rest:
            return self
        rgb = pixels.rgb[: 3 * self.count] + background * rest
        return replace(self, pixels=Pixels(pixels.width, pixels.height, rgb))

    def block(self, row: int, column: int) -> tuple[int, int]:
        """Return row and column of the pixel that shows an element, the nearest one."""
        if self.wrapped:
            return divmod(_place(self.column_edges, column), self.pixels.width)
        return _place(self.row_edges, row), _place(self.column_edges, column)

    def element(self, row: int, column: int) -> tuple[int, int]:
        """Return row and column of a pixel's first element."""
        if self.wrapped:
            place = min(row * self.pixels.width + column, self.count - 1)
            return 0, self.column_edges[place]
        return self.row_edges[row], self.column_edges[column]

    def elements(self, row: int, column: int) -> tuple[range, range]:
        """Return the indices of a pixel's elements, along rows and along columns."""
        if self.wrapped:
            place = min(row * self.pixels.width + column, self.count - 1)
            return range(1), range(*self.column_edges[place : place + 2])
        return (
            range(*self.row_edges[row : row + 2]),
            range(*self.column_edges[column : column + 2]),
        )

    def value(self, row: int, column: int) -> float:
        """Return what a pixel shows."""
        return self.values[row * self.pixels.width + column]

    def enlargement(self, width: int, height: int) -> tuple[int, int]:
        """Return how many times as wide and as high pixels are drawn in so much room.

        The same both ways, unless that leaves a strip too narrow to see, or pixels stand for
        blocks, which are not square anyway.
        """
        across, down = max(1, width // self.pixels.width), max(1, height // self.pixels.height)
        if self._is_coarse:
            return across, down
        both = min(across, down)
        wanted_across = max(both, -(-_NARROW // self.pixels.width))
        wanted_down = max(both, -(-_NARROW // self.pixels.height))
        return min(across, wanted_across), min(down, wanted_down)

    @property
    def _is_coarse(self) -> bool:
        """Whether pixels stand for several elements."""
        edges = self.row_edges, self.column_edges
        return any(e and e[-1] - e[0] >= len(e) for e in edges)


_NARROW = 12
"""Pixels of the screen."""


def _place(edges: Sequence[int], at: int) -> int:
    return max(0, min(bisect_right(edges, at) - 1, len(edges) - 2))

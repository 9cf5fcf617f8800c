"""How an array of any rank is laid on a grid.

Which axes are rows and columns, where the others stand, and how numbers are written. Pure
values; `array_grid` draws them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

Index = tuple[int | slice, ...]
FORMATS = ("general", "fixed", "scientific")


@dataclass(frozen=True)
class ArrayView:
    """A look at an array: two of its axes on the screen, the others fixed at an index."""

    shape: tuple[int, ...]
    rows: int
    """Axis that runs down; -1 for arrays of rank 0."""
    columns: int
    """Axis that runs to the right; -1 where there is only one axis."""
    fixed: tuple[int, ...]
    """An index for every axis (those of rows and columns are not used)."""
    number_format: str = "general"

    @classmethod
    def of(cls, shape: tuple[int, ...]) -> ArrayView:
        """Begin with the last two axes."""
        rank = len(shape)
        rows = rank - 2 if rank > 1 else rank - 1
        return cls(shape, rows, rank - 1 if rank > 1 else -1, (0,) * rank)

    @property
    def row_count(self) -> int:
        """How many rows the grid has."""
        return self.shape[self.rows] if self.rows >= 0 else 1

    @property
    def column_count(self) -> int:
        """How many columns the grid has."""
        return self.shape[self.columns] if self.columns >= 0 else 1

    @property
    def other_axes(self) -> tuple[int, ...]:
        """Axes that are fixed."""
        return tuple(a for a in range(len(self.shape)) if a not in (self.rows, self.columns))

    def index(self, rows: range, columns: range) -> Index:
        """Return the index (NumPy's basic indexing) of a window of the grid."""
        result: list[int | slice] = list(self.fixed)
        if self.rows >= 0:
            result[self.rows] = slice(rows.start, rows.stop)
        if self.columns >= 0:
            result[self.columns] = slice(columns.start, columns.stop)
        return tuple(result)

    @property
    def flipped(self) -> bool:
        """Whether what `index` selects has to be transposed, because rows come after columns."""
        return 0 <= self.columns < self.rows

    def transposed(self) -> ArrayView:
        """Swap rows and columns."""
        if self.columns < 0:
            return self
        return replace(self, rows=self.columns, columns=self.rows)

    def turned(self) -> ArrayView:
        """Put the next pair of axes on the screen, in every order in turn."""
        rank = len(self.shape)
        if rank < 2:
            return self
        pairs = [(r, c) for r in range(rank) for c in range(rank) if r != c]
        rows, columns = pairs[(pairs.index((self.rows, self.columns)) + 1) % len(pairs)]
        return replace(self, rows=rows, columns=columns)

    def stepped(self, axis: int, step: int) -> ArrayView:
        """Move a fixed axis by `step`, round the end."""
        if axis not in self.other_axes or not self.shape[axis]:
            return self
        fixed = list(self.fixed)
        fixed[axis] = (fixed[axis] + step) % self.shape[axis]
        return replace(self, fixed=tuple(fixed))

    def placed(self, place: tuple[int, ...]) -> ArrayView:
        """Fix all other axes where `place` (an index of one element) lies."""
        return replace(self, fixed=place)

    def place(self, row: int, column: int) -> tuple[int, ...]:
        """Return the index of the element in a row and a column."""
        result = list(self.fixed)
        for axis, at in ((self.rows, row), (self.columns, column)):
            if axis >= 0:
                result[axis] = at
        return tuple(result)

    def cursor_at(self, place: tuple[int, ...]) -> tuple[int, int]:
        """Return the row and the column of an element."""
        row = place[self.rows] if self.rows >= 0 else 0
        return row, place[self.columns] if self.columns >= 0 else 0

    def describe(self) -> str:
        """Say how NumPy would write the slice: ``[:, 0, :, 3]``."""
        parts = [
            ":" if axis in (self.rows, self.columns) else str(self.fixed[axis])
            for axis in range(len(self.shape))
        ]
        return f"[{', '.join(parts)}]"


def number(value: object, number_format: str = "general", width: int = 10) -> str:
    """Write a number in at most `width` cells, always the same way for the same format."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)[:width]
    if isinstance(value, int):
        text = str(value)
        return text if len(text) <= width else f"{value:.{max(0, width - 7)}e}"
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if number_format == "scientific":
        return f"{value:.{width - 7}e}"
    if number_format == "fixed":
        text = f"{value:.4f}"
        return text if len(text) <= width else f"{value:.{width - 7}e}"
    text = f"{value:.5g}"
    return text if len(text) <= width else f"{value:.{width - 7}e}"

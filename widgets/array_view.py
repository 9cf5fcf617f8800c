"""How an array of any rank is laid on a grid.

Which axes are rows and columns, where the others stand, in which order the axes are counted.
Pure values; `array_grid` draws them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

Index = tuple[int | slice, ...]


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
    order: tuple[int, ...]
    """The axes as they are counted: of ``permute_dimensions(array, order)``."""
    wrap: int = 0
    """Elements in a row, for arrays of rank 1 that are wrapped; 0: one below the other."""

    @classmethod
    def of(cls, shape: tuple[int, ...]) -> ArrayView:
        """Begin with the last two axes that have more to show than one index."""
        rank = len(shape)
        long = [axis for axis in range(rank) if shape[axis] != 1]
        others = [axis for axis in range(rank) if shape[axis] == 1]
        rows, columns = [-1, -1, *sorted([*others, *long][-2:])][-2:]
        if rank == 1:
            rows, columns = 0, -1
        return cls(shape, rows, columns, (0,) * rank, tuple(range(rank)))

    @property
    def row_count(self) -> int:
        """How many rows the grid has."""
        if self.wrap:
            return -(-self.shape[0] // self.wrap)
        return self.shape[self.rows] if self.rows >= 0 else 1

    @property
    def column_count(self) -> int:
        """How many columns the grid has."""
        if self.wrap:
            return min(self.wrap, self.shape[0])
        return self.shape[self.columns] if self.columns >= 0 else 1

    @property
    def is_empty(self) -> bool:
        """Whether there is no element at all."""
        return 0 in self.shape

    @property
    def other_axes(self) -> tuple[int, ...]:
        """Axes that are fixed, as they are counted."""
        return tuple(a for a in self.order if a not in (self.rows, self.columns))

    @property
    def is_permuted(self) -> bool:
        """Whether axes are counted otherwise than they are stored."""
        return self.order != tuple(range(len(self.shape)))

    @property
    def slice(self) -> tuple[object, ...]:
        """What decides which value is in a row and a column: views with the same show the same."""
        fixed = tuple(
            0 if axis in (self.rows, self.columns) else at for axis, at in enumerate(self.fixed)
        )
        return self.shape, self.rows, self.columns, fixed, self.wrap

    def index(self, rows: range, columns: range) -> Index:
        """Return the index (NumPy's basic indexing) of a window of the grid.

        Of a wrapped array, whole rows.
        """
        if self.wrap:
            return (slice(rows.start * self.wrap, min(rows.stop * self.wrap, self.shape[0])),)
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

    # -- other looks ------------------------------------------------------------------------------

    def transposed(self) -> ArrayView:
        """Swap rows and columns."""
        if self.columns < 0:
            return self
        return replace(self, rows=self.columns, columns=self.rows)

    def turned(self) -> ArrayView:
        """Put the next pair of axes on the screen, in every order in turn."""
        if len(self.shape) < 2:
            return self
        pairs = [(r, c) for r in self.order for c in self.order if r != c]
        rows, columns = pairs[(pairs.index((self.rows, self.columns)) + 1) % len(pairs)]
        return replace(self, rows=rows, columns=columns)

    def laid(self, axis: int, down: bool) -> ArrayView:
        """Let an axis run down, or to the right; what ran there takes its part."""
        if len(self.shape) < 2 or axis == (self.rows if down else self.columns):
            return self
        if axis in (self.rows, self.columns):
            return self.transposed()
        return replace(self, rows=axis) if down else replace(self, columns=axis)

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

    def permuted(self, order: tuple[int, ...]) -> ArrayView:
        """Count the axes as ``permute_dimensions`` with the pattern `order` does.

        As at the beginning, the last two are seen.
        """
        seen = order[-2:] if len(order) > 1 else (self.rows, self.columns)
        return replace(self, order=order, rows=seen[0], columns=seen[1])

    def moved(self, axis: int, step: int) -> ArrayView:
        """Count an axis `step` later; the same two are seen."""
        rest = [a for a in self.order if a != axis]
        rest.insert(max(0, min(self.order.index(axis) + step, len(rest))), axis)
        return replace(self, order=tuple(rest))

    def wrapped(self, wrap: int) -> ArrayView:
        """Put so many elements into a row, or (0) one; only arrays of rank 1 are wrapped."""
        return replace(self, wrap=wrap) if len(self.shape) == 1 else self

    # -- places -----------------------------------------------------------------------------------

    def place(self, row: int, column: int) -> tuple[int, ...]:
        """Return the index of the element in a row and a column, as it is stored."""
        if self.wrap:
            return (row * self.wrap + column,)
        result = list(self.fixed)
        for axis, at in ((self.rows, row), (self.columns, column)):
            if axis >= 0:
                result[axis] = at
        return tuple(result)

    def cursor_at(self, place: tuple[int, ...]) -> tuple[int, int]:
        """Return the row and the column of an element."""
        if self.wrap:
            return divmod(place[0], self.wrap)
        row = place[self.rows] if self.rows >= 0 else 0
        return row, place[self.columns] if self.columns >= 0 else 0

    def nearest(self, row: int, column: int) -> tuple[int, int]:
        """Return the row and the column of the element that is nearest to a cell."""
        row = max(0, min(row, self.row_count - 1))
        column = max(0, min(column, self.column_count - 1))
        if self.wrap and not self.is_empty:  # the last row may be shorter
            return divmod(min(row * self.wrap + column, self.shape[0] - 1), self.wrap)
        return row, column

    def counted(self, place: tuple[int, ...]) -> tuple[int, ...]:
        """Return a place, or the shape, in the order in which axes are counted."""
        return tuple(place[axis] for axis in self.order)

    def stored(self, counted: tuple[int, ...]) -> tuple[int, ...]:
        """Return what `counted` was made of."""
        result = [0] * len(self.order)
        for axis, at in zip(self.order, counted, strict=True):
            result[axis] = at
        return tuple(result)

    def number(self, place: tuple[int, ...]) -> int:
        """Return an element's flat number, the last axis that is counted running fastest."""
        result = 0
        for length, at in zip(self.counted(self.shape), self.counted(place), strict=True):
            result = result * length + at
        return result

    def at_number(self, number: int) -> tuple[int, ...]:
        """Return the place of the element with a flat number. Raises IndexError."""
        if not 0 <= number < math.prod(self.shape):
            raise IndexError(number)
        counted: list[int] = []
        for length in reversed(self.counted(self.shape)):
            number, at = divmod(number, length)
            counted.append(at)
        return self.stored(tuple(reversed(counted)))

    def describe(self) -> str:
        """Say how NumPy would write the slice: ``[:, 0, :, 3]``."""
        parts = [
            ":" if axis in (self.rows, self.columns) else str(self.fixed[axis])
            for axis in self.order
        ]
        return f"[{', '.join(parts)}]"

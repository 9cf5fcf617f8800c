"""The part of an array that a grid holds, and what is said about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .array_view import ArrayView


@dataclass(frozen=True)
class Window:
    """Values of the rows and columns of a view that were seen when they were asked for."""

    view: ArrayView
    rows: range
    columns: range
    values: Sequence[Sequence[object]]

    def is_of(self, view: ArrayView, rows: range, columns: range) -> bool:
        """Whether it is what is to be seen now."""
        return (self.view, self.rows, self.columns) == (view, rows, columns)

    def value(self, view: ArrayView, row: int, column: int) -> object | None:
        """Return the value in a row and column of `view`; None if it is not here."""
        # Another number format is the same window.
        if replace(self.view, number_format=view.number_format) != view:
            return None
        if row not in self.rows or column not in self.columns:
            return None
        return self.values[row - self.rows.start][column - self.columns.start]


NOTHING = Window(ArrayView.of(()), range(0), range(0), ())


def described(
    view: ArrayView, place: tuple[int, ...], value: object, stepping: int | None, name: str = ""
) -> str:
    """Say what is seen: the slice, its axes, which one is stepped, and the cursor's value."""
    if not view.shape:
        return name
    parts = [name + view.describe()]
    if value is not None:
        shown = f"{value:.9g}" if isinstance(value, float) else str(value)
        parts.append(f"[{', '.join(map(str, place))}] = {shown}")
    if view.rows >= 0:
        parts.append(f"↓ axis {view.rows} ({view.shape[view.rows]:,})")
    if view.columns >= 0:
        parts.append(f"→ axis {view.columns} ({view.shape[view.columns]:,})")
    if stepping is not None:
        parts.append(f"[ ] axis {stepping}: {view.fixed[stepping]:,} ({view.shape[stepping]:,})")
    return "   ".join(parts)

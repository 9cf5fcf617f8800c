"""The parts of an array that a grid holds, and what is said about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .array_view import ArrayView


@dataclass(frozen=True)
class Window:
    """Values of some rows and columns of a view."""

    slice: tuple[object, ...]
    """`ArrayView.slice`."""
    rows: range
    columns: range
    values: Sequence[Sequence[object]]

    def covers(self, rows: range, columns: range) -> bool:
        """Whether all of a part of its view is in it."""
        return (
            self.rows.start <= rows.start
            and rows.stop <= self.rows.stop
            and self.columns.start <= columns.start
            and columns.stop <= self.columns.stop
        )

    def value(self, row: int, column: int) -> object | None:
        """Return the value in a row and column; None if it is not here."""
        if row not in self.rows or column not in self.columns:
            return None
        row, column = row - self.rows.start, column - self.columns.start
        if row >= len(self.values) or column >= len(self.values[row]):
            return None  # a wrapped array's last row is shorter
        return self.values[row][column]


class Windows:
    """The last few windows: what was seen, and what will be seen with the next step."""

    KEPT = 8

    def __init__(self) -> None:
        self._windows: list[Window] = []
        self.revision = 0
        """Changes whenever they do."""
        self.cleared = 0
        """Changes whenever all of them are forgotten."""

    def __len__(self) -> int:
        return len(self._windows)

    def add(self, window: Window) -> None:
        """Keep a window, and let go the oldest and those that it contains."""
        kept = [
            w
            for w in self._windows
            if w.slice != window.slice or not window.covers(w.rows, w.columns)
        ]
        self._windows = [window, *kept][: self.KEPT]
        self.revision += 1

    def clear(self) -> None:
        """Forget all."""
        self._windows.clear()
        self.revision += 1
        self.cleared += 1

    def covers(self, view: ArrayView, rows: range, columns: range) -> bool:
        """Whether one of them holds all of a part of a view."""
        return any(window.covers(rows, columns) for window in self.of(view))

    def of(self, view: ArrayView) -> list[Window]:
        """Return those that hold parts of a view, the newest first."""
        wanted = view.slice
        return [window for window in self._windows if window.slice == wanted]

    def value(self, view: ArrayView, row: int, column: int) -> object | None:
        """Return a value of a view; None if no window holds it."""
        found = (window.value(row, column) for window in self.of(view))
        return next((value for value in found if value is not None), None)


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

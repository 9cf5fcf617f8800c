"""What is said about a heat map and the pixel under its cursor."""

from __future__ import annotations

from collections.abc import Sequence

from ...widgets.array_view import ArrayView
from ...widgets.heat_picture import HeatPicture


def described(view: ArrayView, meanings: Sequence[str], stepping: int | None, extreme: bool) -> str:
    """Say which slice is seen, what its axes are, and which one [ and ] step."""
    parts: list[str] = []
    if view.columns >= 0:
        parts += [
            f"↓ {_axis(view, view.rows, meanings)}",
            f"→ {_axis(view, view.columns, meanings)}",
        ]
    else:
        parts.append(f"→ {_axis(view, view.rows, meanings)}, from row to row")
    if stepping is not None:
        parts.append(f"[ ] {_axis(view, stepping, meanings)}")
    parts.append(view.describe())
    if extreme:
        parts.append("farthest from zero")
    return "   ".join(parts)


def said_of_block(picture: HeatPicture, row: int, column: int, extreme: bool) -> str:
    """Say which elements a pixel shows, and its value."""
    rows, columns = picture.elements(row, column)
    value = picture.value(row, column)
    if picture.wrapped:
        where, count = f"element {_indices(columns)}", len(columns)
    else:
        where = f"row {_indices(rows)}, column {_indices(columns)}"
        count = len(rows) * len(columns)
    if count == 1:
        return f"{where}: {value:.6g}"
    if value - value != 0:  # NaN or infinite
        return f"{where}: {value} among {count:,} elements"
    what = "farthest from zero" if extreme else "mean"
    return f"{where}: {what} {value:.6g} of {count:,} elements"


def _axis(view: ArrayView, axis: int, meanings: Sequence[str]) -> str:
    name = meanings[axis] if axis < len(meanings) else f"axis {axis}"
    if axis in (view.rows, view.columns):
        return f"{name} ({view.shape[axis]:,})"
    return f"{name} ({view.fixed[axis]:,} of {view.shape[axis]:,})"


def _indices(indices: range) -> str:
    if len(indices) == 1:
        return f"{indices.start:,}"
    return f"{indices.start:,}–{indices.stop - 1:,}"

"""What is said about a heat map and the pixel under its cursor."""

from __future__ import annotations

from collections.abc import Sequence

from kerastui.analysis.picture_results import HeatOptions
from kerastui.model import safe_text

from ...widgets.array_view import ArrayView
from ...widgets.heat_picture import HeatPicture
from .values_places import words


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


def said_of_block(
    picture: HeatPicture,
    row: int,
    column: int,
    shown: HeatOptions,
    shape: Sequence[int],
    meanings: Sequence[str],
) -> str:
    """Say which elements a pixel shows, and its value.

    Args:
        picture: what is seen.
        row: of the pixel.
        column: of the pixel.
        shown: what the picture was asked with: the slice that it is of.
        shape: the whole weight's.
        meanings: of its axes, or none.
    """
    rows, columns = picture.elements(row, column)
    value = picture.value(row, column)
    count = len(rows) * len(columns)
    place = [range(at, at + 1) for at in shown.at]
    if picture.wrapped:
        where, place[shown.rows] = f"element {_indices(columns)}", columns
    else:
        where = f"row {_indices(rows)}, column {_indices(columns)}"
        place[shown.rows], place[shown.columns] = rows, columns
    if len(meanings) == len(place):
        axes = zip(meanings, shape, place, strict=True)
        where = safe_text(", ".join(_in_words(*axis) for axis in axes), 400)
    if len(place) > 2 or meanings:
        where = f"[{', '.join(map(_indices, place))}]  {where}"
    if count == 1:
        return f"{where}: {value:.6g}"
    if value - value != 0:  # NaN or infinite
        return f"{where}: {value} among {count:,} elements"
    what = "farthest from zero" if shown.reduction == "extreme" else "mean"
    return f"{where}: {what} {value:.6g} of {count:,} elements"


def axis_name(axis: int, meanings: Sequence[str]) -> str:
    """Return what an axis means, or its number if nobody knows."""
    return meanings[axis] if 0 <= axis < len(meanings) else f"axis {axis}"


def _in_words(meaning: str, length: int, indices: range) -> str:
    """Say which indices of an axis these are: ``filter 3``, ``filter 4–7``."""
    first, last = (words([meaning], [length], [at]) for at in (indices[0], indices[-1]))
    if len(indices) == 1:
        return first
    (head, _, begin), (same, _, end) = first.rpartition(" "), last.rpartition(" ")
    if head == same and begin.isdigit() and end.isdigit():
        return f"{first}–{end}"
    return f"{first} to {last}"


def _axis(view: ArrayView, axis: int, meanings: Sequence[str]) -> str:
    name = axis_name(axis, meanings)
    if axis in (view.rows, view.columns):
        return f"{name} ({view.shape[axis]:,})"
    return f"{name} ({view.fixed[axis]:,} of {view.shape[axis]:,})"


def _indices(indices: range) -> str:
    if len(indices) == 1:
        return f"{indices.start:,}"
    return f"{indices.start:,}–{indices.stop - 1:,}"

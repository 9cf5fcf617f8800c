"""What the values view says and asks, made of what its grid shows. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.content import Content

from kerastui.model import Difference, safe_text
from kerastui.model.figures import weight_shape

from ...widgets.number_text import bits, exact
from .values_places import words

if TYPE_CHECKING:
    from kerastui.analysis.results import Window

    from ...widgets.array_grid import ArrayGrid
    from .subject import Subject

Part = tuple[int, int, int]
"""An axis, the first index, and how many."""


def parts_of(wanted: ArrayGrid.WindowWanted) -> tuple[Part, Part | None, tuple[int, ...]]:
    """Return what the analyst is asked for: rows, columns, and where the other axes stand."""
    view, rows, columns = wanted.view, wanted.rows, wanted.columns
    if view.wrap:
        return (0, rows.start * view.wrap, len(rows) * view.wrap), None, ()
    down = (view.rows, rows.start, len(rows)) if view.rows >= 0 else (0, 0, 1)
    across = (view.columns, columns.start, len(columns)) if view.columns >= 0 else None
    return down, across, view.fixed


def wrapped(found: Window, wrap: int) -> list[list[object]]:
    """Return an array of rank 1 as rows of `wrap` elements."""
    values = [row[0] for row in found.values]
    return [cast("list[object]", values[i : i + wrap]) for i in range(0, len(values), wrap)]


def dtype_of(subject: Subject) -> str:
    """Return NumPy's name of the dtype that the values are shown as.

    The file's description knows floats that NumPy lacks only as so many bytes. "" for a
    difference, which is stored nowhere: nobody wants to see its bits.
    """
    if isinstance(subject.weight.replaced, Difference):
        return ""
    stored = subject.weight.dtype
    return {"void16": "bfloat16", "void8": "float8"}.get(stored, stored)


def cell_line(subject: Subject, grid: ArrayGrid, width: int) -> Content:
    """Say where the cursor is, what is there exactly, and what that place means.

    Where there is no room, only what rows and columns mean, and no bits.
    """
    view, dtype = grid.view, grid.number_format.dtype
    if view.is_empty:
        return Content(f"No elements: the shape is {weight_shape(view.counted(view.shape))}.")
    place, value = grid.place, grid.value
    index = f"[{', '.join(map(str, view.counted(place)))}]"
    shown = "" if value is None else f" = {exact(value, dtype)}"
    kinds = [subject.meanings] if subject.meanings else []
    if len(view.shape) > 2 and kinds:
        seen = (view.rows, view.columns)
        kinds.append(tuple(m if a in seen else "" for a, m in enumerate(subject.meanings)))
    said = [safe_text(words(kind, view.shape, place), 200) for kind in kinds] or [""]
    hexadecimal = bits(value, dtype) if value is not None and dtype != "bool" else ""
    room = width - len(index) - len(shown)
    chosen = next((text for text in said if len(text) + 3 <= room), said[-1])
    parts = [(index, "$foreground-muted"), (shown, "bold")]
    if chosen:
        parts.append((f"   {chosen}", "$text-accent"))
    if hexadecimal and room - len(chosen) >= len(hexadecimal) + 8:
        parts.append((f"   0x{hexadecimal}", "$foreground-muted"))
    return Content.assemble(*parts)


def note_line(grid: ArrayGrid, subject: Subject | None = None) -> str:
    """Say how the numbers are stored, written and coloured."""
    parts = [_packed(subject) if subject else "", grid.number_format.describe()]
    if grid.colouring == "off":
        parts.append("no colours")
    elif grid.colouring == "whole" and grid.limit is not None:
        parts.append(f"colours: ±{grid.limit:.3g}, of the whole weight")
    elif grid.seen_limit:
        parts.append(f"colours: ±{grid.seen_limit:.3g}, of what is seen")
    return " · ".join(part for part in parts if part)


def _packed(subject: Subject) -> str:
    packing = subject.packing
    if packing is None:
        return ""
    if subject.as_bytes:
        return f"bytes as stored, each of two {packing.dtype} (b: the numbers)"
    return f"{packing.dtype}, two in a byte (b: the bytes)"

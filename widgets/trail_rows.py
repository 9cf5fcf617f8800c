"""What the table of checkpoints shows: which rows there are and what stands in their cells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kerastui.analysis.compare_results import Trail, TrailRow
from kerastui.model import safe_text

from .change_figures import percent, scale_of, sparkline
from .flow import cut_middle, pad
from .layer_rows import Cell, cell_length, fit
from .signs import FIXED

Order = Literal["last", "total", "model"]
ORDERS: tuple[Order, ...] = ("last", "total", "model")
ORDER_WORDS: dict[Order, str] = {
    "last": "by the last step", "total": "by the whole change", "model": "in the model's order",
}  # fmt: skip
LEVELS = 5
"""Shades of heat, from 1."""
CELL = 9
_MARK = 2
"""Cells before the name: the sign with which a row is drawn in the plot."""


@dataclass(frozen=True)
class TrailWish:
    """Which rows are to be seen, and in which order."""

    layers: bool = False
    """A row a layer instead of a row a weight."""
    everything: bool = False
    """Also what never moved."""
    order: Order = "last"
    needle: str = ""


def trail_rows(found: Trail, wish: TrailWish) -> tuple[TrailRow, ...]:
    """Return the rows that are listed."""
    needle = wish.needle.casefold()
    rows = [
        row
        for row in (found.layers if wish.layers else found.rows)
        if (wish.everything or row.moving) and needle in row.path.casefold()
    ]
    if wish.order != "model":
        rows.sort(key=lambda row: -_size(row.total if wish.order == "total" else row.changes[-1]))
    return tuple(rows)


def _size(change: float | None) -> float:
    """Return what to sort by; what is not defined comes first of all that moved."""
    return math.inf if change is None else change


@dataclass(frozen=True)
class TrailColumns:
    """Widths in cells, and which steps there is room for."""

    name: int
    spark: int
    steps: range

    @classmethod
    def of(
        cls, rows: Sequence[TrailRow], steps: int, width: int, first: int | None
    ) -> TrailColumns:
        """Share `width` cells out; steps begin at `first`, or are the last ones (None)."""
        names = (cell_length(safe_text(row.path, 200)) + 2 for row in rows)
        longest = max(16, min(44, max(names, default=0)))
        spark = min(steps, 16 if width >= 100 else 8)
        name = max(16, min(longest, width - _MARK - spark - 2 - 4 * CELL))
        room = max(1, (width - _MARK - name - spark - 2) // CELL - 1)  # one for the whole
        shown = min(steps, room)
        begin = steps - shown if first is None else max(0, min(first, steps - shown))
        spare = width - _MARK - name - spark - 2 - (shown + 1) * CELL
        return cls(name + max(0, min(spare, longest - name)), spark, range(begin, begin + shown))


def trail_heading(columns: TrailColumns, names: Sequence[str], layers: bool) -> list[Cell]:
    """Return the cells of the heading: each step by the checkpoint that it leads to."""
    title = "layer" if layers else "weight"
    before = "‹" if columns.steps.start else " "
    more = "›" if columns.steps.stop < len(names) - 1 else " "
    cells = [Cell(" " * _MARK), Cell(pad(title, columns.name)), Cell(pad("", columns.spark + 1))]
    cells.append(Cell(before))
    for step in columns.steps:
        name = cut_middle(safe_text(names[step + 1], 60), CELL - 2)
        cells.append(Cell(fit(f"→{name}", CELL, right=True)))
    return [*cells, Cell(fit(f"{more}in all", CELL, right=True))]


def trail_cells(
    row: TrailRow, columns: TrailColumns, scale: tuple[float, float], sign: str
) -> list[Cell]:
    """Return the cells of a row. `sign` is that of its line in the plot, "" for none."""
    fixed = f" {FIXED}" if not row.trained else ""
    name = cut_middle(safe_text(row.path, 500), columns.name - len(fixed)) + fixed
    cells = [
        Cell(pad(sign, _MARK), "sign"),
        Cell(pad(name, columns.name), "text" if row.moving else "muted"),
        Cell(" " + pad(sparkline(row.changes, columns.spark, scale), columns.spark), "spark"),
        Cell(" "),
    ]
    for step in columns.steps:
        change = row.changes[step]
        cells.append(Cell(fit(percent(change), CELL, right=True), heat_level(change, scale)))
    return [*cells, Cell(fit(percent(row.total), CELL, right=True), "strong")]


def heat_level(change: float | None, scale: tuple[float, float]) -> str:
    """Return the shade of a cell, on the table's own scale of powers of ten."""
    if not change:
        return "muted"
    low, high = scale
    share = (math.log10(change) - low) / (high - low) if high > low else 1.0
    return f"heat-{1 + round(max(0.0, min(1.0, share)) * (LEVELS - 1))}"


def table_scale(found: Trail, layers: bool) -> tuple[float, float]:
    """Return the exponents of ten between which all changes lie."""
    return scale_of(row.changes for row in (found.layers if layers else found.rows))

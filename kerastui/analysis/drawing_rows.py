"""Histograms of several weights below each other on one axis, as a picture and as a table."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO

import numpy as np

from ..model import Goal, safe_text
from ..model.figures import plural
from .drawing import COLOURS, GRID, INK, Axes, drawn, end_of, label
from .export_file import save_bytes, saved, suffix_of
from .export_results import Saved
from .results import Distribution

MOST = 200
"""Rows of a picture, which would be too long for programs that show it."""
_ROW, _AROUND = 0.45, 1.3
"""Inches of a row, and of what is above and below all of them."""
_HIGHEST = 0.88
"""Of a row that its highest bin takes."""


def draw_histograms(
    rows: Sequence[Distribution],
    ends: tuple[float, float] | None,
    log: bool,
    title: str,
    target: Goal,
) -> Saved:
    """Draw a row for each weight, as high as its own largest bin; the first `MOST`.

    `ends` are those of the stretch that is seen, None: all of it. Raises SaveFailed.
    """
    shown = rows[:MOST]
    subtitle = "each row as high as its largest bin"
    if len(rows) > len(shown):
        subtitle = f"the first {len(shown)} of {plural(len(rows), 'weight')}, {subtitle}"
    subtitle += ", logarithms of counts" if log else ""
    with drawn(target, title, subtitle, size=(9.0, _AROUND + _ROW * len(shown))) as axes:
        for place, row in enumerate(shown):
            _draw(axes, row, len(shown) - 1 - place, log)
        if ends is not None:
            axes.set_xlim(*ends)
        low, high = axes.get_xlim()
        if low < 0 < high:
            axes.axvline(0, color=GRID, linewidth=0.8, zorder=0)
        axes.set_ylim(-0.1, len(shown))
        places = [len(shown) - 1 - place + 0.3 for place in range(len(shown))]
        axes.set_yticks(places, [end_of(row.label, 60) for row in shown])
        for text in axes.get_yticklabels():
            text.set_parse_math(False)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        label(axes, "value", "")
    return saved(target)


def export_histograms(rows: Sequence[Distribution], target: Goal) -> Saved:
    """Write the bins of all weights as CSV. Raises SaveFailed."""
    suffix_of(target, ".csv")
    text = StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("weight", "from", "to", "count"))
    for row in rows:
        edges = np.linspace(row.low, row.high, len(row.counts) + 1).tolist()
        for low, high, number in zip(edges, edges[1:], row.counts, strict=False):
            table.writerow((row.label, repr(low), repr(high), repr(number)))
    return save_bytes(target, text.getvalue().encode("utf-8", "surrogateescape"))


def _draw(axes: Axes, row: Distribution, base: int, log: bool) -> None:
    axes.axhline(base, color=GRID, linewidth=0.8, zorder=0)
    heights = np.array(row.counts, "f8")
    heights = np.log1p(heights) if log else heights
    if heights.size and (top := heights.max()) > 0:
        edges = np.linspace(row.low, row.high, heights.size + 1)
        axes.stairs(base + _HIGHEST * heights / top, edges, baseline=base, fill=True,
                    color=COLOURS[0])  # fmt: skip
    axes.annotate(
        safe_text(row.note, 80), (1.01, base + 0.3), xycoords=("axes fraction", "data"),
        fontsize=8, va="center", color=COLOURS[3] if row.odd else INK, parse_math=False,
        annotation_clip=False,
    )  # fmt: skip

"""What is said around a histogram."""

from __future__ import annotations

import math
from collections.abc import Sequence

from textual.content import Content

from kerastui.analysis.results import Histogram, Sketch, Statistics, WeightStatistics
from kerastui.model import Weight
from kerastui.model.figures import count, plural

from ...widgets.histogram_picture import DRAWN
from .figures_words import number, part


def about(
    found: Histogram, weight: Weight, log: bool, sketch: Sketch | None, coarse: bool
) -> Content:
    """Return how many values are shown, and how many are not.

    Args:
        found: the histogram.
        weight: the weight whose it is.
        log: whether counts are drawn as logarithms.
        sketch: the sample it is of, if it is of one.
        coarse: whether a better one is on its way.
    """
    shown = sum(found.counts)
    if sketch:
        parts = [f"sample of {count(sketch.seen)} of {count(sketch.size)} values"]
    else:
        parts = [plural(shown, "value")]
        parts += [f"{count(found.below)} below"] if found.below else []
        parts += [f"{count(found.above)} above"] if found.above else []
    odd = [f"{count(found.nan)} NaN"] if found.nan else []
    odd += [f"{count(found.inf)} inf"] if found.inf else []
    if weight.dtype.startswith("complex"):
        parts.append("absolute values of complex numbers")
    parts.append("log counts" if log else "linear counts")
    if coarse:
        parts.append("counting …")
    text = Content.styled(" · ".join(parts), "$foreground-muted")
    if not odd:
        return text
    return Content.assemble((f"✗ {' · '.join(odd)}", "$text-error"), "   ", text)


def spread_line(figures: Statistics) -> str:
    """Return mean, deviation and quantiles."""
    parts = [f"μ {_short(figures.mean)}", f"σ {_short(figures.std)}"]
    parts += [
        f"{which:.0%} {_short(value)}".replace("%", " %")
        for which, value in figures.quantiles
        if which in DRAWN
    ]
    return "  ".join(parts)


def bin_line(
    edges: tuple[float, float], counted: float, size: int, coarse: bool, whole: bool
) -> Content:
    """Return what is under the cursor: where the bin is, how many values it has, their share.

    Args:
        edges: where it begins and ends.
        counted: how many values are in it.
        size: how many elements the weight has.
        coarse: whether that is a guess.
        whole: whether values are whole numbers, and the bin lies around one or some of them.
    """
    low, high = edges
    if whole and high - low <= 1:
        where = number(math.ceil(low))
    elif whole:
        where = f"{number(math.ceil(low))} … {number(math.floor(high))}"
    else:
        where = " … ".join(edge_texts(low, high))
    about = "≈ " if coarse else ""
    values = plural(round(counted), "value")
    return Content.assemble(
        ("▏", "$text-warning"),
        (where, "bold"),
        f"   {about}{values}   {part(round(counted), size)}",
    )


def edge_texts(low: float, high: float) -> tuple[str, str]:
    """Return two numbers with as many digits as tell them apart."""
    largest, width = max(abs(low), abs(high)), high - low
    digits = 4
    if 0 < width < largest:
        digits = min(17, max(4, math.ceil(math.log10(largest / width)) + 2))
    low, high = (0.0 if abs(edge) < width * 1e-9 else edge for edge in (low, high))
    return f"{low:.{digits}g}".replace("-", "−"), f"{high:.{digits}g}".replace("-", "−")


def nothing_to_show(weight: Weight, found: WeightStatistics | None) -> str:
    """Say why there is no histogram."""
    if not math.prod(weight.shape):
        return "This weight has no values: an axis has no elements."
    figures = found.figures if found else None
    parts: Sequence[str] = ()
    if figures:
        parts = [
            f"{count(n)} {word}" for n, word in ((figures.nan, "NaN"), (figures.inf, "inf")) if n
        ]
    said = f": {', '.join(parts)}" if parts else ""
    return f"None of its {plural(math.prod(weight.shape), 'value')} is a finite number{said}."


def _short(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}".replace("-", "−")

"""Histograms, projections and spectra as pictures, and their numbers as files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO

import numpy as np

from ..model import Goal, safe_text
from ..model.figures import count, plural, weight_shape
from .drawing import COLOURS, GRID, drawn, label
from .export_file import save_bytes, saved, suffix_of
from .export_results import Saved
from .matrix_results import Point, Projection, Spectrum
from .numbers import Array
from .results import Histogram

Mark = tuple[Point, str]
"""A point that is marked in a projection, and its name."""


def draw_histogram(histogram: Histogram, title: str, log: bool, target: Goal) -> Saved:
    """Draw a histogram, its counts on a linear or a logarithmic axis. Raises SaveFailed."""
    edges = _edges(histogram)
    total = sum(histogram.counts)
    beside = [
        f"{count(number)} {what}"
        for number, what in (
            (histogram.below, "below"), (histogram.above, "above"),
            (histogram.nan, "NaN"), (histogram.inf, "infinite"),
        )
        if number
    ]  # fmt: skip
    subtitle = ", ".join([plural(total, "value"), *beside])
    with drawn(target, title, subtitle) as axes:
        axes.stairs(histogram.counts, edges, fill=True, color=COLOURS[0])
        axes.set_yscale("log" if log and total else "linear")
        if not log and max(histogram.counts, default=0) < 20:
            axes.locator_params(axis="y", integer=True)
        axes.grid(axis="y")
        label(axes, "value", "elements a bin")
    return saved(target)


def export_histogram(histogram: Histogram, target: Goal) -> Saved:
    """Write a histogram's bins as CSV. Raises SaveFailed."""
    edges = _edges(histogram)
    rows = zip(edges, edges[1:], histogram.counts, strict=False)
    return _table(target, ("from", "to", "count"), rows)


def draw_projection(
    projection: Projection,
    axes_shown: tuple[int, int],
    marks: Sequence[Mark],
    title: str,
    target: Goal,
) -> Saved:
    """Draw points along two of the components (0, 1, 2), some of them named. Raises SaveFailed."""
    across, up = axes_shown
    explained = projection.explained
    with drawn(target, title, about(projection), size=(7.5, 6.5)) as axes:
        places = np.array(projection.coordinates).reshape(-1, 3)
        axes.axhline(0, color=GRID, linewidth=0.8)
        axes.axvline(0, color=GRID, linewidth=0.8)
        size = 30 if len(places) < 100 else 12 if len(places) < 500 else 5
        axes.scatter(places[:, across], places[:, up], s=size, alpha=0.6, linewidths=0)
        for place, name in marks:
            axes.scatter(place[across], place[up], s=28, color=COLOURS[1], zorder=3)
            axes.annotate(
                safe_text(name, 60), (place[across], place[up]), (4, 4),
                textcoords="offset points", fontsize=8, parse_math=False,
            )  # fmt: skip
        label(
            axes,
            f"component {across + 1}  ({explained[across]:.1%} of the variance)",
            f"component {up + 1}  ({explained[up]:.1%})",
        )
    return saved(target)


def export_projection(projection: Projection, target: Goal) -> Saved:
    """Write the coordinates of the points that are shown, as CSV or ``.npy``. Raises SaveFailed."""
    columns = ("point", "component 1", "component 2", "component 3")
    pairs = zip(projection.shown, projection.coordinates, strict=True)
    return _table(target, columns, [(number, *place) for number, place in pairs])


def draw_spectrum(spectrum: Spectrum, log: bool, title: str, target: Goal) -> Saved:
    """Draw singular values, and the energy that they add up to. Raises SaveFailed."""
    numbers = np.arange(1, len(spectrum.values) + 1)
    largest = spectrum.values[0] if spectrum.values else 0.0
    log = log and largest > 0
    subtitle = (
        f"{weight_shape((spectrum.rows, spectrum.columns))}, effective rank "
        f"{spectrum.effective_rank:.1f}, stable rank {spectrum.stable_rank:.1f}"
    )
    with drawn(target, title, subtitle) as axes:
        dots = {"marker": "o", "markersize": 3} if len(numbers) <= 200 else {}
        axes.plot(numbers, spectrum.values, color=COLOURS[0], **dots)
        axes.locator_params(axis="x", integer=True)
        axes.set_yscale("log" if log else "linear")
        if log and min(spectrum.values) <= spectrum.floor:
            axes.set_ylim(bottom=spectrum.floor / 2)
            axes.axhline(spectrum.floor, color=COLOURS[3], linestyle=":", linewidth=1)
        axes.grid(axis="y")
        label(axes, "singular value, by size", "singular value")
        energy = axes.twinx()
        energy.plot(numbers, spectrum.cumulative, color=COLOURS[1], linewidth=1)
        energy.set_ylim(0, 1.02)
        energy.set_ylabel("cumulative energy", color=COLOURS[1])
        energy.spines["right"].set_visible(True)
    return saved(target)


def export_spectrum(spectrum: Spectrum, target: Goal) -> Saved:
    """Write the singular values as CSV (with energies) or ``.npy``. Raises SaveFailed."""
    if suffix_of(target, ".csv", ".npy") == ".npy":
        return _npy(target, np.array(spectrum.values))
    rows = zip(
        range(1, len(spectrum.values) + 1), spectrum.values, spectrum.cumulative, strict=True
    )
    return _table(target, ("number", "singular value", "cumulative energy"), rows)


def about(projection: Projection) -> str:
    """Return how many points there are, how many of them are shown, and what is left out."""
    parts = [f"{count(projection.points)} points of {plural(projection.features, 'feature')}"]
    if len(projection.shown) < projection.points - projection.left_out:
        parts.append(f"{count(len(projection.shown))} of them shown")
    if projection.left_out:
        parts.append(f"{count(projection.left_out)} with NaN or Inf left out")
    if not projection.exact:
        parts.append("components approximated")
    return ", ".join(parts)


def _edges(histogram: Histogram) -> list[float]:
    low, high, bins = histogram.low, histogram.high, len(histogram.counts)
    if low == high:  # one value alone has no width
        room = abs(low) / 2 or 0.5
        low, high = low - room, high + room
    edges: list[float] = (np.linspace(low / 2, high / 2, bins + 1) * 2).tolist()
    return edges


def _table(target: Goal, names: Sequence[str], rows: Iterable[Sequence[float]]) -> Saved:
    """Write rows of numbers with a line of names; ``.npy`` without it."""
    table = [list(row) for row in rows]
    if suffix_of(target, ".csv", ".npy") == ".npy":
        return _npy(target, np.array(table, "f8").reshape(-1, len(names)))
    text = StringIO()
    text.write(",".join(names) + "\n")
    text.writelines(",".join(map(repr, row)) + "\n" for row in table)
    return save_bytes(target, text.getvalue().encode())


def _npy(target: Goal, array: Array) -> Saved:
    data = BytesIO()
    np.save(data, array)
    return save_bytes(target, data.getvalue())

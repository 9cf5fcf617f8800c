"""What ``kerastui weights`` prints for people: a table. JSON and CSV: `statistics_output`."""

from __future__ import annotations

from collections.abc import Sequence

from kerastui.analysis.results import Flag, WeightStatistics
from kerastui.model import safe_text
from kerastui.model.figures import count, weight_shape

from .paint import cells, fit

_HEADS = ("weight", "shape", "dtype", "min", "max", "mean", "std", "l2", "zeros", "flags")
_SHOWN = 8
"""Indices that the table shows of a flag."""


def as_text(rows: Sequence[WeightStatistics]) -> str:
    """Return a table for people, columns aligned; problems stand where the figures would."""
    table = [_HEADS, *(_cells(row) for row in rows)]
    widths = [
        max(cells(line[k]) for line in table if k < 3 or len(line) > 4)
        for k in range(len(_HEADS) - 1)
    ]
    lines: list[str] = []
    for line in table:
        parts = [
            fit(text, width) if k < 3 else text.rjust(width)
            for k, (text, width) in enumerate(zip(line, widths, strict=False))
        ]
        if len(line) < len(_HEADS):  # the problem is as long as it is
            parts = [*parts[:3], line[3]]
        else:
            parts.append(line[-1])
        lines.append("  ".join(parts).rstrip())
    return "\n".join(lines) + "\n"


def _cells(row: WeightStatistics) -> tuple[str, ...]:
    head = safe_text(row.path, 80), weight_shape(row.shape), safe_text(row.dtype, 20)
    figures = row.figures
    if figures is None:
        return (*head, safe_text(row.problem, 300))
    numbers = (figures.min, figures.max, figures.mean, figures.std, figures.l2)
    zeros = f"{figures.zeros / figures.count:.0%}" if figures.zeros else ""
    flags = ", ".join(_flag_text(flag, row) for flag in row.flags)
    return (*head, *map(_short, numbers), zeros, flags)


def _flag_text(flag: Flag, row: WeightStatistics) -> str:
    """Return a flag with its number: ``nan (3)``, ``dead 2 of 64: 5 17``."""
    if flag.axis is None:
        return f"{flag.name} ({count(flag.count)})" if flag.count else flag.name
    listed = " ".join(map(str, flag.indices[:_SHOWN])) + (" …" if flag.count > _SHOWN else "")
    return f"{flag.name} {count(flag.count)} of {count(row.shape[flag.axis])}: {listed}"


def _short(value: float | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) and abs(value) < 10**6 else f"{value:.4g}"

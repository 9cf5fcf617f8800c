"""What ``kerastui weights`` prints: a table, JSON or CSV."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from typing import Any

from kerastui.analysis.results import QUANTILES, Flag, Statistics, WeightStatistics
from kerastui.model import safe_text
from kerastui.model.figures import count, weight_shape

NUMBERS = ("count", "min", "max", "mean", "std", "l1", "l2", "zeros", "nan", "inf")
_HEADS = ("weight", "shape", "dtype", "min", "max", "mean", "std", "l2", "zeros", "flags")
_SHOWN = 8
"""Indices that the table shows of a flag."""


def as_json(rows: Sequence[WeightStatistics]) -> str:
    """Return a JSON array, one object a line; schema in docs/weights-json.md."""
    # ASCII only: escapes of terminals and bidirectional marks come out as \uXXXX.
    lines = [json.dumps(_object(row), ensure_ascii=True, allow_nan=False) for row in rows]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def _object(row: WeightStatistics) -> dict[str, Any]:
    figures = row.figures
    found: dict[str, Any] = {"path": row.path, "shape": list(row.shape), "dtype": row.dtype}
    for name in NUMBERS:
        found[name] = _plain(getattr(figures, name)) if figures else None
    found["quantiles"] = {str(which): _plain(value) for which, value in _quantiles(figures)}
    found["flags"] = [flag.name for flag in row.flags]
    found["findings"] = [_finding(flag) for flag in row.flags]
    found["problem"] = row.problem or None
    return found


def _finding(flag: Flag) -> dict[str, Any]:
    found: dict[str, Any] = {"flag": flag.name, "count": flag.count}
    if flag.axis is not None:
        found |= {"axis": flag.axis, "indices": list(flag.indices)}
    if flag.groups:
        found["groups"] = [list(group) for group in flag.groups]
    return found


def _plain(value: float | None) -> float | str | None:
    """Return a number that JSON has; a norm beyond float64 is the string ``Infinity``."""
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def _quantiles(figures: Statistics | None) -> tuple[tuple[float, float], ...]:
    return figures.quantiles if figures else ()


def as_csv(rows: Sequence[WeightStatistics]) -> str:
    """Return CSV with a line of names; shapes as ``3x3x64``, flags separated by blanks."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["path", "shape", "dtype", *NUMBERS, *(f"q{which}" for which in QUANTILES), "flags"]
    )
    for row in rows:
        numbers = [getattr(row.figures, name) if row.figures else "" for name in NUMBERS]
        values = dict(_quantiles(row.figures))
        writer.writerow(
            [
                safe_text(row.path, 1000),
                "x".join(map(str, row.shape)),
                safe_text(row.dtype, 60),
                *("" if number is None else number for number in numbers),
                *(values.get(which, "") for which in QUANTILES),
                " ".join(flag.name for flag in row.flags),
            ]
        )
    return text.getvalue()


def as_text(rows: Sequence[WeightStatistics]) -> str:
    """Return a table for people, columns aligned; problems stand where the figures would."""
    cells = [_HEADS, *(_cells(row) for row in rows)]
    widths = [max(len(line[k]) for line in cells if len(line) > 4) for k in range(len(_HEADS) - 1)]
    lines: list[str] = []
    for line in cells:
        parts = [
            text.ljust(width) if k < 3 else text.rjust(width)
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

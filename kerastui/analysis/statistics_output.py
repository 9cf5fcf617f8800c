"""Statistics as JSON and as CSV: the same from the command line and from the screen."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from typing import Any

from ..model import safe_text
from .results import QUANTILES, Flag, Statistics, WeightStatistics

NUMBERS = ("count", "min", "max", "mean", "std", "l1", "l2", "zeros", "nan", "inf")


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
    """Return CSV with a line of names; shapes as ``3x3x64``, flags separated by blanks.

    Described in docs/weights-json.md.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        [
            "path", "shape", "dtype", *NUMBERS, *(f"q{which}" for which in QUANTILES),
            "flags", "problem",
        ]
    )  # fmt: skip
    for row in rows:
        numbers = [getattr(row.figures, name) if row.figures else "" for name in NUMBERS]
        values = dict(_quantiles(row.figures))
        writer.writerow(
            [
                _cell(row.path, 1000),
                "x".join(map(str, row.shape)),
                _cell(row.dtype, 60),
                *("" if number is None else number for number in numbers),
                *(values.get(which, "") for which in QUANTILES),
                " ".join(flag.name for flag in row.flags),
                _cell(row.problem, 500),
            ]
        )
    return text.getvalue()


def _cell(text: str, limit: int) -> str:
    """Return text from a file as a cell that no spreadsheet takes for a formula."""
    shown = safe_text(text, limit)
    return f"'{shown}" if shown.startswith(("=", "+", "-", "@")) else shown

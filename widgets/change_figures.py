"""Relative changes of weights as people read them: figures, bars, and how hot they are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal

from kerastui.analysis.compare_results import Numbers
from kerastui.model.figures import count

Heat = Literal["muted", "cool", "warm", "hot"]
BARS = "▁▂▃▄▅▆▇█"
_EIGHTHS = " ▏▎▍▌▋▊▉"
_LEAST = -6.0
"""Exponent of ten at which a bar begins; a change of 1 (all of the weight) fills it."""
_SPREAD = 0.5
"""Powers of ten that a scale spans at least."""


def percent(value: float | None) -> str:
    """Return a relative change: ``1.2%``, ``3e-05%``; ``=`` for none, ``–`` for undefined."""
    if value is None:
        return "–"
    if value == 0:
        return "="
    if math.isinf(value):
        return "from 0"
    if 1e-5 <= value < 1e-3:
        return f"{100 * value:.2g}%"
    return f"{value:.1%}" if 1e-3 <= value < 10 else f"{100 * value:.0e}%"


def heat(value: float | None) -> Heat:
    """Return how large a relative change is: from ``cool`` below 0.1% to ``hot`` from 10%."""
    if not value:
        return "muted"
    return "hot" if value >= 0.1 else "warm" if value >= 1e-3 else "cool"


def bar(value: float | None, width: int) -> str:
    """Return a bar on a scale of powers of ten, from a millionth to 1; "" for no change."""
    if not value:
        return ""
    share = 1.0 if math.isinf(value) else (math.log10(value) - _LEAST) / -_LEAST
    eighths = round(max(0.0, min(1.0, share)) * width * 8)
    whole, rest = divmod(max(1, eighths), 8)
    return "█" * whole + (_EIGHTHS[rest] if rest else "")


def nonfinite(numbers: Numbers | None) -> str:
    """Say which NaN and Inf differ: ``NaN 0 → 1``; "" where all that differs is finite."""
    if numbers is None or not numbers.nonfinite:
        return ""
    nan = numbers.nan_old + numbers.nan_new
    if not nan:
        return f"Inf in {count(numbers.nonfinite)}"
    more = " and Inf" if numbers.nonfinite > nan else ""  # more than have NaN on either side
    return f"NaN {count(numbers.nan_old)} → {count(numbers.nan_new)}{more}"


def has_new_nan(numbers: Numbers | None) -> bool:
    """Return whether there are more NaN in the new values than in the old ones."""
    return numbers is not None and numbers.nan_new > numbers.nan_old


def scale_of(rows: Iterable[Sequence[float | None]]) -> tuple[float, float]:
    """Return the exponents of ten of the least and the greatest change in some rows.

    They are at least half a power apart: changes that are nearly the same shall look so.
    """
    values = [math.log10(v) for row in rows for v in row if v and math.isfinite(v)]
    if not values:
        return 0.0, 0.0
    return min(min(values), max(values) - _SPREAD), max(values)


def sparkline(changes: Sequence[float | None], width: int, scale: tuple[float, float]) -> str:
    """Return a bar a step, on a scale of powers of ten; blank where nothing moved.

    Where there are more steps than room, each bar is the greatest of some.
    """
    low, high = scale
    found = ""
    for place in range(width):
        begin = place * len(changes) // width
        end = max(begin + 1, (place + 1) * len(changes) // width)
        value = max((v or 0.0 for v in changes[begin:end]), default=0.0)
        if not value:
            found += " "
            continue
        share = (math.log10(value) - low) / (high - low) if high > low else 1.0
        found += BARS[round(max(0.0, min(1.0, share)) * (len(BARS) - 1))]
    return found

"""Where the ticks of an axis stand, and what is written at them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rich.cells import cell_len

from .flow import cut_middle

_STEPS = (1, 2, 5, 10)
_LONGEST_MARK = 16
"""Cells of what is written at a place."""


@dataclass(frozen=True)
class Axis:
    """A stretch of numbers laid over a line of cells.

    Args:
        low: the number at the line's beginning.
        high: the number at its end; greater than `low`.
        log: whether equal ratios are equally far apart; both ends are then above 0.
    """

    low: float
    high: float
    log: bool = False

    @property
    def width(self) -> float:
        """How long the stretch is."""
        return self.high - self.low

    def place(self, value: float) -> float:
        """Return where a number is: 0 at the beginning, 1 at the end; NaN if nowhere."""
        if self.log:
            if not value > 0:
                return math.nan
            low = math.log10(self.low)
            return (math.log10(value) - low) / (math.log10(self.high) - low)
        half = self.high / 2 - self.low / 2  # halves do not overflow
        return (value / 2 - self.low / 2) / half

    def at(self, place: float) -> float:
        """Return the number at a place, 0 being the beginning and 1 the end."""
        if self.log:
            return self.low * (self.high / self.low) ** place
        return self.low * (1 - place) + self.high * place

    def ticks(self, most: int) -> list[float]:
        """Return at most `most` round numbers of the stretch, evenly spread."""
        most = max(1, most)
        if self.log and self.high / self.low >= 10:
            return self._decades(most)
        step = _round_up((self.high / 3 - self.low / 3) / most * 3)  # thirds do not overflow
        if step <= 1e-13 * max(abs(self.low), abs(self.high)):
            return []  # as near to each other as floats are
        while math.isfinite(step):
            first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
            if last - first < most:
                return [number * step for number in range(first, last + 1)]
            step = _round_up(step * 1.1)
        return []

    def _decades(self, most: int) -> list[float]:
        first = math.ceil(math.log10(self.low) - 1e-9)
        last = math.floor(math.log10(self.high) + 1e-9)
        every = math.ceil((last - first + 1) / most)
        return [10.0**power for power in range(first, last + 1) if power % every == 0]


def labels(ticks: list[float]) -> list[str]:
    """Return what is written at ticks: short, and alike in their number of decimals."""
    if not ticks:
        return []
    largest = max(abs(tick) for tick in ticks)
    step = min((b - a for a, b in pairwise(ticks)), default=largest)
    if largest == 0:
        return ["0"] * len(ticks)
    ratio = all(b / a > 9.9 for a, b in pairwise(ticks) if a > 0)
    if ratio and len(ticks) > 1 and ticks[0] > 0:
        return [_short(tick) for tick in ticks]
    if largest < 1e6 and step >= 1e-5:
        decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        return [_signed(f"{tick:,.{decimals}f}") for tick in ticks]
    digits = next(
        (
            digits
            for digits in range(16)
            if all(abs(float(f"{tick:.{digits}e}") - tick) < step / 100 for tick in ticks)
        ),
        16,
    )
    return ["0" if abs(tick) < step / 2 else _signed(_power(tick, digits)) for tick in ticks]


Mark = tuple[float, str]
"""A place on an axis and what is written there, already safe to show."""


def ruler(
    axis: Axis, columns: int, gutter: int, apart: int = 10, marks: Sequence[Mark] = ()
) -> tuple[list[str], str]:
    """Return an axis from left to right: its line, a character a column, and the numbers below.

    Args:
        axis: what it measures.
        columns: its length in cells.
        gutter: cells left of it, which a number at its beginning may use.
        apart: cells from tick to tick at least.
        marks: what is written in place of round numbers, from left to right; every second or
            every third where there is no room for all.
    """
    line, text, free = ["─"] * columns, "", 0
    if not marks:
        ticks = axis.ticks(max(2, columns // apart))
        marks = list(zip(ticks, labels(ticks), strict=True))
    else:
        marks = _thinned(marks, axis, columns)
    for tick, label in marks:
        width = cell_len(label)
        column = min(columns - 1, max(0, round(axis.place(tick) * (columns - 1))))
        start = max(0, min(gutter + column - width // 2, columns + gutter - width))
        if start >= free:
            line[column] = "┬"
            text += " " * (start - cell_len(text)) + label
            free = start + width + 2
    return line, text + " " * (columns + gutter - cell_len(text))


def _thinned(marks: Sequence[Mark], axis: Axis, columns: int) -> Sequence[Mark]:
    """Return as many marks, evenly spread, as there is room for; long ones are cut."""
    marks = [(place, cut_middle(text, _LONGEST_MARK)) for place, text in marks]
    room = (axis.place(marks[-1][0]) - axis.place(marks[0][0])) * (columns - 1)
    widest = max(cell_len(text) for _, text in marks) + 2
    steps = max(1, len(marks) - 1)
    return marks[:: max(1, math.ceil(widest * steps / max(room, 1)))]


def around(values: list[float], log: bool = False, margin: float = 0.05) -> Axis:
    """Return an axis that has all values on it with some room at both ends.

    Args:
        values: finite numbers; those that a logarithmic axis cannot show are left out.
        log: whether the axis is logarithmic.
        margin: room at each end as a share of the stretch.
    """
    usable = [value for value in values if math.isfinite(value) and (value > 0 or not log)]
    low, high = (min(usable), max(usable)) if usable else (1.0, 10.0)
    if low == high:
        room = abs(low) / 2 or 0.5
        return Axis(low / 2, high * 2, log) if log else Axis(low - room, high + room)
    if log:
        factor = (high / low) ** margin
        return Axis(low / factor, high * factor, log=True)
    room = (high / 2 - low / 2) * 2 * margin
    return Axis(low - room, high + room) if math.isfinite(room) else Axis(low, high)


def _round_up(value: float) -> float:
    """Return the next number of the kind 1, 2 or 5 × 10ⁿ."""
    if not 0 < value < math.inf:
        return math.inf if value > 0 else 0.0
    power = math.floor(math.log10(value))
    unit = 10.0**power
    return next((s * unit for s in _STEPS if s * unit >= value * (1 - 1e-9)), 10 * unit)


def _short(value: float) -> str:
    if 1e-3 <= abs(value) < 1e6:
        return _signed(f"{value:,.10g}" if value < 1 else f"{value:,.0f}")
    return _signed(_power(value, 0))


def _power(value: float, digits: int) -> str:
    mantissa, _, exponent = f"{value:.{digits}e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


def _signed(text: str) -> str:
    """Return a number with a true minus sign, and zero without any."""
    return text.replace("-", "−") if text.strip("-0.") else text.replace("-", "")

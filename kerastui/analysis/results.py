"""What this room answers: plain values, without NumPy, for the screen and for JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..errors import KerastuiError

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
"""Which quantiles are computed, as NumPy's default method (linear) defines them."""
MAX_INDICES = 1000
"""Indices of filters that are listed; the number of all is always given."""

Number = int | float
FlagName = Literal[
    "nan", "inf", "zero", "constant", "dead", "duplicates", "saturated", "variance",
    "untouched", "untrained", "packed",
]  # fmt: skip
FLAGS: dict[FlagName, str] = {
    "nan": "has NaN",
    "inf": "has infinite values",
    "zero": "all values are zero",
    "constant": "all values are the same",
    "dead": "filters or units whose norm is about zero",
    "duplicates": "filters or units that equal another, bit for bit",
    "saturated": "has the largest value that its dtype holds",
    "variance": "moving variance about zero",
    "untouched": "moving statistics as before training: mean 0, variance 1",
    "untrained": "looks never trained: distributed as its initializer draws it",
    "packed": "two 4-bit values a byte: figures are those of the 4-bit values",
}
"""What each flag says of a weight."""


@dataclass(frozen=True)
class Flag:
    """Something odd about a weight."""

    name: FlagName
    count: int = 0
    """How many elements, channels or filters; 0 where it is about the weight as a whole."""
    indices: tuple[int, ...] = ()
    """Of filters or channels along `axis`, the first `MAX_INDICES` at most."""
    groups: tuple[tuple[int, ...], ...] = ()
    """Of duplicates: the filters that are the same, the first groups."""
    axis: int | None = None
    """Which axis of the weight `indices` count along."""


@dataclass(frozen=True)
class Statistics:
    """Figures of an array; of its finite elements, NaN and infinities are only counted.

    Those of complex numbers are of their absolute values. None where there is nothing to
    tell it of (no finite elements).
    """

    count: int
    min: Number | None = None
    max: Number | None = None
    mean: float | None = None
    std: float | None = None
    """Of all elements (divided by their number, not by one less)."""
    l1: float = 0.0
    l2: float = 0.0
    zeros: int = 0
    nan: int = 0
    inf: int = 0
    quantiles: tuple[tuple[float, float], ...] = ()
    """Pairs (which, value), of `QUANTILES`; empty where they were not asked for."""

    @property
    def finite(self) -> int:
        """Number of elements that are neither NaN nor infinite."""
        return self.count - self.nan - self.inf


@dataclass(frozen=True)
class WeightStatistics:
    """A weight with its figures, or the reason why it has none."""

    path: str
    """Layer path and weight name."""
    layer: int
    """Index of the layer in `Model.layers`; -1 for a weight that no layer owns."""
    shape: tuple[int, ...]
    dtype: str
    figures: Statistics | None = None
    flags: tuple[Flag, ...] = ()
    problem: str = ""
    """One sentence: not numeric, cannot be read, refused."""
    readable: bool = True
    """False where there should be numbers, but they cannot be read."""

    def has(self, flag: str) -> bool:
        """Whether the weight has a flag of this name."""
        return any(found.name == flag for found in self.flags)


@dataclass(frozen=True)
class Histogram:
    """How many finite elements lie in each of equally wide bins, the last one closed."""

    low: float
    high: float
    counts: tuple[int, ...]
    below: int = 0
    above: int = 0
    nan: int = 0
    inf: int = 0


@dataclass(frozen=True)
class Distribution:
    """One of several histograms below each other, and what is said beside it."""

    label: str
    note: str = ""
    odd: bool = False
    """Whether the note tells of something bad."""
    low: float = 0.0
    high: float = 0.0
    counts: tuple[float, ...] = ()
    """Of equally wide bins; none: there is nothing to draw."""


@dataclass(frozen=True)
class Sketch:
    """A histogram of some of an array's elements, spread over all of it."""

    histogram: Histogram
    seen: int
    """How many elements were looked at."""
    size: int
    """How many there are."""


@dataclass(frozen=True)
class Window:
    """A part of two axes of an array, the others held at an index."""

    rows: range
    columns: range
    values: tuple[tuple[float | int | bool | complex, ...], ...] = field(default=())


@dataclass(frozen=True)
class Found:
    """An element: where it is and what."""

    index: tuple[int, ...]
    value: float | int | bool | complex


class NotNumeric(KerastuiError):
    """A dataset that holds no numbers, or such as cannot be understood here."""

    title = "No numbers"


class Cancelled(KerastuiError):
    """The user stopped it."""

    title = "Stopped"

    def __init__(self, message: str = "Stopped, as you asked; nothing was changed.") -> None:
        super().__init__(message)

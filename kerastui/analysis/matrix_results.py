"""What is answered about a weight as a matrix; without NumPy, for the screen."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import KerastuiError

Point = tuple[float, float, float]
"""Coordinates along the first, second and third component."""


class NoMatrix(KerastuiError):
    """What cannot be seen as a matrix, or not decomposed."""

    title = "Not as a matrix"


@dataclass(frozen=True)
class Projection:
    """Points of many features, seen along the directions in which they differ most (PCA)."""

    points: int
    """All there are, also those that are left out."""
    features: int
    shown: tuple[int, ...]
    """Numbers of the points whose coordinates are given: all, or evenly spaced ones."""
    coordinates: tuple[Point, ...]
    explained: Point
    """Shares of the whole variance that lie along the three components."""
    left_out: int = 0
    """Points with NaN or infinite values."""
    exact: bool = True
    """False where the components were approximated by a randomized method."""


@dataclass(frozen=True)
class Neighbour:
    """A point that lies in about the same direction from the origin as another."""

    number: int
    cosine: float
    place: Point


@dataclass(frozen=True)
class Neighbours:
    """A point and those next to it by the cosine of the angle between them."""

    number: int
    place: Point | None
    """None for a point that is left out."""
    norm: float
    nearest: tuple[Neighbour, ...] = ()


@dataclass(frozen=True)
class Spectrum:
    """Singular values of a matrix, and what they say of it."""

    rows: int
    columns: int
    values: tuple[float, ...]
    """From the largest to the smallest."""
    floor: float
    """Values below it are noise: of the computation, or of how the elements are rounded."""
    method: str
    """``svd``: of the matrix itself; ``gram``: roots of its Gram matrix's eigenvalues."""
    effective_rank: float
    """exp of the entropy of the values' shares in their sum (Roy and Vetterli 2007)."""
    stable_rank: float
    """Sum of squares divided by the largest square."""
    rank: int
    """How many values are above `floor`."""
    condition: float | None
    """Largest by smallest value; None if that is below `floor`."""
    for_energy: tuple[tuple[float, int], ...]
    """Pairs (share, how many values make up that share of the sum of squares)."""

    @property
    def cumulative(self) -> tuple[float, ...]:
        """Shares of the sum of squares that the first values make up."""
        largest = self.values[0] if self.values else 0.0
        found: list[float] = []
        total = 0.0
        for value in self.values:
            total += (value / largest) ** 2 if largest else 0.0
            found.append(total)
        return tuple(share / total if total else 0.0 for share in found)

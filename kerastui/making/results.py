"""What is asked of this room and what it answers: plain values, without NumPy, for the screen."""

from __future__ import annotations

from dataclasses import dataclass

from ..model import ArraySource

OWN = "initializer"
"""In an expression: new values by the layer's own initializer."""


@dataclass(frozen=True)
class Recipe:
    """How new values are made."""

    expression: str
    """Over ``w``, the present values; `OWN` alone is a new beginning."""
    seed: int = 0
    """Of what is drawn where the expression gives none."""


@dataclass(frozen=True)
class Summary:
    """An array's figures; of its finite elements alone. None where there are none."""

    shape: tuple[int, ...]
    dtype: str
    least: float | None = None
    mean: float | None = None
    greatest: float | None = None
    not_finite: int = 0
    """Elements that are NaN or infinite."""


@dataclass(frozen=True)
class Made:
    """What an expression gives."""

    before: Summary
    after: Summary
    source: ArraySource | None
    """Where it was written; None if it was only looked at."""


@dataclass(frozen=True)
class Loss:
    """How far values in a narrower dtype are from what they were."""

    elements: int = 0
    absolute: float = 0.0
    """The greatest difference."""
    relative: float = 0.0
    """The greatest difference, of elements whose result is normal, to the element itself."""
    overflows: int = 0
    """Elements that the dtype cannot hold: they would become infinite."""
    underflows: int = 0
    """Elements that become zero."""

    def __add__(self, other: Loss) -> Loss:
        return Loss(
            self.elements + other.elements,
            max(self.absolute, other.absolute),
            max(self.relative, other.relative),
            self.overflows + other.overflows,
            self.underflows + other.underflows,
        )


@dataclass(frozen=True)
class Named:
    """An array of a file, and what it is called there."""

    name: str
    """The member of an ``.npz``, ``layer/weight`` of a model, "" of a ``.npy``."""
    source: ArraySource

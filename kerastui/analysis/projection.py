"""Rows or columns of a matrix as points on a plane: principal components.

The points are never in memory all at once: they are passed over for their mean, for the
components, and for the coordinates of those that are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..files.stored_array import StoredArray
from ..model.figures import plural
from .matrix import Matrix
from .matrix_results import NoMatrix, Point, Projection
from .numbers import Array
from .principal import MAX_SIDE, POWERS, Directions, directions_of
from .progress import Meter
from .streaming import Advance, no_advance

SHOWN = 5000
"""Points that are shown at most: nobody can tell more of them apart."""
MAX_LENGTH = 1 << 23
"""Features, or points of a matrix with more than `MAX_SIDE` features."""
Along = Literal["rows", "columns"]
"""What the points are."""


@dataclass(frozen=True)
class Basis:
    """What the coordinates of any point can be computed with."""

    mean: Array
    """Of each feature."""
    good: Array
    """Which points are finite."""
    components: Array | None
    """Features × 3; None where `scores` has the coordinates of all points."""
    scores: Array | None
    projection: Projection

    def place(self, number: int, features: Array) -> Point | None:
        """Return where a point is; None where it is left out."""
        if not self.good[number]:
            return None
        if self.scores is not None:
            return _point(self.scores[number])
        assert self.components is not None
        return _point((features - self.mean) @ self.components)


def project(
    array: StoredArray,
    along: Along = "rows",
    limit: int = SHOWN,
    advance: Advance = no_advance,
    cancelled: Callable[[], bool] = lambda: False,
) -> Basis:
    """Project the rows or the columns of a matrix.

    Components are exact where there are at most `MAX_SIDE` features or points, else they come
    of a randomized method; their signs are such that the largest element of each is positive.

    Raises NoMatrix (complex numbers, no finite point, too many features), NotNumeric,
    UnreadableFile, UnsafeFile, Cancelled.
    """
    matrix = Matrix(array, advance)
    points, features = _sides(matrix, along)
    if matrix.is_complex:
        raise NoMatrix("Complex numbers are not projected.")
    if min(points, features) > MAX_SIDE and max(points, features) > MAX_LENGTH:
        raise NoMatrix(f"{plural(max(points, features), 'row')} or columns are too many.")
    mean, good = _centre(matrix, along)
    if not good.any():
        raise NoMatrix("Every point of it has NaN or infinite values.")
    by_points = _slabs_hold_points(points, features, along)

    def slabs() -> Iterator[Array]:
        return _centred(matrix, along, by_points, mean, good)

    directions = directions_of(slabs, features if by_points else int(good.sum()), cancelled)
    if not np.isfinite(directions.total):
        raise NoMatrix("Its numbers are too large: their squares overflow.")
    if isinstance(advance, Meter):
        advance.say("placing the points")
    shown = _evenly(np.flatnonzero(good), limit)
    if by_points:
        components, scores = directions.vectors, None
        places = _places(matrix, along, mean, components, shown)
    else:
        components, scores = None, np.zeros((points, directions.vectors.shape[1]))
        scores[good] = directions.vectors * np.sqrt(directions.values)
        places = scores[shown]
    told = Projection(
        points, features, tuple(shown.tolist()), tuple(_point(place) for place in places),
        _explained(directions), int(points - good.sum()), directions.exact,
    )  # fmt: skip
    return Basis(mean, good, components, scores, told)


def passes(array: StoredArray) -> int:
    """Return how many times an array is read to project it."""
    if len(array.shape) < 2:
        return 1
    rows, columns = array.size // max(1, array.shape[-1]), array.shape[-1]
    return 2 + (POWERS if min(rows, columns) > MAX_SIDE else 1)


def _sides(matrix: Matrix, along: Along) -> tuple[int, int]:
    """Return how many points, and how many features each has."""
    if along == "rows":
        return matrix.rows, matrix.columns
    return matrix.columns, matrix.rows


def _slabs_hold_points(points: int, features: int, along: Along) -> bool:
    """Whether slabs have some points with all features, rather than some features of all points.

    So that their columns are the shorter side; where both are long, so that slabs are bands,
    which can be read fast.
    """
    if min(points, features) > MAX_SIDE:
        return along == "rows"
    return features <= points


def _by_points(matrix: Matrix, along: Along) -> Iterator[tuple[int, Array]]:
    """Yield slabs of points × all features, with the number of the first point."""
    if along == "rows":
        return matrix.bands()
    return ((first, stripe.T) for first, stripe in matrix.stripes())


def _by_features(matrix: Matrix, along: Along) -> Iterator[tuple[int, Array]]:
    """Yield slabs of features × all points, with the number of the first feature."""
    if along == "columns":
        return matrix.bands()
    return ((first, stripe.T) for first, stripe in matrix.stripes())


def _centre(matrix: Matrix, along: Along) -> tuple[Array, Array]:
    """Return each feature's mean over the finite points, and which points are finite."""
    points, features = _sides(matrix, along)
    good, total = np.ones(points, bool), np.zeros(features)
    if _slabs_hold_points(points, features, along):
        for first, slab in _by_points(matrix, along):
            fine = np.isfinite(slab).all(axis=1)
            good[first : first + len(slab)] = fine
            total += (slab if fine.all() else slab[fine]).sum(axis=0)
        return total / max(1, good.sum()), good
    # A point is known to be finite only when all its features have been seen.
    for _, slab in _by_features(matrix, along):
        good &= np.isfinite(slab).all(axis=0)
    for first, slab in _by_features(matrix, along):
        total[first : first + len(slab)] = slab[:, good].mean(axis=1) if good.any() else 0
    return total, good


def _centred(
    matrix: Matrix, along: Along, by_points: bool, mean: Array, good: Array
) -> Iterator[Array]:
    """Yield slabs of the finite points, about their mean."""
    whole = bool(good.all())
    if by_points:
        for first, slab in _by_points(matrix, along):
            yield (slab if whole else slab[good[first : first + len(slab)]]) - mean
    else:
        for first, slab in _by_features(matrix, along):
            middle = mean[first : first + len(slab), None]
            yield (slab if whole else slab[:, good]) - middle


def _places(matrix: Matrix, along: Along, mean: Array, components: Array, shown: Array) -> Array:
    """Return the coordinates of the points that are shown."""
    places = np.zeros((len(shown), components.shape[1]))
    for first, slab in _by_points(matrix, along):
        begin, end = np.searchsorted(shown, (first, first + len(slab)))
        places[begin:end] = (slab[shown[begin:end] - first] - mean) @ components
    return places


def _evenly(numbers: Array, limit: int) -> Array:
    """Return at most `limit` of the numbers, evenly spaced, the first and the last among them."""
    if len(numbers) <= limit:
        return numbers
    return numbers[np.linspace(0, len(numbers) - 1, limit).round().astype(int)]


def _explained(directions: Directions) -> Point:
    if not directions.total > 0:
        return 0.0, 0.0, 0.0
    return _point(np.minimum(directions.values / directions.total, 1.0))


def _point(numbers: Array) -> Point:
    """Return three coordinates, also where a matrix has fewer components."""
    found = [*numbers.tolist(), 0.0, 0.0, 0.0]
    return found[0], found[1], found[2]

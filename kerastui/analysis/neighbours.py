"""Which points lie in about the same direction as one: words of about the same meaning."""

from __future__ import annotations

import numpy as np

from ..files.stored_array import StoredArray
from .matrix import Matrix
from .matrix_results import Neighbour, Neighbours
from .numbers import Array
from .projection import Along, Basis
from .streaming import Advance, no_advance


def neighbours_of(
    array: StoredArray,
    along: Along,
    number: int,
    basis: Basis,
    count: int = 10,
    advance: Advance = no_advance,
) -> Neighbours:
    """Return the points whose cosine with point `number` is greatest, and where they are.

    Points that are all zero, or not finite, have no direction. Raises what `project` raises.
    """
    matrix = Matrix(array, advance)
    one = _features(matrix, along, number)
    norm = float(np.linalg.norm(one))
    place = basis.place(number, one)
    if place is None or not norm:
        return Neighbours(number, place, norm)
    cosines = _cosines(matrix, along, one / norm)
    cosines[~basis.good] = -np.inf
    cosines[number] = -np.inf
    cosines[np.isnan(cosines)] = -np.inf
    count = min(count, len(cosines))
    nearest = np.argpartition(-cosines, count - 1)[:count]
    nearest = nearest[np.argsort(-cosines[nearest], kind="stable")]
    found = [
        _neighbour(matrix, along, int(n), float(cosines[n]), basis)
        for n in nearest
        if np.isfinite(cosines[n])
    ]
    return Neighbours(number, place, norm, tuple(found))


def _features(matrix: Matrix, along: Along, number: int) -> Array:
    return matrix.row(number) if along == "rows" else matrix.column(number)


def _cosines(matrix: Matrix, along: Along, direction: Array) -> Array:
    """Return the cosine of each point with a direction; NaN for points without any."""
    points = matrix.rows if along == "rows" else matrix.columns
    products, squares = np.zeros(points), np.zeros(points)
    for first, band in matrix.bands():
        end = first + len(band)
        if along == "rows":
            products[first:end] = band @ direction
            squares[first:end] = np.einsum("ij,ij->i", band, band)
        else:
            products += direction[first:end] @ band
            squares += np.einsum("ij,ij->j", band, band)
    with np.errstate(all="ignore"):
        return products / np.sqrt(squares)


def _neighbour(matrix: Matrix, along: Along, number: int, cosine: float, basis: Basis) -> Neighbour:
    place = basis.place(number, _features(matrix, along, number))
    return Neighbour(number, max(-1.0, min(1.0, cosine)), place or (0.0, 0.0, 0.0))

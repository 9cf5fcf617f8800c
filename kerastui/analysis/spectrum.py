"""The singular values of a weight that is seen as a matrix.

A small matrix is decomposed itself. Of a long one, which is never read whole, it is the Gram
matrix, summed up in float64 band by band; its eigenvalues are squares of singular values. What is
rounded off there is about ε of the largest square, so singular values below √ε of the largest
are noise. Elements that are kept in few digits are noise as well: independent errors of a share ε
of each make singular values of up to about ε‖A‖(1/√m + 1/√n)/√12, and twice as much where sizes
differ a lot. `Spectrum.floor` is the greatest of these.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ..files.stored_array import StoredArray
from ..model import safe_text
from ..model.figures import count, plural, weight_shape
from .apart import decompose
from .matrix import Matrix
from .matrix_results import NoMatrix, Spectrum
from .numbers import Array
from .progress import Meter
from .streaming import Advance, no_advance

DIRECT = 64 << 20
"""Bytes as float64 up to which the matrix itself is decomposed."""
MAX_SIDE = 4096
"""Of the shorter side: at twice as much a decomposition takes ten times as long."""
ENERGIES = (0.9, 0.99)
_EPSILON = float(np.finfo(np.float64).eps)


def never() -> bool:
    """Nobody stops it."""
    return False


def spectrum_of(
    array: StoredArray, advance: Advance = no_advance, cancelled: Callable[[], bool] = never
) -> Spectrum:
    """Return the singular values of an array, the last axis across and all others down.

    Raises NoMatrix (no two axes, no elements, NaN, both sides over `MAX_SIDE`), NotNumeric,
    UnreadableFile, UnsafeFile, Cancelled.
    """
    matrix = Matrix(array, advance)
    small, large = sorted((matrix.rows, matrix.columns))
    direct = matrix.nbytes <= DIRECT
    if small > MAX_SIDE and not direct:
        raise NoMatrix(
            f"{safe_text(array.path, 200)} is {weight_shape((matrix.rows, matrix.columns))}: "
            f"singular values are computed where one side has at most {count(MAX_SIDE)}."
        )
    numbers = matrix.whole() if direct else _gram(matrix)
    if not np.isfinite(numbers).all():
        raise _not_finite(matrix)
    if isinstance(advance, Meter):
        advance.say("decomposing")
    if direct:
        (values,) = decompose("svdvals", numbers, cancelled)
        floor = float(values[0]) * _EPSILON * large
    else:
        (squares,) = decompose("eigvalsh", numbers, cancelled)
        values = np.sqrt(np.maximum(squares[::-1], 0))
        floor = float(values[0]) * math.sqrt(_EPSILON * small)
    floor = max(floor, _rounding(matrix, values))
    return _described(matrix, values, floor, "svd" if direct else "gram")


def _rounding(matrix: Matrix, values: Array) -> float:
    """Return how large singular values of the elements' own rounding may be."""
    largest = float(values[0])
    norm = largest * float(np.linalg.norm(values / largest)) if largest else 0.0
    sides = 1 / math.sqrt(matrix.rows) + 1 / math.sqrt(matrix.columns)
    return 2 * matrix.precision * norm * sides / math.sqrt(12)


def _gram(matrix: Matrix) -> Array:
    """Return the Gram matrix of the shorter side."""
    down = matrix.rows >= matrix.columns
    total = np.zeros((min(matrix.rows, matrix.columns),) * 2, "c16" if matrix.is_complex else "f8")
    with np.errstate(over="ignore", invalid="ignore"):
        for _, slab in matrix.bands() if down else matrix.stripes():
            total += slab.conj().T @ slab if down else slab @ slab.conj().T
    return total


def _not_finite(matrix: Matrix) -> NoMatrix:
    """Return why there are none: NaN, or numbers whose squares are too large."""
    bad = sum(int(np.count_nonzero(~np.isfinite(band))) for _, band in matrix.bands())
    if not bad:
        return NoMatrix("Its numbers are too large for singular values: their squares overflow.")
    are = "is" if bad == 1 else "are"
    return NoMatrix(
        f"{plural(bad, 'element')} of it {are} NaN or infinite: such a matrix has no singular "
        "values."
    )


def _described(matrix: Matrix, values: Array, floor: float, method: str) -> Spectrum:
    largest, least = float(values[0]), float(values[-1])
    relative = values / largest if largest else values
    energy = np.cumsum(relative**2)
    total = float(energy[-1])
    shares = relative / relative.sum() if largest else relative
    some = shares[shares > 0]
    # Just below the share: sums in another order differ in the last digits.
    needed = [int(np.searchsorted(energy, share * total * (1 - 1e-12))) + 1 for share in ENERGIES]
    return Spectrum(
        matrix.rows, matrix.columns, tuple(values.tolist()), floor, method,
        effective_rank=float(np.exp(-(some * np.log(some)).sum())) if largest else 0.0,
        stable_rank=total,
        rank=int(np.count_nonzero(values > floor)),
        condition=largest / least if least > floor else None,
        for_energy=tuple(zip(ENERGIES, needed if largest else [0] * len(ENERGIES), strict=True)),
    )  # fmt: skip

"""The largest eigenvalues of a large symmetric matrix, without all the others.

Block Krylov iteration with full orthogonalization (Golub and Underwood 1977): the block is larger
than the number that is wanted, so that eigenvalues which are the same several times are found so.
What has not converged in the end is left to LAPACK, which takes ten times as long.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .apart import SMALL, VECTORS, decompose
from .numbers import Array
from .results import Cancelled

_BLOCK = 8
_STEPS = 80
_LOOKS = (4, 8, 13, 20, 30, 43, 60, _STEPS)
"""Steps after which it is looked whether it has converged: each look costs more than the last."""
_TOLERANCE = 1e-9
"""Of the largest eigenvalue: how far A·v may be from λ·v."""
_SEED = 0


def leading(matrix: Array, cancelled: Callable[[], bool]) -> tuple[Array, Array]:
    """Return the `VECTORS` largest eigenvalues, descending, and their vectors as columns.

    The matrix is symmetric, with no eigenvalue below 0. Raises Cancelled, NoMatrix, MemoryError.
    """
    if len(matrix) > SMALL:
        found = _krylov(matrix, cancelled)
        if found is not None:
            return found
    values, vectors = decompose("eigh", matrix, cancelled)
    return values[::-1][:VECTORS], vectors[:, ::-1][:, :VECTORS]


def _krylov(matrix: Array, cancelled: Callable[[], bool]) -> tuple[Array, Array] | None:
    random = np.random.default_rng(_SEED)
    side = len(matrix)
    whole = np.empty((2, _BLOCK * _STEPS, side)).transpose(0, 2, 1)  # columns lie in one piece
    block, _ = np.linalg.qr(random.standard_normal((side, _BLOCK)))
    for step in range(1, _STEPS + 1):
        if cancelled():
            raise Cancelled
        image, known = matrix @ block, slice(0, _BLOCK * step)
        whole[0, :, known][:, -_BLOCK:], whole[1, :, known][:, -_BLOCK:] = block, image
        basis = whole[0, :, known]
        if step in _LOOKS:
            found = _ritz(basis, whole[1, :, known])
            if found is not None:
                return found
        least = 1e-12 * float(np.abs(image).max())
        block, rest = np.linalg.qr(_beside(basis, image))
        none = np.abs(np.diag(rest)) <= least
        if none.any():  # these directions are used up: go on with others
            block[:, none] = random.standard_normal((side, int(none.sum())))
            block, _ = np.linalg.qr(_beside(basis, block))
    return None


def _beside(basis: Array, vectors: Array) -> Array:
    """Return what of vectors is at right angles to a basis."""
    for _ in range(2):  # once leaves what was rounded off
        vectors = vectors - basis @ (basis.T @ vectors)
    return vectors


def _ritz(basis: Array, images: Array) -> tuple[Array, Array] | None:
    """Return the leading eigenpairs within a subspace, if they are eigenpairs of the whole."""
    values, small = np.linalg.eigh(basis.T @ images)
    values, small = values[::-1][:VECTORS], small[:, ::-1][:, :VECTORS]
    vectors = basis @ small
    apart = np.linalg.norm(images @ small - vectors * values, axis=0)
    return (values, vectors) if apart.max() <= _TOLERANCE * abs(values[0]) else None

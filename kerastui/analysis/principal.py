"""The directions in which points differ most (PCA), with the points passed over in slabs.

A slab's columns are one side of the matrix: the features, or the points. Either way what is
summed up over the slabs, centred about the points' mean, is a square matrix C of that side
whose eigenvectors are wanted: of the features they are the components, of the points the scores
divided by the singular values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from .apart import VECTORS
from .leading import leading
from .matrix_results import NoMatrix
from .numbers import Array

MAX_SIDE = 4096
"""Up to this side C is made and decomposed; of larger ones it is only multiplied with."""
_OVERSAMPLES = 13
POWERS = 6
"""Passes over the points: each makes what is left of others smaller."""
_SEED = 0

Slabs = Callable[[], Iterator[Array]]
"""Begins another pass over all slabs."""
Never = Callable[[], bool]


@dataclass(frozen=True)
class Directions:
    """Eigenvectors of C as columns, the largest eigenvalue first, with deterministic signs."""

    vectors: Array
    values: Array
    total: float
    """Sum of all eigenvalues of C: the variance of the points times their number."""
    exact: bool


def directions_of(slabs: Slabs, side: int, cancelled: Never) -> Directions:
    """Return the directions of centred slabs, whose columns are of the length `side`."""
    if side <= MAX_SIDE:
        gram = np.zeros((side, side))
        with np.errstate(over="ignore", invalid="ignore"):
            for slab in slabs():
                gram += slab.T @ slab
        if not np.isfinite(gram).all():
            raise NoMatrix("Its numbers are too large: their squares overflow.")
        values, vectors = leading(gram, cancelled)
        total, exact = float(np.trace(gram)), True
    else:
        values, vectors, total = _randomized(slabs, side)
        exact = False
    return Directions(_signed(vectors), np.maximum(values, 0), total, exact)


def _randomized(slabs: Slabs, side: int) -> tuple[Array, Array, float]:
    """Return eigenvalues, eigenvectors and trace by subspace iteration (Halko et al. 2011)."""
    image = np.random.default_rng(_SEED).standard_normal((side, VECTORS + _OVERSAMPLES))
    basis, total = image, 0.0
    for _ in range(POWERS):
        basis, _ = np.linalg.qr(image)
        image, total = np.zeros_like(basis), 0.0
        for slab in slabs():
            image += slab.T @ (slab @ basis)
            total += float(np.einsum("ij,ij->", slab, slab))
    values, small = np.linalg.eigh(basis.T @ image)
    return values[::-1][:VECTORS], (basis @ small[:, ::-1])[:, :VECTORS], total


def _signed(vectors: Array) -> Array:
    """Turn each vector so that its largest element by size is positive."""
    places = np.argmax(np.abs(vectors), axis=0)
    signs = np.sign(vectors[places, np.arange(vectors.shape[1])])
    return vectors * np.where(signs == 0, 1.0, signs)

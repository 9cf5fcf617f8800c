"""New values as Keras's initializers draw them, by NumPy: other numbers, the same distribution.

The same seed gives the same array wherever it is drawn. It stands beside the rooms, for it
imports NumPy and several of them draw; nothing on the way to a screen imports it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from .edits.initializers import Initializer, Spread, named
from .model import NewDense

BLOCK = 1 << 20
"""Elements drawn at a time."""
Array = np.ndarray[Any, Any]


def draw(initializer: Initializer, shape: tuple[int, ...], seed: int) -> Array:
    """Return a new array of float32. Needs memory for one, or for some if it is orthogonal."""
    blocks = list(draw_blocks(initializer, shape, seed))
    return np.concatenate([np.zeros(0, "float32"), *blocks]).reshape(shape)


def draw_blocks(initializer: Initializer, shape: tuple[int, ...], seed: int) -> Iterator[Array]:
    """Yield the elements of a new array of float32 in C order, `BLOCK` at a time.

    Orthogonal and identity matrices come in one piece.
    """
    spread = initializer.spread(shape)
    random = np.random.default_rng(seed)
    if spread.form == "orthogonal":
        yield _orthogonal(random, shape, spread.first).reshape(-1)
        return
    if spread.form == "identity":
        yield (spread.first * np.eye(*shape, dtype="float32")).astype("float32").reshape(-1)
        return
    size, done = math.prod(shape), 0
    while done < size:
        block = _elements(random, spread, min(BLOCK, size - done))
        if initializer.ones is not None:
            begin, end = (max(0, place - done) for place in initializer.ones)
            block[begin:end] = 1.0
        yield block
        done += len(block)


def draw_new(shape: tuple[int, ...], recipe: NewDense) -> Array | None:
    """Return the first values of an appended layer's weight: a bias begins with zeros.

    None where the initializer is none that is known here.
    """
    initializer = named(recipe.initializer if len(shape) > 1 else "zeros")
    return draw(initializer, shape, recipe.seed) if initializer else None


def _elements(random: np.random.Generator, spread: Spread, count: int) -> Array:
    if spread.form == "uniform":
        low, high = np.float32(spread.first), np.float32(spread.second)
        return low + (high - low) * random.random(count, dtype="float32")
    if spread.form == "normal":
        drawn = random.standard_normal(count, dtype="float32")
        return np.float32(spread.first) + np.float32(spread.second) * drawn
    if spread.form == "truncated":
        drawn = _truncated(random, count)
        return np.float32(spread.first) + np.float32(spread.second) * drawn
    return np.full(count, spread.first, dtype="float32")


def _truncated(random: np.random.Generator, count: int) -> Array:
    """Return standard normal numbers, those beyond 2 drawn once more until none is."""
    drawn = random.standard_normal(count, dtype="float32")
    while (outside := np.flatnonzero(np.abs(drawn) > 2)).size:
        drawn[outside] = random.standard_normal(outside.size, dtype="float32")
    return drawn


def _orthogonal(random: np.random.Generator, shape: tuple[int, ...], gain: float) -> Array:
    """Return what ``Orthogonal`` makes: Q of a normal matrix, its signs those of R's diagonal.

    After Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear
    neural networks" (2014).
    """
    rows, columns = math.prod(shape[:-1]), shape[-1]
    flat = random.standard_normal((max(rows, columns), min(rows, columns)), dtype="float32")
    q, r = np.linalg.qr(flat)
    q = q * np.sign(np.diag(r))
    return (gain * (q.T if rows < columns else q)).reshape(shape).astype("float32")

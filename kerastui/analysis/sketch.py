"""A histogram at once, of a sample: what is shown until all of a large array has been counted."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

import numpy as np

from ..files.arrays import StoredArray
from .histogram import MAX_BINS, Bins
from .numbers import Array, decoder, real_parts
from .results import Sketch
from .streaming import SLICE

_RUNS = 64
"""Stretches of a contiguous array, evenly spread, each of as many elements:"""
_RUN = 4096
_SECONDS = 0.06
"""After which no further chunk is unpacked."""
_LARGE = 16 << 20
"""Bytes of a chunk that takes longer than that to unpack."""


def sketch_of(array: StoredArray, bins: int) -> Sketch | None:
    """Return the histogram of a quarter of a million elements, or as many as a moment allows.

    Its ends are the least and the greatest finite element among them; None if none is finite.
    Works for arrays of any declared size. Raises NotNumeric, UnreadableFile, UnsafeFile.
    """
    decode = decoder(array)
    parts = [np.asarray(real_parts(decode(part)), np.float64) for part in _sample(array)]
    values = np.concatenate(parts) if parts else np.empty(0)
    finite = values[np.isfinite(values)]
    if not finite.size:
        return None
    low, high = float(finite.min()), float(finite.max())
    counted = Bins(low, high, max(1, min(bins, MAX_BINS)) if low < high else 1)
    for begin in range(0, values.size, SLICE):
        counted.add(values[begin : begin + SLICE])
    return Sketch(counted.result(), values.size, array.size)


def _sample(array: StoredArray) -> Iterator[Array]:
    """Yield flat parts of the array, spread over it; all of a small one."""
    if not array.in_one_run:
        yield from _chunks(array)
        return
    runs = _RUNS if array.size > _RUNS * _RUN else 1
    length = min(array.size, _RUN if runs > 1 else _RUNS * _RUN)
    for number in range(runs):
        begin = (array.size - length) * number // max(1, runs - 1)
        yield array.read_run(begin, np.empty(length, array.dtype))


def _chunks(array: StoredArray) -> Iterator[Array]:
    """Yield what is in some chunks, spread ever finer, for as long as a moment lasts."""
    began, left = time.monotonic(), _RUNS * _RUN
    steps = array.chunks or _block(array.shape)
    if math.prod(steps) * array.dtype.itemsize > _LARGE or 0 in array.shape:
        return
    counts = [math.ceil(length / step) for length, step in zip(array.shape, steps, strict=True)]
    for number in _spread(math.prod(counts)):
        index: list[slice] = []
        for length, step, count in reversed(list(zip(array.shape, steps, counts, strict=True))):
            number, at = divmod(number, count)
            index.insert(0, slice(at * step, min((at + 1) * step, length)))
        part = array.read(tuple(index)).reshape(-1)
        yield part
        left -= part.size
        if left <= 0 or time.monotonic() - began > _SECONDS:
            return


def _block(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of blocks for an array that has no chunks."""
    steps = list(shape)
    for axis in range(len(shape)):
        rest = math.prod(steps[axis + 1 :])
        steps[axis] = max(1, min(shape[axis], _RUN // max(1, rest)))
    return tuple(steps)


def _spread(total: int) -> Iterator[int]:
    """Yield numbers below `total`, each once: the halves, the quarters between them, and so on.

    (Van der Corput's sequence: the digits of 1, 2, 3, … in base 2 behind the point, reversed.)
    """
    seen: set[int] = set()
    for turn in range(1, 1 << 14):
        digits, turned, scale = turn, 0, 1
        while digits:
            digits, digit = divmod(digits, 2)
            turned, scale = 2 * turned + digit, 2 * scale
        place = total * turned // scale
        if place not in seen:
            seen.add(place)
            yield place
    if 0 not in seen:
        yield 0

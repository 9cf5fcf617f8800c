"""Passing over an array piece by piece, on several cores where the file allows it."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import product
from typing import TypeVar

import numpy as np

from ..files.arrays import Index, StoredArray
from .numbers import Array, Decode, decoder

PIECE = 4 << 20
"""Bytes of a piece that is read at once."""
_UNPACKED = 16 << 20
"""Bytes of a piece of a compressed array: some chunks, so that several cores unpack them."""
SLICE = 1 << 18
"""Elements that are worked on at once: few enough for the caches that cores share, and enough
for threads not to wait for each other between one step of NumPy's and the next."""
THREADS = min(4, os.cpu_count() or 1)

T = TypeVar("T")
Advance = Callable[[int], None]
"""Told how many bytes more have been dealt with. Raises Cancelled to stop."""


def no_advance(_: int) -> None:
    """Go on, unwatched."""


def over_elements(
    array: StoredArray,
    start: Callable[[], T],
    work: Callable[[T, Array], None],
    advance: Advance,
    threads: int = THREADS,
) -> list[T]:
    """Do `work(state, elements)` for slices that together are all elements, each once.

    Which slices a state sees, and in which order, is left open; the states that `start` made
    come back to be merged. At most `threads` work at once. Elements are a flat array of numbers
    (see `numbers.decoder`).
    """
    decode = decoder(array)

    def slices(state: T, piece: Array) -> None:
        flat = piece.reshape(-1)
        for begin in range(0, flat.size, SLICE):
            work(state, decode(flat[begin : begin + SLICE]))

    if array.in_one_run:
        return _over_run(array, start, slices, advance, threads)
    state = start()
    for index in pieces(array.shape, array.dtype.itemsize, array.chunks, _UNPACKED):
        piece = array.read(index)
        slices(state, piece)
        advance(piece.nbytes)
    return [state]


def _over_run(
    array: StoredArray,
    start: Callable[[], T],
    work: Callable[[T, Array], None],
    advance: Advance,
    threads: int,
) -> list[T]:
    """Let every thread take the next piece when it is done with one."""
    step = max(1, PIECE // array.dtype.itemsize)
    if array.size <= step:
        state = start()
        if array.size:
            work(state, array.read_run(0, np.empty(array.size, array.dtype)))
            advance(array.size * array.dtype.itemsize)
        return [state]
    begins = iter(range(0, array.size, step))
    lock, stop = threading.Lock(), threading.Event()

    def loop() -> T:
        state = start()
        room = np.empty(step, array.dtype)
        while not stop.is_set():
            with lock:
                begin = next(begins, None)
            if begin is None:
                break
            piece = array.read_run(begin, room[: min(step, array.size - begin)])
            work(state, piece)
            with lock:
                advance(piece.nbytes)
        return state

    threads = min(threads, math.ceil(array.size / step))
    if threads == 1:
        return [loop()]
    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(loop) for _ in range(threads)]
        return gathered(futures, stop)


def gathered(futures: list[Future[T]], stop: threading.Event) -> list[T]:
    """Wait for all; the first trouble stops the others, and is raised."""
    waiting = set(futures)
    try:
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()
    finally:
        stop.set()  # also when Ctrl+C comes meanwhile
    return [future.result() for future in futures]


def over_blocks(array: StoredArray, advance: Advance) -> Iterator[tuple[Index, Array]]:
    """Yield all blocks of an array in order, decoded, each with its place."""
    decode: Decode = decoder(array)
    for index in pieces(array.shape, array.dtype.itemsize, array.chunks):
        block = read_block(array, index)
        yield index, decode(block)
        advance(block.nbytes)


def read_block(array: StoredArray, index: Index) -> Array:
    """Return a block as it is stored, without libhdf5 if it is contiguous in the file."""
    if not array.in_one_run or array.fortran:
        return array.read(index)
    begin = _begin_of(index, array.shape)
    if begin is None:
        return array.read(index)
    shape = tuple(part.stop - part.start for part in index)
    return array.read_run(begin, np.empty(shape, array.dtype))


def _begin_of(index: Index, shape: tuple[int, ...]) -> int | None:
    """Return the number of a block's first element, None if others lie in between."""
    begin, whole = 0, True
    for part, length in zip(index, shape, strict=True):
        begin = begin * length + part.start
    for part, length in zip(reversed(index), reversed(shape), strict=True):
        size = part.stop - part.start
        if not whole and size != 1:
            return None
        whole = whole and size == length
    return begin


def pieces(
    shape: tuple[int, ...], item_size: int, chunks: tuple[int, ...] | None, budget: int = PIECE
) -> Iterator[Index]:
    """Yield the blocks of an array, in the order of its elements' first indices.

    Contiguous arrays are cut so that each block is contiguous. Blocks of a chunked one are made
    of whole chunks, so that none is unpacked twice; they exceed `budget` where a chunk does.
    """
    if 0 in shape:
        return
    limit = max(1, budget // item_size)
    steps = list(chunks) if chunks else [1] * len(shape)
    for axis in reversed(range(len(shape))):
        others = math.prod(steps[:axis] + steps[axis + 1 :])
        times = max(1, limit // max(1, others * steps[axis]))
        steps[axis] = min(shape[axis], steps[axis] * times)
        if steps[axis] < shape[axis]:
            break
    ranges = (range(0, length, step) for length, step in zip(shape, steps, strict=True))
    for corner in product(*ranges):
        yield tuple(
            slice(at, min(at + step, length))
            for at, step, length in zip(corner, steps, shape, strict=True)
        )

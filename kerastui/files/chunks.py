"""Blocks of chunked datasets that are compressed by deflate, unpacked on several cores.

libhdf5 has one lock for everything; it only hands out the chunks as they are stored here. What
else a pipeline may hold, and chunks too small to be worth it, are libhdf5's as a whole.
"""

from __future__ import annotations

import math
import os
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

import numpy as np

from . import low as libhdf5
from .guards import HDF5_ERRORS
from .stored_array import Array, Index

_SMALLEST = 16 << 10
"""Bytes of a chunk below which libhdf5 is as fast."""
CACHE = 64 << 20
"""Bytes of unpacked chunks that are kept, so that neighbours are at hand."""
THREADS = min(4, os.cpu_count() or 1)
Origin = tuple[int, ...]


def chunks_of(dataset: Any) -> Chunks | None:
    """Return what reads a dataset of plain numbers; None where libhdf5 has to do it."""
    properties = dataset.id.get_create_plist()
    filters = [properties.get_filter(i)[0] for i in range(properties.get_nfilters())]
    plain = filters in (
        [libhdf5.h5z.FILTER_DEFLATE],
        [libhdf5.h5z.FILTER_SHUFFLE, libhdf5.h5z.FILTER_DEFLATE],
    )
    if not plain or math.prod(dataset.chunks) * dataset.dtype.itemsize < _SMALLEST:
        return None
    return Chunks(dataset, shuffled=len(filters) == 2)


class Chunks:
    """Reads blocks of a dataset; several chunks at once, those at a block's edge remembered."""

    errors = (*HDF5_ERRORS, zlib.error, EOFError)

    def __init__(self, dataset: Any, *, shuffled: bool) -> None:
        self._dataset = dataset
        self._shuffled = shuffled
        self._shape: tuple[int, ...] = dataset.shape
        self._chunks: tuple[int, ...] = dataset.chunks
        self._dtype: np.dtype[Any] = dataset.dtype
        self._nbytes = math.prod(self._chunks) * self._dtype.itemsize
        self._known: OrderedDict[Origin, Array] = OrderedDict()

    def read(self, index: Index) -> Array:
        """Return a block. Raises what is in `errors`."""
        block = np.empty(tuple(part.stop - part.start for part in index), self._dtype)
        if not block.size:
            return block
        wanted = list(self._origins(index))
        together = min(THREADS, max(1, CACHE // self._nbytes), len(wanted))
        if together == 1:
            for origin in wanted:
                self._put(self._chunk(origin, self._stored(origin)), origin, index, block)
            return block
        with ThreadPoolExecutor(together) as pool:
            for begin in range(0, len(wanted), together):
                some = wanted[begin : begin + together]
                stored = [self._stored(origin) for origin in some]
                for origin, chunk in zip(some, pool.map(self._chunk, some, stored), strict=True):
                    self._put(chunk, origin, index, block)
        return block

    def reason(self, error: Exception) -> str:
        """Return the end of a sentence on what is wrong."""
        what = str(error).partition("\n")[0][:200] or type(error).__name__
        return f"cannot be read: the file is damaged, or being written ({what})."

    def _origins(self, index: Index) -> Iterator[Origin]:
        """Yield the first index of each chunk that a block touches."""
        steps = zip(index, self._chunks, strict=True)
        yield from product(
            *(range(part.start // step * step, part.stop, step) for part, step in steps)
        )

    def _stored(self, origin: Origin) -> tuple[int, bytes] | Array:
        """Return a chunk as it is stored, with its mask of left-out filters; or unpacked."""
        known = self._known.get(origin)
        if known is not None:
            self._known.move_to_end(origin)
            return known
        try:
            return self._dataset.id.read_direct_chunk(origin)
        except HDF5_ERRORS:  # never written, or damaged: libhdf5 tells which
            ends = zip(origin, self._chunks, self._shape, strict=True)
            return np.asarray(self._dataset[tuple(slice(o, min(o + c, n)) for o, c, n in ends)])

    def _chunk(self, origin: Origin, stored: tuple[int, bytes] | Array) -> Array:
        """Return a chunk unpacked, as far as it lies in the array. Runs in any thread."""
        if isinstance(stored, np.ndarray):
            return stored
        mask, data = stored
        packed = not mask >> int(self._shuffled) & 1
        if packed:
            data = zlib.decompressobj().decompress(data, self._nbytes + 1)
        if len(data) != self._nbytes:
            raise EOFError("a chunk has another size than the dataset says")
        values = np.frombuffer(data, np.uint8)
        if self._shuffled and not mask & 1:  # first bytes of all elements, then second ones …
            values = np.ascontiguousarray(values.reshape(self._dtype.itemsize, -1).T).reshape(-1)
        sizes = zip(origin, self._shape, strict=True)
        return values.view(self._dtype).reshape(self._chunks)[tuple(slice(n - o) for o, n in sizes)]

    def _put(self, chunk: Array, origin: Origin, index: Index, block: Array) -> None:
        """Copy what a block wants of a chunk; remember the chunk if that is not all of it."""
        here, there = list[slice](), list[slice]()
        for part, first, length in zip(index, origin, chunk.shape, strict=True):
            begin, end = max(part.start, first), min(part.stop, first + length)
            here.append(slice(begin - first, end - first))
            there.append(slice(begin - part.start, end - part.start))
        block[tuple(there)] = chunk[tuple(here)]
        if all(s.stop - s.start == n for s, n in zip(here, chunk.shape, strict=True)):
            return
        self._known[origin] = chunk
        while len(self._known) * self._nbytes > CACHE and len(self._known) > 1:
            self._known.popitem(last=False)

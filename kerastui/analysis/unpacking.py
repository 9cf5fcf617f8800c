"""4-bit numbers that lie two in a byte, as an array of one number each."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ..files.stored_array import Blocks, Index, StoredArray
from ..model.packing import Packing
from .numbers import Array


def unpacked(array: StoredArray, packing: Packing) -> StoredArray:
    """Return the numbers of a packed array, in their own shape; blocks are unpacked when read.

    As `keras.quantizers.unpack_int4` does: the low half of a byte comes first.
    """
    if not _fits(array, packing):
        return array
    chunks = array.chunks
    if chunks is not None:
        axis = packing.axis
        chunks = (*chunks[:axis], 2 * chunks[axis], *chunks[axis + 1 :])
    return replace(
        array, shape=packing.shape(array.shape), label=packing.dtype, chunks=chunks,
        blocks=_Unpacked(array, packing), run=None,
    )  # fmt: skip


def _fits(array: StoredArray, packing: Packing) -> bool:
    """Whether the file still holds what its description says."""
    shape, axis = array.shape, packing.axis
    fits = axis < len(shape) and shape[axis] == math.ceil(packing.length / 2)
    return fits and array.dtype.name == packing.dtype.replace("4", "8")


class _Unpacked:
    """Reads the bytes that a block's numbers are in."""

    def __init__(self, array: StoredArray, packing: Packing) -> None:
        self._blocks: Blocks = array.blocks
        self._shape = array.shape
        self._packing = packing

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        return self._blocks.errors

    def reason(self, error: Exception) -> str:
        return self._blocks.reason(error)

    def read(self, index: Index) -> Array:
        axis = self._packing.axis
        part = index[axis]
        first, last = part.start // 2, -(-part.stop // 2)
        bytes_ = self._blocks.read((*index[:axis], slice(first, last), *index[axis + 1 :]))
        low, high = bytes_ & 15, (bytes_ >> 4) & 15
        if bytes_.dtype.kind == "i":
            low, high = (low ^ 8) - 8, (high ^ 8) - 8
        both = np.stack([low, high], axis + 1)
        shape = (*bytes_.shape[:axis], 2 * bytes_.shape[axis], *bytes_.shape[axis + 1 :])
        begin = part.start - 2 * first
        kept = slice(begin, begin + part.stop - part.start)
        return both.reshape(shape)[(slice(None),) * axis + (kept,)]

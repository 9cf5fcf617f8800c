"""The difference of two arrays as an array of its own: computed where it is looked at."""

from __future__ import annotations

import math

import numpy as np

from ..errors import UnreadableFile
from ..files.stored_array import Index, StoredArray
from ..model import safe_text
from .numbers import Array, decoder


def difference_of(old: StoredArray, new: StoredArray, name: str) -> StoredArray:
    """Return the new values less the old ones, in float64 (complex128 for complex ones).

    Blocks are read when they are asked for. Raises NotNumeric, and UnreadableFile where the
    shapes are not the same.
    """
    if old.shape != new.shape:
        raise UnreadableFile(
            f"{safe_text(new.path, 200)} has the shape {new.shape}, and {old.shape} in the old "
            "file: there is no difference to look at."
        )
    kind = "complex128" if "c" in (old.dtype.kind, new.dtype.kind) else "float64"
    chunks = max((old.chunks, new.chunks), key=lambda c: math.prod(c) if c else 0)
    stored = old.stored_bytes + new.stored_bytes
    blocks = _Apart(old, new, np.dtype(kind))
    return StoredArray(
        name or new.path, new.shape, blocks.dtype, kind, chunks, stored, blocks, None
    )


class _Apart:
    """Blocks of a difference; what cannot be read is told by the array in question."""

    errors: tuple[type[Exception], ...] = ()

    def __init__(self, old: StoredArray, new: StoredArray, dtype: np.dtype[np.generic]) -> None:
        self.dtype = dtype
        self._arrays = (old, new)
        self._decodes = (decoder(old), decoder(new))

    def read(self, index: Index) -> Array:
        old, new = (
            decode(np.asarray(array.read(index))).astype(self.dtype)
            for array, decode in zip(self._arrays, self._decodes, strict=True)
        )
        with np.errstate(all="ignore"):  # infinity less itself is NaN
            return np.subtract(new, old)

    def reason(self, error: Exception) -> str:
        return f"cannot be read: {error}."

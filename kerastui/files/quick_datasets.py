"""Where plain datasets of a file lie, by its headers alone; see `headers`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import KerastuiError
from .guards import QUICK_ERRORS
from .header_parts import FastDataset
from .headers import FastGroup

_TYPES = {
    f"{kind}{8 * size}": np.dtype(f"<{letter}{size}")
    for kind, letter, sizes in (
        ("int", "i", (1, 2, 4, 8)), ("uint", "u", (1, 2, 4, 8)), ("float", "f", (2, 4, 8)),
    )
    for size in sizes
}  # fmt: skip


@dataclass(frozen=True)
class Plain:
    """A dataset of numbers that lie in one piece as NumPy has them."""

    address: int
    """Where in the HDF5 file the values begin."""
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    label: str
    nbytes: int


class QuickDatasets:
    """Finds plain datasets; what it does not find may be there all the same."""

    def __init__(self, root: FastGroup) -> None:
        self._way: list[tuple[bytes, FastGroup]] = [(b"", root)]
        """The groups down to the last dataset: the next one is likely to lie beside it."""

    def find(self, path: bytes) -> Plain | None:
        """Return what lies at an absolute path; None where libhdf5 has to be asked."""
        try:
            found = self._at([part for part in path.split(b"/") if part not in (b"", b".")])
            return _plain(found) if isinstance(found, FastDataset) else None
        except (*QUICK_ERRORS, KerastuiError):
            return None

    def _at(self, parts: list[bytes]) -> FastGroup | FastDataset | None:
        depth = 1
        for part, (known, _) in zip(parts[:-1], self._way[1:], strict=False):
            if part != known:
                break
            depth += 1
        del self._way[depth:]
        found: FastGroup | FastDataset | None = self._way[-1][1]
        for part in parts[depth - 1 :]:
            if not isinstance(found, FastGroup):
                return None
            found = found.child(part)
            if isinstance(found, FastGroup):
                self._way.append((part, found))
        return found


def _plain(dataset: FastDataset) -> Plain | None:
    """Return the dataset if its header leaves nothing open: type, place and length."""
    dtype = _TYPES.get(dataset.dtype)
    if dtype is None or not dataset.is_little_endian:
        return None
    address, length = dataset.place
    nbytes = math.prod(dataset.shape) * dtype.itemsize
    if not address or length != nbytes:
        return None
    return Plain(address, dataset.shape, dtype, dataset.dtype, nbytes)

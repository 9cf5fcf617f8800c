"""How far two arrays are apart, read side by side in pieces.

Identical bytes are found by comparing memory alone. Only where they differ are values computed
with, in float64, slice by slice, so that what is made of a slice stays in a core's cache. One
thread does it: two were slower, as they wait for each other between steps that are this short.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

import numpy as np

from ..files.arrays import StoredArray
from .compare_results import Numbers, State
from .numbers import Array, Decode, NotNumeric, decoder, scalar_product
from .rounding import Rounding, rounding_of
from .streaming import Advance, pieces, read_block

_PIECE = 1 << 19
"""Bytes of either array that are read at once."""
_SLICE = 1 << 15
"""Elements that are computed with at once."""
Part = Any
"""Of arrays that lie in runs: first element and number of elements; else a block's slices."""


def compare_arrays(
    old: StoredArray, new: StoredArray, advance: Advance
) -> tuple[State, Numbers | None]:
    """Compare two arrays of one shape.

    Returns the state (``identical``, ``equal`` or ``changed``) and figures unless the bytes are
    the same; none either where the bytes are no numbers. `advance` is told bytes of both.
    Raises UnreadableFile, UnsafeFile, and what `advance` raises.
    """
    old.check_whole()
    new.check_whole()
    try:
        decodes: tuple[Decode, Decode] | None = decoder(old), decoder(new)
    except NotNumeric:
        decodes = None
    if decodes is None and old.dtype != new.dtype:
        return "changed", None
    sums = _compared(old, new, decodes, advance)
    if not sums.uneven:
        return "identical", None
    if decodes is None:
        return "changed", None
    numbers = sums.numbers()
    return ("changed" if numbers.differing else "equal"), numbers


def digest(array: StoredArray, advance: Advance) -> bytes:
    """Return a digest of an array's bytes, its dtype and shape. Raises UnreadableFile."""
    array.check_whole()
    found = blake2b(f"{array.dtype.str} {array.label} {array.shape}".encode(), digest_size=16)
    for index in pieces(array.shape, array.dtype.itemsize, None):  # one order for all layouts
        block = read_block(array, index)
        found.update(repr(block.tolist()).encode() if block.dtype.hasobject else block.tobytes())
        advance(block.nbytes)
    return found.digest()


def _bytes(block: Array) -> Array:
    """Return the bytes of an array as such, flat."""
    return np.ascontiguousarray(block).reshape(-1).view(np.uint8)


class _Sums:
    """What is gathered of a pair of arrays."""

    def __init__(self, uneven: bool = False, rounding: Rounding | None = None) -> None:
        self.rounding = rounding
        """Whether one is the other rounded, as far as is known; None once it is not."""
        self.uneven = uneven
        """Whether any bytes differ (dtypes that differ count)."""
        self.count = self.differing = self.nonfinite = self.finite = 0
        self.nan_old = self.nan_new = 0
        self.greatest = 0.0
        self.old_old = self.new_new = self.old_new = self.squares = 0.0
        """Sums of products, and of squared differences."""
        self._rooms: list[Array] = []

    def add(self, old: Array, new: Array) -> None:
        """Take in two flat slices of numbers, which are all of those `differing` counts."""
        before, after, apart = self._doubles(old, new)
        self.count += old.size
        if self.rounding is not None and not self.rounding(before, after):
            self.rounding = None
        with np.errstate(all="ignore"):
            np.subtract(after, before, out=apart)
            squares = scalar_product(apart, apart)
            if not math.isfinite(squares):
                self._add_odd(before, after)
                return
            # Whole numbers beyond 2**53 may differ although their float64 do not.
            if old.dtype == new.dtype:
                self.differing += int(np.count_nonzero(old != new))
            else:
                self.differing += int(np.count_nonzero(apart))
            self._add_finite(before, after, apart, squares)

    def _doubles(self, old: Array, new: Array) -> tuple[Array, Array, Array]:
        """Return both as float64, and room for their difference; a complex number is two."""
        if "c" in (old.dtype.kind, new.dtype.kind):
            flat = [block.astype(np.complex128).view(np.float64) for block in (old, new)]
            return flat[0], flat[1], np.empty(flat[0].size)
        if not self._rooms:
            self._rooms = [np.empty(_SLICE) for _ in range(3)]
        before, after, apart = (room[: old.size] for room in self._rooms)
        np.copyto(before, old)
        np.copyto(after, new)
        return before, after, apart

    def _add_finite(self, old: Array, new: Array, apart: Array, squares: float) -> None:
        self.finite += old.size
        self.squares += squares
        before, after = scalar_product(old, old), scalar_product(new, new)
        self.old_old += before
        self.new_new += after
        if 1e-6 < before / max(after, 1e-300) < 1e6:  # the law of cosines, to about 1e-13
            self.old_new += (before + after - squares) / 2
        else:
            self.old_new += scalar_product(old, new)
        self.greatest = max(self.greatest, float(apart.max()), -float(apart.min()))

    def _add_odd(self, old: Array, new: Array) -> None:
        """Take in slices with NaN or infinities, or with sums beyond float64."""
        nan = np.isnan(old), np.isnan(new)
        self.nan_old += int(np.count_nonzero(nan[0]))
        self.nan_new += int(np.count_nonzero(nan[1]))
        finite = np.isfinite(old) & np.isfinite(new)
        odd = int(np.count_nonzero(~finite & (old != new) & ~(nan[0] & nan[1])))
        self.nonfinite += odd
        old, new = old[finite], new[finite]
        self.differing += odd + int(np.count_nonzero(old != new))
        if old.size:
            apart = new - old
            self._add_finite(old, new, apart, scalar_product(apart, apart))

    def numbers(self) -> Numbers:
        """Return the figures."""
        size = math.sqrt(self.old_old) * math.sqrt(self.new_new)
        return Numbers(
            count=self.count,
            differing=self.differing,
            max_abs=_defined(self.greatest) if self.finite else None,
            relative_l2=_defined(math.sqrt(self.squares) / math.sqrt(self.old_old))
            if self.old_old
            else (0.0 if self.finite and not self.squares else None),
            cosine=_defined(max(-1.0, min(1.0, self.old_new / size))) if size else None,
            nonfinite=self.nonfinite,
            nan_old=self.nan_old,
            nan_new=self.nan_new,
            l2_old=_defined(math.sqrt(self.old_old)) if self.finite else None,
            l2_difference=_defined(math.sqrt(self.squares)) if self.finite else None,
            rounding=self.rounding is not None and bool(self.differing) and not self.nonfinite,
        )


def _defined(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _compared(
    old: StoredArray, new: StoredArray, decodes: tuple[Decode, Decode] | None, advance: Advance
) -> _Sums:
    """Go through both; what is equal before the first difference is gone through again for it."""
    walk = _Walk(old, new, decodes, advance)
    parts = _runs(old, new) if walk.in_runs else _blocks(old, new)
    sums = walk.over(parts, _Sums(not walk.alike, None if walk.alike else rounding_of(old, new)))
    if sums.uneven and decodes is not None and walk.equal:
        walk.equal, parts = [], walk.equal
        walk.over(parts, sums)
    return sums


def _runs(old: StoredArray, new: StoredArray) -> Iterable[Part]:
    step = max(1, _PIECE // max(old.dtype.itemsize, new.dtype.itemsize))
    return ((begin, min(step, old.size - begin)) for begin in range(0, old.size, step))


def _blocks(old: StoredArray, new: StoredArray) -> Iterable[Part]:
    """Blocks that are whole chunks of one of the two, the one with the larger chunks."""
    chunks = max((old.chunks, new.chunks), key=lambda c: math.prod(c) if c else 0)
    return pieces(old.shape, max(old.dtype.itemsize, new.dtype.itemsize), chunks)


class _Walk:
    """Compares parts of two arrays, in any order, and remembers those that were equal."""

    def __init__(
        self,
        old: StoredArray,
        new: StoredArray,
        decodes: tuple[Decode, Decode] | None,
        advance: Advance,
    ) -> None:
        self._arrays = (old, new)
        self._decodes = decodes
        self._advance = advance
        self.alike = old.dtype == new.dtype and old.label == new.label
        """Whether equal bytes mean equal values."""
        small = max(old.dtype.itemsize, new.dtype.itemsize) <= 16  # opaque bytes may be any size
        self.in_runs = small and old.in_one_run and new.in_one_run
        """Whether parts are places of runs (first element, how many), not blocks."""
        self.equal: list[Part] = []
        """Parts whose bytes are the same, and which were not computed with."""

    def over(self, parts: Iterable[Part], sums: _Sums) -> _Sums:
        """Compare all parts; return `sums`, into which their figures go."""
        room = [np.empty(_PIECE, np.uint8) for _ in self._arrays] if self.in_runs else []
        for part in parts:
            self._compare(part, room, sums)
        return sums

    def _compare(self, part: Part, room: list[Array], sums: _Sums) -> None:
        old, new = self._read(part, room)
        # What is computed with anyway need not be compared before.
        numeric = sums.uneven and self._decodes is not None
        even = self.alike and not numeric and _same_bytes(old, new)
        if even:
            self.equal.append(part)
        else:
            sums.uneven = True
            if self._decodes is not None:
                self._compute(old.reshape(-1), new.reshape(-1), sums)
        self._advance(old.nbytes + new.nbytes)

    def _read(self, part: Part, room: list[Array]) -> list[Array]:
        if not self.in_runs:
            return [read_block(array, part) for array in self._arrays]
        begin, count = part
        targets = (
            space[: count * array.dtype.itemsize].view(array.dtype)
            for array, space in zip(self._arrays, room, strict=True)
        )
        return [a.read_run(begin, t) for a, t in zip(self._arrays, targets, strict=True)]

    def _compute(self, old: Array, new: Array, sums: _Sums) -> None:
        assert self._decodes is not None
        before, after = self._decodes
        for begin in range(0, old.size, _SLICE):
            end = begin + _SLICE
            sums.add(before(old[begin:end]), after(new[begin:end]))


def _same_bytes(old: Array, new: Array) -> bool:
    if old.dtype.hasobject:
        return bool(np.array_equal(old, new))
    return bool(np.array_equal(_bytes(old), _bytes(new)))

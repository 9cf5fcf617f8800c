"""Exact quantiles of any number of elements in fixed memory: a radix selection.

Numbers are turned into whole ones of the same order (the bits of a float, those of negative
ones turned round), and these are looked at 16 bits at a time from the top. A pass counts how
many elements have which 16 bits; the element of a wanted rank is then known by these, and the
next pass counts the next 16 bits of those elements alone. So 8- and 16-bit numbers take one pass,
32-bit ones two, 64-bit ones four, whatever the numbers are, and each pass needs 512 KB for each
wanted rank at most. Small arrays are partitioned in memory.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from .numbers import Array, real_parts
from .results import QUANTILES

_BITS = 16
_CELLS = 1 << _BITS
SMALL = 1 << 17
"""Elements of arrays that are partitioned in memory."""

Pairs = tuple[tuple[float, float], ...]


class Digits:
    """Counts how often elements have which digit, below each of some prefixes."""

    def __init__(self, level: int, prefixes: Sequence[int]) -> None:
        self.level = level
        self.prefixes = prefixes
        self.bits = 0
        """Bits of a key; 0 before the first element is seen."""
        self.kind = "f"
        self.counts = {prefix: np.zeros(_CELLS, np.int64) for prefix in prefixes}

    def add(self, elements: Array) -> None:
        """Count a flat slice."""
        values = real_parts(elements)
        keys = keys_of(values)
        self.bits, self.kind = keys.dtype.itemsize * 8, values.dtype.kind
        left = max(0, self.bits - _BITS * (self.level + 1))
        digits = keys.astype(np.uint16) if not left else _digits(keys, left)
        if not self.level:
            self._count(0, digits)
            return
        above = keys >> keys.dtype.type(left + _BITS)
        wanted = np.zeros(above.size, bool)
        for prefix in self.prefixes:
            wanted |= above == prefix
        above, digits = above[wanted], digits[wanted]  # few are left
        for prefix in self.prefixes:
            chosen = digits[above == prefix]
            if chosen.size:
                self._count(prefix, chosen)

    def _count(self, prefix: int, digits: Array) -> None:
        # Twice as fast as np.bincount, which would also make 512 KB anew for each slice.
        np.add.at(self.counts[prefix], digits.astype(np.intp), 1)

    def merge(self, other: Digits) -> None:
        """Count all that the other has counted."""
        self.bits, self.kind = self.bits or other.bits, other.kind if other.bits else self.kind
        for prefix, counts in other.counts.items():
            self.counts[prefix] += counts


def _digits(keys: Array, shift: int) -> Array:
    if shift % _BITS == 0 and keys.dtype.itemsize > 2 and keys.flags.c_contiguous:
        halves = keys.view(np.dtype(np.uint16).newbyteorder("<" if _LITTLE else ">"))
        step = keys.dtype.itemsize // 2
        place = shift // _BITS
        return halves[(place if _LITTLE else step - 1 - place) :: step]
    return (keys >> keys.dtype.type(shift)).astype(np.uint16)


_LITTLE = np.little_endian


def keys_of(values: Array) -> Array:
    """Return unsigned integers in the order of `values`; NaN of either sign comes last.

    -0 and 0 are one value, and one key.
    """
    dtype = values.dtype
    unsigned = np.dtype(f"u{dtype.itemsize}")
    if dtype.kind in "bu":
        return values.view(unsigned)
    if dtype.kind == "i":
        return values.view(unsigned) ^ unsigned.type(1 << (dtype.itemsize * 8 - 1))
    top = unsigned.type(1 << (dtype.itemsize * 8 - 1))
    signed = np.dtype(f"i{dtype.itemsize}")
    bits = values + dtype.type(0)  # -0 + 0 is 0
    negative = bits.view(signed) >> signed.type(dtype.itemsize * 8 - 1)
    keys = bits.view(unsigned)
    keys ^= negative.view(unsigned) | top
    if np.isnan(values.min(initial=np.inf)):
        keys[np.isnan(values)] = np.iinfo(unsigned).max
    return keys


def values_of(keys: Array, kind: str) -> Array:
    """Return the values of keys; the opposite of `keys_of`."""
    unsigned = keys.dtype
    top = unsigned.type(1 << (unsigned.itemsize * 8 - 1))
    if kind in "bu":
        return keys
    if kind == "i":
        return (keys ^ top).view(f"i{unsigned.itemsize}")
    return np.where(keys & top, keys ^ top, ~keys).view(f"f{unsigned.itemsize}")


class Selection:
    """Finds the elements of some ranks in several passes; each pass is a `Digits` to be filled.

    Elements are ranked with infinities at the ends and NaN last.
    """

    def __init__(self, ranks: Iterable[int]) -> None:
        self._left = {rank: rank for rank in ranks}
        self._prefix = dict.fromkeys(self._left, 0)
        self._level = 0
        self.found: dict[int, float | int] | None = None
        """The element of each rank, once the last pass is done."""

    def digits(self) -> Digits:
        """Return what has to be filled by the next pass."""
        return Digits(self._level, sorted(set(self._prefix.values())) if self._level else [0])

    def take(self, digits: Digits) -> None:
        """Learn from a filled pass."""
        bits = min(_BITS, digits.bits)
        for rank, left in self._left.items():
            prefix = self._prefix[rank]
            sums = np.cumsum(digits.counts[prefix])
            digit = int(np.searchsorted(sums, left, side="right"))
            self._left[rank] = left - (int(sums[digit - 1]) if digit else 0)
            self._prefix[rank] = prefix << bits | digit
        self._level += 1
        if self._level * _BITS >= digits.bits:
            unsigned = np.dtype(f"u{digits.bits // 8}")
            keys = np.array(list(self._prefix.values()), unsigned)
            values = values_of(keys, digits.kind).tolist()
            self.found = dict(zip(self._prefix, values, strict=True))


def ranks_of(finite: int, negative_infinities: int) -> list[int]:
    """Return the ranks, among all elements, that `QUANTILES` of the finite ones lie between."""
    ranks = set[int]()
    for which in QUANTILES:
        place = which * (finite - 1)
        ranks |= {math.floor(place), math.ceil(place)}
    return [rank + negative_infinities for rank in sorted(ranks)]


def interpolated(found: dict[int, float | int], finite: int, negative_infinities: int) -> Pairs:
    """Return each quantile from the elements of the ranks that it lies between."""
    pairs: list[tuple[float, float]] = []
    for which in QUANTILES:
        place = which * (finite - 1)
        low = float(found[math.floor(place) + negative_infinities])
        high = float(found[math.ceil(place) + negative_infinities])
        part = place - math.floor(place)
        between = low if low == high else low * (1 - part) + high * part
        pairs.append((which, between))
    return tuple(pairs)


def small_quantiles(values: Array) -> Pairs:
    """Return the quantiles of a flat array in memory."""
    finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    if not finite.size:
        return ()
    ranks = ranks_of(finite.size, 0)
    parted = np.partition(finite, ranks)
    return interpolated({rank: parted[rank].item() for rank in ranks}, finite.size, 0)

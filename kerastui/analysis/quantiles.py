"""Exact quantiles of any number of elements in fixed memory: a radix selection.

The bits of a number, those of negative floats turned round, are a whole number of the same
order, and these are looked at 16 bits at a time from the top. A pass counts how many elements
have which 16 bits; the element of a wanted rank is then known by these, and the next pass counts
the next 16 bits of those elements alone. So 8- and 16-bit numbers take one pass, 32-bit ones
two, 64-bit ones four, whatever the numbers are, and a pass needs 512 KB for each wanted rank
at most. Small arrays are partitioned in memory.
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
    """Counts how often elements have which digit, below each of some prefixes.

    Elements are looked at as they are stored; `ordered` puts the counts in the order of values.
    """

    def __init__(self, level: int, prefixes: Sequence[int]) -> None:
        self.level = level
        self.prefixes = prefixes
        """Keys of the digits above (see `key_of`)."""
        self.bits = 0
        """Bits of an element; 0 before the first is seen."""
        self.kind = "f"
        self._counts = {prefix: np.zeros(_CELLS, np.int64) for prefix in prefixes}

    def add(self, elements: Array) -> None:
        """Count a flat slice; NaN is left out."""
        values = real_parts(elements)
        if values.dtype.kind == "f" and np.isnan(values.min(initial=0)):
            values = values[~np.isnan(values)]
        raw = np.ascontiguousarray(values).view(f"u{values.dtype.itemsize}")
        self.bits, self.kind = raw.dtype.itemsize * 8, values.dtype.kind
        left = max(0, self.bits - _BITS * (self.level + 1))
        digits = _digits(raw, left)
        if not self.level:
            self._count(0, digits)
            return
        above = _above(raw, left + _BITS, self.level)
        wanted = np.zeros(raw.size, bool)
        sought = {p: above.dtype.type(self._raw(p)) for p in self.prefixes}
        for stored in sought.values():
            wanted |= above == stored
        places = np.flatnonzero(wanted)  # few
        above, digits = above[places], digits[places]
        for prefix, stored in sought.items():
            chosen = digits[above == stored]
            if chosen.size:
                self._count(prefix, chosen)

    def _count(self, prefix: int, digits: Array) -> None:
        # Twice as fast as np.bincount, which would also make 512 KB anew for each slice.
        np.add.at(self._counts[prefix], digits.astype(np.intp), 1)

    def merge(self, other: Digits) -> None:
        """Count all that the other has counted."""
        self.bits, self.kind = self.bits or other.bits, other.kind if other.bits else self.kind
        for prefix in self.prefixes:
            self._counts[prefix] += other._counts[prefix]

    def _raw(self, prefix: int) -> int:
        """Return the stored bits of a key of all digits above; `key_of` is its own opposite."""
        return key_of(prefix, _BITS * self.level, self.kind, opposite=True)

    def ordered(self, prefix: int) -> Array:
        """Return how many elements there are of each digit, in the order of their values."""
        cells = 1 << min(_BITS, self.bits)
        counts = self._counts[prefix][:cells]
        if self.level:
            negative = self.kind == "f" and not prefix >> (_BITS * self.level - 1)
            return counts[::-1] if negative else counts
        half = cells // 2
        lower = counts[half:][::-1] if self.kind == "f" else counts[half:]
        return counts if self.kind in "bu" else np.concatenate([lower, counts[:half]])


def _digits(raw: Array, shift: int) -> Array:
    """Return 16 bits of each element from bit `shift` on (the lowest where it is 0)."""
    parts = raw.dtype.itemsize // 2
    if parts < 2:
        return raw
    place = shift // _BITS
    return raw.view(np.uint16)[place if np.little_endian else parts - 1 - place :: parts]


def _above(raw: Array, shift: int, level: int) -> Array:
    """Return all bits from bit `shift` on."""
    if level == 1:  # 16 of them, and those are compared twice as fast
        return np.ascontiguousarray(_digits(raw, shift))
    return raw >> raw.dtype.type(shift)


def key_of(raw: int, bits: int, kind: str, *, opposite: bool = False) -> int:
    """Return an integer in the order of values, of the upper `bits` of a stored element.

    Or, `opposite`, the stored bits of such a key. Floats have a sign and a size: those of
    negative ones are turned round; whole numbers are two's complements. -0 comes before 0.
    """
    top = 1 << (bits - 1)
    if kind in "bu":
        return raw
    if kind == "i":
        return raw ^ top
    positive = bool(raw & top) if opposite else not raw & top
    return raw ^ (top if positive else (1 << bits) - 1)


class Selection:
    """Finds the elements of some ranks in several passes; each pass is a `Digits` to be filled.

    Elements are ranked with infinities at the ends and without NaN.
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
            sums = np.cumsum(digits.ordered(prefix))
            digit = int(np.searchsorted(sums, left, side="right"))
            self._left[rank] = left - (int(sums[digit - 1]) if digit else 0)
            self._prefix[rank] = prefix << bits | digit
        self._level += 1
        if self._level * _BITS >= digits.bits:
            raw = [
                key_of(key, digits.bits, digits.kind, opposite=True)
                for key in self._prefix.values()
            ]
            stored = np.array(raw, f"u{digits.bits // 8}")
            kind = "u" if digits.kind == "b" else digits.kind
            values = stored.view(f"{kind}{digits.bits // 8}").tolist()
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

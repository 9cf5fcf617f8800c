"""Many numbers as text at once: rows of CSV, each number as short as its dtype allows.

Python and NumPy write one number in half a microsecond; of the dtypes that weights have, whole
blocks are worked on here, several times as fast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .numbers import Array

_MOST, _FEWEST = 9, 6
"""Significant digits that tell any float32 from its neighbours; and so few as all can have."""
_POWERS = 10.0 ** np.arange(23)
"""Those that float64 holds exactly."""
_LEAST, _BELOW = 1e-13, 10.0
"""Sizes that are written here: with them a digit's place is an exact power of ten."""
_LIMITS = np.array([float(f"1e{power}") for power in range(-13, 2)])
_SCIENTIFIC = 1e-4
"""Sizes below have an exponent, as Python writes them."""
_TEMPLATE = b"-0.000  d.ddddd ddd e-xx,   "
"""All that a number may be written with, in words of four bytes; `_MASKS` say which of it."""
_WIDTH = len(_TEMPLATE)
_FIRST, _POINT, _OTHERS, _EXPONENT, _END = 8, 9, (10, 11, 12, 13, 14, 16, 17, 18), 20, 24
_FORMS = 6
"""0: 1.5; 1–4: as many digits behind the point before the first one, and it; 5: 1.5e-05."""


def _words(texts: Iterable[str]) -> Array:
    return np.frombuffer("".join(f"{text:4}" for text in texts).encode(), "u4")


_HEADS = _words(f"{n // 100}.{n % 100:02}" for n in range(1000))
_TRIPLES = _words(f"{n:03}" for n in range(1000))
_EXPONENTS = _words(f"e-{n:02}" for n in range(100))
_USED = np.array([len(f"{n:03}".rstrip("0")) for n in range(1000)], np.intp)
"""How many of three digits are needed, 0 of 000."""
_STRANGE = 0.25
"""Share of numbers that are written one by one, from which all are."""


def lines_of(block: Array, ending: str) -> bytes:
    """Return a matrix as text: numbers with commas in between, and `ending` after each row."""
    if not block.size:
        return ending.encode() * len(block)
    block = block.astype(block.dtype.newbyteorder("="), copy=False)
    if block.dtype.kind in "biu" and block.dtype.itemsize == 1:
        return _looked_up(block.view("u1"), _small(block.dtype), ending)
    if block.dtype == np.dtype("f2"):
        return _looked_up(block.view("u2"), _halves(), ending)
    if block.dtype == np.dtype("f4"):
        with np.errstate(all="ignore"):  # NaN that signal do so when they are widened
            return _of_floats(np.ascontiguousarray(block, "f4"), ending)
    write: Callable[[Any], str] = str if block.dtype.kind in "biu" else repr
    if block.dtype.kind not in "biu" and block.dtype != np.dtype("f8"):
        return _one_by_one(block, ending)
    return "".join(",".join(map(write, row)) + ending for row in block.tolist()).encode()


def _one_by_one(block: Array, ending: str) -> bytes:
    rows: list[list[str]] = block.astype(np.str_).tolist()
    return "".join(",".join(row) + ending for row in rows).encode()


# -- dtypes of few values: all of them are written once ---------------------------------------


def _small(dtype: np.dtype[Any]) -> list[str]:
    values = np.arange(256, dtype="u1").view("u1" if dtype.kind == "b" else dtype)
    return [str(value) for value in values.tolist()]


_written_halves: list[str] = []


def _halves() -> list[str]:
    if not _written_halves:
        _written_halves.extend(np.arange(1 << 16, dtype="u2").view("f2").astype(np.str_).tolist())
    return _written_halves


def _looked_up(codes: Array, texts: list[str], ending: str) -> bytes:
    write = texts.__getitem__
    return "".join(",".join(map(write, row)) + ending for row in codes.tolist()).encode()


# -- float32 ----------------------------------------------------------------------------------


def _of_floats(block: Array, ending: str) -> bytes:
    flat = block.reshape(-1)
    single = np.abs(flat)
    size = single.astype("f8")
    usual = ((size >= _LEAST) & (size < _BELOW)) | (size == 0)
    strange = np.flatnonzero(~usual)
    if strange.size > _STRANGE * flat.size:
        return _one_by_one(block, ending)
    size[strange], single[strange] = 0, 0
    digits, exponent = _digits(size, single)
    upper, lower = digits // 1000, digits % 1000
    triples = (upper // 1000, upper % 1000, lower)
    form = np.where(size < _SCIENTIFIC, 5, -exponent)
    form[size == 0] = 0
    words = np.empty((flat.size, _WIDTH // 4), "u4")
    words[:] = np.frombuffer(_TEMPLATE, "u4")
    words[:, 2], words[:, 3] = _HEADS[triples[0]], _TRIPLES[triples[1]]
    words[:, 4], words[:, 5] = _TRIPLES[triples[2]], _EXPONENTS[-exponent]
    used = _USED[triples[2]] + 6
    for number, before in ((1, 3), (0, 0)):
        used = np.where(used > before + 3, used, _USED[triples[number]] + before)
    kept = _MASKS.take((np.signbit(flat) * _FORMS + form) * (_MOST + 1) + used, axis=0)
    parts = words.view("u1")
    for number in strange.tolist():
        text = str(flat[number]).encode()
        parts[number, : len(text)] = list(text)
        kept[number] = np.arange(_WIDTH) < len(text)
        kept[number, _END] = True
    parts.reshape(*block.shape, _WIDTH)[:, -1, _END] = ord(ending)
    return parts[kept].tobytes()


def _digits(size: Array, single: Array) -> tuple[Array, Array]:
    """Return nine digits of each number, zeros after those that it needs, and its exponent.

    Digits are enough if their quotient by a power of ten is the number again: both are exact in
    float64, so the quotient is what reading them gives.
    """
    exponent = np.floor(np.log10(np.where(size == 0, 1, size))).astype(np.intp)
    exponent += size >= _LIMITS[exponent + 14]
    scale = _POWERS[_MOST - 1 - exponent]
    digits: Array = np.rint(size * scale)
    for count in range(_MOST - 1, _FEWEST - 1, -1):
        scale = _POWERS[count - 1 - exponent]
        found: Array = np.rint(size * scale)
        good = (found / scale).astype("f4") == single
        digits = np.where(good, found * 10 ** (_MOST - count), digits)
    digits = digits.astype(np.int32)
    over = digits >= 10**_MOST
    digits[over] //= 10
    return digits, exponent + over


def _masks() -> Array:
    """Return which parts of the template are used: by sign, form, and digits."""
    masks = np.zeros((2, _FORMS, _MOST + 1, _WIDTH), bool)
    masks[1, :, :, 0] = True
    for form in range(1, 5):
        masks[:, form, :, 1 : 2 + form] = True
    for used in range(_MOST + 1):
        masks[:, :, used, _OTHERS[: max(used - 1, 0)]] = True
        masks[:, 5, used, _POINT] = used > 1
    masks[:, 0, :, _POINT : _POINT + 2] = True  # also in 1.0 and 0.0
    masks[:, 5, :, _EXPONENT : _EXPONENT + 4] = True
    masks[:, :, :, (_FIRST, _END)] = True
    return masks.reshape(-1, _WIDTH)


_MASKS = _masks()

"""Numbers as text: in a cell of a width that does not change, exactly, and as their bits."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace

KINDS = ("general", "fixed", "scientific", "hexadecimal")
_MOST_DIGITS = 17
_STRUCT = {
    "float16": "e", "float32": "f", "float64": "d",
    "int8": "b", "int16": "h", "int32": "i", "int64": "q",
    "uint8": "B", "uint16": "H", "uint32": "I", "uint64": "Q", "bool": "?",
}  # fmt: skip
_INTEGERS = {"int4": 2, "uint4": 2, "int8": 4, "uint8": 4, "int16": 6, "uint16": 6,
             "int32": 11, "uint32": 11, "int64": 14, "uint64": 14, "bool": 2}  # fmt: skip


@dataclass(frozen=True)
class NumberFormat:
    """How the cells of a grid write numbers: each in at most `width` cells."""

    kind: str = "general"
    digits: int = 4
    """Significant ones (general), or those after the point."""
    dtype: str = ""
    """NumPy's name of the dtype; "": not known."""

    @property
    def width(self) -> int:
        """How many cells a number takes at most."""
        if self.kind == "hexadecimal":
            return max(2, len(bits(0, self.dtype)))
        if self.dtype in _INTEGERS:
            return _INTEGERS[self.dtype]
        extra = {"fixed": 5, "scientific": 7}.get(self.kind, 6)
        part = self.digits + extra
        return 2 * part + 1 if self.dtype.startswith("complex") else part

    def writer(self) -> Callable[[object], str]:
        """Return what writes values; the same format always writes one the same way."""
        kind, width, digits, dtype = self.kind, self.width, self.digits, self.dtype
        if kind == "hexadecimal":
            return lambda value: bits(value, dtype)
        if dtype == "bool":
            return lambda value: str(int(bool(value)))  # a mask is read at a glance
        return lambda value: number(value, kind, width, digits)

    def next_kind(self) -> NumberFormat:
        """Return the next way of writing numbers of this dtype."""
        kinds = KINDS if bits(0, self.dtype) else KINDS[:-1]
        at = kinds.index(self.kind) if self.kind in kinds else -1
        return replace(self, kind=kinds[(at + 1) % len(kinds)])

    def of_dtype(self, dtype: str) -> NumberFormat:
        """Return the same for another dtype; bits only where they are known."""
        known = self.kind != "hexadecimal" or bits(0, dtype)
        return NumberFormat(self.kind if known else "general", self.digits, dtype)

    def more_digits(self, more: int) -> NumberFormat:
        """Return a format with more digits, or fewer."""
        return replace(self, digits=max(1, min(self.digits + more, _MOST_DIGITS)))

    def describe(self) -> str:
        """Say it in words."""
        if self.kind == "hexadecimal":
            return "hexadecimal bits"
        if self.dtype in _INTEGERS:
            return "whole numbers" if self.dtype not in ("bool", "int4", "uint4") else ""
        unit = "digit" if self.digits == 1 else "digits"
        return f"{self.kind}, {self.digits} {unit}"


def number(value: object, kind: str = "general", width: int = 10, digits: int = 4) -> str:
    """Write a value in at most `width` cells, fewer digits if it has to be."""
    if isinstance(value, float):  # most are
        return _float(value, kind, width, digits)
    if isinstance(value, bool) or not isinstance(value, int | complex):
        return str(value)[:width]
    if isinstance(value, complex):
        part = (width - 1) // 2
        imaginary = number(value.imag, kind, part, digits)
        sign = "" if imaginary.startswith("-") else "+"
        return f"{number(value.real, kind, part, digits)}{sign}{imaginary}j"
    text = str(value)
    return text if len(text) <= width else _scientific(value, width, width)


def _float(value: float, kind: str, width: int, digits: int) -> str:
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if kind == "scientific":
        return _scientific(value, width, digits)
    text = f"{value:.{digits}f}" if kind == "fixed" else f"{value:.{digits}g}"
    return text if len(text) <= width else _scientific(value, width, digits)


def _scientific(value: float, width: int, digits: int) -> str:
    """Return as many digits after the point as there is room for, at most `digits`."""
    for kept in range(min(digits, width), -1, -1):
        text = f"{value:.{kept}e}"
        if len(text) <= width:
            return text
    return "…"


def exact(value: object, dtype: str) -> str:
    """Write a value so that reading it as `dtype` gives it again, with no digit too many."""
    if isinstance(value, complex):
        half = {"complex64": "float32"}.get(dtype, "float64")
        imaginary = exact(value.imag, half)
        sign = "" if imaginary.startswith("-") else "+"
        return f"{exact(value.real, half)}{sign}{imaginary}j"
    if not isinstance(value, float) or not math.isfinite(value):
        return str(value)
    text = _shortest(value, dtype)
    return text if any(c in text for c in ".en") else text + ".0"


def _shortest(value: float, dtype: str) -> str:
    if dtype in ("float16", "float32", "bfloat16"):
        stored = bits(value, dtype)
        for digits in range(1, 10):
            text = f"{value:.{digits}g}"
            if bits(float(text), dtype) == stored:
                return text
    if dtype.startswith("float8"):
        return f"{value:.9g}"  # all their values have fewer
    return repr(value)


def bits(value: object, dtype: str) -> str:
    """Return the bits of a stored value, hexadecimal; "" where they are not known."""
    if isinstance(value, complex) or dtype.startswith("complex"):
        half = {"complex64": "float32", "complex128": "float64"}.get(dtype, "")
        if not half or not isinstance(value, int | float | complex):
            return ""
        parts = complex(value)
        return bits(parts.real, half) + bits(parts.imag, half)
    if dtype == "bfloat16" and isinstance(value, int | float):
        return _bfloat16(float(value))
    if dtype in ("int4", "uint4") and isinstance(value, int):
        return f"{value & 15:x}"
    code = _STRUCT.get(dtype)
    if code is None or not isinstance(value, int | float):
        return ""
    try:
        whole = value if code in "efd" else int(value)
        return struct.pack(f">{code}", whole).hex()
    except (OverflowError, ValueError, struct.error):
        return ""


def _bfloat16(value: float) -> str:
    """Round to the upper half of a float32, to even where it is in the middle."""
    try:
        (whole,) = struct.unpack(">I", struct.pack(">f", value))
    except OverflowError:
        return ""
    if not math.isnan(value):
        whole += 0x7FFF + ((whole >> 16) & 1)
    return f"{(whole >> 16) & 0xFFFF:04x}"

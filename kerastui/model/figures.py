"""Numbers as people read them: counts, sizes, shapes, ages.

Sizes are decimal (1 MB = 1,000,000 bytes), as file managers, ``ls --si`` and download pages
have them; all results are plain ASCII apart from ``×`` and ``→``.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .layer import Layer

_HUGE = 10**30


def count(number: int) -> str:
    """Return a count with thousands separated: ``14,714,688``."""
    return f"{number:,}" if abs(number) < _HUGE else _power(number)


def short_count(number: int) -> str:
    """Return a count in about four characters: ``987``, ``14.7 M``, ``1.25 B``."""
    if abs(number) >= _HUGE:
        return _power(number)
    return _scaled(number, ("", " K", " M", " B", " T"))


def size(n_bytes: int) -> str:
    """Return a number of bytes in decimal units: ``58.1 MB``, ``512 B``."""
    if abs(n_bytes) >= _HUGE:
        return _power(n_bytes) + " B"
    return _scaled(n_bytes, (" B", " KB", " MB", " GB", " TB", " PB"))


def shape(axes: Sequence[object] | None) -> str:
    """Return a layer's input or output shape: ``(batch, 224, 224, 3)``.

    The first axis is the batch where it is free; other free axes show as ``?``. Returns
    ``""`` for None.
    """
    if axes is None:
        return ""
    names = [_axis(axis, "batch" if i == 0 else "?") for i, axis in enumerate(axes)]
    return f"({', '.join(names)})"


def weight_shape(axes: Sequence[int]) -> str:
    """Return the shape of a weight: ``(3, 3, 64, 128)``; ``scalar`` for a single number."""
    return f"({', '.join(_axis(axis, '?') for axis in axes)})" if axes else "scalar"


def times(axes: Sequence[object]) -> str:
    """Return sizes with a multiplication sign: ``3×3``."""
    return "×".join(_axis(axis, "?") for axis in axes)


def number(value: float) -> str:
    """Return the shortest text that means this setting.

    Keras keeps hyperparameters as float32 (now and then float16), so 0.001 comes back from a
    file as 0.0010000000474974513. Where the value is exactly a float32, the shortest decimal
    that rounds to it is shown. Whole numbers lose their ``.0``.
    """
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        return str(value) if abs(value) < _HUGE else _power(value)
    if not math.isfinite(value):
        return str(value)
    text = repr(value)
    if len(text) > 12:
        text = min((t for t in (text, _shortest(value, "f"), _shortest(value, "e")) if t), key=len)
    return text.removesuffix(".0")


def age(seconds: float) -> str:
    """Return how long ago something was: ``just now``, ``5 minutes ago``, ``3 days ago``."""
    if not seconds >= 60:  # also for clocks that disagree, and NaN
        return "just now"
    units = ((31_557_600, "year"), (2_629_800, "month"), (86_400, "day"), (3_600, "hour"))
    for length, unit in (*units, (60, "minute")):
        if seconds >= length:
            n = int(min(seconds, 1e15) // length)
            return f"{n:,} {unit}{'' if n == 1 else 's'} ago"
    return "just now"


def kernel_summary(layer: Layer) -> str:
    """Return what a layer's weights amount to: ``3×3 · 64 → 128``; see `summary`."""
    from . import summary  # what it knows of layer classes is only read when it is asked

    return summary.kernel_summary(layer)


def plural(number: int, noun: str, nouns: str = "") -> str:
    """Return a count with its noun: ``1 filter``, ``64 filters``."""
    return f"{count(number)} {noun if number == 1 else nouns or noun + 's'}"


def _axis(axis: object, free: str) -> str:
    if axis is None:
        return free
    if isinstance(axis, bool) or not isinstance(axis, int | float):
        return "?"
    return str(axis) if isinstance(axis, int) and abs(axis) < _HUGE else number(axis)


def _scaled(value: int, units: tuple[str, ...]) -> str:
    """Three significant digits and the largest fitting unit of a thousand."""
    if abs(value) < 1000:
        return f"{value}{units[0]}"
    step = next((i for i in range(1, len(units)) if abs(value) < 999.5 * 1000**i), len(units) - 1)
    scaled = value / 1000**step
    digits = 2 if abs(scaled) < 9.995 else 1 if abs(scaled) < 99.95 else 0
    return f"{scaled:,.{digits}f}{units[step]}"


def _power(value: int) -> str:
    """An absurdly large integer, without converting it to decimal (which Python refuses)."""
    exponent = int(abs(value).bit_length() * math.log10(2))
    return f"{'-' if value < 0 else ''}1e+{exponent}" if exponent < 10**6 else "huge"


def _shortest(value: float, code: str) -> str:
    """Shortest decimal that rounds to `value` in float32 ("f") or float16 ("e"), or ""."""
    try:
        packed = struct.pack(code, value)
        if struct.unpack(code, packed)[0] != value:
            return ""
        for digits in range(1, 10):
            short = float(f"{value:.{digits}g}")
            # Arithmetic in float32 (a rate cut by ten) may end one unit off: 1.00000005e-4.
            if struct.pack(code, short) == packed or abs(short - value) <= 1.2e-7 * abs(value):
                return repr(short)
    except OverflowError:
        pass
    return ""

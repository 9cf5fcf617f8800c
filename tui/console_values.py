"""Values of the Keras process as lines of text, and parts of arrays as rows of numbers.

Without NumPy: importing it would hold the screen up for a tenth of a second.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from kerastui.session.protocol import Part, Value

_CODES = {
    "float32": "f", "float64": "d", "float16": "e", "bool": "?",
    "int8": "b", "uint8": "B", "int16": "h", "uint16": "H",
    "int32": "i", "uint32": "I", "int64": "q", "uint64": "Q",
}  # fmt: skip
_COMPLEX = {"complex64": "f", "complex128": "d"}
_SHORT = 12
"""Elements of an array that are shown in the log too."""


def described(value: Value) -> str:
    """Return a value as the log shows it: a long string, or one of several lines, plainly."""
    if value.form == "string" and (value.length > 200 or "\n" in value.text):
        return f"str of {value.length:,} characters\n{value.text}"
    return describe(value)


def arrays_of(value: Value, name: str = "") -> list[tuple[str, Value]]:
    """Return the arrays in a value that a grid can show, each with what it is called."""
    if value.form == "array":
        return [(name, value)] if value.shape and 0 not in value.shape else []
    found: list[tuple[str, Value]] = []
    for k, item in enumerate(value.items):
        found += arrays_of(item, f"{name}[{item.key or k}]")
    return found


def is_short(value: Value) -> bool:
    """Whether an array's values have room in one line."""
    return (
        value.form == "array" and len(value.shape) == 1 and 0 < value.shape[0] <= _SHORT
        and value.dtype in _CODES
    )  # fmt: skip


def row_text(rows: Sequence[Sequence[object]]) -> str:
    """Return the values of a short array: ``[1.0, 2.0]``."""
    shown = [f"{v:.6g}" if isinstance(v, float) else str(v) for row in rows for v in row]
    return f"[{', '.join(shown)}]"


def describe(value: Value, depth: int = 0) -> str:
    """Return a value as text: an array as dtype, shape, minimum, mean, maximum and NaN count."""
    if value.form == "array":
        return _array(value)
    if value.form == "items":
        head = f"{value.type} of {value.length:,}"
        pad = "  " * (depth + 1)
        rows = [f"{pad}{item.key or k}: {describe(item, depth + 1)}"
                for k, item in enumerate(value.items)]  # fmt: skip
        more = value.length - len(value.items)
        return "\n".join([head, *rows, *([f"{pad}… and {more:,} more"] if more > 0 else [])])
    if value.form == "string":
        return repr(value.text) + ("…" if len(value.text) < value.length else "")
    if value.form == "figure":
        return value.text or f"a figure ({len(value.picture):,} bytes of PNG)"
    return value.text


def _array(value: Value) -> str:
    shape = "(" + ", ".join(f"{n:,}" for n in value.shape) + ("," * (len(value.shape) == 1)) + ")"
    parts = [value.type, value.dtype, shape]
    for name, figure in (("min", value.low), ("mean", value.mean), ("max", value.high)):
        if figure is not None:
            parts.append(f"{name} {figure:.6g}")
    if value.nans:
        parts.append(f"{value.nans:,} NaN")
    elif "float" in value.dtype or "complex" in value.dtype:
        parts.append("no NaN")  # others cannot hold any
    return "  ".join(part for part in parts if part)


def rows_of(part: Part, flipped: bool = False) -> list[list[object]]:
    """Return a part of rank 0 to 2 as rows of numbers; `flipped` exchanges the axes."""
    flat = _flat(part)
    shape = part.shape
    columns = shape[1] if len(shape) > 1 else 1
    count = shape[0] if shape else 1
    rows = [list(flat[r * columns : (r + 1) * columns]) for r in range(count)]
    return [list(column) for column in zip(*rows, strict=True)] if flipped else rows


def _flat(part: Part) -> Sequence[object]:
    if part.texts:
        return part.texts
    code = _CODES.get(part.sent)
    if code is not None:
        return _numbers(part.data, code)
    if part.sent in _COMPLEX:
        halves: Any = _numbers(part.data, _COMPLEX[part.sent])
        return [complex(a, b) for a, b in zip(halves[::2], halves[1::2], strict=True)]
    return ["?"] * math.prod(part.shape)


def _numbers(data: bytes, code: str) -> list[Any]:
    import struct

    count = len(data) // struct.calcsize("<" + code)
    return list(struct.unpack(f"<{count}{code}", data[: count * struct.calcsize("<" + code)]))

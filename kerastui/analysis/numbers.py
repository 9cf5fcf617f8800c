"""Which stored bytes are numbers, and making numbers of them that NumPy computes with."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..files.arrays import StoredArray
from ..files.bfloat16 import from_bfloat16, to_bfloat16
from ..model import safe_text
from .results import NotNumeric

Array = np.ndarray[Any, Any]
Decode = Callable[[Array], Array]
_ROW = 1 << 13
_SHORT = ("float8_", "float6_", "float4_", "int4", "uint4", "int2", "uint2", "int1", "uint1")
"""How the names of ml_dtypes begin that Keras may write beside raw bytes."""


def decoder(array: StoredArray) -> Decode:
    """Return what makes numbers of a block as it is stored, in the machine's byte order.

    16-bit and 8-bit floats become float32, extended precision becomes float64; whole numbers
    and booleans stay, complex ones as well. Values that are to be saved in another dtype are
    rounded to it. Raises NotNumeric.
    """
    decode = _as_stored(array)
    if array.saved_as in ("bfloat16", "void16"):
        return lambda block: from_bfloat16(to_bfloat16(decode(block)))
    if array.saved_as:
        target = np.dtype(array.saved_as)
        widen = _widener(target)
        return lambda block: widen(_rounded(decode(block), target))
    return decode


def _rounded(numbers: Array, target: np.dtype[Any]) -> Array:
    with np.errstate(all="ignore"):  # what is too large becomes infinite, which is told
        return numbers.astype(target)


def _widener(dtype: np.dtype[Any]) -> Decode:
    """Return what makes numbers that NumPy computes with fast of those that it has."""
    if dtype.kind == "f" and dtype.itemsize == 2:
        return lambda block: block.astype("float32")
    if dtype.itemsize > (16 if dtype.kind == "c" else 8):
        wide = np.dtype("complex128" if dtype.kind == "c" else "float64")
        return lambda block: _rounded(block, wide)
    native = dtype.newbyteorder("=")
    return lambda block: block.astype(native, copy=False)


def _as_stored(array: StoredArray) -> Decode:
    dtype = array.dtype
    if dtype.subdtype is None and dtype.fields is None:
        if dtype.kind in "biufc":
            return _widener(dtype)
        if dtype.kind == "V":
            return _raw_decoder(array)
    raise NotNumeric(f"{_name(array)} holds {_what(dtype)}, not numbers.")


def real_parts(block: Array) -> Array:
    """Return what figures are computed of: numbers as they are, of complex ones their size.

    That in float64, in which the size of a complex64 is never too large.
    """
    if block.dtype.kind != "c":
        return block
    with np.errstate(over="ignore"):  # as infinite as it is called then
        return np.abs(block.astype("complex128", copy=False))


def scalar_product(one: Array, other: Array) -> float:
    """Return the scalar product of two flat arrays of float64.

    In rows so short that BLAS starts no threads of its own for them, which then would wait for
    those that this is called from.
    """
    whole = one.size - one.size % _ROW
    rows = one[:whole].reshape(-1, 1, _ROW), other[:whole].reshape(-1, _ROW, 1)
    rest = float(np.dot(one[whole:], other[whole:]))
    return float(np.matmul(*rows).sum()) + rest if whole else rest


def _raw_decoder(array: StoredArray) -> Decode:
    """Return what decodes floats that NumPy and h5py lack, which the file holds as bytes."""
    if array.label == "bfloat16" and array.dtype.itemsize == 2:
        return from_bfloat16
    if array.label.startswith(_SHORT):
        try:
            ml_dtypes = importlib.import_module("ml_dtypes")
        except ImportError:
            raise NotNumeric(
                f"{_name(array)} is {safe_text(array.label, 40)}, which needs a library: "
                "`pip install ml_dtypes`."
            ) from None
        kind = getattr(ml_dtypes, array.label, None)
        if kind is not None and np.dtype(kind).itemsize == array.dtype.itemsize:
            return partial(_viewed, np.dtype(kind))
    raise NotNumeric(
        f"{_name(array)} holds {array.dtype.itemsize} bytes an element, of which the file does "
        "not say what they mean."
    )


def _viewed(kind: np.dtype[Any], block: Array) -> Array:
    numbers: Array = block.reshape(-1).view(kind)
    return numbers.astype("float32").reshape(block.shape)


def _name(array: StoredArray) -> str:
    return safe_text(array.path, 200)


def _what(dtype: np.dtype[Any]) -> str:
    if dtype.fields is not None:
        return f"compound values ({len(dtype.fields)} fields)"
    if dtype.subdtype is not None:
        return "an array an element"
    return {"O": "strings or references", "S": "strings", "U": "strings"}.get(
        dtype.kind, safe_text(str(dtype.name), 60)
    )

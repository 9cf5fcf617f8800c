"""Arrays as the screen needs them: a summary, and the part that is seen."""

from __future__ import annotations

import math
from typing import Any

MAX_PART = 1 << 22
"""Bytes of an array that are sent at once."""
_CHUNK = 1 << 16
"""Elements looked at together: they stay in the processor's cache."""


def as_array(value: Any) -> Any:
    """Return a tensor, variable or array as a NumPy array, without a copy where possible.

    None for what has no numbers to show: symbolic, ragged and sparse tensors, and all else.
    """
    import numpy as np

    if isinstance(value, (np.ndarray, np.generic)):
        return np.asarray(value)
    if not _looks_like_tensor(value):
        return None
    try:
        if hasattr(value, "detach"):  # PyTorch
            value = value.detach().cpu()
            return value.float().numpy() if str(value.dtype) == "torch.bfloat16" else value.numpy()
        if hasattr(value, "read_value"):  # a TensorFlow variable
            value = value.read_value()
        # NumPy takes the buffer protocol first: a tensor on the CPU is not copied.
        return np.asarray(value)
    except (TypeError, ValueError, NotImplementedError, RuntimeError, AttributeError):
        return None


def _looks_like_tensor(value: Any) -> bool:
    kind = type(value)
    if kind.__name__ in ("KerasTensor", "SymbolicTensor", "RaggedTensor", "SparseTensor"):
        return False
    module = (kind.__module__ or "").partition(".")[0]
    if module in ("torch", "jaxlib", "jax", "tensorflow"):
        return hasattr(value, "shape") and hasattr(value, "dtype") and hasattr(value, "__array__")
    if module in ("keras", "tf_keras"):
        return hasattr(value, "assign") and hasattr(value, "shape")
    return False


def describe(array: Any) -> dict[str, Any]:
    """Return dtype, shape and, for numbers, minimum, mean, maximum and the count of NaN.

    NaN are left out of the three; the mean is taken in float64. 25 million float32 take
    about 50 ms.
    """
    about: dict[str, Any] = {
        "dtype": dtype_name(array.dtype),
        "shape": list(array.shape),
        "bytes": int(array.nbytes),
    }
    if (array.size and array.dtype.kind in "fiub") or dtype_name(array.dtype) in _SMALL_FLOATS:
        about.update(_statistics(array))
    elif array.size and array.dtype.kind == "c":
        about["nans"] = int(sum(int(_nans(part)) for part in _parts(array)))
    return about


_SMALL_FLOATS = frozenset({"bfloat16", "float8_e4m3fn", "float8_e5m2"})


def dtype_name(dtype: Any) -> str:
    """Return the dtype's name (``float32``, ``bfloat16``, ``str``, ``object``)."""
    return "str" if dtype.kind in "US" else str(dtype.name)


def _statistics(array: Any) -> dict[str, Any]:
    import numpy as np

    low, high, total, nans = math.inf, -math.inf, 0.0, 0
    whole = array.dtype.kind in "iub"
    low_int: Any = None
    high_int: Any = None
    for part in _parts(array):
        if whole:
            least, most = part.min(), part.max()
            low_int = least if low_int is None or least < low_int else low_int
            high_int = most if high_int is None or most > high_int else high_int
            total += float(part.sum(dtype=np.float64))
            continue
        if part.dtype.itemsize < 4 or part.dtype.kind != "f":
            part = part.astype(np.float32)
        least = float(part.min())
        if math.isnan(least):
            missing = np.isnan(part)
            nans += int(missing.sum())
            part = part[~missing]
            if not part.size:
                continue
            least = float(part.min())
        low, high = min(low, least), max(high, float(part.max()))
        with np.errstate(all="ignore"):
            total += float(part.sum(dtype=np.float64))
    count = array.size - nans
    if whole:
        low, high = int(low_int), int(high_int)
    if not count:
        return {"nans": nans}
    return {"min": low, "max": high, "mean": total / count, "nans": nans}


def _nans(part: Any) -> Any:
    import numpy as np

    return np.isnan(part).sum()


def _parts(array: Any) -> Any:
    """Yield all elements in flat pieces, in whatever order needs no copy."""
    flat = array.ravel(order="K") if _is_dense(array) else None
    if flat is not None:
        for start in range(0, flat.size, _CHUNK):
            yield flat[start : start + _CHUNK]
        return
    for part in array:
        yield from _parts(part) if part.size > _CHUNK else (part.ravel(),)


def _is_dense(array: Any) -> bool:
    """Whether the memory behind it has no holes, so that flattening needs no copy."""
    if array.flags.c_contiguous or array.flags.f_contiguous or array.size <= _CHUNK:
        return True
    strides = sorted((abs(s), n) for s, n in zip(array.strides, array.shape) if n > 1)
    expected = array.itemsize
    for stride, count in strides:
        if stride != expected:
            return False
        expected *= count
    return all(s > 0 for s, n in zip(array.strides, array.shape) if n > 1)


def part(array: Any, index: list[Any]) -> tuple[dict[str, Any], bytes]:
    """Return the part of an array that `index` names, as (header, bytes).

    `index` has, for each axis from the first, a number or ``[start, stop]``; axes that it
    does not name are whole. The bytes are in C order, little-endian; text and objects come
    as strings in the header. Raises ValueError for an index that does not fit, or for more
    than 4 MB.
    """
    import numpy as np

    if len(index) > array.ndim:
        raise ValueError(f"the array has {array.ndim} axes, not {len(index)}")
    places: list[Any] = []
    for axis, item in enumerate(index):
        if isinstance(item, list):
            places.append(slice(max(0, int(item[0])), max(0, int(item[1]))))
        elif -array.shape[axis] <= int(item) < array.shape[axis]:
            places.append(int(item))
        else:
            raise ValueError(f"axis {axis} has {array.shape[axis]} places, none at {item}")
    seen = array[tuple(places)] if places else array
    seen = np.asarray(seen)
    if seen.nbytes > MAX_PART:
        raise ValueError(f"{seen.nbytes:,} bytes are too many to be shown at once")
    name = dtype_name(array.dtype)
    header: dict[str, Any] = {"dtype": name, "shape": list(seen.shape)}
    if seen.dtype.kind in "USOMmV" and name not in _SMALL_FLOATS:
        header["texts"] = [_text(item) for item in seen.ravel().tolist()]
        return header, b""
    if name in _SMALL_FLOATS:
        seen, header["sent"] = seen.astype(np.float32), "float32"
    return header, np.ascontiguousarray(seen.astype(seen.dtype.newbyteorder("<"))).tobytes()


def _text(item: Any) -> str:
    from .texts import bounded_repr

    if isinstance(item, bytes):
        item = item.decode("utf-8", "backslashreplace")
    return item[:200] if isinstance(item, str) else bounded_repr(item, 200)

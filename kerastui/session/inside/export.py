"""Values as .npy files."""

from __future__ import annotations

import os
from typing import Any

from .arrays import as_array, dtype_name
from .failed import Failed


def write(value: Any, file: str) -> dict[str, Any]:
    """Write an array, tensor or list of numbers to a .npy file; return what was written.

    The file is there whole or not at all. Raises Failed for what is no array, OSError.
    """
    import numpy as np

    array = as_array(value)
    if array is None:
        array = _listed(value)
    dtype = dtype_name(array.dtype)
    if array.dtype.kind not in "fiubcUS":
        array = array.astype(np.float32)  # bfloat16 has no place in a .npy
    with open(file + ".part", "wb") as stream:
        np.save(stream, np.asarray(array), allow_pickle=False)
    os.replace(file + ".part", file)
    return {"file": file, "dtype": dtype, "shape": list(array.shape)}


def _listed(value: Any) -> Any:
    """Return a plain list of numbers as an array. Raises Failed."""
    import numpy as np

    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        array = None
    if array is None or array.dtype.kind not in "fiubcUS":
        raise Failed(f"A value of type {type(value).__name__} cannot be saved as .npy.")
    return array

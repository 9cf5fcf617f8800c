"""Arrays in HDF5 files of every layout, opened as kerastui opens them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from kerastui.files.arrays import StoredArray, open_arrays


@contextmanager
def stored(
    folder: Path, values: Any, dtype_note: str = "", **options: Any
) -> Iterator[StoredArray]:
    """Write `values` (with the options of `create_dataset`) and open the dataset."""
    path = folder / "array.h5"
    with h5py.File(path, "w") as file:
        dataset = file.create_dataset("d/w", data=values, **options)
        if dtype_note:
            dataset.attrs["dtype"] = dtype_note
    with open_arrays(str(path)) as arrays:
        yield arrays.array("/d/w")


def plain(values: Any) -> np.ndarray[Any, Any]:
    """Return what figures are computed of, as float64: the finite ones, sizes of complex ones."""
    wide = real(values).astype("f8")
    return wide[np.isfinite(wide)]


def real(values: Any) -> np.ndarray[Any, Any]:
    """Return the values flat, of complex ones their sizes in float64."""
    flat = np.asarray(values).reshape(-1)
    return np.abs(flat.astype("c16")) if flat.dtype.kind == "c" else flat

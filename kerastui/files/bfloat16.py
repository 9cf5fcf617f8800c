"""bfloat16, which NumPy and h5py lack: the upper half of a float32."""

from __future__ import annotations

from typing import Any

import numpy as np

BFLOAT16 = np.dtype("V2")
"""How h5py and NumPy show what Keras stores as bfloat16: two bytes of no known type."""
_Array = np.ndarray[Any, Any]


def from_bfloat16(block: _Array) -> _Array:
    """Return bfloat16 (two bytes each, as HDF5 holds it) as float32, exactly."""
    halves = np.ascontiguousarray(block).reshape(-1).view("<u2")
    return (halves.astype("<u4") << np.uint32(16)).view("<f4").reshape(block.shape)


def to_bfloat16(block: _Array) -> _Array:
    """Round to nearest, ties to even, as ml_dtypes does; what is too large becomes infinite."""
    with np.errstate(all="ignore"):
        single = np.array(block, dtype="<f4", order="C")
    bits = single.reshape(-1).view("<u4").reshape(single.shape)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
    halves = np.where(np.isnan(single), (bits >> 16) | 0x40, rounded).astype("<u2")
    return halves.reshape(-1).view(BFLOAT16).reshape(single.shape)

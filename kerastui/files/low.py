"""h5py's low-level modules, untyped on purpose.

The high-level `h5py.Group` costs 100–200 µs an object; the low-level calls used here cost a
tenth of that, which is what makes a model of thousands of layers open at once. They are
Cython without type information, hence `Any`.
"""

from __future__ import annotations

from typing import Any

import h5py

_h5py: Any = h5py

h5a: Any = _h5py.h5a
h5d: Any = _h5py.h5d
h5f: Any = _h5py.h5f
h5g: Any = _h5py.h5g
h5o: Any = _h5py.h5o
h5p: Any = _h5py.h5p
h5s: Any = _h5py.h5s
h5t: Any = _h5py.h5t

Handle = Any
"""A `GroupID`, `DatasetID` or `FileID`."""


def low(obj: Any) -> Handle:
    """Return the low-level handle of an `h5py.File`, `Group` or `Dataset`; a handle as it is."""
    return obj.id if hasattr(obj, "attrs") else obj

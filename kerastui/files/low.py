"""h5py's low-level modules, untyped on purpose, and imported when one is first used.

The high-level `h5py.Group` costs 100–200 µs an object; the low-level calls used here cost a
tenth of that, which is what makes a model of thousands of layers open at once. They are
Cython without type information, hence `Any`.

Importing h5py takes longer than reading most models does, and `headers` reads those without
it. So a module that may never come to need libhdf5 writes `libhdf5.h5a`, having said
``from . import low as libhdf5``; one that always does may import the names from here.
"""

from __future__ import annotations

import importlib
from typing import Any

h5a: Any
h5d: Any
h5f: Any
h5g: Any
h5i: Any
h5o: Any
h5p: Any
h5s: Any
h5t: Any
h5z: Any

Handle = Any
"""A `GroupID`, `DatasetID` or `FileID`."""


def __getattr__(name: str) -> Any:
    if name not in __annotations__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = globals()[name] = importlib.import_module(f"h5py.{name}")
    return module


def low(obj: Any) -> Handle:
    """Return the low-level handle of an `h5py.File`, `Group` or `Dataset`; a handle as it is."""
    return obj.id if hasattr(obj, "attrs") else obj

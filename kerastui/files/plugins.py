"""Compression filters that libhdf5 does not have by itself."""

from __future__ import annotations

import importlib

from ..model import safe_text
from . import low as libhdf5
from .low import Handle

_NAMES = {
    305: "LZO", 307: "BZip2", 32000: "LZF", 32001: "Blosc", 32004: "LZ4", 32008: "Bitshuffle",
    32013: "ZFP", 32015: "Zstandard", 32017: "SZ", 32018: "FCIDECOMP", 32024: "SZ3",
    32026: "Blosc2", 32028: "SPERR", 32033: "HTJ2K",
}  # fmt: skip
"""Of the filters that the HDF Group has registered."""


def provide(dataset: Handle) -> None:
    """Import hdf5plugin if a dataset needs a filter that is missing, and it is installed."""
    if _missing(dataset):
        try:
            importlib.import_module("hdf5plugin")
        except Exception:
            return


def reason(dataset: Handle) -> str:
    """Return why a dataset cannot be read: the filter that it lacks; "" if it has all."""
    missing = _missing(dataset)
    if not missing:
        return ""
    try:
        importlib.import_module("hdf5plugin")
    except ImportError:
        advice = "whose HDF5 plug-in is not installed; `pip install hdf5plugin`, then try again."
    except Exception as error:
        what = safe_text(str(error).partition("\n")[0], 200)
        advice = f"whose HDF5 plug-in cannot be used: importing hdf5plugin failed ({what})."
    else:
        advice = (
            "which the installed hdf5plugin does not have; update it, or put the filter's HDF5 "
            "plug-in where HDF5_PLUGIN_PATH says."
        )
    return f"is compressed by {missing}, {advice}"


def _missing(dataset: Handle) -> str:
    """Return the name of a filter that the dataset needs and libhdf5 lacks, or ``""``."""
    properties = dataset.get_create_plist()
    for place in range(properties.get_nfilters()):
        code, _, _, name = properties.get_filter(place)
        if not libhdf5.h5z.filter_avail(code):
            stated = name.decode("utf-8", "replace").partition(";")[0]
            return _NAMES.get(code) or safe_text(stated, 60) or f"filter {code}"
    return ""

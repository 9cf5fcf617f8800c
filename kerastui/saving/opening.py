"""HDF5 files open for a while."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import h5py

_h5py: Any = h5py


@contextmanager
def opened(path: Path, mode: str) -> Generator[Any]:
    """Open an HDF5 file, as `closed_after` closes it."""
    # The draft is ours alone; some network file systems have no locks at all.
    with closed_after(_h5py.File(path, mode, locking=False)) as file:
        yield file


@contextmanager
def closed_after(file: Any) -> Generator[Any]:
    """Close an HDF5 file; a failure to close after another failure does not hide that one."""
    try:
        yield file
    except BaseException:
        with suppress(OSError, RuntimeError, ValueError):
            file.close()
        raise
    file.close()

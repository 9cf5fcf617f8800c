"""Writing the array that an `ArraySource` names to a ``.npy`` file, block by block."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..files.bfloat16 import BFLOAT16, from_bfloat16
from ..model import ArraySource
from .sources import SourceFiles, blocks


def export_array(source: ArraySource, target: str) -> None:
    """Write the array to the file `target`; bfloat16 as float32. Raises SaveFailed, OSError."""
    with SourceFiles() as files, files.reader(source) as reader:
        short = reader.dtype == BFLOAT16
        dtype = np.dtype("float32") if short else reader.dtype
        array: Any
        if math.prod(reader.shape) and reader.shape:
            array = np.lib.format.open_memmap(target, "w+", dtype, reader.shape)
        else:
            array = np.zeros(reader.shape, dtype)
        for index in blocks(reader.shape, dtype.itemsize, fortran=reader.fortran, chunks=None):
            block = reader.read(index)
            array[index] = from_bfloat16(block) if short else block
        if isinstance(array, np.memmap):
            array.flush()
        else:
            np.save(target, array)

"""Opening the arrays of a document's weights, wherever their values are."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from functools import partial

from ..draws import draw_new
from ..edits.dtypes import SIZES
from ..errors import UnreadableFile
from ..files.arrays import ArrayFile, StoredArray, check_same, open_arrays
from ..files.npy import NpyFile
from ..files.sources import array_of, check_same_source, open_source, rounded
from ..files.stored_array import in_memory
from ..model import ArraySource, Difference, Drawn, FileIdentity, NewDense, safe_text
from ..model.figures import size
from ..model.places import Kept, Place
from .difference import difference_of
from .unpacking import unpacked

_MOST_DRAWN = 256 << 20
"""Bytes that are drawn in memory for a look at them."""


class Places:
    """Opens one file at a time, which stays open until another is asked for.

    So the next step of a grid finds the unpacked chunks where the last one left them. Raises
    UnreadableFile when a file is not the one that it was.
    """

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._file: tuple[object, ...] = ()
        self._opened: ArrayFile | NpyFile | None = None
        self._which: tuple[Place, str] | None = None
        self._array: StoredArray | None = None

    def array(self, place: Place, dataset: str) -> StoredArray:
        """Return the array at a place; `dataset` is the path in a model's own file.

        Of an `ArraySource` the values are those that saving gives the weight, if its dtype is
        that of the weight. Raises UnreadableFile, UnsafeFile.
        """
        try:
            return self._found(place, dataset)
        except Exception:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._file, self._opened, self._which, self._array = (), None, None, None
        self._stack.close()

    def _found(self, place: Place, dataset: str) -> StoredArray:
        if isinstance(place, Drawn):
            if self._array is None or self._which != (place, dataset):
                self.close()
                self._array, self._which = _drawn(place), (place, dataset)
            return self._array
        if isinstance(place, Difference):
            return self._difference(place)
        opened = self._open(place)
        if self._array is None or self._which != (place, dataset):
            self._array = None  # its chunks are let go before others come
            if isinstance(place, ArraySource):
                self._array = array_of(opened, place)
            else:
                found = opened.array(dataset)
                self._array = as_saved(found, place) if isinstance(place, Kept) else found
            self._which = place, dataset
        return self._array

    def _open(self, place: FileIdentity | Kept | ArraySource) -> ArrayFile | NpyFile:
        """Return the file that a place is in, opened, after looking whether it is the same."""
        opening: Callable[[], AbstractContextManager[ArrayFile | NpyFile]]
        if isinstance(place, ArraySource):
            check_same_source(place)
            file, opening = (place.file, place.stamp), partial(open_source, place)
        else:  # at each question, and not when the file is closed
            own = place.file if isinstance(place, Kept) else place
            check_same(own.path, own)
            file, opening = (own,), partial(open_arrays, own.path)
        if file != self._file or self._opened is None:
            self.close()
            self._opened = self._stack.enter_context(opening())
            self._file = file
        return self._opened

    def _difference(self, place: Difference) -> StoredArray:
        """Return what one file's array differs by from another's."""
        for source in (place, place.old):
            check_same_source(source)
        if self._array is None or self._which != (place, ""):
            self.close()
            new, old = (
                self._stack.enter_context(open_arrays(source.file)).array(source.member)
                for source in (place, place.old)
            )
            self._array = difference_of(old, new, place.label)
            self._which = place, ""
        return self._array


def as_saved(array: StoredArray, place: Kept) -> StoredArray:
    """Return an array of the model's own file as saving leaves it: rounded, numbers unpacked."""
    if place.packing is not None:
        return unpacked(array, place.packing)
    if place.dtype in SIZES and array.dtype.name in SIZES:  # it may be converted
        return rounded(array, place.dtype)
    return array


def _drawn(place: Drawn) -> StoredArray:
    """Return what an appended layer begins with, drawn as saving draws it."""
    name, nbytes = safe_text(place.name, 200), 4 * math.prod(place.shape)
    if nbytes > _MOST_DRAWN:
        raise UnreadableFile(
            f"{name} is new and will be drawn when the file is saved: {size(nbytes)}, of which "
            f"kerastui looks at {size(_MOST_DRAWN)} before that; save first."
        )
    values = draw_new(place.shape, NewDense(place.initializer, place.seed))
    if values is None:
        raise UnreadableFile(f"{name} is new: its values are drawn when the file is saved.")
    return rounded(in_memory(place.name, values), place.dtype)

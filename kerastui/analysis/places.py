"""Opening the arrays of a document's weights, wherever their values are."""

from __future__ import annotations

import math
from contextlib import AbstractContextManager, ExitStack

from ..draws import draw_new
from ..errors import UnreadableFile
from ..files.arrays import ArrayFile, StoredArray, check_same, open_arrays
from ..files.npy import NpyFile
from ..files.sources import array_of, check_same_source, open_source, rounded
from ..files.stored_array import in_memory
from ..model import Difference, Drawn, FileIdentity, NewDense, safe_text
from ..model.figures import size
from ..model.places import Place
from .difference import difference_of

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
        own = isinstance(place, FileIdentity)
        if own:  # at each question, and not when the file is closed
            check_same(place.path, place)
        else:
            check_same_source(place)
        file = (place,) if own else (place.file, place.stamp)
        if file != self._file or self._opened is None:
            self.close()
            opening: AbstractContextManager[ArrayFile | NpyFile]
            opening = open_arrays(place.path) if own else open_source(place)
            self._opened = self._stack.enter_context(opening)
            self._file = file
        if self._array is None or self._which != (place, dataset):
            self._array = None  # its chunks are let go before others come
            opened = self._opened
            self._array = opened.array(dataset) if own else array_of(opened, place)
            self._which = place, dataset
        return self._array

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

"""A part of an array for the screen, and the places of its remarkable elements.

Only what is shown is read; of a chunked array the chunks that it touches, which libhdf5 keeps
for the next step (`files.arrays.CACHE`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from ..errors import BadEdit
from ..files.arrays import StoredArray
from .numbers import Array, Decode, decoder, real_parts
from .results import Found, Window
from .streaming import Advance, no_advance, over_blocks

MAX_CELLS = 100_000
Sought = Literal["largest", "smallest", "nan"]
Part = tuple[int, int, int]
"""An axis, the first index, and how many."""


def window_of(
    array: StoredArray,
    rows: Part,
    columns: Part | None = None,
    at: Sequence[int] = (),
) -> Window:
    """Return the values of a window, as Python numbers.

    Args:
        array: of any rank; of a scalar the window is its one value.
        rows: the axis that goes down, the first index, and how many.
        columns: the same of the axis that goes across; None for arrays of rank 1 and 0.
        at: an index for each axis of the array; those of the two axes do not count.

    Raises BadEdit for what the array does not have, UnreadableFile, UnsafeFile, NotNumeric.
    """
    decode = decoder(array)
    if not array.shape:
        value = decode(array.read(())).item()
        return Window(range(1), range(1), ((value,),))
    down, across = stretch(array, rows), stretch(array, columns)
    if len(down) * len(across) > MAX_CELLS:
        raise BadEdit("A window has no more cells than a screen.")
    values = block_of(array, decode, rows, columns, at).tolist()
    return Window(down, across, tuple(tuple(row) for row in values))


def block_of(
    array: StoredArray, decode: Decode, rows: Part, columns: Part | None, at: Sequence[int]
) -> Array:
    """Return a part of two axes (of one, as a column) as a matrix; see `window_of`."""
    down, across = stretch(array, rows), stretch(array, columns)
    axes = (rows[0], columns[0] if columns else -1)
    if axes[0] == axes[1]:
        raise BadEdit("Rows and columns have to be two axes.")
    index: list[slice] = []
    for axis, length in enumerate(array.shape):
        if axis in axes:
            part = down if axis == axes[0] else across
            index.append(slice(part.start, part.stop))
        else:
            place = at[axis] if axis < len(at) else 0
            if not 0 <= place < length:
                raise BadEdit(f"Axis {axis} has no index {place}: it has {length:,}.")
            index.append(slice(place, place + 1))
    if not len(down) or not len(across):
        return np.empty((len(down), len(across)))
    block = decode(array.read(tuple(index)))
    if columns and axes[0] > axes[1]:
        block = np.swapaxes(block, *axes)
    return block.reshape(len(down), len(across))


def stretch(array: StoredArray, part: Part | None) -> range:
    """Return what there is of a part of an axis; of none, one row or column."""
    if part is None:
        return range(1)
    axis, begin, count = part
    if not 0 <= axis < len(array.shape):
        raise BadEdit(f"There is no axis {axis}: the array has {len(array.shape)}.")
    length = array.shape[axis]
    start = max(0, min(begin, length))
    return range(start, max(start, min(begin + count, length)))


def find(
    array: StoredArray,
    sought: Sought,
    after: Sequence[int] | None = None,
    advance: Advance = no_advance,
) -> Found | None:
    """Return the largest or smallest finite element, or the next NaN in the array's order.

    Of several equal ones the first. `after` is where the search for NaN begins, exclusively; it
    goes on from the beginning. None where there is none.
    """
    array.check_whole()
    if sought == "nan":
        return _next_nan(array, after, advance)
    pick: Callable[[Array], Any] = np.argmax if sought == "largest" else np.argmin
    sign, value = (1 if sought == "largest" else -1), 0
    best: tuple[tuple[int, ...], Any] | None = None
    for index, block in over_blocks(array, advance):
        kept = real_parts(block)
        if kept.dtype.kind == "f":
            kept = np.where(np.isfinite(kept), kept, kept.dtype.type(-sign * np.inf))
        place = np.unravel_index(int(pick(kept)), kept.shape)
        here = kept[place]
        if kept.dtype.kind == "f" and not np.isfinite(here):
            continue
        where = _absolute(index, place)
        exact = here.item()  # of unsigned numbers, NumPy would not change the sign
        if best is None or sign * exact > sign * value or (exact == value and where < best[0]):
            best, value = (where, block[place].item()), exact
    return Found(*best) if best else None


def _next_nan(array: StoredArray, after: Sequence[int] | None, advance: Advance) -> Found | None:
    """Blocks of chunked arrays come in an order of their own, so all of them are looked at."""
    start = _number(array.shape, after) if after is not None else -1
    first: tuple[int, Any] | None = None
    following: tuple[int, Any] | None = None
    for index, block in over_blocks(array, advance):
        if block.dtype.kind not in "fc":
            return None
        places = np.argwhere(np.isnan(block))
        if not len(places):
            continue
        numbers = _numbers(array.shape, places + [part.start for part in index])
        for begin, known in ((-1, first), (start, following)):
            later = np.flatnonzero(numbers > begin)[:1]
            if not later.size or (known and known[0] < numbers[later[0]]):
                continue
            found = int(numbers[later[0]]), block[tuple(places[later[0]])].item()
            first = found if begin == -1 else first
            following = found if begin == start else following
        if following is not None and array.chunks is None:
            break  # blocks of these are in the array's order
    nearest = following or first
    if nearest is None:
        return None
    return Found(tuple(int(i) for i in np.unravel_index(nearest[0], array.shape)), nearest[1])


def _number(shape: tuple[int, ...], index: Sequence[int]) -> int:
    return int(_numbers(shape, np.array([index]).reshape(1, len(shape)))[0])


def _numbers(shape: tuple[int, ...], places: Array) -> Array:
    """Return each index's number in the array's order."""
    numbers = np.zeros(len(places), np.int64)
    for axis, length in enumerate(shape):
        numbers = numbers * length + places[:, axis]
    return numbers


def _absolute(index: tuple[slice, ...], place: Any) -> tuple[int, ...]:
    return tuple(part.start + int(i) for part, i in zip(index, place, strict=True))

"""Parts of an array whose file has it in Fortran's order, when it goes to one in C's order.

What is contiguous in one file is scattered in the other. A tile is long in both directions:
along the axes that change fastest in the source and along those that change fastest in the
target. So neither side is read or written in very small pieces.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import product

from .read_at import ReadAt

Index = tuple[slice, ...]
"""A part of an array, one slice an axis."""


def tiles(shape: Sequence[int], items: int) -> Iterator[Index]:
    """Yield parts of at most `items` elements that cover an array, each element once."""
    if 0 in shape:
        return
    sizes = _tile(shape, items)
    for corner in product(*(range(0, n, step) for n, step in zip(shape, sizes, strict=True))):
        parts = zip(corner, sizes, shape, strict=True)
        yield tuple(slice(at, min(at + step, n)) for at, step, n in parts)


def _tile(shape: Sequence[int], items: int) -> list[int]:
    sizes = [1] * len(shape)
    side = math.isqrt(max(items, 1))
    for axes in (range(len(shape)), reversed(range(len(shape)))):
        length = 1
        for axis in axes:
            sizes[axis] = max(sizes[axis], min(shape[axis], max(1, side // length)))
            length *= sizes[axis]
            if sizes[axis] < shape[axis]:
                break
    for axis in reversed(range(len(shape))):  # what room is left, the target gets
        others = math.prod(sizes) // sizes[axis]
        sizes[axis] = max(sizes[axis], min(shape[axis], items // others))
    return sizes


def read_tile(read: ReadAt, start: int, shape: Sequence[int], item: int, index: Index) -> bytes:
    """Return the bytes of a part, in Fortran's order.

    Args:
        read: reads the file.
        start: where the array begins in it.
        shape: of the whole array.
        item: bytes of an element.
        index: the part.
    """
    sizes = [part.stop - part.start for part in index]
    strides = [item * math.prod(shape[:axis]) for axis in range(len(shape))]
    start += sum(part.start * stride for part, stride in zip(index, strides, strict=True))
    length, axis = item, 0
    while axis < len(shape):
        length *= sizes[axis]
        axis += 1
        if sizes[axis - 1] < shape[axis - 1]:
            break
    outer = [range(0, n * s, s) for n, s in zip(sizes[axis:], strides[axis:], strict=True)]
    # `product` turns its last factor fastest, Fortran's order the first axis.
    runs = product(*reversed(outer))
    return b"".join([read(start + sum(offsets), length) for offsets in runs])

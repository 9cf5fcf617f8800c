"""Reading an open file at any place, without moving anybody's position where the system can."""

from __future__ import annotations

import os
from collections.abc import Callable

ReadAt = Callable[[int, int], bytes]
"""Offset and number of bytes → bytes; fewer at the end of the file."""
Fill = Callable[[int, memoryview], int]
"""Offset and buffer → number of bytes read into it; fewer at the end of the file."""


def reader_of(descriptor: int, base: int = 0) -> ReadAt:
    """Return a function that reads an open file; offsets count from `base`."""
    if hasattr(os, "pread"):
        return lambda offset, length: os.pread(descriptor, length, base + offset)

    def read(offset: int, length: int) -> bytes:
        os.lseek(descriptor, base + offset, os.SEEK_SET)
        return os.read(descriptor, length)

    return read


def filler_of(descriptor: int, base: int = 0) -> Fill:
    """Return a function that reads an open file into a buffer; offsets count from `base`."""
    if hasattr(os, "preadv"):
        return lambda offset, buffer: os.preadv(descriptor, [buffer], base + offset)
    read = reader_of(descriptor, base)

    def fill(offset: int, buffer: memoryview) -> int:
        data = read(offset, len(buffer))
        buffer[: len(data)] = data
        return len(data)

    return fill

"""Parts of `headers`: reading a file in blocks, and a dataset's declaration."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Any, BinaryIO

from .low import h5t

_BLOCK = 8192
_MAX_BLOCKS = 1024
MAX_SEGMENT = 64 << 20
"""Bytes of one structure, or of one attribute's texts, that are read at most."""
_DATASPACE, _DATATYPE, _EXTERNAL, LAYOUT = 0x1, 0x3, 0x7, 0x8


Reader = Callable[[int, int], bytes]


class Unusual(Exception):
    """The file uses something that this module leaves to libhdf5."""


def block_reader(file: BinaryIO, offset: int, size: int) -> Reader:
    """Return a function that reads `n` bytes at an address, through a small cache.

    `offset` and `size` say where in `file` the HDF5 file lies. The cache stays under 8 MiB.
    """
    blocks: dict[int, bytes] = {}

    def block(number: int) -> bytes:
        found = blocks.get(number)
        if found is None:
            if len(blocks) >= _MAX_BLOCKS:
                blocks.clear()
            file.seek(offset + number * _BLOCK)
            found = blocks[number] = file.read(_BLOCK)
        return found

    def read(at: int, count: int) -> bytes:
        if at < 0 or at + count > size:
            raise Unusual("beyond the end")
        number, start = divmod(at, _BLOCK)
        end = start + count
        if end <= _BLOCK:
            data = block(number)[start:end]
        elif count > MAX_SEGMENT:
            raise Unusual("a big structure")
        else:
            last = (at + count - 1) // _BLOCK
            data = b"".join(block(n) for n in range(number, last + 1))[start:end]
        if len(data) != count:
            raise Unusual("cut off")
        return data

    return read


class FastDataset:
    """A dataset's declaration, read directly."""

    __slots__ = ("address", "dtype", "item_size", "shape")

    def __init__(self, address: int, messages: list[tuple[int, bytes]]) -> None:
        self.address = address
        shape: tuple[int, ...] | None = None
        named: tuple[str, int] | None = None
        for kind, body in messages:
            if kind == _DATASPACE:
                shape = dimensions(body)
            elif kind == _DATATYPE:
                named = _type_name(body)
            elif kind == _EXTERNAL or (kind == LAYOUT and not _is_own_layout(body)):
                raise Unusual("data elsewhere")
        if shape is None or named is None:
            raise Unusual("dataset")
        self.shape = shape
        self.dtype, self.item_size = named


def _is_own_layout(body: bytes) -> bool:
    """Whether the data lie in this file: compact, contiguous or chunked."""
    return (body[0] == 3 and body[1] <= 2) or (body[0] in (1, 2) and body[2] <= 2)


def dimensions(body: bytes) -> tuple[int, ...]:
    """Return the shape that a dataspace message states. Raises Unusual."""
    version, rank = body[0], body[1]
    if version == 1:
        start = 8
    elif version == 2 and body[3] in (0, 1):
        start = 4
    else:
        raise Unusual("dataspace")
    if rank > 32 or start + 8 * rank > len(body):
        raise Unusual("dataspace")
    return struct.unpack_from(f"<{rank}Q", body, start)


@lru_cache(maxsize=256)
def _type_name(body: bytes) -> tuple[str, int]:
    """Return NumPy's name and the item size of a datatype message (libhdf5 decodes it)."""
    try:
        dtype: Any = h5t.decode(b"\x03\x00" + body).dtype
    except (RuntimeError, ValueError, TypeError, OSError, KeyError) as error:
        raise Unusual("datatype") from error
    return str(dtype.name), int(dtype.itemsize)

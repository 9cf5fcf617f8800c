"""Parts of `headers`: reading a file in blocks, and a dataset's declaration."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Any, BinaryIO

from . import low as libhdf5

_BLOCK = 8192
_MAX_BLOCKS = 1024
MAX_SEGMENT = 64 << 20
"""Bytes of one structure, or of one attribute's texts, that are read at most."""
_UNDEFINED = 0xFFFFFFFFFFFFFFFF
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
        return fetch(number) if found is None else found

    def fetch(number: int) -> bytes:
        if len(blocks) >= _MAX_BLOCKS:
            blocks.clear()
        file.seek(offset + number * _BLOCK)
        found = blocks[number] = file.read(_BLOCK)
        return found

    def read(at: int, count: int) -> bytes:
        if at < 0 or at + count > size:
            raise Unusual("beyond the end")
        number, start = at // _BLOCK, at % _BLOCK
        end = start + count
        if end <= _BLOCK:
            found = blocks.get(number)  # `block`, written out: this is called 20 times a layer
            data = (fetch(number) if found is None else found)[start:end]
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

    __slots__ = ("_type", "address", "dtype", "item_size", "layout", "shape")

    def __init__(self, address: int, messages: list[tuple[int, bytes]]) -> None:
        self.address = address
        shape: tuple[int, ...] | None = None
        named: tuple[str, int] | None = None
        self.layout = self._type = b""
        for kind, body in messages:
            if kind == _DATASPACE:
                shape = dimensions(body)
            elif kind == _DATATYPE:
                named = _type_name(body)
                self._type = body
            elif kind == _EXTERNAL or (kind == LAYOUT and not _is_own_layout(body)):
                raise Unusual("data elsewhere")
            elif kind == LAYOUT:
                self.layout = body
        if shape is None or named is None:
            raise Unusual("dataset")
        self.shape = shape
        self.dtype, self.item_size = named

    @property
    def is_little_endian(self) -> bool:
        """Whether the elements are plain numbers as `dtype` says, little-endian."""
        return _plain_type(self._type) is not None

    @property
    def place(self) -> tuple[int, int]:
        """Where the data lie, and their length: 0 for those in the header, or not written yet.

        Raises Unusual for data in chunks. ("HDF5 File Format Specification", IV.A.2.i.)
        """
        version, kind = self.layout[:2]
        if version != 3 or kind > 1:
            raise Unusual("layout")
        address, length = struct.unpack_from("<QQ", self.layout, 2) if kind else (_UNDEFINED, 0)
        return (0, 0) if address == _UNDEFINED else (address, length)


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


def _plain_types() -> dict[bytes, tuple[str, int]]:
    """Return the datatype messages of little-endian numbers, as h5py writes them.

    "HDF5 File Format Specification Version 3.0", IV.A.2.d: class and version, three bytes of
    bit fields, size; then offset and precision in bits; then of floats place and size of
    exponent and mantissa, and the exponent's bias.
    """
    found: dict[bytes, tuple[str, int]] = {}
    for size in (1, 2, 4, 8):
        for name, signed in (("uint", 0), ("int", 8)):
            body = struct.pack("<BBxxIHH", 0x10, signed, size, 0, 8 * size)
            found[body] = (f"{name}{8 * size}", size)
    for size, exponent, mantissa in ((2, 5, 10), (4, 8, 23), (8, 11, 52)):
        bits, bias = 8 * size, (1 << (exponent - 1)) - 1
        head = struct.pack("<BBBxIHH", 0x11, 0x20, bits - 1, size, 0, bits)
        found[head + struct.pack("<4BI", mantissa, exponent, 0, mantissa, bias)] = (
            f"float{bits}",
            size,
        )
    return found


_PLAIN_TYPES = _plain_types()
_INTEGER_LENGTH, _FLOAT_LENGTH = 12, 20  # messages are padded to eight bytes


@lru_cache(maxsize=256)
def _type_name(body: bytes) -> tuple[str, int]:
    """Return NumPy's name and the item size of a datatype message.

    What is no plain number, libhdf5 decodes. Raises Unusual.
    """
    plain = _plain_type(body)
    if plain is not None:
        return plain
    try:
        dtype: Any = libhdf5.h5t.decode(b"\x03\x00" + body).dtype
    except (RuntimeError, ValueError, TypeError, OSError, KeyError) as error:
        raise Unusual("datatype") from error
    return str(dtype.name), int(dtype.itemsize)


def _plain_type(body: bytes) -> tuple[str, int] | None:
    return _PLAIN_TYPES.get(body[:_FLOAT_LENGTH]) or _PLAIN_TYPES.get(body[:_INTEGER_LENGTH])

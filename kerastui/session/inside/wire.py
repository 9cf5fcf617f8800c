"""How the two processes talk: a JSON header and, behind it, raw bytes.

The worker runs whatever code the user types, so nothing that it sends is ever unpickled. A
frame is ``<u32 length of header> <u64 length of data> <header> <data>``. Arrays travel as
bytes, their dtype and shape in the header, and only the part that was asked for.

Before its first frame the worker writes `MAGIC`: whatever a start-up file of the user's
environment prints to standard output comes before it and is skipped.
"""

from __future__ import annotations

import json
import struct
from typing import Any, BinaryIO

VERSION = 1
MAGIC = b"\x00kerastui worker %d\n" % VERSION
MAX_HEADER = 1 << 26
MAX_DATA = 1 << 30

_HEAD = struct.Struct("<IQ")


class Nonsense(ValueError):
    """What came is no frame."""


def encode(message: dict[str, Any], data: bytes | memoryview = b"") -> bytes:
    """Return a frame without its data: write this, then `data`. Raises Nonsense if too big."""
    header = json.dumps(message, separators=(",", ":")).encode("ascii")
    size = memoryview(data).nbytes
    if len(header) > MAX_HEADER or size > MAX_DATA:
        raise Nonsense(f"a message of {len(header) + size:,} bytes is too long to be sent")
    return _HEAD.pack(len(header), size) + header


def read(stream: BinaryIO) -> tuple[dict[str, Any], bytes]:
    """Read one frame. Raises EOFError at the end of the stream, Nonsense for anything else."""
    length, size = _HEAD.unpack(exactly(stream, _HEAD.size))
    if length > MAX_HEADER or size > MAX_DATA:
        raise Nonsense(f"a message of {length + size:,} bytes")
    try:
        message = json.loads(exactly(stream, length))
    except (ValueError, RecursionError) as error:
        raise Nonsense(str(error)) from error
    if not isinstance(message, dict):
        raise Nonsense("a message that is no object")
    return message, exactly(stream, size)


def exactly(stream: BinaryIO, count: int) -> bytes:
    """Read `count` bytes. Raises EOFError when the stream ends before."""
    data = stream.read(count) if count else b""
    if len(data) < count:
        raise EOFError
    return data

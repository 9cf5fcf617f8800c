"""Writing a ``.keras`` archive anew with some members changed, the others as stored bytes.

Members that stay are not unpacked: local header, data, and whatever stands between them are
copied as they are, their directory entries too, but for the offset. So order, compression,
dates, flags, extra fields, attributes and comments stay, and no checksum is computed again.

Format: PKWARE's APPNOTE.TXT 6.3 (sections 4.3.7, 4.3.12, 4.3.14 – 4.3.16, 4.5.3).
"""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from ..errors import SaveFailed
from .copying import Progress, copy_range, write_all

_LOCAL = struct.Struct("<4s5H3L2H")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_FULL32, _FULL16 = 0xFFFFFFFF, 0xFFFF
_ZIP64 = 0x0001
DESCRIPTOR = 0x0008
"""The flag for a checksum that stands behind the data instead of before them."""
_PIECE = 1 << 20


@dataclass
class Member:
    """A directory entry, in parts that may change and parts that do not."""

    fields: list[int]
    name: bytes
    extra: bytes
    comment: bytes
    size: int
    packed: int
    offset: int


def rewrite(
    source: int, target: int, changes: Mapping[str, bytes | Path], progress: Progress | None = None
) -> None:
    """Write the archive in descriptor `source` to `target`, with the contents in `changes`.

    `changes` maps members' names to their new contents, or to a file that holds them.
    `progress` is called with numbers of bytes copied. Raises SaveFailed when the archive is
    of a kind that cannot be rewritten (spanned, overlapping members), OSError on writing.
    """
    start, members, ending = read_directory(source)
    wanted = {name.encode("utf-8"): data for name, data in changes.items()}
    in_order = sorted(members, key=lambda m: m.offset)
    bounds = [m.offset for m in in_order] + [start]
    if any(end - begin < _LOCAL.size for begin, end in pairwise(bounds)):
        raise _odd()
    written = 0
    copy_range(source, 0, bounds[0], target)
    written += bounds[0]
    for member, begin, end in zip(in_order, bounds, bounds[1:], strict=False):
        member.offset = written
        if member.name in wanted:
            written += _write_member(source, begin, target, member, wanted.pop(member.name))
        else:
            copy_range(source, begin, end - begin, target, progress)
            written += end - begin
    if wanted:
        raise _odd()
    write_directory(target, written, members, ending)


def read_directory(source: int) -> tuple[int, list[Member], bytes]:
    """Return where the directory begins, its entries, and the archive's comment.

    Raises SaveFailed for an archive that cannot be rewritten.
    """
    size = os.fstat(source).st_size
    tail_at = max(0, size - _END.size - _FULL16)
    tail = _pread(source, size - tail_at, tail_at)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise _odd()
    _, disk, _, here, count, length, start, _ = _END.unpack_from(tail, at)
    comment = tail[at + _END.size :]
    end64 = _end64(source, tail_at + at)
    if end64 is not None:
        disk, here, count, length, start = end64
    if disk or here != count or start + length > size:
        raise _odd()
    raw = _pread(source, length, start)
    members: list[Member] = []
    at = 0
    for _ in range(count):
        member, at = _entry(raw, at)
        members.append(member)
    return start, members, comment


def _end64(source: int, end: int) -> tuple[int, int, int, int, int] | None:
    if end < _LOCATOR.size:
        return None
    magic, _, at, _ = _LOCATOR.unpack(_pread(source, _LOCATOR.size, end - _LOCATOR.size))
    if magic != b"PK\x06\x07":
        return None
    fields = _END64.unpack(_pread(source, _END64.size, at))
    if fields[0] != b"PK\x06\x06":
        raise _odd()
    return fields[4], fields[6], fields[7], fields[8], fields[9]


def _entry(raw: bytes, at: int) -> tuple[Member, int]:
    if len(raw) - at < _ENTRY.size:
        raise _odd()
    magic, *fields = _ENTRY.unpack_from(raw, at)
    if magic != b"PK\x01\x02":
        raise _odd()
    name_length, extra_length, comment_length = fields[9:12]
    at += _ENTRY.size
    name = raw[at : at + name_length]
    extra = raw[at + name_length : at + name_length + extra_length]
    at += name_length + extra_length
    comment = raw[at : at + comment_length]
    sizes = [fields[8], fields[7], fields[15]]  # unpacked, packed, offset: the order in zip64
    wide = _zip64(extra)
    for i, value in enumerate(sizes):
        if value == _FULL32 and len(wide) >= 8:
            sizes[i], wide = int.from_bytes(wide[:8], "little"), wide[8:]
    size, packed, offset = sizes
    return Member(fields, name, extra, comment, size, packed, offset), at + comment_length


def _zip64(extra: bytes) -> bytes:
    return next((data for kind, data in _extras(extra) if kind == _ZIP64), b"")


def _extras(extra: bytes) -> list[tuple[int, bytes]]:
    found: list[tuple[int, bytes]] = []
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<2H", extra)
        found.append((kind, extra[4 : 4 + length]))
        extra = extra[4 + length :]
    return found


def _with_zip64(extra: bytes, values: list[int]) -> bytes:
    """Return `extra` with a zip64 field of `values`, or without one if there are none."""
    rest = b"".join(
        struct.pack("<2H", kind, len(data)) + data
        for kind, data in _extras(extra)
        if kind != _ZIP64
    )
    if not values:
        return rest
    return (
        struct.pack("<2H", _ZIP64, 8 * len(values))
        + struct.pack(f"<{len(values)}Q", *values)
        + rest
    )


def _write_member(
    source: int, begin: int, target: int, member: Member, content: bytes | Path
) -> int:
    """Write a changed member with the header it had; return the bytes written."""
    magic, version, flags, method, time, day, _, packed, size, name_length, extra_length = (
        _LOCAL.unpack(_pread(source, _LOCAL.size, begin))
    )
    name = _pread(source, name_length, begin + _LOCAL.size)
    extra = _pread(source, extra_length, begin + _LOCAL.size + name_length)
    if magic != b"PK\x03\x04" or method not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _odd()
    flags &= ~DESCRIPTOR  # sizes are known now
    total = len(content) if isinstance(content, bytes) else content.stat().st_size
    wide = bool(_zip64(extra)) or total > 0x7FFFFFFF
    extra = _with_zip64(extra, [total, total] if wide else [])
    place = os.lseek(target, 0, os.SEEK_CUR)
    write_all(target, bytes(_LOCAL.size) + name + extra)
    crc, size, packed = _write_content(target, content, method)
    end = os.lseek(target, 0, os.SEEK_CUR)
    if wide:
        extra = _with_zip64(extra, [size, packed])
        short = (_FULL32, _FULL32)
        version = max(version, 45)
    else:
        short = (packed, size)
    os.lseek(target, place, os.SEEK_SET)
    header = _LOCAL.pack(
        magic, version, flags, method, time, day, crc, *short, len(name), len(extra)
    )
    write_all(target, header + name + extra)
    os.lseek(target, end, os.SEEK_SET)
    member.size, member.packed = size, packed
    member.fields[1] = max(member.fields[1], version)
    member.fields[2] = flags
    member.fields[6] = crc
    return end - place


def _write_content(target: int, content: bytes | Path, method: int) -> tuple[int, int, int]:
    """Write a member's data; return checksum, size and packed size."""
    pack = zlib.compressobj(wbits=-15) if method == zipfile.ZIP_DEFLATED else None
    crc = size = packed = 0

    def put(data: bytes) -> None:
        nonlocal packed
        packed += len(data)
        write_all(target, data)

    for piece in _pieces(content):
        crc = zlib.crc32(piece, crc)
        size += len(piece)
        put(pack.compress(piece) if pack else piece)
    if pack:
        put(pack.flush())
    return crc, size, packed


def _pieces(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def write_directory(target: int, start: int, members: list[Member], comment: bytes) -> None:
    """Write directory, end record and comment at the position of `target`, which is `start`."""
    raw = b"".join(_packed_entry(member) for member in members)
    count, length = len(members), len(raw)
    if start > 0xFFFFFFFE or count >= _FULL16 or length > 0xFFFFFFFE:
        end64 = _END64.pack(b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, length, start)
        raw += end64 + _LOCATOR.pack(b"PK\x06\x07", 0, start + length, 1)
    short = min(count, _FULL16)
    raw += _END.pack(
        b"PK\x05\x06", 0, 0, short, short, min(length, _FULL32), min(start, _FULL32), len(comment)
    )
    write_all(target, raw + comment)


def _packed_entry(member: Member) -> bytes:
    """Return a directory entry; what stood in a zip64 field goes on standing there."""
    fields = list(member.fields)
    wide: list[int] = []
    for index, value in ((8, member.size), (7, member.packed), (15, member.offset)):
        if fields[index] == _FULL32 or value >= _FULL32:
            fields[index] = _FULL32
            wide.append(value)
        else:
            fields[index] = value
    extra = _with_zip64(member.extra, wide) if wide or _zip64(member.extra) else member.extra
    fields[10] = len(extra)
    return _ENTRY.pack(b"PK\x01\x02", *fields) + member.name + extra + member.comment


def _pread(source: int, length: int, offset: int) -> bytes:
    os.lseek(source, offset, os.SEEK_SET)
    data = b""
    while len(data) < length:
        piece = os.read(source, length - len(data))
        if not piece:
            raise _odd()
        data += piece
    return data


def _odd() -> SaveFailed:
    return SaveFailed(
        "The archive is built in a way that kerastui cannot rewrite without losing something "
        "(damaged, spanned or overlapping); nothing was written. Save it with Keras once more."
    )

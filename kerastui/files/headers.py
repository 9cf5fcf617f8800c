"""HDF5's object headers read directly, for speed.

libhdf5 takes some 100 µs to open and close one group or dataset, which for 5,000 weights is
more than everything else together. What is needed is little: which members a group has,
shape and type of a dataset, and a list of names. This module reads just that from the
structures that h5py writes unless told otherwise (superblock 0, symbol-table groups,
version 1 object headers; "HDF5 File Format Specification Version 3.0", III and IV).

Anything else raises `Unusual`, upon which the caller asks libhdf5 instead. Links that are
not hard and data in other files count as unusual as well, so that the guards decide.
Values are never read.
"""

from __future__ import annotations

import struct
from collections.abc import Generator
from contextlib import contextmanager

from ..errors import UnreadableFile, UnsafeFile
from .header_parts import LAYOUT, MAX_SEGMENT, FastDataset, Reader, Unusual, dimensions

MAGIC = b"\x89HDF\r\n\x1a\n"
_UNDEFINED = 0xFFFFFFFFFFFFFFFF
_MAX_NODES = 1_000_000
_BROKEN_TEXT = "The file is damaged: a text in it cannot be read."

_ATTRIBUTE = 0xC
_CONTINUATION, _SYMBOL_TABLE = 0x10, 0x11
_ATTRIBUTE_INFO = 0x15
_HEADER = struct.Struct("<BxHIIxxxx")
_MESSAGE = struct.Struct("<HHB")
_PAIR = struct.Struct("<QQ")
_ENTRY = struct.Struct("<QQI")


class Headers:
    """A file whose structures are read directly. Raises Unusual."""

    def __init__(self, read: Reader) -> None:
        self._raw = read
        head = read(0, 96)
        if head[:8] != MAGIC or head[8] != 0 or head[13] != 8 or head[14] != 8:
            raise Unusual("superblock")
        base, _, end, driver = struct.unpack_from("<QQQQ", head, 24)
        if base != 0 or driver != _UNDEFINED:
            raise Unusual("user block")
        if end:
            read(end - 1, 1)  # raises Unusual where the file is cut off
        self.read = read
        self._collections: dict[int, dict[int, bytes]] = {}
        _, address = _PAIR.unpack_from(head, 56)
        self.root = FastGroup(self, address)

    def messages(self, address: int) -> list[tuple[int, bytes]]:
        """Return type and data of the messages in an object header."""
        version, count, _, size = _HEADER.unpack(self.read(address, 16))
        if version != 1:
            raise Unusual("object header")
        blocks = [(address + 16, size)]
        found: list[tuple[int, bytes]] = []
        for at, length in blocks:
            data = self.read(at, length)
            place = 0
            while place + 8 <= length and len(found) < count:
                kind, size, flags = _MESSAGE.unpack_from(data, place)
                place += 8
                if place + size > length or flags & 2:
                    raise Unusual("message")
                body = data[place : place + size]
                place += size
                found.append((kind, body))
                if kind == _CONTINUATION:
                    if len(blocks) > 10_000:
                        raise Unusual("continuations")
                    blocks.append(_PAIR.unpack_from(body))
        return found

    def collection(self, address: int) -> dict[int, bytes]:
        """Return the objects of a global heap collection (variable-length strings).

        Raises UnreadableFile, not Unusual, where it is broken: on such a heap libhdf5 1.14
        loops for ever, so it must not be asked.
        """
        known = self._collections.get(address)
        if known is not None:
            return known
        try:
            size = int.from_bytes(self.read(address, 16)[8:16], "little")
            data = self.read(address, size) if 16 <= size <= MAX_SEGMENT else b""
        except Unusual as error:
            raise UnreadableFile(_BROKEN_TEXT) from error
        if size > MAX_SEGMENT:
            raise UnsafeFile(f"A text in the file declares {size:,} bytes; it is refused.")
        if data[:4] != b"GCOL":
            raise UnreadableFile(_BROKEN_TEXT)
        objects: dict[int, bytes] = {}
        place = 16
        while place + 16 <= size:
            index, _, _, length = struct.unpack_from("<HHIQ", data, place)
            if index == 0:
                break
            if place + 16 + length > size:
                raise UnreadableFile(_BROKEN_TEXT)
            objects[index] = data[place + 16 : place + 16 + length]
            place += 16 + (length + 7) // 8 * 8
        if len(self._collections) >= 64:
            self._collections.clear()
        self._collections[address] = objects
        return objects

    def members(self, tree: int, heap: int) -> dict[bytes, int]:
        """Return the members of a group: name → address of the object's header."""
        names = self._heap(heap)
        found: dict[bytes, int] = {}
        stack = [tree]
        seen = 0
        while stack:
            at = stack.pop()
            seen += 1
            head = self.read(at, 24)
            if seen > _MAX_NODES or head[:4] != b"TREE" or head[4] != 0:
                raise Unusual("tree")
            entries = int.from_bytes(head[6:8], "little")
            if not entries:
                continue
            pairs = self.read(at + 24, 16 * entries)
            nodes = [_PAIR.unpack_from(pairs, 16 * i)[1] for i in range(entries)]
            if head[5]:
                stack.extend(reversed(nodes))
            else:
                for node in nodes:
                    self._symbols(node, names, found)
        return found

    def _symbols(self, node: int, names: bytes, found: dict[bytes, int]) -> None:
        head = self.read(node, 8)
        count = int.from_bytes(head[6:8], "little")
        if head[:5] != b"SNOD\x01":
            raise Unusual("symbols")
        data = self.read(node + 8, 40 * count)
        for place in range(0, 40 * count, 40):
            name, address, cache = _ENTRY.unpack_from(data, place)
            end = names.find(b"\0", name)
            if cache > 1 or end < 0 or name >= len(names) or address == _UNDEFINED:
                raise Unusual("a link")  # 2 is a soft link
            found[names[name:end]] = address
        if len(found) > _MAX_NODES:
            raise Unusual("too many")

    def _heap(self, address: int) -> bytes:
        head = self.read(address, 32)
        if head[:5] != b"HEAP\0":
            raise Unusual("heap")
        size, _, data = struct.unpack_from("<QQQ", head, 8)
        if size > MAX_SEGMENT:
            raise Unusual("heap")
        return self.read(data, size)


_by_file: dict[int, Headers] = {}


@contextmanager
def watching_texts(file_number: int, headers: Headers | None) -> Generator[None]:
    """While a file is open in libhdf5 under `file_number`, read its texts through `headers`.

    See `Headers.collection` for why libhdf5 is not trusted with them.
    """
    if headers is None:
        yield
        return
    _by_file[file_number] = headers
    try:
        yield
    finally:
        _by_file.pop(file_number, None)


def watched_strings(file_number: int, address: int, name: bytes) -> list[bytes] | None:
    """Return a string attribute of the object at `address`; None if libhdf5 must be asked.

    Raises UnreadableFile or UnsafeFile for a broken or oversized text.
    """
    headers = _by_file.get(file_number)
    if headers is None:
        return None
    try:
        return FastGroup(headers, address).strings(name)
    except (Unusual, struct.error, IndexError, OSError):
        return None


class FastGroup:
    """A group, read directly. Members are opened when asked for."""

    __slots__ = ("_members", "_messages", "address", "headers")

    def __init__(
        self, headers: Headers, address: int, messages: list[tuple[int, bytes]] | None = None
    ) -> None:
        self.headers = headers
        self.address = address
        self._messages = headers.messages(address) if messages is None else messages
        self._members: dict[bytes, int] | None = None

    @property
    def members(self) -> dict[bytes, int]:
        """Name → address of everything in the group, by name."""
        if self._members is None:
            for kind, body in self._messages:
                if kind == _SYMBOL_TABLE:
                    self._members = self.headers.members(*_PAIR.unpack_from(body))
                    break
            else:
                raise Unusual("group")
        return self._members

    def child(self, name: bytes) -> FastGroup | FastDataset | None:
        """Return the member `name`, None if there is none."""
        address = self.members.get(name)
        if address is None:
            return None
        messages = self.headers.messages(address)
        for kind, _ in messages:
            if kind == _SYMBOL_TABLE:
                return FastGroup(self.headers, address, messages)
            if kind == LAYOUT:
                return FastDataset(address, messages)
        raise Unusual("an object of another kind")

    def strings(self, name: bytes) -> list[bytes] | None:
        """Return a string attribute's elements, None if there is no such attribute."""
        for kind, body in self._messages:
            if kind == _ATTRIBUTE:
                found = self._attribute(body, name)
                if found is not None:
                    return found
            elif kind == _ATTRIBUTE_INFO:
                raise Unusual("attributes")
        return None

    def _attribute(self, body: bytes, wanted: bytes) -> list[bytes] | None:
        version, flags, name_size, type_size, space_size = struct.unpack_from("<BBHHH", body)
        start, step = (8, 8) if version == 1 else (9 if version == 3 else 8, 1)
        if version not in (1, 2, 3) or (version > 1 and flags):
            raise Unusual("attribute")
        name = body[start : start + name_size].split(b"\0", 1)[0]
        if name != wanted:
            return None
        at = start + -(-name_size // step) * step
        datatype = body[at : at + type_size]
        at += -(-type_size // step) * step
        shape = dimensions(body[at : at + space_size])
        data = body[at + -(-space_size // step) * step :]
        count = 1
        for size in shape:
            count *= size
        return self._elements(datatype, count, data) if count else []

    def _elements(self, datatype: bytes, count: int, data: bytes) -> list[bytes]:
        kind, size = datatype[0] & 0x0F, int.from_bytes(datatype[4:8], "little")
        if count * size > len(data):
            raise Unusual("attribute")
        pieces = [data[i : i + size] for i in range(0, count * size, size)]
        if kind == 3:
            return [piece.split(b"\0", 1)[0].rstrip(b"\0") for piece in pieces]
        if kind != 9 or datatype[1] & 0x0F != 1 or size != 16:
            raise Unusual("attribute")
        references = [struct.unpack("<IQI", piece) for piece in pieces]
        # Many references may share one text of the heap: count before anything is copied.
        whole = sum(length for length, _, _ in references)
        if whole > MAX_SEGMENT:
            raise UnsafeFile(f"A list in the file declares {whole:,} bytes; it is refused.")
        return [self._variable(*reference) for reference in references]

    def _variable(self, length: int, address: int, index: int) -> bytes:
        if not length:
            return b""
        value = self.headers.collection(address).get(index)
        if value is None or len(value) < length:
            raise UnreadableFile(_BROKEN_TEXT)
        return value[:length].split(b"\0", 1)[0]

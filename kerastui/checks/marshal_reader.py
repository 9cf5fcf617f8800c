"""Reading marshalled Python code of any version without Python's own unmarshaller.

`marshal.loads` can crash the interpreter on hostile bytes, and reads only what its own
version wrote. This reader is plain Python with limits: it makes descriptions, never code
objects, so there is nothing to run. Format: CPython's ``Python/marshal.c``; the fields of a
code object in 2.7, 3.0-3.7, 3.8-3.10 and 3.11-3.14 (``Objects/codeobject.c``).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

MAX_BYTES = 1 << 20
MAX_OBJECTS = 100_000
MAX_DEPTH = 60

_INTS = {
    "2": ("argcount", "nlocals", "stacksize", "flags"),
    "3.0": ("argcount", "kwonly", "nlocals", "stacksize", "flags"),
    "3.8": ("argcount", "posonly", "kwonly", "nlocals", "stacksize", "flags"),
    "3.11": ("argcount", "posonly", "kwonly", "stacksize", "flags"),
}
_OLD = ("code", "consts", "names", "varnames", "freevars", "cellvars", "filename", "name")
_NEW = ("code", "consts", "names", "localnames", "kinds", "filename", "name", "qualname")
_FIELDS = {"2": _OLD, "3.0": _OLD, "3.8": _OLD, "3.11": _NEW}
_TAILS = {"2": 1, "3.0": 1, "3.8": 1, "3.11": 2}
"""Objects after the first line number: line table, and since 3.11 the exception table."""


class UnreadableCodeError(ValueError):
    """The bytes are no marshalled code of a layout that is known."""


@dataclass(frozen=True)
class CodeInfo:
    """A code object, described."""

    layout: str
    """``2``, ``3.0``, ``3.8`` or ``3.11``: the first version with this layout."""
    name: str
    filename: str
    first_line: int
    arguments: int
    code: bytes
    consts: tuple[Any, ...]
    names: tuple[str, ...]
    local_names: tuple[str, ...]
    free_names: tuple[str, ...]

    def inner(self) -> tuple[CodeInfo, ...]:
        """Return the functions defined inside."""
        return tuple(c for c in self.consts if isinstance(c, CodeInfo))


def read_code(data: bytes) -> CodeInfo:
    """Return the code object in `data`. Raises UnreadableCodeError.

    The layouts are tried in turn; the one that fits leaves nothing over and has a string
    where a string belongs.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableCodeError(f"The bytecode has more than {MAX_BYTES:,} bytes.")
    problem = UnreadableCodeError("This is no marshalled Python code.")
    for layout in ("3.11", "3.8", "3.0", "2"):
        try:
            found = _Reader(data, layout).whole()
        except UnreadableCodeError as error:
            problem = error
            continue
        if isinstance(found, CodeInfo):
            return found
        raise UnreadableCodeError("The bytes hold a value, but no code.")
    raise problem


class _Reader:
    def __init__(self, data: bytes, layout: str) -> None:
        self.data = data
        self.layout = layout
        self.at = 0
        self.objects = 0
        self.refs: list[Any] = []
        self.interned: list[Any] = []

    def whole(self) -> Any:
        found = self.value(0)
        if self.at != len(self.data):
            raise UnreadableCodeError("Bytes are left over after the code.")
        return found

    def take(self, count: int) -> bytes:
        if count < 0 or self.at + count > len(self.data):
            raise UnreadableCodeError("The bytecode ends too early.")
        self.at += count
        return self.data[self.at - count : self.at]

    def long(self) -> int:
        return int(struct.unpack("<i", self.take(4))[0])

    def value(self, depth: int) -> Any:
        self.objects += 1
        if self.objects > MAX_OBJECTS or depth > MAX_DEPTH:
            raise UnreadableCodeError("The bytecode holds too many or too deeply nested values.")
        byte = self.take(1)[0]
        kind = chr(byte & 0x7F)
        if kind == "r":
            return self.reference(self.refs)
        slot = len(self.refs) if byte & 0x80 else -1
        if slot >= 0:
            self.refs.append(None)
        found = self.of_kind(kind, depth)
        if slot >= 0:
            self.refs[slot] = found
        return found

    def reference(self, table: list[Any]) -> Any:
        index = self.long()
        if not 0 <= index < len(table):
            raise UnreadableCodeError("The bytecode refers to a value that is not there.")
        return table[index]

    def of_kind(self, kind: str, depth: int) -> Any:
        if kind in _CONSTANTS:
            return _CONSTANTS[kind]
        if kind in _SCALARS:
            return _SCALARS[kind](self)
        if kind == "R":
            return self.reference(self.interned)
        if kind in "()[<>":
            count = self.take(1)[0] if kind == ")" else self.long()
            return self.items(count, depth, kind)
        if kind == "{":
            return self.dictionary(depth)
        if kind == ":":
            return slice(*(self.value(depth + 1) for _ in range(3)))
        if kind == "c":
            return self.code(depth)
        raise UnreadableCodeError(f"The bytecode has a value of an unknown kind ({kind!r}).")

    def items(self, count: int, depth: int, kind: str) -> Any:
        if not 0 <= count <= len(self.data):
            raise UnreadableCodeError("The bytecode announces more values than it has bytes.")
        found = [self.value(depth + 1) for _ in range(count)]
        return tuple(found) if kind in "()" else found

    def dictionary(self, depth: int) -> Any:
        pairs: list[Any] = []
        while self.data[self.at : self.at + 1] != b"0":
            pairs.append((self.value(depth + 1), self.value(depth + 1)))
        self.at += 1
        return pairs

    def text(self, count: int, encoding: str = "utf-8") -> str:
        return self.take(count).decode(encoding, "backslashreplace")

    def integer(self) -> int:
        digits = self.long()
        if abs(digits) > 1000:
            raise UnreadableCodeError("The bytecode has a number of more than 15,000 bits.")
        parts = [int(struct.unpack("<H", self.take(2))[0]) for _ in range(abs(digits))]
        total = sum(part << (15 * i) for i, part in enumerate(parts))
        return -total if digits < 0 else total

    def interned_text(self) -> Any:
        found = self.take(self.long())
        self.interned.append(found)
        return found

    def code(self, depth: int) -> CodeInfo:
        numbers = {name: self.long() for name in _INTS[self.layout]}
        fields = {name: self.value(depth + 1) for name in _FIELDS[self.layout]}
        line = self.long()
        for _ in range(_TAILS[self.layout]):
            if not isinstance(self.value(depth + 1), bytes):
                raise UnreadableCodeError("The line table is no bytes.")
        names, consts = fields["names"], fields["consts"]
        local = fields.get("varnames", fields.get("localnames"))
        if not isinstance(fields["code"], bytes) or not isinstance(consts, tuple):
            raise UnreadableCodeError("The code's fields are not where they belong.")
        if not isinstance(names, tuple) or not isinstance(local, tuple):
            raise UnreadableCodeError("The code's names are not where they belong.")
        if not isinstance(fields["name"], (str, bytes)) or not 0 <= numbers["argcount"] < 256:
            raise UnreadableCodeError("The code's name is not where it belongs.")
        free = [n for key in ("cellvars", "freevars") for n in _texts(fields.get(key))]
        return CodeInfo(
            layout=self.layout,
            name=_text(fields["name"]),
            filename=_text(fields["filename"]),
            first_line=line,
            arguments=numbers["argcount"],
            code=fields["code"],
            consts=cast("tuple[Any, ...]", consts),
            names=_texts(names),
            local_names=_texts(local),
            free_names=tuple(free),
        )


def _text(value: Any) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(_text(v) for v in values) if isinstance(values, tuple) else ()  # pyright: ignore[reportUnknownVariableType]


_CONSTANTS: dict[str, Any] = {"N": None, "T": True, "F": False, "S": StopIteration, ".": Ellipsis}
_SCALARS: dict[str, Callable[[_Reader], Any]] = {
    "i": _Reader.long,
    "I": lambda r: struct.unpack("<q", r.take(8))[0],
    "l": _Reader.integer,
    "g": lambda r: struct.unpack("<d", r.take(8))[0],
    "y": lambda r: complex(*struct.unpack("<dd", r.take(16))),
    "f": lambda r: r.text(r.take(1)[0], "ascii"),
    "s": lambda r: r.take(r.long()),
    "t": lambda r: r.interned_text() if r.layout == "2" else r.text(r.long()),
    "u": lambda r: r.text(r.long()),
    "a": lambda r: r.text(r.long(), "ascii"),
    "A": lambda r: r.text(r.long(), "ascii"),
    "z": lambda r: r.text(r.take(1)[0], "ascii"),
    "Z": lambda r: r.text(r.take(1)[0], "ascii"),
}

"""Showing the bytecode of a Lambda, without running it and without trusting it.

The marshalled bytes are read by `marshal_reader`, in plain Python. Instructions of Python
3.5 to 3.10 are listed from tables. Those of our own version are listed by ``dis`` in a
process of its own with limits of time and memory, because only a real code object serves
there and a hostile one can crash an interpreter.
"""

from __future__ import annotations

import base64
import binascii
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .marshal_reader import CodeInfo, UnreadableCodeError, read_code
from .old_opcodes import is_bytecode, is_wordcode, listing

MAX_LINES = 400
MAX_TEXT = 300
"""Characters shown of one constant."""
SECONDS = 10.0
_MAX_OUTPUT = 200_000
_MAX_CODED = 2 << 20
_HERE = (sys.version_info[0], sys.version_info[1])
_CHILD = Path(__file__).with_name("disassembler.py")


@dataclass(frozen=True)
class Disassembly:
    """What can be shown of a piece of bytecode. All text is the file's: use `safe_text`."""

    name: str = ""
    """The function's name (``<lambda>``)."""
    filename: str = ""
    """The source file in which it was written, with the line."""
    written_by: str = ""
    """``Python 3.6 or 3.7``; empty when the bytes cannot be read at all."""
    versions: tuple[tuple[int, int], ...] = ()
    """The Python versions that may have written it: only they can run it."""
    constants: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """Globals and attributes that it uses: ``os``, ``system``."""
    lines: tuple[str, ...] = ()
    """The instructions, inner functions after the outer ones."""
    note: str = ""
    """One sentence on what cannot be shown or done."""

    def runs_on(self, version: tuple[int, int]) -> bool:
        """Whether a Python of this version (major, minor) could run it."""
        return version in self.versions


def describe(
    text: str, *, python: tuple[int, int] | None = None, seconds: float = SECONDS
) -> Disassembly:
    """Describe marshalled code as a model file has it (base64, or Keras 1's raw text).

    `python` is the version that would run it (the session's); by default our own. The note
    says if it cannot.
    """
    if len(text) > _MAX_CODED:
        return Disassembly(note="The bytecode is too long to be shown; it cannot be judged.")
    data = decode(text)
    try:
        info = read_code(data)
    except UnreadableCodeError as error:
        return Disassembly(note=f"The bytecode cannot be read: {error} It can only be replaced.")
    except RecursionError:
        return Disassembly(note="The bytecode is nested too deeply; it can only be replaced.")
    return _describe(info, data, python or _HERE, seconds)


def decode(text: str) -> bytes:
    """Return the bytes of a code string, the way Keras's ``func_load`` finds them."""
    try:
        return base64.decodebytes(text.encode("ascii"))
    except (UnicodeEncodeError, binascii.Error):
        return text.encode("raw_unicode_escape")


def _describe(info: CodeInfo, data: bytes, python: tuple[int, int], seconds: float) -> Disassembly:
    versions, wordcode = _versions(info)
    lines: tuple[str, ...] = ()
    note = ""
    if info.layout == "3.11":
        lines, versions, note = _by_dis(data, seconds)
    elif versions:
        lines = tuple(_capped(_listing(info, wordcode)))
    if not versions and not note:
        note = "Its instructions are not those of a Python that kerastui knows."
    if not note and versions and python not in versions:
        theirs = f"{python[0]}.{python[1]}"
        note = f"Written by {_spoken(versions)}: Python {theirs} cannot run it, only replace it."
    return Disassembly(
        name=info.name,
        filename=f"{info.filename}, line {info.first_line}",
        written_by=_spoken(versions) or f"Python {_ERAS[info.layout]}",
        versions=versions,
        constants=tuple(dict.fromkeys(_shown(c) for c in _all(info, "consts"))),
        names=tuple(dict.fromkeys(str(n) for n in _all(info, "names"))),
        lines=lines,
        note=note,
    )


_ERAS = {"2": "2", "3.0": "3.0 to 3.7", "3.8": "3.8 to 3.10", "3.11": "3.11 or later"}


def _versions(info: CodeInfo) -> tuple[tuple[tuple[int, int], ...], bool]:
    """Return which Pythons may have written it, and whether it is wordcode."""
    if info.layout == "2":
        return ((2, 7),), False
    if info.layout == "3.0":
        if is_wordcode(info.code):
            return ((3, 6), (3, 7)), True
        return (((3, 4), (3, 5)), False) if is_bytecode(info.code) else ((), False)
    if info.layout == "3.8":
        return (((3, 8), (3, 9), (3, 10)), True) if is_wordcode(info.code) else ((), True)
    return (), True


def _spoken(versions: tuple[tuple[int, int], ...]) -> str:
    if not versions:
        return ""
    texts = [f"{major}.{minor}" for major, minor in versions]
    return "Python " + (" or ".join(texts) if len(texts) < 3 else f"{texts[0]} to {texts[-1]}")


def _listing(info: CodeInfo, wordcode: bool) -> Iterator[str]:
    todo = [info]
    while todo:
        code = todo.pop(0)
        if code is not info:
            yield f"{code.name}, line {code.first_line}:"
        yield from listing(code, wordcode)
        todo.extend(code.inner())


def _all(info: CodeInfo, field: str) -> Iterator[Any]:
    todo = [info]
    while todo:
        code = todo.pop(0)
        todo.extend(code.inner())
        values: tuple[Any, ...] = getattr(code, field)
        yield from (v for v in values if v is not None and not isinstance(v, CodeInfo))


def _shown(constant: Any) -> str:
    text = repr(constant)
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def _capped(lines: Iterator[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number >= MAX_LINES:
            yield "…"
            return
        yield line if len(line) <= MAX_TEXT else line[: MAX_TEXT - 1] + "…"


def _by_dis(data: bytes, seconds: float) -> tuple[tuple[str, ...], Any, str]:
    """Have ``dis`` list code of our own version; return lines, versions, a note."""
    none: tuple[str, ...] = ()
    command = [sys.executable, "-I", "-S", "-B", str(_CHILD)]
    try:
        done = subprocess.run(
            command, input=base64.b64encode(data), capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return none, (), "Listing the bytecode takes too long: do not run it."
    except OSError as error:
        return none, (), f"The bytecode cannot be listed: {error}."
    output = done.stdout[:_MAX_OUTPUT].decode("utf-8", "replace").splitlines()
    if done.returncode == 0:
        return tuple(_capped(iter(output))), (_HERE,), ""
    if done.returncode == 3:
        ours = f"{_HERE[0]}.{_HERE[1]}"
        return none, (), f"Written by another Python (3.11 or later) than this {ours}."
    return none, (), "Looking at the bytecode crashes or exhausts Python: do not run it."

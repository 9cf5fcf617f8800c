"""Real pixels in a pseudo-terminal: what is sent, that it is taken away, and that nothing asks."""

from __future__ import annotations

import base64
import re
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are POSIX", allow_module_level=True)

from terminal_emulator import PATIENCE, Terminal, installed_program

T = TypeVar("T")
_KITTY = re.compile(rb"\x1b_G([^;\x1b]*)(?:;([^\x1b]*))?\x1b\\")
_SIXEL = re.compile(rb"\x1b\[(\d+);(\d+)H\x1bP0;0;0q\"1;1;(\d+);(\d+).*?\x1b\\", re.DOTALL)
PLACEHOLDER = "\U0010eeee".encode()


def until(true: Callable[[], T]) -> T:
    """Wait until something holds, and return it."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := true():
            return found
        time.sleep(0.02)
    raise AssertionError("waited in vain")


def looked_at(sample_dir: Path, graphics: str) -> Terminal:
    """Return a terminal in which the first kernel's filters are seen."""
    command = [installed_program(), "--graphics", graphics, str(sample_dir / "digits_cnn.h5")]
    return Terminal(command, 80, 24, env={"COLORTERM": "truecolor"})


def show_filters(terminal: Terminal) -> None:
    terminal.wait_for("Freeze to here")
    assert b"\x1b_G" not in terminal.raw and b"\x1b[c" not in terminal.raw, "nothing is asked"
    terminal.press("down", "d")
    terminal.wait_for("Heat map")
    terminal.press("3")
    terminal.wait_for("filter 0 · norm")


def test_kitty(sample_dir: Path) -> None:
    with looked_at(sample_dir, "kitty") as terminal:
        show_filters(terminal)
        until(lambda: terminal.raw.count(PLACEHOLDER) > 100)
        messages = _KITTY.findall(bytes(terminal.raw))
        first = dict(part.split(b"=") for part in messages[0][0].split(b","))
        assert (first[b"a"], first[b"U"], first[b"q"]) == (b"T", b"1", b"2")
        end = next(i for i, (head, _) in enumerate(messages) if b"m=0" in head)
        pixels = zlib.decompress(base64.b64decode(b"".join(d for _, d in messages[: end + 1])))
        assert len(pixels) == 3 * int(first[b"s"]) * int(first[b"v"])
        assert int(first[b"s"]) == 10 * int(first[b"c"]) and len(set(pixels)) > 10
        colour = f"38;2;{int(first[b'i']) >> 16};{int(first[b'i']) >> 8 & 255};"
        assert colour.encode() in terminal.raw, "a cell's colour is the picture's number"
        before = len(terminal.raw)
        terminal.press("right")
        terminal.wait_for("filter 1 · norm")
        assert _KITTY.search(bytes(terminal.raw[before:])), "only the band with the frame"
        terminal.press("1")
        until(lambda: not alive(bytes(terminal.raw)))
        terminal.press("3")
        until(lambda: alive(bytes(terminal.raw)))
        terminal.press("escape")
        until(lambda: not alive(bytes(terminal.raw)))


def alive(raw: bytes) -> set[bytes]:
    """Return the numbers of the pictures that the terminal still holds."""
    numbers: set[bytes] = set()
    for head, _ in _KITTY.findall(raw):
        parts = dict(part.split(b"=") for part in head.split(b","))
        if parts.get(b"a") == b"T":
            numbers.add(parts[b"i"])
        elif parts.get(b"a") == b"d":
            numbers.discard(parts[b"i"])
    return numbers


def test_sixel(sample_dir: Path) -> None:
    with looked_at(sample_dir, "sixel") as terminal:
        show_filters(terminal)
        found = until(lambda: _SIXEL.search(bytes(terminal.raw)))
        top, left, width, height = map(int, found.groups())
        assert 4 <= top <= 8 and left == 2 and width % 10 == 0 and height % 20 == 0
        terminal.press("1")
        terminal.wait_for("Histogram")
        before = len(terminal.raw)
        terminal.press("4")
        until(lambda: _SIXEL.search(bytes(terminal.raw), before))

"""Lines of the console's log as rows of the screen: made safe, cut and broken."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from rich.cells import cell_len, chop_cells
from textual.strip import Strip

from kerastui.model import safe_text

LINE = 4_000
"""Characters that go into one line; the rest goes into the next."""

_COLOURS = re.compile(r"\x1b\[[0-9;]{0,20}m")
"""What terminals take for colours and bold: Keras writes its errors so."""

Wrap = Literal["words", "edge", "no"]


class Said(NamedTuple):
    """A line as it was said: it is laid out anew when the width changes."""

    text: str
    role: str
    wrap: Wrap
    picture: tuple[Strip, ...] = ()


class Row(NamedTuple):
    """A row of the screen; its strip is made when it is drawn."""

    text: str
    role: str
    strip: Strip | None = None


def broken(line: str, width: int, wrap: Wrap = "edge") -> list[str]:
    """Return a line as rows of at most `width` cells, broken where `wrap` says."""
    if wrap == "no" or (len(line) <= width and line.isascii()):
        return [line]
    rows: list[str] = []
    while wrap == "words" and len(line) > width:
        cut = line.rfind(" ", width // 2, width + 1)
        if cut < 0:
            break
        rows.append(line[:cut])
        line = line[cut + 1 :]
    return rows + _chopped(line, width)


def _chopped(line: str, width: int) -> list[str]:
    if line.isascii():
        return [line[k : k + width] for k in range(0, len(line), width)] or [""]
    return [line] if cell_len(line) <= width else chop_cells(line, width)


def cells(row: Row) -> int:
    """Return the width of a row."""
    if row.strip is not None:
        return row.strip.cell_length
    if row.text.isascii():
        return len(row.text)
    return cell_len(row.text)


def pieces(line: str) -> list[str]:
    """Return a line made safe and without colours, in pieces of `LINE` characters."""
    line = _COLOURS.sub("", line)
    if len(line) <= LINE:
        return [safe_text(line, LINE)]
    return [safe_text(line[k : k + LINE], LINE) for k in range(0, len(line), LINE)]

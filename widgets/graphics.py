"""How a terminal can show pictures: real pixels, half blocks, or shades without colours.

Told from the environment. Asking the terminal would be surer, but it has to be done before
Textual reads the answers away, and waiting for one would hold up the first frame.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, cast

if TYPE_CHECKING:
    from textual.app import App

Graphics = Literal["kitty", "sixel", "blocks", "shades"]
CHOICES = ("auto", "kitty", "sixel", "blocks")
VARIABLE = "KERASTUI_GRAPHICS"
_MULTIPLEXERS = ("TMUX", "STY", "ZELLIJ")
# With its Unicode placeholders, which WezTerm and Konsole lack: those have Sixel.
_KITTY_TERMS = ("xterm-kitty", "xterm-ghostty")
_KITTY_PROGRAMS = ("ghostty", "kitty")
_SIXEL_TERMS = ("foot", "mlterm", "contour", "yaft", "xterm-sixel")
_SIXEL_PROGRAMS = ("WezTerm", "iTerm.app", "mintty", "contour", "rio", "BlackBox")
_KONSOLE_WITH_SIXEL = 220400
_USUAL_CELL = (10, 20)


def protocol(environ: Mapping[str, str], wanted: str = "auto") -> Graphics:
    """Return what to draw with: as wanted, else what the terminal's name promises.

    Inside tmux and its like half blocks: they pass pictures on only where they are told to.
    """
    if wanted in CHOICES[1:]:
        return cast("Graphics", wanted)
    term, program = environ.get("TERM", ""), environ.get("TERM_PROGRAM", "")
    if any(environ.get(name) for name in _MULTIPLEXERS) or term.startswith(("screen", "tmux")):
        return "blocks"
    if environ.get("KITTY_WINDOW_ID") or term in _KITTY_TERMS or program in _KITTY_PROGRAMS:
        return "kitty"
    if program in _SIXEL_PROGRAMS or term.startswith(_SIXEL_TERMS):
        return "sixel"
    konsole = environ.get("KONSOLE_VERSION", "")
    if konsole.isdecimal() and int(konsole) >= _KONSOLE_WITH_SIXEL:
        return "sixel"
    return "blocks"


def graphics_of(app: App[Any]) -> Graphics:
    """Return what to draw with in this app: as wanted, else as it can.

    Shades where there are hardly any colours. Kitty's placeholders need all colours: each is
    the number of a picture.
    """
    colours = app.console.color_system
    if app.no_color:
        return "shades"
    wanted = os.environ.get(VARIABLE, "auto")
    if wanted not in CHOICES[1:]:
        if app.is_headless:
            return "blocks"
        if colours not in ("256", "truecolor", "windows"):
            return "shades"
    found = protocol(os.environ, wanted)
    usable = found != "kitty" or colours == "truecolor" or app.is_headless
    return found if usable else "blocks"


def has_few_colours(app: App[Any]) -> bool:
    """Whether cells take the nearest of 256 colours, whose hues jump where they are dark."""
    return not app.is_headless and app.console.color_system == "256"


def grain(graphics: Graphics) -> tuple[int, int]:
    """Return how many pixels a cell has across and down."""
    if graphics == "blocks":
        return 1, 2
    return (1, 1) if graphics == "shades" else cell_size()


def cell_size() -> tuple[int, int]:
    """Return a cell's width and height in pixels, as the terminal states them."""
    if sys.platform != "win32":
        import fcntl
        import struct
        import termios

        for stream in (sys.__stdout__, sys.__stderr__, sys.__stdin__):
            with suppress(AttributeError, OSError, ValueError):
                descriptor = stream.fileno()  # pyright: ignore[reportOptionalMemberAccess]
                answer = fcntl.ioctl(descriptor, termios.TIOCGWINSZ, b"\0" * 8)
                rows, columns, width, height = struct.unpack("HHHH", answer)
                if rows and columns and width >= columns and height >= rows:
                    return width // columns, height // rows
    return _USUAL_CELL

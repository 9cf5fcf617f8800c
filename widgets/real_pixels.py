"""Pictures as real pixels, in terminals with Kitty's graphics protocol or Sixel.

Kitty is sent the pixels once, under a number; the cells then hold *placeholders*, characters
whose colour is the number and whose accents say which row and column of the picture they are.
So the picture moves, is covered and goes away as text does. The protocol is written here, not
by a library's widget, because what it writes has to go through Textual's own writer: two
writers' bytes would get mixed.

Sixel pictures are painted over cells after these; whatever is drawn there next removes them.
"""

from __future__ import annotations

import asyncio
import base64
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import count
from typing import Any, cast

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from .pixels import Pixels

PLACEHOLDER = "\U0010eeee"
_CHUNK = 4096
"""Bytes of data that Kitty takes at once."""
# Which accent stands for 0, 1, 2 …: rowcolumn-diacritics.txt in
# Kitty's documentation, as ranges.
_ACCENTS = (
    "305 30d-30e 310 312 33d-33f 346 34a-34c 350-352 357 35b 363-36f 483-487 592-595 597-599 "
    "59c-5a1 5a8-5a9 5ab-5ac 5af 5c4 610-617 657-65b 65d-65e 6d6-6dc 6df-6e2 6e4 6e7-6e8 "
    "6eb-6ec 730 732-733 735-736 73a 73d 73f-741 743 745 747 749-74a 7eb-7f1 7f3 816-819 "
    "81b-823 825-827 829-82d 951 953-954 f82-f83 f86-f87 135d-135f 17dd 193a 1a17 1a75-1a7c "
    "1b6b 1b6d-1b73 1cd0-1cd2 1cda-1cdb 1ce0 1dc0-1dc1 1dc3-1dc9 1dcb-1dcc 1dd1-1de6 1dfe "
    "20d0-20d1 20d4-20d7 20db-20dc 20e1 20e7 20e9 20f0 2cef-2cf1 2de0-2dff a66f a67c-a67d "
    "a6f0-a6f1 a8e0-a8f1 aab0 aab2-aab3 aab7-aab8 aabe-aabf aac1 fe20-fe26 10a0f 10a38 "
    "1d185-1d189 1d1aa-1d1ad 1d242-1d244"
)
_NUMBERS = count(0x4B5401)  # below 2^24: the colour of a cell says them; others' begin at 1


@cache
def accents() -> tuple[str, ...]:
    """Return the accents that say row and column in a placeholder, 297 of them."""
    found: list[str] = []
    for word in _ACCENTS.split():
        first, _, last = word.partition("-")
        found += map(chr, range(int(first, 16), int(last or first, 16) + 1))
    return tuple(found)


@dataclass(frozen=True)
class Picture:
    """Pixels for so many cells."""

    columns: int
    rows: int
    pixels: Pixels


@dataclass(frozen=True)
class Band:
    """A picture and where it is in a widget's content, in cells."""

    x: int
    y: int
    picture: Picture


class RealPixels:
    """The real pictures of one widget.

    The widget draws its cells with `strip` where that returns something, calls `painted` when
    it has drawn, and `clear` when it is hidden. With Sixel it posts `SixelsWanted`.
    """

    @dataclass
    class SixelsWanted(Message):
        """Pictures are wanted as Sixel; answer with `real.supply(pictures, texts)`."""

        real: RealPixels
        pictures: tuple[Picture, ...]

        def can_replace(self, message: Message) -> bool:
            """Only what is seen now matters."""
            return isinstance(message, RealPixels.SixelsWanted)

    def __init__(self, widget: Widget, protocol: str) -> None:
        self._widget = widget
        self._kitty = protocol == "kitty"
        self._bands: tuple[Band, ...] = ()
        self._placed: tuple[Band, ...] = ()
        """Those of which Kitty has all pictures."""
        self._numbers: dict[Picture, int] = {}
        """Of pictures that Kitty holds."""
        self._sixels: dict[Picture, str] = {}
        self._waiting = False

    def show(self, bands: Sequence[Band]) -> None:
        """Show other pictures, instead of those before; the same ones are not sent again."""
        self._bands = tuple(bands)
        wanted = {band.picture: None for band in bands}
        if self._kitty:
            new = tuple(p for p in wanted if p not in self._numbers)
            sending = partial(self._send, self._bands, {p: next(_NUMBERS) for p in new})
            self._widget.run_worker(sending, group="kitty", exclusive=True, description="send")
            return
        self._sixels = {p: text for p, text in self._sixels.items() if p in wanted}
        missing = tuple(p for p in wanted if p not in self._sixels)
        if missing:
            message = self.SixelsWanted(self, missing)
            self._widget.post_message(message.set_sender(self._widget))

    def supply(self, pictures: Sequence[Picture], texts: Sequence[str]) -> None:
        """Take pictures as Sixel; those that are no longer seen are dropped."""
        seen = {band.picture for band in self._bands}
        self._sixels |= {p: text for p, text in zip(pictures, texts, strict=True) if p in seen}
        self._widget.refresh()

    def strip(self, y: int) -> Strip | None:
        """Return a line of placeholders; None where cells are to be drawn otherwise."""
        for band in self._placed:
            number = self._numbers.get(band.picture)
            if number is not None and band.y <= y < band.y + band.picture.rows:
                head = [Segment(" " * band.x)] if band.x else []
                return Strip([*head, placeholders(number, y - band.y, band.picture.columns)])
        return None

    def painted(self) -> None:
        """Paint Sixel pictures over the cells, once these are on the screen."""
        if self._sixels and not self._waiting:
            self._waiting = True
            self._widget.call_after_refresh(self._paint)

    def clear(self) -> None:
        """Take pictures away, and free what the terminal keeps of them."""
        write(self._widget, "".join(map(removal, self._numbers.values())))
        self._bands, self._placed, self._numbers, self._sixels = (), (), {}, {}

    async def _send(self, bands: tuple[Band, ...], new: dict[Picture, int]) -> None:
        """Hand over what is new, then place it, then let go what is not seen any more."""
        sent = await asyncio.to_thread(transmissions, new) if new else ""
        if bands is not self._bands:
            return  # others are to be seen by now, or none
        numbers = self._numbers | new
        seen = {band.picture for band in bands}
        self._numbers = {picture: numbers.pop(picture) for picture in seen}
        self._placed = bands
        write(self._widget, sent + "".join(map(removal, numbers.values())))
        self._widget.refresh()

    def _paint(self) -> None:
        self._waiting = False
        widget = self._widget
        if not widget.is_attached or not widget.is_on_screen or not widget.screen.is_current:
            return
        if any(toast.region.overlaps(widget.region) for toast in widget.screen.query("Toast")):
            return  # it would be covered; when it goes, cells are drawn again, and then these
        left, top = widget.content_region.offset
        parts = [
            f"\x1b[{top + band.y + 1};{left + band.x + 1}H{self._sixels[band.picture]}"
            for band in self._bands
            if band.picture in self._sixels
        ]
        write(widget, "\x1b7" + "".join(parts) + "\x1b8")


def transmissions(pictures: dict[Picture, int]) -> str:
    """Return what hands over pictures, which takes milliseconds."""
    parts = (part for p, number in pictures.items() for part in transmission(number, p))
    return "".join(parts)


def transmission(number: int, picture: Picture) -> Iterator[str]:
    """Yield what hands a picture to Kitty and makes placeholders show it.

    https://sw.kovidgoyal.net/kitty/graphics-protocol/#unicode-placeholders
    """
    pixels = picture.pixels
    data = base64.b64encode(zlib.compress(pixels.rgb, 1)).decode("ascii")
    head = f"a=T,U=1,q=2,f=24,o=z,s={pixels.width},v={pixels.height},"
    head += f"i={number},c={picture.columns},r={picture.rows},"
    for begin in range(0, len(data), _CHUNK):
        more = int(begin + _CHUNK < len(data))
        yield f"\x1b_G{head}m={more};{data[begin : begin + _CHUNK]}\x1b\\"
        head = "q=2,"


def removal(number: int) -> str:
    """Return what makes Kitty forget a picture."""
    return f"\x1b_Ga=d,d=I,i={number},q=2\x1b\\"


def placeholders(number: int, row: int, columns: int) -> Segment:
    """Return a line of cells that stand for a row of a picture."""
    marks = accents()
    cells = "".join(f"{PLACEHOLDER}{marks[row]}{marks[column]}" for column in range(columns))
    colour = Color.from_rgb(number >> 16 & 255, number >> 8 & 255, number & 255)
    return Segment(cells, Style(color=colour))


def fitting(columns: int, rows: int) -> tuple[int, int]:
    """Return what there can be placeholders for."""
    most = len(accents())
    return min(columns, most), min(rows, most)


def write(widget: Widget, text: str) -> None:
    """Send a sequence to the terminal after all that was drawn before.

    Textual has no other way: `App.bell` and `copy_to_clipboard` write as this does.
    """
    driver = cast(Any, widget).app._driver
    if driver is not None and text:
        driver.write(text)

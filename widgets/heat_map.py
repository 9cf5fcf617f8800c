"""A slice of an array as a picture, with a cursor, to zoom into and to move about."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Click
from textual.message import Message
from textual.strip import Strip

from .heat_picture import HeatPicture, Part
from .picture_view import PictureView
from .pixels import Pixels, widened
from .real_pixels import Band, Picture

_MOST_PIXELS = 200_000
"""That are asked for; terminals with real pixels may have more, which are then enlarged."""
_BAND_ROWS = 4
"""Cells of a real picture that is sent at once: where the cursor is, others stay."""


class HeatMap(PictureView):
    """Shows pixels that somebody else computes of the part of the axes that is to be seen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "go(-1, 0)", "Up", id="heat.up", show=False, tooltip="One pixel up"),
        Binding("down,j", "go(1, 0)", "Down", id="heat.down", show=False,
                tooltip="One pixel down"),
        Binding("left,h", "go(0, -1)", "Left", id="heat.left", show=False,
                tooltip="One pixel to the left"),
        Binding("right,l", "go(0, 1)", "Right", id="heat.right", show=False,
                tooltip="One pixel to the right"),
        Binding("shift+up", "go(-10, 0)", "10 up", id="heat.up-10", show=False,
                tooltip="Ten pixels up"),
        Binding("shift+down", "go(10, 0)", "10 down", id="heat.down-10", show=False,
                tooltip="Ten pixels down"),
        Binding("shift+left", "go(0, -10)", "10 left", id="heat.left-10", show=False,
                tooltip="Ten pixels to the left"),
        Binding("shift+right", "go(0, 10)", "10 right", id="heat.right-10", show=False,
                tooltip="Ten pixels to the right"),
        Binding("pageup", "page(-1)", "Page up", id="heat.page-up", show=False,
                tooltip="As much as is seen, up"),
        Binding("pagedown", "page(1)", "Page down", id="heat.page-down", show=False,
                tooltip="As much as is seen, down"),
        Binding("plus", "zoom(1)", "Zoom", id="heat.zoom-in", key_display="+",
                tooltip="See half as much, at the cursor"),
        Binding("minus", "zoom(-1)", "Zoom out", id="heat.zoom-out", key_display="-", show=False,
                tooltip="See twice as much"),
        Binding("0", "whole", "Whole", id="heat.whole", show=False, tooltip="See all of it"),
    ]  # fmt: skip

    DEFAULT_CSS = """
    HeatMap { overflow: hidden; }
    """

    @dataclass
    class PictureWanted(Message):
        """Pixels of a part are wanted; answer with `supply(message, picture)`."""

        heat_map: HeatMap
        rows: Part
        columns: Part
        height: int
        """At most so many pixels."""
        width: int

        @property
        def control(self) -> HeatMap:
            """The heat map."""
            return self.heat_map

        def can_replace(self, message: Message) -> bool:
            """Only the newest part matters."""
            return isinstance(message, HeatMap.PictureWanted)

    @dataclass
    class Moved(Message):
        """The cursor, or the picture under it, is another."""

        heat_map: HeatMap

        @property
        def control(self) -> HeatMap:
            """The heat map."""
            return self.heat_map

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows, self.columns = Part.whole(0), Part.whole(0)
        """What is seen, or is asked for."""
        self.cursor = (0, 0)
        """Row and column of an element."""
        self.picture: HeatPicture | None = None
        """None until there is one of the present slice."""
        self._rows: dict[tuple[int, int], bytes] = {}
        self._stripes: dict[tuple[int, int], Picture] = {}
        """Real pictures without a cursor, by first line and how many."""

    def show(self, rows: Part, columns: Part) -> None:
        """Show another slice, whose picture will be asked for."""
        self.rows, self.columns = rows, columns
        self.cursor = rows.start, columns.start
        self.clear()
        self.ask()

    def clear(self) -> None:
        """Show nothing until a picture comes."""
        self.picture = None
        self._forget()
        self.renew()

    def ask(self) -> None:
        """Ask for the pixels of what is to be seen."""
        size = self.size
        if not size or not self.rows.length or not self.columns.length:
            return
        width, height = size.width * self.grain[0], size.height * self.grain[1]
        coarser = max(1, math.ceil(math.sqrt(width * height / _MOST_PIXELS)))
        wanted = self.PictureWanted(
            self, self.rows, self.columns, max(1, height // coarser), max(1, width // coarser)
        )
        self.post_message(wanted.set_sender(self))

    def supply(self, wanted: PictureWanted, picture: HeatPicture) -> None:
        """Take a picture; late ones are dropped."""
        if (wanted.rows, wanted.columns) != (self.rows, self.columns):
            return
        self.picture = picture.ending_in(self.backdrop)
        self._forget()
        self._tell()

    def lay_out(self) -> None:
        """Ask for a picture that fits."""
        self._forget()
        self.ask()
        self.renew()

    # -- drawing --------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Draw a line of cells."""
        plain, width = self.plain, self.size.width
        if self.picture is None:
            return Strip.blank(width, plain)
        if self.real:
            return (self.real.strip(y) or Strip([])).adjust_cell_length(width, plain)
        down = self.grain[1]
        rows = [self._pixel_row(line) for line in range(y * down, (y + 1) * down)]
        if not any(rows):
            return Strip.blank(width, plain)
        blank = self.backdrop * max(len(row) // 3 for row in rows)
        return self.cells_of([row or blank for row in rows]).adjust_cell_length(width, plain)

    def _factors(self, picture: HeatPicture) -> tuple[int, int]:
        width, height = self.size.width * self.grain[0], self.size.height * self.grain[1]
        return picture.enlargement(width, height)

    def _pixel_row(self, y: int) -> bytes:
        """Return a row of pixels as enlarged; ``b""`` below the picture."""
        picture = self.picture
        if picture is None:
            return b""
        across, down = self._factors(picture)
        row, inside = divmod(y, down)
        if row >= picture.pixels.height:
            return b""
        key = row, across
        if key not in self._rows:
            self._rows[key] = widened(picture.pixels.row(row), across)
        line = self._rows[key]
        at, column = picture.block(*self.cursor)
        return self._marked(line, column, inside, across, down) if at == row else line

    def _marked(self, line: bytes, column: int, inside: int, across: int, down: int) -> bytes:
        """Draw the cursor: a frame where a pixel is large, else all of it."""
        accent = self.accent
        edge = max(1, min(across, down) // 8)
        begin, end = 3 * column * across, 3 * (column + 1) * across
        if min(across, down) < 4 or inside < edge or inside >= down - edge:
            return line[:begin] + accent * across + line[end:]
        side = accent * edge
        return line[:begin] + side + line[begin + len(side) : end - len(side)] + side + line[end:]

    def real_bands(self) -> list[Band]:
        """Return the picture in stripes of a few lines."""
        picture, down = self.picture, self.grain[1]
        if picture is None:
            return []
        enlarged = self._factors(picture)[1]
        rows = -(-picture.pixels.height * enlarged // down)
        at = picture.block(*self.cursor)[0] * enlarged
        cursor = range(at // down, (at + enlarged - 1) // down + 1)
        found: list[Band] = []
        for top in range(0, rows, _BAND_ROWS):
            high = min(_BAND_ROWS, rows - top)
            if cursor.start < top + high and cursor.stop > top:
                stripe = self._stripe(picture, top, high)
            else:
                key = top, high
                if key not in self._stripes:
                    self._stripes[key] = self._stripe(picture, top, high)
                stripe = self._stripes[key]
            found.append(Band(0, top, stripe))
        return found

    def _stripe(self, picture: HeatPicture, top: int, rows: int) -> Picture:
        across, down = self.grain
        columns = -(-picture.pixels.width * self._factors(picture)[0] // across)
        width, blank = columns * across, self.backdrop
        lines = (self._pixel_row(y) for y in range(top * down, (top + rows) * down))
        rgb = b"".join(line + blank * (width - len(line) // 3) for line in lines)
        return Picture(columns, rows, Pixels(width, rows * down, rgb))

    def _forget(self) -> None:
        self._rows.clear()
        self._stripes.clear()

    # -- moving ---------------------------------------------------------------------------------

    def action_go(self, rows: int, columns: int) -> None:
        """Move the cursor by pixels; at the border the part that is seen moves."""
        picture = self.picture
        if picture is None:
            return
        row, column = picture.block(*self.cursor)
        row, column = row + rows, column + columns
        wide, high = picture.pixels.width, picture.pixels.height
        if picture.wrapped:
            row, column = divmod(max(0, min(row * wide + column, picture.count - 1)), wide)
        elif not (0 <= row < high and 0 <= column < wide):
            self._go_beyond(picture, rows, columns)
            return
        self.cursor = picture.element(row, column)
        self._tell()

    def _go_beyond(self, picture: HeatPicture, rows: int, columns: int) -> None:
        """Move what is seen by a third, and the cursor by its step, if there is more."""
        parts = self.rows, self.columns
        self.rows = self.rows.moved(_sign(rows) * max(1, self.rows.span // 3))
        self.columns = self.columns.moved(_sign(columns) * max(1, self.columns.span // 3))
        down = max(1, self.rows.span // picture.pixels.height)
        across = max(1, self.columns.span // picture.pixels.width)
        row, column = self.cursor[0] + rows * down, self.cursor[1] + columns * across
        self.cursor = (
            max(self.rows.start, min(row, self.rows.stop - 1)),
            max(self.columns.start, min(column, self.columns.stop - 1)),
        )
        if parts != (self.rows, self.columns):
            self.ask()
        self._tell()

    def action_page(self, pages: int) -> None:
        """See as much further up or down."""
        self._see(self.rows.moved(pages * self.rows.span), self.columns)

    def action_zoom(self, step: int) -> None:
        """See half as much, or twice."""
        row, column = self.cursor
        factor = 0.5**step
        self._see(self.rows.zoomed(row, factor), self.columns.zoomed(column, factor))

    def action_whole(self) -> None:
        """See all of the slice."""
        self._see(Part.whole(self.rows.length), Part.whole(self.columns.length))

    def _see(self, rows: Part, columns: Part) -> None:
        if (rows, columns) == (self.rows, self.columns):
            return
        self.rows, self.columns = rows, columns
        row, column = self.cursor
        self.cursor = (
            max(rows.start, min(row, rows.stop - 1)),
            max(columns.start, min(column, columns.stop - 1)),
        )
        self.ask()

    def on_click(self, event: Click) -> None:
        """Put the cursor where the click was."""
        picture = self.picture
        if picture is None:
            return
        across, down = self._factors(picture)
        row = event.y * self.grain[1] // down
        column = event.x * self.grain[0] // across
        if row < picture.pixels.height and column < picture.pixels.width:
            self.cursor = picture.element(row, column)
            self._tell()

    def _tell(self) -> None:
        self.renew()
        self.post_message(self.Moved(self).set_sender(self))


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)

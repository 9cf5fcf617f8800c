"""A gallery of small pictures of the same size, with a cursor; it scrolls where not all fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from .picture_view import PictureView
from .real_pixels import Band
from .tile_picture import NO_TILES, TilePicture, Tiles, lay_out


class TileGallery(PictureView):
    """Shows tiles in an order; each has a number, which is its place among all tiles."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "go(-1, 0)", "Left", id="tiles.left", show=False, tooltip="To the left"),
        Binding("right,l", "go(1, 0)", "Right", id="tiles.right", show=False,
                tooltip="To the right"),
        Binding("up,k", "go(0, -1)", "Up", id="tiles.up", show=False, tooltip="One row up"),
        Binding("down,j", "go(0, 1)", "Down", id="tiles.down", show=False,
                tooltip="One row down"),
        Binding("pageup", "page(-1)", "Page up", id="tiles.page-up", show=False,
                tooltip="One screen up"),
        Binding("pagedown", "page(1)", "Page down", id="tiles.page-down", show=False,
                tooltip="One screen down"),
        Binding("home,g", "go_to(0)", "First", id="tiles.first", show=False,
                tooltip="To the first tile"),
        Binding("end,G", "go_to(-1)", "Last", id="tiles.last", show=False,
                tooltip="To the last tile"),
        Binding("enter", "choose", "Open", id="tiles.open", show=False,
                tooltip="Open this one"),
        Binding("plus", "zoom(1)", "Larger", id="tiles.larger", key_display="+", show=False,
                tooltip="Show tiles larger"),
        Binding("minus", "zoom(-1)", "Smaller", id="tiles.smaller", key_display="-", show=False,
                tooltip="Show tiles smaller"),
    ]  # fmt: skip

    COMPONENT_CLASSES: ClassVar[set[str]] = {"tile-gallery--number", "tile-gallery--cursor"}

    DEFAULT_CSS = """
    TileGallery {
        overflow: hidden auto; scrollbar-size-vertical: 1;
        & > .tile-gallery--number { color: $text-muted; }
        & > .tile-gallery--cursor { color: $text-accent; text-style: bold; }
    }
    """

    @dataclass
    class Highlighted(Message):
        """The cursor is on another tile; -1 where there is none."""

        gallery: TileGallery
        number: int

        @property
        def control(self) -> TileGallery:
            """The gallery."""
            return self.gallery

    @dataclass
    class Chosen(Message):
        """Enter was pressed, or a click came, on the tile under the cursor."""

        gallery: TileGallery
        number: int

        @property
        def control(self) -> TileGallery:
            """The gallery."""
            return self.gallery

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._tiles, self._order = NO_TILES, ()
        self._cursor, self._zoom = 0, 0
        self._picture: TilePicture | None = None
        self._lines: dict[tuple[int, int], Strip] = {}

    @property
    def number(self) -> int:
        """Which tile is under the cursor; -1 where there is none."""
        return self._order[self._cursor] if self._cursor < len(self._order) else -1

    @property
    def columns(self) -> int:
        """How many tiles a row has."""
        return self._picture.layout.columns if self._picture else 1

    def show(self, tiles: Tiles, order: Sequence[int] | None = None) -> None:
        """Show tiles, in their own order or another; the cursor stays on its tile."""
        before = self.number
        if tiles.count != self._tiles.count:
            before, self._zoom = -1, 0
        self._tiles = tiles
        self._order = tuple(order) if order is not None else tuple(range(tiles.count))
        self._cursor = self._order.index(before) if before in self._order else 0
        self.lay_out()
        self._tell()

    def go_to(self, number: int) -> None:
        """Put the cursor on a tile."""
        if number in self._order:
            self._cursor = self._order.index(number)
            self._show_cursor()

    # -- laying out -----------------------------------------------------------------------------

    def lay_out(self) -> None:
        """Lay the tiles out anew."""
        size = self.size
        self._lines.clear()
        self._picture = None
        if not self._tiles.count or not size:
            self.virtual_size = Size(0, 0)
            self.renew()
            return
        columns = size.width - 1  # the scroll bar's column stays free, so that all is steady
        layout = lay_out(self._tiles, columns, size.height, self.grain, self._zoom)
        self._picture = TilePicture(
            self._tiles, self._order, layout, self.grain, columns,
            self.backdrop, self.accent,
        )  # fmt: skip
        rows = self._picture.bands * layout.band_rows
        rows += rows > size.height  # the last frame's lower edge
        self.virtual_size = Size(columns, rows)
        self._show_cursor()

    def real_bands(self) -> list[Band]:
        """Return the rows of tiles that are seen."""
        top = self.scroll_offset.y
        picture = self._picture
        return picture.seen(top, top + self.size.height, self._cursor) if picture else []

    # -- drawing --------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Draw a line of cells."""
        width, picture = self.size.width, self._picture
        if picture is None:
            return Strip.blank(width, self.plain)
        real = self.real.strip(y) if self.real else None
        if real is not None:
            return real.adjust_cell_length(width, self.plain)
        band, row = divmod(y + self.scroll_offset.y, picture.layout.band_rows)
        cursor = self._cursor if band - 1 <= self._cursor // picture.layout.columns <= band else -1
        key = y + self.scroll_offset.y, cursor
        if key not in self._lines:
            self._lines[key] = self._line(picture, band, row, cursor)
        return self._lines[key]

    def _line(self, picture: TilePicture, band: int, row: int, cursor: int) -> Strip:
        width, layout = self.size.width, picture.layout
        if row == layout.picture_rows:
            strip = self._numbers(picture, band)
        elif self.real or (band >= picture.bands and row):
            strip = Strip([])
        else:
            down = self.grain[1]
            lines = range(row * down, (row + 1) * down)
            strip = self.cells_of([picture.pixel_row(band, y, cursor) for y in lines])
        return strip.adjust_cell_length(width, self.plain)

    def _numbers(self, picture: TilePicture, band: int) -> Strip:
        layout, across = picture.layout, self.grain[0]
        plain = self.get_component_rich_style("tile-gallery--number")
        marked = self.get_component_rich_style("tile-gallery--cursor")
        segments: list[Segment] = []
        at = 0
        begin = band * layout.columns
        for place, number in enumerate(self._order[begin : begin + layout.columns]):
            start = (layout.gap + place * layout.pitch) // across
            text = " " * (start - at) + str(number)
            segments.append(Segment(text, marked if begin + place == self._cursor else plain))
            at += len(text)
        return Strip(segments)

    # -- moving ---------------------------------------------------------------------------------

    def action_go(self, across: int, down: int) -> None:
        """Move the cursor; sideways also on to the next row."""
        if self._picture is None:
            return
        step = across + down * self._picture.layout.columns
        self._move(self._cursor + step if across else self._stepped(step))

    def _stepped(self, step: int) -> int:
        """Return the place below or above, the last one where the last row is shorter."""
        columns = self.columns
        place, last = self._cursor + step, len(self._order) - 1
        if place > last and self._cursor // columns < last // columns:
            return last
        return place if 0 <= place <= last else self._cursor

    def action_page(self, pages: int) -> None:
        """Move the cursor by screens."""
        if self._picture is None:
            return
        layout = self._picture.layout
        rows = max(1, self.size.height // layout.band_rows)
        self._move(self._cursor + pages * rows * layout.columns)

    def action_go_to(self, place: int) -> None:
        """Go to the first or (-1) the last tile."""
        self._move(place if place >= 0 else len(self._order) - 1)

    def action_choose(self) -> None:
        """Open the tile under the cursor."""
        if self.number >= 0:
            self.post_message(self.Chosen(self, self.number).set_sender(self))

    def action_zoom(self, step: int) -> None:
        """Show tiles larger or smaller."""
        before = self._picture.layout.scale if self._picture else 0
        self._zoom += step
        self.lay_out()
        if self._picture and self._picture.layout.scale == before:
            self._zoom -= step

    def on_click(self, event: Click) -> None:
        """Put the cursor where the click was; a second one opens the tile."""
        picture = self._picture
        if picture is None:
            return
        layout = picture.layout
        band = (event.y + self.scroll_offset.y) // layout.band_rows
        column = min(layout.columns - 1, event.x * self.grain[0] // layout.pitch)
        self._move(band * layout.columns + column)
        if event.chain > 1:
            self.action_choose()

    def _move(self, place: int) -> None:
        place = max(0, min(place, len(self._order) - 1))
        if place != self._cursor:
            self._cursor = place
            self._show_cursor()
            self._tell()

    def _show_cursor(self) -> None:
        picture = self._picture
        if picture is None:
            return
        rows = picture.layout.band_rows
        top = self._cursor // picture.layout.columns * rows
        seen = self.scroll_offset.y
        if top < seen or top + rows > seen + self.size.height:
            target = top if top < seen else top + rows + 1 - self.size.height
            self.scroll_to(y=max(0, target), animate=False, immediate=True)
        self.renew()

    def _tell(self) -> None:
        self.post_message(self.Highlighted(self, self.number).set_sender(self))

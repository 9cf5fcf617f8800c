"""Tiles laid out on a screen: how large, how many a row, and the pixels of each line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from .pixels import Pixels, widened
from .real_pixels import Band, Picture


@dataclass(frozen=True)
class Tiles:
    """Small pictures of the same size: three bytes a pixel, one tile after the other."""

    count: int
    height: int
    width: int
    rgb: bytes


NO_TILES = Tiles(0, 1, 1, b"")


@dataclass(frozen=True)
class TileLayout:
    """How many tiles a row has, each enlarged by a whole factor.

    A band is a row of tiles: a gap, the tiles' pixels, rounded up to whole cells, and a line
    of numbers where there is room for them. Sizes are in pixels where they do not say cells.
    """

    scale: int
    columns: int
    gap: int
    tile_width: int
    """As enlarged."""
    tile_height: int
    picture_rows: int
    """Cells of a band's pixels."""
    numbered: bool

    @property
    def band_rows(self) -> int:
        """Cells from one row of tiles to the next."""
        return self.picture_rows + self.numbered

    @property
    def pitch(self) -> int:
        """Pixels from one tile to the next to its right."""
        return self.tile_width + self.gap

    def bands(self, count: int) -> int:
        """Return how many rows of tiles there are."""
        return -(-count // self.columns)


def lay_out(
    tiles: Tiles, columns: int, rows: int, grain: tuple[int, int], zoom: int = 0
) -> TileLayout:
    """Return the layout for so many cells of so many pixels (across, down) each.

    The largest scale at which all tiles are seen, if that shows them large enough to read;
    else one that does, and the rest is scrolled to. `zoom` makes it so many steps larger.
    """
    least = 4 if grain[1] <= 2 else 24
    scale = max(1, -(-least // max(tiles.height, tiles.width)))
    while True:
        larger = _layout(tiles, columns, grain, scale + 1)
        fits = larger.bands(tiles.count) * larger.band_rows <= rows
        if not fits or larger.pitch + larger.gap > columns * grain[0]:
            break
        scale += 1
    return _layout(tiles, columns, grain, max(1, scale + zoom))


def _layout(tiles: Tiles, columns: int, grain: tuple[int, int], scale: int) -> TileLayout:
    gap = max(1, grain[0] // 2)
    width, height = tiles.width * scale, tiles.height * scale
    per_row = max(1, (columns * grain[0] - gap) // (width + gap))
    digits = len(str(max(0, tiles.count - 1)))
    numbered = (width + gap) // grain[0] > digits and height >= 2 * grain[1]
    # Above numbers there has to be room for a frame's lower edge.
    rows = -(-(height + gap * (1 + numbered)) // grain[1])
    return TileLayout(scale, per_row, gap, width, height, rows, numbered)


class TilePicture:
    """The pixels of a layout, computed a line at a time.

    Args:
        tiles: the tiles.
        order: which tile is at which place.
        layout: how they lie.
        grain: pixels of a cell, across and down.
        width: cells of a line.
        background: red, green, blue between the tiles.
        frame: the same of the frame round the one under the cursor.
    """

    def __init__(
        self,
        tiles: Tiles,
        order: tuple[int, ...],
        layout: TileLayout,
        grain: tuple[int, int],
        width: int,
        background: bytes,
        frame: bytes,
    ) -> None:
        self.tiles, self.order, self.layout = tiles, order, layout
        self.width, self._columns = width * grain[0], width
        self._grain = grain[1]
        self._background, self._frame = background, frame
        self._row_of_tiles = lru_cache(maxsize=512)(self._make_row)

    @cached_property
    def bands(self) -> int:
        """How many rows of tiles there are."""
        return self.layout.bands(len(self.order))

    def pixel_row(self, band: int, y: int, cursor: int) -> bytes:
        """Return line `y` of a band's pixels; `cursor` is a place in the order, or -1."""
        layout = self.layout
        inside = y - layout.gap
        ty = inside // layout.scale if 0 <= inside < layout.tile_height else -1
        row = self._row_of_tiles(band, ty) if ty >= 0 else self._background * self.width
        at, column = divmod(cursor, layout.columns)
        if cursor < 0 or not band - 1 <= at <= band:
            return row
        if at == band and ty >= 0:
            return self._framed(row, column, across=False)
        return self._framed(row, column, across=True) if self._is_edge(y, at == band) else row

    def seen(self, top: int, bottom: int, cursor: int) -> list[Band]:
        """Return the pictures between two lines of cells, one for each band, cut there."""
        layout, down = self.layout, self._grain
        found: list[Band] = []
        last = min(self.bands, -(-bottom // layout.band_rows))
        for band in range(top // layout.band_rows, last):
            first = band * layout.band_rows
            begin, end = max(top, first), min(bottom, first + layout.picture_rows)
            if begin < end:
                lines = range((begin - first) * down, (end - first) * down)
                rgb = b"".join(self.pixel_row(band, y, cursor) for y in lines)
                pixels = Pixels(self.width, len(lines), rgb)
                found.append(Band(0, begin - top, Picture(self._columns, end - begin, pixels)))
        return found

    def _is_edge(self, y: int, same: bool) -> bool:
        """Whether the frame's upper or lower edge is in line `y` of its own band, or the next.

        It closes in the next band's gap where the tile's own band has no pixels left.
        """
        layout = self.layout
        end = layout.gap + layout.tile_height
        closed = layout.picture_rows * self._grain - end >= layout.gap
        if not same:
            return y < layout.gap and not closed and not layout.numbered
        return y < layout.gap or (closed and end <= y < end + layout.gap)

    def _framed(self, row: bytes, column: int, across: bool) -> bytes:
        layout = self.layout
        left = 3 * layout.pitch * column
        begin, end = left + 3 * layout.gap, left + 3 * layout.pitch
        side = self._frame * layout.gap
        middle = self._frame * layout.tile_width if across else row[begin:end]
        framed = row[:left] + side + middle + side + row[end + len(side) :]
        return framed[: 3 * self.width]

    def _make_row(self, band: int, ty: int) -> bytes:
        layout, tiles = self.layout, self.tiles
        gap = self._background * layout.gap
        size, stride = 3 * tiles.height * tiles.width, 3 * tiles.width
        parts: list[bytes] = []
        begin = band * layout.columns
        for tile in self.order[begin : begin + layout.columns]:
            start = tile * size + ty * stride
            parts += (gap, widened(tiles.rgb[start : start + stride], layout.scale))
        row = b"".join(parts)
        rest = self.width - len(row) // 3
        return (row + self._background * rest) if rest >= 0 else row[: 3 * self.width]

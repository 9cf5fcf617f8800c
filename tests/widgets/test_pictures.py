"""Pictures on the screen: layout of tiles, parts of heat maps, which graphics a terminal has."""

from __future__ import annotations

from typing import Any

import pytest
from widget_host import Host, screen_lines

from kerastui.widgets.colour_legend import colour_legend
from kerastui.widgets.graphics import protocol
from kerastui.widgets.heat_map import HeatMap
from kerastui.widgets.heat_picture import HeatPicture, Part
from kerastui.widgets.pixels import Pixels, half_blocks, shades, widened
from kerastui.widgets.real_pixels import accents, placeholders
from kerastui.widgets.tile_gallery import TileGallery
from kerastui.widgets.tile_picture import TilePicture, Tiles, lay_out

RED, BLUE, DARK, GOLD = b"\xff\0\0", b"\0\0\xff", b"\x10\x10\x10", b"\xff\xaa\0"


def tiles(count: int, size: int = 3) -> Tiles:
    """Return tiles whose every pixel says which tile it is."""
    return Tiles(
        count, size, size, b"".join(bytes((i % 256, i // 256, 7)) * size**2 for i in range(count))
    )


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"TERM": "xterm-256color"}, "blocks"),
        ({"TERM": "xterm-kitty"}, "kitty"),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, "kitty"),
        ({"TERM": "tmux-256color", "KITTY_WINDOW_ID": "1"}, "blocks"),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/t"}, "blocks"),
        ({"TERM_PROGRAM": "ghostty"}, "kitty"),
        ({"TERM_PROGRAM": "WezTerm"}, "sixel"),
        ({"TERM": "foot-extra"}, "sixel"),
        ({"KONSOLE_VERSION": "230805"}, "sixel"),
        ({"KONSOLE_VERSION": "210805"}, "blocks"),
        ({"TERM_PROGRAM": "Apple_Terminal"}, "blocks"),
    ],
)
def test_which_graphics_a_terminal_has(environ: dict[str, str], expected: str) -> None:
    assert protocol(environ) == expected
    assert protocol(environ, "sixel") == "sixel"
    assert protocol(environ, "nonsense") == expected


def test_the_accents_are_those_of_the_protocol() -> None:
    from textual_image.renderable.tgp import _NUMBER_TO_DIACRITIC

    assert [ord(accent) for accent in accents()] == _NUMBER_TO_DIACRITIC
    cell = placeholders(0x010203, 2, 1)
    assert cell.text == "\U0010eeee\u030e\u0305" and cell.cell_length == 1
    assert cell.style is not None and cell.style.color is not None
    assert cell.style.color.triplet == (1, 2, 3)


def test_cells_of_pixels() -> None:
    both = half_blocks(RED + BLUE, BLUE + BLUE)
    assert "".join(cell.text for cell in both) == "▀▀"
    style = both[0].style
    assert style is not None and style.color is not None and style.bgcolor is not None
    assert (bytes(style.color.triplet or ()), bytes(style.bgcolor.triplet or ())) == (RED, BLUE)
    assert "".join(cell.text for cell in shades(bytes(3) + b"\xff" * 3 + b"\x80" * 3)) == " █▒"
    assert widened(RED + BLUE, 2) == RED + RED + BLUE + BLUE
    assert Pixels(1, 2, RED + BLUE).enlarged(2, 1) == Pixels(2, 2, RED * 2 + BLUE * 2)


@pytest.mark.parametrize("count", [1, 7, 60, 512])
def test_tiles_are_as_large_as_fits(count: int) -> None:
    layout = lay_out(tiles(count), 100, 40, (1, 2))
    rows = layout.bands(count) * layout.band_rows
    assert layout.columns * layout.pitch + layout.gap <= 100
    assert layout.scale == 2 or rows <= 40, "what does not fit is still large enough to read"
    assert lay_out(tiles(count), 100, 40, (1, 2), zoom=2).scale == layout.scale + 2
    assert lay_out(tiles(count), 100, 40, (1, 2), zoom=-99).scale == 1


def test_lines_of_tiles() -> None:
    shown, order = tiles(5), (4, 3, 2, 1, 0)
    layout = lay_out(shown, 20, 9, (1, 2))
    assert (layout.scale, layout.columns, layout.gap, layout.numbered) == (2, 2, 1, True)
    picture = TilePicture(shown, order, layout, (1, 2), 20, DARK, GOLD)
    y = layout.gap
    row = picture.pixel_row(0, y, -1)
    assert len(row) == 3 * 20
    assert row[:3] == DARK and row[3:6] == bytes((4, 0, 7))
    second = 3 * (layout.gap + layout.pitch)
    assert row[second : second + 3] == bytes((3, 0, 7))
    framed = picture.pixel_row(0, y, 1)
    assert framed[second - 3 : second] == GOLD and framed[:3] == DARK
    assert picture.pixel_row(0, 0, 0).startswith(GOLD * (layout.tile_width + 2))
    last = divmod(4, layout.columns)
    assert picture.pixel_row(last[0], y, -1).count(bytes((0, 0, 7))) == layout.tile_width
    bands = picture.seen(0, layout.band_rows + 1, -1)
    assert [b.y for b in bands] == [0, layout.band_rows]
    assert bands[0].picture.pixels.height == 2 * layout.picture_rows
    assert bands[1].picture.rows == 1 and len(bands[1].picture.pixels.rgb) == 3 * 20 * 2


async def test_a_gallery_is_walked_through() -> None:
    gallery = TileGallery()
    heard: list[int] = []

    class Listening(Host):
        def on_tile_gallery_highlighted(self, event: TileGallery.Highlighted) -> None:
            heard.append(event.number)

    async with Listening(gallery).run_test(size=(60, 20)) as pilot:
        gallery.show(tiles(300), range(299, -1, -1))
        await pilot.pause()
        assert gallery.number == 299 and screen_lines(gallery)[0].strip("▀") == ""
        await pilot.press("right", "down")
        await pilot.pause()
        assert heard[-1] == gallery.number < 298
        await pilot.press("end")
        await pilot.pause()
        assert gallery.number == 0 and gallery.scroll_offset.y > 0
        assert any(" 0" in line for line in screen_lines(gallery)), "numbers where there is room"
        gallery.show(tiles(300))
        assert gallery.number == 0, "the cursor stays on its tile"
        await pilot.press("minus", "pageup", "home", "left", "up")
        await pilot.pause()
        assert gallery.number == 0
        await pilot.click(gallery, offset=(12, 1))
        assert gallery.number > 0
        gallery.show(tiles(0))
        await pilot.press("down", "enter", "plus")
        assert gallery.number == -1


def test_parts_of_an_axis() -> None:
    whole = Part.whole(1000)
    half = whole.zoomed(900, 0.5)
    assert (half.start, half.stop) == (450, 950)
    assert whole.zoomed(0, 0.001).span == 8 and Part.whole(3).zoomed(2, 0.5) == Part.whole(3)
    assert half.zoomed(900, 4) == whole
    assert half.moved(999) == Part(500, 1000, 1000) and half.moved(-999) == Part(0, 500, 1000)


def heat(height: int, width: int, step: int = 1) -> HeatPicture:
    values = [float(i) for i in range(height * width)]
    rgb = b"".join(bytes((i % 256, 0, 0)) for i in range(height * width))
    rows, columns = range(0, height * step + 1, step), range(0, width * step + 1, step)
    return HeatPicture(Pixels(width, height, rgb), values, rows, columns)


def test_pixels_of_a_heat_map() -> None:
    picture = heat(4, 6, step=10)
    assert picture.block(25, 59) == (2, 5) and picture.block(999, 0) == (3, 0)
    assert picture.element(2, 5) == (20, 50)
    assert picture.elements(2, 5) == (range(20, 30), range(50, 60))
    assert picture.value(2, 5) == 17
    assert picture.enlargement(60, 40) == (10, 10), "blocks fill what there is"
    assert heat(4, 6).enlargement(100, 40) == (10, 10), "elements are square"
    assert heat(1, 100).enlargement(100, 40) == (1, 12), "but not too thin to see"
    wrapped = HeatPicture(Pixels(4, 3, bytes(36)), [0.0] * 12, (), range(11))
    assert wrapped.count == 10 and wrapped.block(0, 9) == (2, 1) and wrapped.element(2, 3) == (0, 9)


async def test_a_heat_map_is_zoomed_and_moved() -> None:
    widget = HeatMap()
    wanted: list[Any] = []

    class Listening(Host):
        def on_heat_map_picture_wanted(self, event: HeatMap.PictureWanted) -> None:
            wanted.append(event)

    async with Listening(widget).run_test(size=(60, 20)) as pilot:
        widget.show(Part.whole(600), Part.whole(600))
        await pilot.pause()
        assert (wanted[-1].height, wanted[-1].width) == (40, 60)
        widget.supply(wanted[-1], heat(40, 60, step=10))
        await pilot.press("down", "right", "right")
        assert widget.cursor == (10, 20)
        late = wanted[-1]
        await pilot.press("plus")
        await pilot.pause()
        assert (wanted[-1].rows, wanted[-1].columns) == (Part(5, 305, 600), Part(10, 310, 600))
        widget.supply(late, heat(4, 4))
        assert widget.picture is not None and widget.picture.pixels.width == 60, "late: dropped"
        widget.supply(wanted[-1], HeatPicture(
            Pixels(60, 40, bytes(7200)), [0.0] * 2400, range(5, 306, 7), range(10, 311, 5)
        ))  # fmt: skip
        await pilot.press(*["shift+left"] * 2)
        await pilot.pause()
        assert wanted[-1].columns.start == 0, "beyond the border the part moves"
        await pilot.press("0")
        await pilot.pause()
        assert wanted[-1].rows == Part.whole(600)


async def test_without_colours_there_are_shades(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    gallery = TileGallery()
    async with Host(gallery).run_test(size=(60, 20)) as pilot:
        gallery.show(Tiles(2, 1, 2, bytes(3) + b"\xff" * 3 + b"\x80" * 6))
        await pilot.pause()
        text = "".join(screen_lines(gallery))
        assert set(text) <= set(" ░▒▓█01") and {"█", "▒"} <= set(text)
    assert "█" in colour_legend(1, bytes(range(63)) * 3, shaded=True).plain


def test_a_legend_has_numbers() -> None:
    legend = colour_legend(0.25, bytes(189), (("NaN", 1200, RED), ("infinite", 0, BLUE)), beyond=3)
    assert legend.plain.split() == ["−0.25", "0.25", "3", "beyond", "■", "NaN", "1,200"]

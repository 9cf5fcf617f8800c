"""The console's log alone: streams, hostile text, searching, copying, speed, pictures."""

from __future__ import annotations

import io
import time

import pytest
from rich.cells import cell_len
from widget_host import Hosted, assert_safe

from kerastui.widgets.console_log import MAX_LINES, ConsoleLog
from kerastui.widgets.picture import CannotShow, half_blocks, size_of


def text_of(log: ConsoleLog) -> str:
    return "\n".join(row.text.rstrip() for row in log.lines)


async def test_colours_of_messages_are_left_out(hosted: Hosted) -> None:
    log = ConsoleLog()
    async with hosted(log):
        log.say("\x1b[1mno layer\x1b[0m and \x1b]0;title\x07", "problem")
        log.printed("\x1b[38;5;200mpink\x1b[m\n")
        assert text_of(log) == "no layer and ␛]0;title␇\npink"


async def test_printed_text_streams_and_lines_go_on(hosted: Hosted) -> None:
    log = ConsoleLog()
    async with hosted(log):
        log.begin("for i in range(3):\n    work(i)")
        log.printed("step 1\rstep 2\rstep")
        assert text_of(log) == "› for i in range(3):\n      work(i)"
        log.printed(" 3\nhalf")
        log.printed("warn\n", "stderr")
        log.say("42", "value")
        assert text_of(log).splitlines()[2:] == ["step 3", "half", "warn", "42"]
        assert log.output == "step 3\nhalf\nwarn\n42"


async def test_nothing_printed_reaches_the_terminal_as_an_escape(hosted: Hosted) -> None:
    log = ConsoleLog()
    async with hosted(log):
        log.printed("\x1b]0;pwned\x07\x1b[2J[red]x[/]\u202e\x9b31m\n")
        log.say("\x1b]0;pwned\x07[red]x[/]", "problem")
        assert_safe(text_of(log))


async def test_long_lines_are_broken_and_tables_are_not(hosted: Hosted) -> None:
    log = ConsoleLog()
    async with hosted(log, (40, 10)):
        log.printed("x" * 9001 + "\n")
        assert sum(row.text.count("x") for row in log.lines) == 9001
        assert all(cell_len(row.text) <= 38 for row in log.lines)
        log.printed("層" * 50 + "\n")
        assert all(cell_len(row.text) <= 38 for row in log.lines)
        log.say("-" * 90, "value", wrapped=False)
        assert log.lines[-1].text == "-" * 90


async def test_a_flood_stays_bounded_and_quick(hosted: Hosted) -> None:
    log = ConsoleLog()
    async with hosted(log):
        began = time.process_time()
        for _ in range(4):
            log.printed("line of text\n" * (MAX_LINES // 2))
        taken = time.process_time() - began
        assert len(log.lines) == MAX_LINES
        assert taken < 2  # with a strip for each row it takes several times as long


async def test_searching_highlights_goes_round_and_ends(hosted: Hosted) -> None:
    log = ConsoleLog()
    async with hosted(log, (40, 8)) as pilot:
        log.say("\n".join("needle" if k % 10 == 0 else f"hay {k}" for k in range(40)), "")
        assert log.search("NEEDLE") == 4
        await pilot.pause()
        style = log.get_component_rich_style("console-log--match")
        row = log.lines[30].text
        assert row == "needle"
        drawn = [
            s
            for y in range(8)
            for s in log.render_line(y)
            if s.style and s.style.bgcolor == style.bgcolor
        ]
        assert [s.text for s in drawn if s.text.strip()] == ["needle"]
        assert log._place == 30
        await pilot.press("n", "n", "n", "n")
        assert log._place == 30  # round the end
        assert log.search("") == 0
        assert log.search("absent") == 0


async def test_the_last_output_is_copied(hosted: Hosted) -> None:
    log = ConsoleLog()
    async with hosted(log) as pilot:
        log.begin("first")
        log.say("1", "value")
        log.begin("second")
        log.printed("two\nlines\n")
        await pilot.press("y")
        assert pilot.app.clipboard == "two\nlines"
        await pilot.press("Y")
        assert pilot.app.clipboard == "› first\n1\n› second\ntwo\nlines"


def picture(size: tuple[int, int] = (8, 4)) -> bytes:
    image = pytest.importorskip("PIL.Image").new("RGB", size, (255, 0, 0))
    image.paste((0, 0, 255), (0, size[1] // 2, size[0], size[1]))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def test_a_figure_is_drawn_as_half_blocks_in_proportion() -> None:
    png = picture((80, 40))
    assert size_of(png) == (80, 40)
    rows = "".join(s.text for s in half_blocks(png, 20, 40).segments).splitlines()
    assert [len(row) for row in rows] == [20] * 5
    rows = "".join(s.text for s in half_blocks(png, 200, 4).segments).splitlines()
    assert [len(row) for row in rows] == [16] * 4
    first = half_blocks(png, 20, 40).segments
    colours = {(s.style.color.triplet, s.style.bgcolor.triplet) for s in first if s.style}
    assert ((255, 0, 0), (255, 0, 0)) in colours and ((0, 0, 255), (0, 0, 255)) in colours


@pytest.mark.parametrize("png", [b"", b"\x89PNG\r\n", picture()[:60]])
def test_a_damaged_figure_is_one_sentence(png: bytes) -> None:
    with pytest.raises(CannotShow, match="cannot be shown"):
        half_blocks(png, 20, 10)

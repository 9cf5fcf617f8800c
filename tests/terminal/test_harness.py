"""The terminal harness shows what a real terminal would, or the other tests prove nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are POSIX", allow_module_level=True)

import pyte
from terminal_emulator import Terminal
from terminal_stream import TerminalStream

TINY = Path(__file__).with_name("tiny_app.py")


@pytest.fixture
def tiny() -> Iterator[Terminal]:
    with Terminal([sys.executable, str(TINY)], columns=60, rows=15) as terminal:
        terminal.wait_for("ready")
        terminal.wait_for("60 by 15")
        terminal.wait_for("press me")
        yield terminal


def test_keys_reach_the_program(tiny: Terminal) -> None:
    tiny.press("down")
    tiny.wait_for("went down")
    tiny.press("ctrl+s")
    tiny.wait_for("^saved")
    tiny.wait_gone("went down")


def test_clicks_reach_the_program(tiny: Terminal) -> None:
    row = tiny.row_of("press me")
    tiny.click(tiny.lines[row].index("press"), row)
    tiny.wait_for("clicked")


def test_resizing_is_noticed(tiny: Terminal) -> None:
    tiny.resize(100, 30)
    tiny.wait_for("100 by 30")
    assert len(tiny.lines) == 30


def test_clipboard_is_read(tiny: Terminal) -> None:
    tiny.press("c", "down")
    tiny.wait_for("went down")
    assert tiny.clipboard == ["block1/conv"]


def test_exit_status_and_last_words(tiny: Terminal) -> None:
    tiny.press("q")
    assert tiny.wait_exit() == 3
    assert "good bye" in tiny.screen_text()


def test_nothing_of_textuals_questions_is_drawn(tiny: Terminal) -> None:
    shown = [line.strip() for line in tiny.lines if line.strip(" ▔▁▊▎")]
    assert [line.strip("▊▎ ") for line in shown] == ["ready", "60 by 15", "press me"]


def test_waiting_in_vain_shows_the_screen(tiny: Terminal) -> None:
    with pytest.raises(AssertionError, match="60 by 15"):
        tiny.wait_for("never there", timeout=0.2)


def test_raw_bytes_are_kept() -> None:
    program = "print('\\x1b]0;pwned\\x07 \\x1b[2Jvisible')"
    with Terminal([sys.executable, "-c", program]) as terminal:
        assert terminal.wait_exit() == 0
        terminal.wait_for("visible")
        assert b"\x1b]0;pwned" in terminal.raw
        assert terminal.titles == ["pwned"]


def test_a_dead_program_ends_the_waiting() -> None:
    with (
        Terminal([sys.executable, "-c", "print('only this')"]) as terminal,
        pytest.raises(AssertionError, match="ended"),
    ):
        terminal.wait_for("something else", timeout=60)


def test_sequences_may_be_cut_anywhere() -> None:
    data = (
        b"\x1b[>1u\x1b[?2026$p\x1b[=0;1u\x1b]52;c;YWJj\x07\x1bP+q544e\x1b\\one"
        b"\x1b[4:3mtwo\x1b[0m \xe2\x96\xa0\x1b]2;title\x1b\\"
    )
    for cut in range(len(data) + 1):
        screen = pyte.Screen(20, 2)
        stream = TerminalStream(screen)
        stream.feed(data[:cut])
        stream.feed(data[cut:])
        assert screen.display[0].rstrip() == "onetwo ■", cut
        assert (stream.titles, stream.clipboard) == (["title"], ["abc"])

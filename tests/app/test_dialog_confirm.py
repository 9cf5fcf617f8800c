"""The question dialog and the error dialog: every key, every size."""

from __future__ import annotations

import pytest
from dialog_host import ALL_SIZES, NOTHING, SIZES, Host, shown

from kerastui.errors import SaveFailed
from kerastui.tui.dialogs.choices import Choice, ChoiceButton, hot_keys
from kerastui.tui.dialogs.confirm import (
    FILE_CHANGED,
    SAVE_BEFORE_QUIT,
    ConfirmDialog,
    ErrorDialog,
)

QUESTION = "transfer.hdf5 has 12 changes that are not saved.\nWhat shall become of them?"


def question() -> ConfirmDialog:
    return ConfirmDialog("Unsaved changes", QUESTION, SAVE_BEFORE_QUIT)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["enter"], "save"),
        (["right", "enter"], "discard"),
        (["down", "down", "enter"], "stay"),
        (["left", "enter"], "stay"),
        (["up", "up", "enter"], "discard"),
        (["right", "right", "right", "enter"], "save"),
        (["tab", "enter"], "discard"),
        (["shift+tab", "enter"], "stay"),
        (["s"], "save"),
        (["d"], "discard"),
        (["D"], "discard"),
        (["t"], "stay"),
        (["escape"], None),
        (["ctrl+c"], None),
    ],
)
async def test_keys(size: tuple[int, int], keys: list[str], answer: str | None) -> None:
    app = Host(question)
    async with app.run_test(size=size) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        assert app.result == answer
        assert len(app.screen_stack) == 1


async def test_other_keys_answer_nothing() -> None:
    app = Host(question)
    async with app.run_test() as pilot:
        await pilot.press("x", "1", "space", "f", "pagedown")
        await pilot.pause()
        assert app.result is NOTHING
        assert QUESTION.splitlines()[0] in shown(app)


async def test_mouse() -> None:
    app = Host(question)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.click("ChoiceButton:last-of-type")
        await pilot.pause()
        assert app.result == "stay"


async def test_keys_in_a_hurry_close_one_dialog_only() -> None:
    app = Host(question)
    async with app.run_test() as pilot:
        for key in ("s", "enter", "d", "escape", "escape"):
            app.simulate_key(key)  # unlike Pilot, does not wait in between
        await pilot.pause(0.1)
        assert app.result == "save"
        assert len(app.screen_stack) == 1


async def test_pairs_serve_as_choices() -> None:
    app = Host(lambda: ConfirmDialog("?", "Go on?", [("yes", "Yes"), ("no", "No")]))
    async with app.run_test() as pilot:
        await pilot.press("n")
        await pilot.pause()
        assert app.result == "no"


def test_hot_keys_are_first_free_letters() -> None:
    assert hot_keys(["Save", "Discard", "Stay"]) == (0, 0, 1)
    assert hot_keys([c.label for c in FILE_CHANGED]) == (0, 0, 0)
    assert hot_keys(["a", "A", "", "…"]) == (0, -1, -1, -1)


async def test_focus_and_hot_key_show_without_colour() -> None:
    app = Host(question)
    async with app.run_test(size=(80, 24)) as pilot:
        assert "▸ Save ◂" in shown(app)
        await pilot.press("right")
        await pilot.pause()
        assert "▸ Discard ◂" in shown(app)
        assert "▸ Save" not in shown(app)
        lines = app.screen._compositor.render_strips(app.size)
        segments = [segment for line in lines for segment in line]
        underlined = [s.text for s in segments if s.style and s.style.underline]
        assert underlined == ["S", "D", "t"]


@pytest.mark.parametrize("size", ALL_SIZES)
@pytest.mark.parametrize("make", [question, lambda: ErrorDialog("Not saved", "No. " * 200)])
async def test_any_size(size: tuple[int, int], make) -> None:
    app = Host(make)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.resize_terminal(20, 5)
        await pilot.resize_terminal(*size)
        await pilot.press("enter")
        await pilot.pause()
        assert app.result in ("save", "close")


async def test_buttons_are_stacked_where_they_do_not_fit() -> None:
    app = Host(question)
    async with app.run_test(size=(24, 14)) as pilot:
        await pilot.pause()
        rows = {button.region.y for button in app.screen.query(ChoiceButton)}
        assert len(rows) == 3
        await pilot.press("down", "enter")
        await pilot.pause()
        assert app.result == "discard"


async def test_text_from_a_file_is_harmless() -> None:
    evil = "\x1b[2J\x1b]0;pwned\x1b\\ [red]x[/] [/ \u202ename"
    app = Host(lambda: ConfirmDialog(evil, evil, [Choice("ok", "[b]" + evil, hint=evil)]))
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        text = shown(app)
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "[red]x[/]" in text
        assert "␛[2J" in text


async def test_error_dialog_tells_title_and_sentence() -> None:
    error = SaveFailed("There is no space left in /data. The old file is as it was.")
    app = Host(lambda: ErrorDialog.of(error))
    async with app.run_test() as pilot:
        text = shown(app)
        assert "✗ Not saved" in text
        assert "There is no space left in /data." in text
        await pilot.press("c")
        await pilot.pause()
        assert app.result == "close"


@pytest.mark.parametrize("size", SIZES)
def test_snapshot_confirm(snap_compare, size: tuple[int, int]) -> None:
    assert snap_compare(Host(question), terminal_size=size)


def test_snapshot_error_light(snap_compare) -> None:
    sentence = "There is no space left on the disk that holds ~/models: 58.1 MB are needed, 12.0 MB"
    make = lambda: ErrorDialog("Not saved", sentence + " are free. The old file is untouched.")  # noqa: E731
    assert snap_compare(Host(make, theme="textual-light"), terminal_size=(80, 24))

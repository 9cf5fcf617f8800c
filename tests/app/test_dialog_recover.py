"""Offering what was left: what it says, its keys, every size."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from dialog_host import ALL_SIZES, Host, shown
from unit.edits.test_trainable import tree_model

from kerastui.edits import Document, Rename
from kerastui.journal.folder import Folder
from kerastui.tui.dialogs.recover import LeftList, RecoverDialog
from kerastui.tui.leftovers import Leftover

WHEN = 1_790_000_000.0
CHANGED = (
    "The file was changed since then. They still fit its layers, but look whether they still "
    "mean what they did."
)
UNFIT = (
    "The file is another one than then, and they do not fit it: There is no layer 'conv_7' in "
    "this model. `kerastui show --edits` prints them."
)


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def leftover(count: int = 3, *notes: str, fits: bool = True, name: str = "m.h5") -> Leftover:
    document = Document(tree_model([(f"conv_{i}", True) for i in range(count + 1)]))
    document.set_trainable(range(count), False, "freeze up to conv_2")
    document.apply(Rename((("conv_0", "stem"),)))
    titles = tuple(step.title for step in document.history)
    folder = Folder(Path("nowhere"), -1)
    return Leftover(folder, name, WHEN, titles, document if fits else None, notes)


@pytest.mark.parametrize(
    ("left", "keys", "answer"),
    [
        (leftover(), ["enter"], "take"),
        (leftover(), ["t"], "take"),
        (leftover(), ["right", "enter"], "later"),
        (leftover(), ["l"], "later"),
        (leftover(), ["d"], "discard"),
        (leftover(), ["escape"], None),
        (leftover(3, CHANGED), ["enter"], "later"),
        (leftover(3, CHANGED), ["t"], "take"),
        (leftover(3, UNFIT, fits=False), ["t", "enter"], "later"),
        (leftover(3, UNFIT, fits=False), ["d"], "discard"),
    ],
)
async def test_keys(left: Leftover, keys: list[str], answer: str | None):
    app = Host(lambda: RecoverDialog(left))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        assert app.result == answer


async def test_it_says_what_and_when():
    app = Host(lambda: RecoverDialog(leftover()))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.1)
        text = shown(app)
        assert "ended on 21 September 2026 at 14:13 with 4 unsaved changes" in text
        assert "conv_0 → stem" in text
        assert "▸ Take up ◂" in text


async def test_a_long_list_is_scrolled():
    app = Host(lambda: RecoverDialog(leftover(300, CHANGED)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.1)
        listed = app.screen.query_one(LeftList)
        assert listed.size.height >= 5
        assert "Later" in shown(app)
        await pilot.press("down", "down", "up", "pagedown")
        await pilot.pause()
        assert listed.scroll_offset.y == 1 + listed.size.height - 1
        await pilot.press("enter")
        await pilot.pause()
        assert app.result == "later"


async def test_where_they_do_not_fit_the_steps_are_listed():
    app = Host(lambda: RecoverDialog(leftover(3, UNFIT, fits=False)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.1)
        text = shown(app)
        assert "2 unsaved steps" in text
        assert "1  freeze up to conv_2" in text
        assert "layer 'conv_7' in this model" in text
        assert "Take up" not in text


@pytest.mark.parametrize("size", ALL_SIZES)
async def test_any_size(size: tuple[int, int]):
    evil = "\x1b[2J\x1b]0;pwned\x1b\\[red]x[/]"
    app = Host(lambda: RecoverDialog(leftover(40, CHANGED, evil, name=evil)))
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.1)
        assert "\x1b" not in shown(app)
        await pilot.resize_terminal(20, 5)
        await pilot.resize_terminal(*size)
        await pilot.press("pagedown", "enter")
        await pilot.pause()
        assert app.result == "later"


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
@pytest.mark.parametrize(
    "left",
    [leftover(), leftover(60, CHANGED), leftover(3, UNFIT, fits=False)],
    ids=["same", "changed", "unfit"],
)
def test_how_it_looks(snap_compare, size: tuple[int, int], left: Leftover):
    assert snap_compare(Host(lambda: RecoverDialog(left)), terminal_size=size)

"""Edits of a kerastui that died are offered at the next opening, and gone once they are saved."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from dialog_host import shown, until
from textual.pilot import Pilot

from kerastui.files import open_model
from kerastui.journal.folder import paths_of
from kerastui.journal.recall import read
from kerastui.tui.app import KerastuiApp
from kerastui.tui.dialogs.progress import ProgressDialog
from kerastui.tui.dialogs.recover import RecoverDialog
from kerastui.tui.leftovers import journals_folder

Sample = Callable[[str], Path]


def app_of(pilot: Pilot[None]) -> KerastuiApp:
    assert isinstance(pilot.app, KerastuiApp)
    return pilot.app


def changes(pilot: Pilot[None]) -> list[str]:
    document = app_of(pilot).explorer.document
    assert document is not None
    return [change.path for change in document.changes]


async def journalled(pilot: Pilot[None]) -> None:
    """Wait until the screen writes a journal."""
    explorer = app_of(pilot).explorer
    await until(pilot, lambda: explorer._recorder is not None)


def die(pilot: Pilot[None]) -> None:
    """What the system does when a process is killed."""
    recorder = app_of(pilot).explorer._recorder
    assert recorder is not None
    assert recorder.flush(60)
    for folder in recorder._writer._owned:
        folder.release()


async def left(explorer, path: Path, *keys: str) -> None:
    """Open `path`, press keys, and die."""
    async with explorer(path) as pilot:
        await journalled(pilot)
        await pilot.press(*keys)
        await pilot.pause()
        die(pilot)


async def offered(pilot: Pilot[None]) -> str:
    await until(pilot, lambda: isinstance(pilot.app.screen, RecoverDialog))
    return shown(pilot.app)


async def save(pilot: Pilot[None]) -> None:
    """Save, and agree to what is shown before."""
    await pilot.press("ctrl+s")
    screen = app_of(pilot).explorer
    await until(pilot, lambda: not changes(pilot) or pilot.app.screen is not screen)
    if changes(pilot) and not isinstance(pilot.app.screen, ProgressDialog):
        await pilot.press("enter")
    await until(pilot, lambda: not changes(pilot))


async def nothing_offered(pilot: Pilot[None]) -> None:
    await journalled(pilot)
    await pilot.pause(0.2)
    assert not isinstance(pilot.app.screen, RecoverDialog)


async def test_what_was_left_is_taken_up_and_saved(explorer, sample: Sample):
    path = sample("digits_cnn.h5")
    async with explorer(path) as pilot:
        await journalled(pilot)
        await pilot.press("i", "down", "space")
        expected = changes(pilot)
        die(pilot)
    assert expected
    async with explorer(path) as pilot:
        text = await offered(pilot)
        assert f"{len(expected)} unsaved change" in text
        assert "digits_cnn.h5" in text
        await pilot.press("enter")
        await until(pilot, lambda: changes(pilot) == expected)
        assert len(paths_of(journals_folder(), path)) == 1
        await pilot.press("z")  # its history is there as well
        await pilot.press("Z")
        assert changes(pilot) == expected
        await save(pilot)
        await until(pilot, lambda: paths_of(journals_folder(), path) == [])
    async with explorer(path) as pilot:
        await nothing_offered(pilot)
        assert not all(layer.trainable for layer in open_model(path).layers)


async def test_later_asks_again_and_discard_does_not(explorer, sample: Sample):
    path = sample("digits_cnn.keras")
    await left(explorer, path, "i")
    for key in ("l", "escape"):
        async with explorer(path) as pilot:
            await offered(pilot)
            await pilot.press(key)
            await pilot.pause()
            assert changes(pilot) == []
    async with explorer(path) as pilot:
        await offered(pilot)
        await pilot.press("d")
        await until(pilot, lambda: paths_of(journals_folder(), path) == [])
        assert changes(pilot) == []
    async with explorer(path) as pilot:
        await nothing_offered(pilot)


async def test_two_on_one_file_have_a_journal_each(explorer, sample: Sample):
    path = sample("digits_cnn.h5")
    async with explorer(path) as one:
        await journalled(one)
        await one.press("i")
        async with explorer(path) as two:
            await nothing_offered(two)  # the other one lives
            await two.press("i", "down", "space")
            await until(two, lambda: len(paths_of(journals_folder(), path)) == 2)
            die(two)
        die(one)
    async with explorer(path) as pilot:
        await offered(pilot)
        await pilot.press("l")
        await pilot.pause()
        await offered(pilot)
        await pilot.press("l")
        await pilot.pause()
        assert len(paths_of(journals_folder(), path)) == 2


async def test_a_file_that_changed_is_not_touched_blindly(explorer, sample: Sample):
    path = sample("digits_cnn.h5")
    await left(explorer, path, "i")
    os.utime(path, (1, 1))
    async with explorer(path) as pilot:
        text = await offered(pilot)
        assert "was changed since then" in text
        await pilot.press("enter")  # the focus is on what destroys nothing
        await pilot.pause()
        assert changes(pilot) == []
    path.write_bytes(sample("two_outputs.h5").read_bytes())
    async with explorer(path) as pilot:
        text = await offered(pilot)
        assert "do not fit it" in text
        assert "Take up" not in text


async def test_a_damaged_journal_is_put_aside_in_a_sentence(explorer, sample: Sample):
    path = sample("digits_cnn.h5")
    await left(explorer, path, "i")
    (folder,) = paths_of(journals_folder(), path)
    journal = folder / "journal.jsonl"
    journal.write_bytes(b"x" + journal.read_bytes())
    async with explorer(path) as pilot:
        await nothing_offered(pilot)
        await until(pilot, lambda: any("damaged" in n.message for n in pilot.app._notifications))
    assert (folder.with_name("damaged-" + folder.name) / "journal.jsonl").exists()


async def test_quitting_discards_and_keys_before_the_journal_are_in_it(explorer, sample: Sample):
    path = sample("digits_cnn.h5")
    async with explorer(path) as pilot:
        screen = app_of(pilot).explorer
        await journalled(pilot)
        await pilot.press("i")
        assert screen.document is not None
        recorder, screen._recorder, screen.document.watcher = screen._recorder, None, None
        assert recorder is not None
        recorder.discard()
        screen.on_journal_screen_ready(screen.Ready(screen.document))
        await pilot.pause(0.1)
        (folder,) = paths_of(journals_folder(), path)
        found = read(folder)
        assert found is not None
        assert found.edits == screen.document.edits
        await pilot.press("q")
        await pilot.pause()
        await pilot.press("d")
        await pilot.pause()
    assert list(journals_folder().iterdir()) == []


async def test_another_file_begins_another_journal(explorer, sample: Sample):
    path, other = sample("digits_cnn.h5"), sample("two_outputs.h5")
    async with explorer(path) as pilot:
        screen = app_of(pilot).explorer
        await journalled(pilot)
        await pilot.press("i")
        first = screen._recorder
        screen.open_file(other)
        await until(pilot, lambda: screen._recorder not in (None, first))
        await until(pilot, lambda: paths_of(journals_folder(), path) == [])
        await pilot.press("i")
        await until(pilot, lambda: len(paths_of(journals_folder(), other)) == 1)


async def test_steps_are_undone_one_by_one_where_the_panel_is_a_screen(explorer, sample: Sample):
    path = sample("digits_cnn.h5")
    async with explorer(path, (80, 24)) as pilot:
        await journalled(pilot)
        await pilot.press("down", "space", "down", "space")
        assert changes(pilot) == ["conv1", "bn1"]
        await pilot.press("4")
        await until(pilot, lambda: "Now frozen" in shown(pilot.app))
        await pilot.press("t")
        await until(pilot, lambda: "1  freeze conv1" in shown(pilot.app))
        await pilot.press("home", "r")
        await until(pilot, lambda: "3  take back: freeze conv1" in shown(pilot.app))
        assert changes(pilot) == ["bn1"]
        await pilot.press("home", "r")
        await until(pilot, lambda: any("cannot be" in n.message for n in pilot.app._notifications))
        await pilot.press("z")
        await until(pilot, lambda: "1 step undone" in shown(pilot.app))
        assert changes(pilot) == ["conv1", "bn1"]
        await pilot.press("end", "up", "enter")  # a change: its layer, in the table
        await until(pilot, lambda: pilot.app.screen is app_of(pilot).explorer)
        assert app_of(pilot).explorer.current == 2
        die(pilot)
    (folder,) = paths_of(journals_folder(), path)
    found = read(folder)
    assert found is not None
    assert (len(found.done), len(found.undone)) == (2, 1)

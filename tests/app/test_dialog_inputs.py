"""Input x: what the model takes, a file or made numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dialog_host import ALL_SIZES, NOTHING, SIZES, Host, shown, until
from textual.widgets import Input

from kerastui.session.protocol import Tensor
from kerastui.tui.dialogs.inputs import MAX_BATCH, InputChoice, InputsDialog, absolute_place
from kerastui.tui.dialogs.path_field import PathField

INPUTS = (
    Tensor("image", (None, 224, 224, 3), "float32"),
    Tensor("words", (None, None), "int32"),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with data in it."""
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("digits.npy", "digits_test.npy", "photo.png"):
        (folder / name).touch()
    monkeypatch.chdir(folder)
    return folder


def host(inputs: tuple[Tensor, ...] = INPUTS, start: InputChoice | None = None) -> Host:
    return Host(lambda: InputsDialog(inputs, start))


async def left(pilot: Any, app: Host) -> InputChoice:
    await until(pilot, lambda: app.result is not NOTHING)
    assert isinstance(app.result, InputChoice)
    return app.result


async def test_shapes_are_shown() -> None:
    app = host()
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "image  (batch, 224, 224, 3)  float32" in shown(app)
        assert "words  (batch, any)  int32" in shown(app)


@pytest.mark.parametrize("size", SIZES)
async def test_a_file(folder: Path, size) -> None:
    app = host()
    async with app.run_test(size=size) as pilot:
        await pilot.press(*"dig", "tab")
        await until(pilot, lambda: app.screen.query_one(PathField).value == "digits")
        await pilot.press(*".npy", "enter")
        assert await left(pilot, app) == InputChoice("file", str(folder / "digits.npy"))


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("a.npy", "{}/a.npy"),
        ("data.h5:/train/x", "{}/data.h5:/train/x"),
        ("data.HDF5:train/x", "{}/data.HDF5:/train/x"),
        (" sub/../a.csv ", "{}/a.csv"),
        ("odd:name.npy", "{}/odd:name.npy"),
        ("data.h5:", "{}/data.h5:"),
        ("/tmp/x.h5:/x", "/tmp/x.h5:/x"),
    ],
)
def test_places(tmp_path: Path, typed: str, place: str) -> None:
    assert absolute_place(typed, tmp_path) == place.format(tmp_path)


@pytest.mark.parametrize("typed", ["", "  ", "a\0b"])
def test_no_places(tmp_path: Path, typed: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        absolute_place(typed, tmp_path)


async def test_nothing_typed_stays_and_says_so() -> None:
    app = host()
    async with app.run_test() as pilot:
        await pilot.press("enter")
        await pilot.pause()
        assert app.result is NOTHING
        assert "✗ Type the path of a file." in shown(app)


@pytest.mark.parametrize(
    ("keys", "choice"),
    [
        (["ctrl+t", "enter"], InputChoice("normal", seed=0, batch=1)),
        (["ctrl+t", "8", "tab", "4", "2", "enter"], InputChoice("normal", seed=42, batch=8)),
        (["ctrl+t", "ctrl+t", "3", "enter"], InputChoice("zeros", batch=3)),
        (["ctrl+t", "ctrl+t", "ctrl+t", "enter"], InputChoice("ones")),
        (["shift+tab", "left", "tab", "5", "enter"], InputChoice("ones", batch=5)),
    ],
)
@pytest.mark.parametrize("size", SIZES)
async def test_made_numbers(size, keys: list[str], choice: InputChoice) -> None:
    app = host()
    async with app.run_test(size=size) as pilot:
        await pilot.press(*keys)
        assert await left(pilot, app) == choice


@pytest.mark.parametrize("typed", ["0", "", str(MAX_BATCH + 1), "x"])
async def test_no_batch(typed: str) -> None:
    app = host()
    async with app.run_test() as pilot:
        await pilot.press("ctrl+t", "backspace", *typed, "enter")
        await pilot.pause()
        assert app.result is NOTHING
        assert "✗ The batch is a whole number from 1 to 65,536." in shown(app)


async def test_the_last_choice_comes_back() -> None:
    app = host(start=InputChoice("normal", seed=7, batch=4))
    async with app.run_test() as pilot:
        await pilot.press("enter")
        assert await left(pilot, app) == InputChoice("normal", seed=7, batch=4)


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
async def test_cancel(key: str) -> None:
    app = host()
    async with app.run_test() as pilot:
        await pilot.press(key)
        await until(pilot, lambda: app.result is None)


@pytest.mark.parametrize("size", ALL_SIZES)
@pytest.mark.parametrize("inputs", [(), INPUTS * 10])
async def test_any_size(size: tuple[int, int], inputs: tuple[Tensor, ...]) -> None:
    app = host(inputs)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.resize_terminal(20, 5)
        await pilot.resize_terminal(*size)
        await pilot.press("ctrl+t", "enter")
        assert await left(pilot, app) == InputChoice("normal")


async def test_many_inputs_and_none() -> None:
    app = host(INPUTS * 10)
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "… and 14 more" in shown(app)
    app = host(())
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "does not say which inputs it takes" in shown(app)


async def test_names_from_a_file_are_harmless() -> None:
    evil = "\x1b[2J[red]x[/] \u202ename"
    app = host((Tensor(evil, (None,), evil),))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "\x1b" not in shown(app)
        assert "\u202e" not in shown(app)
        assert "[red]x[/]" in shown(app)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_snapshot_file(snap_compare, folder: Path, size: tuple[int, int]) -> None:
    assert snap_compare(host(), press=[*"dig"], terminal_size=size, run_before=rest)


def test_snapshot_normal(snap_compare) -> None:
    assert snap_compare(host(), press=["ctrl+t"], terminal_size=(80, 24), run_before=rest)


async def rest(pilot: Any) -> None:
    Input.cursor_blink = False
    await pilot.pause(0.4)

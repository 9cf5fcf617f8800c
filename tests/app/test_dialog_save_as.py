"""Save as: completion, what is wrong with a target, overwriting."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from dialog_host import ALL_SIZES, NOTHING, SIZES, Host, shown, until

from kerastui.model import Destination, FileIdentity
from kerastui.tui.dialogs.completion import ARRAYS, complete
from kerastui.tui.dialogs.path_field import PathField
from kerastui.tui.dialogs.save_as import SaveAsDialog
from kerastui.tui.dialogs.target import look_at

needs_permissions = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere"
)


@pytest.fixture
def folder(isolated_home: Path) -> Path:
    """A home with models in it; paths are shown with ~, the same in every run."""
    folder = isolated_home / "models"
    (folder / "checkpoints").mkdir(parents=True)
    (folder / "charts").mkdir()
    for name in ("transfer.hdf5", "transfer_frozen.hdf5", "train.log"):
        (folder / name).write_bytes(b"x" * 1234)
    return folder


def host(folder: Path, name: str = "transfer.hdf5", **more: Any) -> Host:
    return Host(lambda: SaveAsDialog(folder / name, **more))


def field(app: Host) -> PathField:
    return app.screen.query_one(PathField)


@pytest.mark.parametrize("size", SIZES)
async def test_typing_replaces_the_name_and_keeps_the_extension(folder: Path, size) -> None:
    app = host(folder)
    async with app.run_test(size=size) as pilot:
        await pilot.press(*"v2", "enter")
        await until(pilot, lambda: app.result is not NOTHING)
        assert app.result == Destination(str(folder / "v2.hdf5"))


async def test_weights_names_keep_both_extensions(folder: Path) -> None:
    app = host(folder, "a.weights.h5")
    async with app.run_test() as pilot:
        await pilot.press(*"b", "enter")
        await until(pilot, lambda: app.result is not NOTHING)
        assert app.result == Destination(str(folder / "b.weights.h5"))


async def test_a_slash_or_tilde_begins_a_new_path(folder: Path) -> None:
    app = host(folder)
    async with app.run_test() as pilot:
        await pilot.press(*"~/models/new.h5", "enter")
        await until(pilot, lambda: app.result is not NOTHING)
        assert app.result == Destination(str(folder / "new.h5"))


async def test_relative_paths_start_beside_the_open_file(folder: Path) -> None:
    app = host(folder)
    async with app.run_test() as pilot:
        await pilot.press("end", "ctrl+u", *"checkpoints/e1.h5", "ctrl+s")
        await until(pilot, lambda: app.result is not NOTHING)
        assert app.result == Destination(str(folder / "checkpoints" / "e1.h5"))


@pytest.mark.parametrize("size", SIZES)
async def test_tab_completes(folder: Path, size) -> None:
    app = host(folder)
    async with app.run_test(size=size) as pilot:
        await pilot.press("/", "end", "ctrl+u", *"~/mo", "tab")
        await until(pilot, lambda: field(app).value == "~/models/")
        await pilot.press("c", "h", "tab", "e", "tab")
        await until(pilot, lambda: field(app).value == "~/models/checkpoints/")
        await pilot.press("ctrl+w", *"tr", "tab")
        await pilot.press(*"n", "tab")
        await until(pilot, lambda: field(app).value == "~/models/transfer")
        # It is ambiguous now: Tab goes through the options, Enter takes one.
        await pilot.press("tab")
        await until(pilot, lambda: "▸ transfer.hdf5" in shown(app))
        await pilot.press("tab")
        await until(pilot, lambda: "▸ transfer_frozen.hdf5" in shown(app))
        await pilot.press("enter")
        assert field(app).value == "~/models/transfer_frozen.hdf5"
        assert app.result is NOTHING


async def test_options_with_the_arrows(folder: Path) -> None:
    app = host(folder)
    async with app.run_test() as pilot:
        await pilot.press("end", "ctrl+u", "c")
        await until(pilot, lambda: "checkpoints/" in shown(app))
        await pilot.press("down")
        await until(pilot, lambda: "▸ charts/" in shown(app))
        await pilot.press("down")
        await until(pilot, lambda: "▸ checkpoints/" in shown(app))
        await pilot.press("down")
        await pilot.pause()
        assert "▸ ch" not in shown(app)
        await pilot.press("up", "up", "enter")
        assert field(app).value == "charts" + os.sep


async def test_right_takes_the_ghost_text(folder: Path) -> None:
    app = host(folder)
    async with app.run_test() as pilot:
        await pilot.press("end", "ctrl+u", *"transfer_")
        # Once as ghost text in the input, once as an option below it.
        await until(pilot, lambda: shown(app).count("transfer_frozen.hdf5") == 2)
        await pilot.press("right")
        assert field(app).value == "transfer_frozen.hdf5"


@pytest.mark.parametrize(
    ("keys", "answer"), [(["enter"], "asked"), (["o"], "saved"), (["right", "enter"], "saved"),
                         (["k"], "asked"), (["escape"], "asked")],
)  # fmt: skip
async def test_asks_before_overwriting(folder: Path, keys: list[str], answer: str) -> None:
    app = host(folder)
    async with app.run_test() as pilot:
        await pilot.press("end", "ctrl+u", *"train.log")
        await until(pilot, lambda: "▲ train.log exists: 1.23 KB, written" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: "Replace it?" in shown(app))
        assert "▸ Keep the old file ◂" in shown(app)
        assert "enter keeps the old file · o overwrites" in shown(app)
        await pilot.press(*keys)
        await pilot.pause()
        assert ("Nothing is saved yet: the old file" in shown(app)) is (answer == "asked")
        path = folder / "train.log"
        agreed = Destination(str(path), FileIdentity.of(path, path.stat()))
        assert app.result == (agreed if answer == "saved" else NOTHING)
        assert len(app.screen_stack) == (1 if answer == "saved" else 2)


async def test_enter_in_a_hurry(folder: Path) -> None:
    app = host(folder)
    async with app.run_test() as pilot:
        await pilot.press(*"v2")
        for _ in range(4):
            app.simulate_key("enter")
        await until(pilot, lambda: app.result is not NOTHING)
        await pilot.pause(0.1)
        assert app.result == Destination(str(folder / "v2.hdf5"))
        assert len(app.screen_stack) == 1


async def test_saving_over_the_open_file_says_so(folder: Path) -> None:
    app = host(folder)
    async with app.run_test() as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: "is the file that is open" in shown(app))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("nowhere/x.h5", "The folder ~/models/nowhere does not exist."),
        ("checkpoints", "~/models/checkpoints is a folder"),
        ("train.log/x.h5", "~/models/train.log is a file, not a folder."),
        ("x" * 300, "name too long"),
    ],
)
async def test_problems_are_told_in_place(folder: Path, typed: str, sentence: str) -> None:
    app = host(folder)
    async with app.run_test(size=(120, 30)) as pilot:
        field(app).set_value(typed)
        await pilot.press("enter")
        await until(pilot, lambda: sentence.casefold() in " ".join(shown(app).split()).casefold())
        assert "✗" in shown(app)
        await pilot.pause()
        assert app.result is NOTHING


async def test_enter_on_a_folder_goes_into_it(folder: Path) -> None:
    app = host(folder)
    async with app.run_test() as pilot:
        field(app).set_value("checkpoints")
        await pilot.press("enter")
        await until(pilot, lambda: field(app).value == "checkpoints" + os.sep)


@pytest.mark.parametrize("keys", [["escape"], ["end", "ctrl+c"], ["shift+tab", "enter"]])
async def test_leaving(folder: Path, keys: list[str]) -> None:
    app = host(folder)
    async with app.run_test() as pilot:
        await pilot.press(*keys)
        await until(pilot, lambda: app.result is not NOTHING)
        assert app.result is None


async def test_save_button(folder: Path) -> None:
    app = host(folder)
    async with app.run_test() as pilot:
        await pilot.press(*"v3")
        await pilot.click("ChoiceButton:first-of-type")
        await until(pilot, lambda: app.result is not NOTHING)
        assert app.result == Destination(str(folder / "v3.hdf5"))


@pytest.mark.parametrize("size", ALL_SIZES)
async def test_any_size(folder: Path, size: tuple[int, int]) -> None:
    app = host(folder)
    async with app.run_test(size=size) as pilot:
        await pilot.press("end", "ctrl+u", "t", "down")
        await pilot.resize_terminal(20, 5)
        await pilot.resize_terminal(*size)
        await pilot.pause(0.1)
        await pilot.press("escape")
        await pilot.pause()
        assert app.result is None


async def test_hostile_names_are_neither_drawn_nor_completed(folder: Path) -> None:
    (folder / "evil\x1b[2J.h5").write_bytes(b"")
    app = host(folder, "evil\x1b[2J.h5")
    async with app.run_test() as pilot:
        await pilot.pause(0.2)
        assert "\x1b" not in shown(app)
        assert "␛[2J" in shown(app)
        field(app).set_value("ev")
        await pilot.pause(0.2)
        assert "\x1b" not in shown(app)
        assert complete("ev", folder).options == ()


# -- without a screen ----------------------------------------------------------------------------


def test_completion(folder: Path) -> None:
    sep = os.sep
    assert complete("tra", folder).options == ("train.log", "transfer.hdf5", "transfer_frozen.hdf5")
    assert complete("tra", folder).common == "tra"
    assert complete("TRANSFER_", folder).options == ("transfer_frozen.hdf5",)
    assert complete("", folder).options[:2] == (f"charts{sep}", f"checkpoints{sep}")
    assert complete("", folder, folders_only=True).options == (f"charts{sep}", f"checkpoints{sep}")
    assert complete("~", folder).common == f"~{sep}"
    assert complete("~/mod", folder).options == (f"~/models{sep}",)
    assert complete("nowhere/x", folder).options == ()
    assert complete("nowhere/x", folder).common == "nowhere/x"
    assert complete("a\0b/", folder).options == ()
    (folder / ".hidden.h5").write_bytes(b"")
    assert ".hidden.h5" not in complete("", folder).options
    assert complete(".", folder).options == (".hidden.h5",)


def test_completion_of_files_that_can_be_used(tmp_path: Path) -> None:
    for name in ("a.npy", "a.NPZ", "a.txt", "a.h5.bak", "a.keras"):
        (tmp_path / name).touch()
    (tmp_path / "apart").mkdir()
    found = complete("a", tmp_path, endings=ARRAYS)
    assert found.options == (f"apart{os.sep}", "a.keras", "a.npy", "a.NPZ")
    assert complete("a.t", tmp_path, endings=ARRAYS).options == ()


def test_completion_of_a_great_folder_is_bounded(tmp_path: Path) -> None:
    for i in range(500):
        (tmp_path / f"epoch_{i}.h5").write_bytes(b"")
    found = complete("ep", tmp_path)
    assert len(found.options) == 200
    assert found.common == "epoch_"


@pytest.mark.parametrize(
    ("name", "file_format", "warns"),
    [
        ("a.keras", "hdf5", True), ("a.h5", "hdf5", False), ("a.h5", "keras", True),
        ("a.keras", "keras", False), ("a.h5", "keras-weights", True),
        ("a.weights.h5", "keras-weights", False), ("a", None, False),
    ],
)  # fmt: skip
def test_names_that_mislead_keras(folder: Path, name: str, file_format: Any, warns: bool) -> None:
    target = look_at(name, folder, file_format)
    assert bool(target.warning) == warns
    assert target.problem == ""


@needs_permissions
def test_folder_that_may_not_be_written(folder: Path) -> None:
    (folder / "charts").chmod(0o500)
    try:
        assert "no permission to write" in look_at("charts/x.h5", folder).problem
    finally:
        (folder / "charts").chmod(0o700)


def test_targets(folder: Path) -> None:
    assert look_at("", folder).problem
    assert look_at("a\0b", folder).problem
    assert look_at("new.h5", folder).path == folder / "new.h5"
    assert look_at("../models/new.h5", folder).path == folder / "new.h5"
    assert look_at("new/", folder).problem
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe")
        assert "not a regular file" in look_at("pipe", folder).problem
    link = folder / "link.h5"
    link.symlink_to(folder / "transfer.hdf5")
    assert look_at("link.h5", folder).path == link
    assert look_at("link.h5", folder).there


@pytest.mark.parametrize("size", SIZES)
def test_snapshot(snap_compare, folder: Path, size: tuple[int, int]) -> None:
    assert snap_compare(
        Host(lambda: SaveAsDialog(folder / "transfer.hdf5")),
        press=["end", "ctrl+u", *"~/models/tra"],
        terminal_size=size,
        run_before=rest,
    )


def test_snapshot_problem(snap_compare, folder: Path) -> None:
    press = [*"~/nowhere/x.h5", "enter"]
    assert snap_compare(host(folder), press=press, run_before=rest)


async def rest(pilot: Any) -> None:
    await pilot.pause(0.4)

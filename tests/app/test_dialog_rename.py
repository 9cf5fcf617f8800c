"""Asking for a layer's new name: checked while one types, the proposal, keys, sizes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dialog_host import ALL_SIZES, NOTHING, SIZES, Host, shown, until
from textual.widgets import Input
from unit.edits.test_rename import transfer
from unit.edits.test_rename_bulk import sequential

from kerastui import open_model
from kerastui.edits import RenameChange
from kerastui.model import Model
from kerastui.tui.dialogs.rename import RenameDialog
from kerastui.tui.dialogs.save_as import SaveAsDialog

HOSTILE = "a\x1b[2J\x9b\u202e[b]"


def dialog(path: str = "head", model: Model | None = None, **more: Any) -> Host:
    return Host(lambda: RenameDialog(model or transfer(), path, **more))


@pytest.mark.parametrize("size", SIZES)
async def test_typing_replaces_the_name(size: tuple[int, int]) -> None:
    app = dialog()
    async with app.run_test(size=size) as pilot:
        assert app.screen.query_one(Input).value == "head"
        assert "by_name" in shown(app)
        await pilot.press(*"out")
        assert "It can be called so." in shown(app)
        await pilot.press("enter")
        await pilot.pause()
        assert app.result == "out"


@pytest.mark.parametrize(
    ("name", "said"),
    [("", "empty"), ("aux", "is the name of a layer"), ("a/b", "cannot contain /"),
     ("a b", "not a space"), (HOSTILE, "HDF5 could not keep it")],
)  # fmt: skip
async def test_what_cannot_be_is_said_and_not_taken(name: str, said: str) -> None:
    app = dialog()
    async with app.run_test() as pilot:
        app.screen.query_one(Input).value = name
        await pilot.pause()
        text = shown(app)
        assert "✗" in text
        assert said in text
        assert "\x1b" not in text
        assert "\x9b" not in text
        await pilot.press("enter")
        await pilot.pause()
        assert app.result is NOTHING
        app.screen.query_one(Input).value = "fine"
        await pilot.pause()
        assert "✗" not in shown(app)


async def test_the_proposal_is_one_key_away() -> None:
    app = dialog("layer_1", sequential("InputLayer", "Conv2D", "Flatten", "Dense"))
    async with app.run_test() as pilot:
        assert "named by Keras. Proposal: block1_conv1" in shown(app)
        await pilot.press("down", "enter")
        await pilot.pause()
        assert app.result == "block1_conv1"


async def test_the_model_itself() -> None:
    app = dialog("")
    async with app.run_test() as pilot:
        assert "Rename the model" in shown(app)
        assert "by_name" not in shown(app)
        await pilot.press(*"big", "enter")
        await pilot.pause()
        assert app.result == "big"


async def test_beside_other_new_names() -> None:
    app = dialog(name="x", among={"aux": "head"})
    async with app.run_test() as pilot:
        app.screen.query_one(Input).value = "aux"
        await pilot.press("enter")
        await pilot.pause()
        assert app.result == "aux"


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
async def test_cancel(key: str) -> None:
    app = dialog()
    async with app.run_test() as pilot:
        await pilot.press(*"out", key)
        await pilot.pause()
        assert app.result is None


@pytest.mark.parametrize("size", ALL_SIZES)
async def test_any_size(size: tuple[int, int]) -> None:
    app = dialog()
    async with app.run_test(size=size) as pilot:
        await pilot.press(*"out")
        await pilot.resize_terminal(20, 5)
        await pilot.resize_terminal(*size)
        await pilot.press("enter")
        await pilot.pause()
        assert app.result == "out"


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_snapshot(snap_compare, size: tuple[int, int]) -> None:
    model = sequential("InputLayer", "Conv2D", "Flatten", "Dense")
    assert snap_compare(dialog("layer_1", model), terminal_size=size)


def test_snapshot_problem(snap_compare) -> None:
    async def type_one(pilot: Any) -> None:
        await pilot.press(*"aux")

    assert snap_compare(dialog(), terminal_size=(80, 24), run_before=type_one)


# -- in the explorer ---------------------------------------------------------------------------


async def test_from_the_table_to_the_file(explorer, sample: Callable[[str], Path]) -> None:
    path = sample("transfer.h5")
    async with explorer(path) as pilot:
        screen = pilot.app.explorer
        index = next(i for i, x in enumerate(screen.model.layers) if x.weights)
        screen.table.move_to(index)
        old = screen.model.layers[index]
        await pilot.press("m", *"renamed", "enter")
        await pilot.pause()
        assert screen.model.layers[index].name == "renamed"
        (change,) = screen.document.changes
        assert change == RenameChange(
            screen.model.layers[index].path, old.path, old.name, "renamed"
        )
        await pilot.press("t", *"whole", "enter")
        await pilot.pause()
        assert screen.model.name == "whole"
        await pilot.press("z", "z")
        assert not screen.document.changed
        await pilot.press("Z", "Z", "ctrl+s")
        await until(pilot, lambda: not screen.document.changed)
    found = open_model(path)
    assert (found.layers[index].name, found.name) == ("renamed", "whole")


async def test_folded_models_stay_folded(explorer, sample: Callable[[str], Path]) -> None:
    async with explorer(sample("transfer.h5")) as pilot:
        screen = pilot.app.explorer
        index = next(i for i, x in enumerate(screen.model.layers) if x.kind == "model")
        screen.table.move_to(index)
        await pilot.press("left")
        rows = screen.table.row_count
        await pilot.press("m", *"other", "enter")
        await pilot.pause()
        assert screen.table.row_count == rows
        assert screen.table.current == index
        await pilot.press("right")
        assert screen.table.row_count > rows


async def test_old_and_new_names_can_be_written(
    explorer, sample: Callable[[str], Path], tmp_path: Path
) -> None:
    async with explorer(sample("digits_cnn.h5")) as pilot:
        screen = pilot.app.explorer
        await pilot.press("E")
        await pilot.pause()
        assert "Nothing has been renamed" in str([n.message for n in pilot.app._notifications])
        old = screen.model.layers[0].path
        await pilot.press("m", *"first", "enter")
        await pilot.pause()
        await pilot.press("E")
        await until(pilot, lambda: isinstance(pilot.app.screen, SaveAsDialog))
        target = tmp_path / "names.json"
        pilot.app.screen.query_one(Input).value = str(target)
        await pilot.press("enter")
        await until(pilot, target.exists)
        await until(pilot, lambda: target.read_text("utf-8").endswith("\n"))
    assert json.loads(target.read_text("utf-8")) == {"layers": {old: "first"}}

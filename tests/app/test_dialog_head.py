"""Appending a head by form, and cutting on the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dialog_host import ALL_SIZES, NOTHING, Host, shown, until
from textual.widgets import Input

from kerastui.edits import AppendDense, CutHead
from kerastui.files import open_model
from kerastui.model import Model
from kerastui.tui.dialogs.confirm import ConfirmDialog
from kerastui.tui.dialogs.head import HeadDialog
from kerastui.tui.dialogs.save_plan import SavePlanDialog
from kerastui.widgets.changes_view import ChangesView

from .test_explorer import screen
from .test_new_values import marked

SAMPLES = Path(__file__).parents[2] / "sample_models"


def cut_model() -> Model:
    model = open_model(SAMPLES / "digits_cnn.keras")
    return CutHead(model.layers[-2].path).apply(model)


def dialog() -> Host:
    return Host(lambda: HeadDialog(cut_model()))


def field(app: Any, which: str) -> Input:
    return app.screen.query_one(f"#{which}", Input)


async def test_what_is_typed_becomes_an_edit() -> None:
    app = dialog()
    async with app.run_test(size=(100, 40)) as pilot:
        assert "How many units?" in shown(app)
        await pilot.press("5")
        await pilot.pause()
        assert "Output (None, 5)" in shown(app)
        assert "sparse_categorical_crossentropy" in shown(app)
        field(app, "activation").value = "sigmoid"
        field(app, "units").value = "1"
        field(app, "seed").value = "42"
        field(app, "name").value = "is_cat"
        await pilot.pause()
        assert "Yes or no: binary_crossentropy" in shown(app)
        await pilot.press("enter")
        await pilot.pause()
        assert app.result == AppendDense("is_cat", 1, "sigmoid", 42)


@pytest.mark.parametrize(
    ("which", "value", "problem"),
    [
        ("units", "0", "1 to 1,000,000 units"),
        ("units", "x", "whole number"),
        ("activation", "sofmax", "no activation"),
        ("name", "a/b", "cannot contain /"),
        ("seed", "-1", "whole number"),
    ],
)
async def test_what_cannot_be_is_said_and_not_taken(which: str, value: str, problem: str) -> None:
    app = dialog()
    async with app.run_test(size=(100, 40)) as pilot:
        field(app, "units").value = "3"
        field(app, which).value = value
        await pilot.pause()
        assert problem in shown(app)
        await pilot.press("enter")
        await pilot.pause()
        assert app.result is NOTHING
        await pilot.press("escape")
        await pilot.pause()
        assert app.result is None


@pytest.mark.parametrize("size", ALL_SIZES)
async def test_it_fits_any_terminal(size: tuple[int, int]) -> None:
    app = dialog()
    async with app.run_test(size=size) as pilot:
        await pilot.press("7")
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.result, AppendDense)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_how_it_looks(snap_compare: Any, size: tuple[int, int]) -> None:
    assert snap_compare(dialog(), terminal_size=size, press=["1", "0"])


async def test_cut_append_undo_and_save_on_the_screen(explorer: Any, sample: Any) -> None:
    path = sample("digits_cnn.keras")
    async with explorer(path) as pilot:
        document = screen(pilot).document
        before, table = document.original, screen(pilot).table
        table.move_to(len(before.layers) - 2)
        await pilot.press("X")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmDialog))
        assert before.layers[-1].name in shown(pilot.app)
        await pilot.press("enter")  # cut and append…
        await until(pilot, lambda: isinstance(pilot.app.screen, HeadDialog))
        await pilot.press("4", "enter")
        await until(pilot, lambda: pilot.app.screen is screen(pilot))
        assert document.model.layers[-1].name == "head"
        assert document.model.layers[-1].output_shape == (None, 4)
        assert table.current == len(document.model.layers) - 1
        assert marked(pilot) == 1
        await pilot.press("4", "tab")
        view = screen(pilot).panel.query_one(ChangesView)
        await until(pilot, lambda: "Dense 4 softmax" in view.text)
        assert len(document.changes) == 2
        screen(pilot).revert_changes(document.changes)
        assert not document.changes
        await pilot.press("escape", "z")
        assert document.model.layers[-1].name == "head"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, SavePlanDialog) or
                    not document.changed)  # fmt: skip
        if document.changed:
            await pilot.press("enter")
            await until(pilot, lambda: not document.changed)
    assert open_model(path).layers[-1].output_shape == (None, 4)


async def test_undo_brings_every_layer_back(explorer: Any, sample: Any) -> None:
    async with explorer(sample("digits_cnn.h5")) as pilot:
        document = screen(pilot).document
        screen(pilot).table.move_to(2)
        await pilot.press("X")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmDialog))
        await pilot.press("right", "enter")
        await until(pilot, lambda: len(document.model.layers) == 3)
        await pilot.press("z")
        assert document.model is document.original


async def test_what_cannot_be_cut_says_why(explorer: Any, sample: Any) -> None:
    async with explorer(sample("digits_cnn.keras")) as pilot:
        screen(pilot).table.move_to(0)
        await pilot.press("X")
        await pilot.pause()
        assert pilot.app.screen is screen(pilot)
        assert not screen(pilot).document.changed
        notes = [n.message for n in pilot.app._notifications]
        assert any("nothing would be left" in str(n) for n in notes)

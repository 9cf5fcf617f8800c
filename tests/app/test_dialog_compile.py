"""The form for the compile section, and what is shown before a save that does more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dialog_host import NOTHING, SIZES, Host, shown, until
from textual.widgets import Input
from unit.edits.test_compile import compiled

from kerastui.edits import SetCompile, SetLoss, SetMetrics, SetOptimizer, SetOptimizerState
from kerastui.edits.save_summary import SaveSummary
from kerastui.model import Model
from kerastui.tui.dialogs.compile_edit import CompileDialog, CompileRow
from kerastui.tui.dialogs.save_plan import SaveChoice, SavePlanDialog

SNAPSHOT_SIZES = [(80, 24), (120, 40)]
SUMMARY = SaveSummary(
    ("base",),
    "Optimizer state: 8 slots kept, 4 of newly frozen weights dropped.",
    ("Keras 3 goes on training bn (BatchNormalization), although it is frozen in the file.",),
)


def form(model: Model | None = None) -> Host:
    return Host(lambda: CompileDialog(model or compiled()))


def plan(summary: SaveSummary = SUMMARY, **more: bool) -> Host:
    given = {"has_state": True, "replaces": True, **more}
    return Host(lambda: SavePlanDialog(Path("folder/model.h5"), 3, summary, **given))


def field(app: Host, label: str, which: str = "") -> Input:
    rows = app.screen.query(CompileRow)
    row = next(r for r in rows if r.field.label == label and which in ("", r.field.which))
    return row.query_one(Input)


async def test_what_is_typed_over_becomes_edits_the_rest_none() -> None:
    app = form()
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press(*"0.5")  # the learning rate has the focus, selected
        field(app, "loss", "price").value = "huber"
        field(app, "metrics", "cls").value = "accuracy, auc"
        await pilot.pause()
        assert "learning_rate = 0.5" in shown(app)
        await pilot.press("enter")
        await pilot.pause()
        assert app.result == (
            SetOptimizer.of(learning_rate=0.5),
            SetLoss.named("price", "huber"),
            SetMetrics.named("cls", "accuracy", "auc"),
        )


@pytest.mark.parametrize(
    ("label", "text", "said"),
    [("learning_rate", "fast", "learning_rate has to be a number"),
     ("amsgrad", "1.5", "amsgrad has to be true or false"),
     ("clipnorm", "-1", "clipnorm has to be a number over 0, or none"),
     ("clipnorm", "", "clipnorm has to be a number over 0, or none, not empty."),
     ("loss weight", "much", "is no number: much"),
     ("loss", "\x1b[2J", "A loss is a name")],
)  # fmt: skip
async def test_what_cannot_be_is_said_and_not_taken(label: str, text: str, said: str) -> None:
    app = form()
    async with app.run_test(size=(100, 40)) as pilot:
        field(app, label).value = text
        await pilot.pause()
        assert said in shown(app)
        assert "\x1b" not in shown(app)
        await pilot.press("enter")
        await pilot.pause()
        assert app.result is NOTHING


async def test_a_name_that_nobody_knows_takes_a_second_enter() -> None:
    app = form()
    async with app.run_test(size=(100, 40)) as pilot:
        loss = field(app, "loss")
        loss.value = "hubr"
        await pilot.pause()
        assert "'hubr' is no loss that the file's Keras knows; did you mean" in shown(app)
        loss.focus()
        await pilot.press("enter")
        loss.value = "hubre"  # another name asks again
        await pilot.pause()
        assert app.result is NOTHING
        assert "'hubre' is no loss" in shown(app)
        await pilot.press("enter")
        assert app.result is NOTHING
        await pilot.press("enter")
        await pilot.pause()
        assert [edit.describe() for edit in app.result] == ["loss of price = hubre"]


async def test_the_arrows_reach_every_field_and_show_it_where_they_do_not_all_fit() -> None:
    app = form()
    async with app.run_test(size=(80, 24)) as pilot:
        inputs = list(app.screen.query(Input))
        assert app.screen.query_one("#fields").max_scroll_y > 0
        for box in inputs[1:]:
            await pilot.press("down")
            assert app.focused is box
        await pilot.pause()
        fields = app.screen.query_one("#fields").region
        assert fields.contains_region(inputs[-1].region)
        for box in reversed(inputs[:-1]):
            await pilot.press("up")
            assert app.focused is box


async def test_names_are_completed_after_a_comma_too() -> None:
    app = form()
    async with app.run_test(size=(100, 40)) as pilot:
        metrics = field(app, "metrics", "cls")
        metrics.focus()
        await pilot.press("end", *", mean_abs")
        await pilot.pause(0.3)
        await pilot.press("right")
        assert metrics.value == "accuracy, mean_absolute_error"


@pytest.mark.parametrize(
    ("key", "result"),
    [("Drop state", (SetOptimizerState(kept=False),)), ("Drop section", (SetCompile(),)),
     ("Cancel", None)],
)  # fmt: skip
async def test_buttons(key: str, result: Any) -> None:
    app = form()
    async with app.run_test(size=(100, 40)) as pilot:
        button = next(b for b in app.screen.query("ChoiceButton") if key in str(b.label))
        await pilot.click(button)
        await pilot.pause()
        assert app.result == result


@pytest.mark.parametrize("size", [*SIZES, (40, 12)])
async def test_every_size_shows_the_field_with_the_focus(size: tuple[int, int]) -> None:
    app = form()
    async with app.run_test(size=size) as pilot:
        await pilot.press("down", "down")
        focused = app.screen.focused
        assert focused is not None
        await until(pilot, lambda: focused.region.overlaps(app.screen.region))
        await pilot.press("escape")
        await pilot.pause()
        assert app.result is None


async def test_a_save_is_one_key_further_with_its_options() -> None:
    app = plan()
    async with app.run_test(size=(80, 24)) as pilot:
        assert "8 slots kept" in shown(app)
        assert "goes on training bn" in shown(app)
        await pilot.press("ctrl+t", "ctrl+b", "enter")
        await pilot.pause()
        assert app.result == SaveChoice(drop_state=True, backup=True)


async def test_nothing_is_above_of_a_state_that_stays_as_it_is() -> None:
    async with plan().run_test(size=(80, 24)) as pilot:
        assert "as above" in shown(pilot.app)
    async with plan(SaveSummary((), "", ("Mind.",))).run_test(size=(80, 24)) as pilot:
        assert "as above" not in shown(pilot.app)
        assert "drop altogether" in shown(pilot.app)


async def test_a_save_without_state_or_old_file_offers_neither() -> None:
    app = plan(has_state=False, replaces=False)
    async with app.run_test(size=(80, 24)) as pilot:
        assert "drop altogether" not in shown(app)
        assert ".bak" not in shown(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.result == SaveChoice()


@pytest.mark.parametrize("size", SNAPSHOT_SIZES)
@pytest.mark.parametrize("make", [form, plan])
def test_looks(make: Callable[[], Host], size: tuple[int, int], snap_compare: Any) -> None:
    assert snap_compare(make(), terminal_size=size)

"""Renaming many layers: the live list, collisions, names for the unnamed, editing the list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dialog_host import ALL_SIZES, NOTHING, SIZES, Host, shown, until
from textual.widgets import Input
from unit.edits.test_rename import many
from unit.edits.test_rename_bulk import names, sequential

from kerastui.edits import Rename
from kerastui.model import Model
from kerastui.tui.dialogs.bulk_rename import BulkRenameDialog
from kerastui.tui.dialogs.rename import RenameDialog
from kerastui.widgets.name_list import NameList


def dialog(model: Model | None = None, selected: tuple[int, ...] = ()) -> Host:
    model = model or names("conv2d_1", "conv2d_2", "bn", "dense")
    return Host(lambda: BulkRenameDialog(model, selected))


def fill(app: Host, pattern: str, replacement: str) -> None:
    app.screen.query_one("#pattern", Input).value = pattern
    app.screen.query_one("#replacement", Input).value = replacement


@pytest.mark.parametrize("size", SIZES)
async def test_lists_while_one_types(size: tuple[int, int]) -> None:
    app = dialog()
    async with app.run_test(size=size) as pilot:
        await pilot.press(*r"conv2d_(\d+)")
        await pilot.press("tab")
        await pilot.press(*r"enc_\1")
        await until(pilot, lambda: "enc_2" in shown(app))
        text = shown(app)
        assert "2 layers will be renamed." in text
        assert "conv2d_1" in text
        assert "by_name" in text
        await pilot.press("enter")
        await pilot.pause()
        assert app.result == Rename((("conv2d_1", "enc_1"), ("conv2d_2", "enc_2")))


async def test_collisions_are_shown_and_stop_it() -> None:
    app = dialog()
    async with app.run_test(size=(120, 40)) as pilot:
        fill(app, r"_\d", "")
        await until(pilot, lambda: "2 of 2 names cannot be given" in shown(app))
        assert "names are unique" in shown(app)
        assert shown(app).count("✗") == 3
        await pilot.press("enter")
        await pilot.pause()
        assert app.result is NOTHING


@pytest.mark.parametrize(
    ("pattern", "said"), [("(", "not valid"), ("zzz", "No layer matches"), ("bn", "none gets")]
)
async def test_nothing_to_do_stays_open(pattern: str, said: str) -> None:
    app = dialog()
    async with app.run_test(size=(120, 40)) as pilot:
        fill(app, pattern, "bn")
        await until(pilot, lambda: said in shown(app))
        await pilot.press("enter")
        await pilot.pause()
        assert app.result is NOTHING


async def test_enter_does_not_wait_for_the_list() -> None:
    app = dialog()
    async with app.run_test() as pilot:
        fill(app, "dense", "fc")
        await pilot.press("enter")
        await pilot.pause()
        assert app.result == Rename((("dense", "fc"),))


async def test_plain_text_and_selected_rows() -> None:
    app = dialog(names("a.b1", "axb2", "a.b3"), selected=(0, 1))
    async with app.run_test(size=(120, 40)) as pilot:
        fill(app, "a.b", "z")
        await until(pilot, lambda: "2 layers will be renamed" in shown(app))
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "1 layer will be renamed" in shown(app))
        await pilot.press("ctrl+t")
        await until(pilot, lambda: "2 layers will be renamed" in shown(app))
        await pilot.press("enter")
        await pilot.pause()
        assert app.result == Rename((("a.b1", "z1"), ("a.b3", "z3")))


async def test_names_for_the_unnamed_can_be_edited() -> None:
    model = sequential("InputLayer", "Conv2D", "Flatten", "Dense")
    app = dialog(model)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+u")
        await until(pilot, lambda: "block1_conv1" in shown(app))
        assert isinstance(app.focused, NameList)
        await pilot.press("x", "enter")  # leave the input's name; edit the next
        await until(pilot, lambda: isinstance(app.screen, RenameDialog))
        await pilot.press(*"stem", "enter")
        await until(pilot, lambda: isinstance(app.screen, BulkRenameDialog))
        await until(pilot, lambda: "stem" in shown(app))
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.result == Rename(
            (("layer_1", "stem"), ("layer_2", "head_flatten"), ("layer_3", "output"))
        )


async def test_escape_goes_back_from_the_list_first() -> None:
    app = dialog(sequential("Conv2D", "Dense"))
    async with app.run_test(size=(120, 40)) as pilot:
        fill(app, "layer", "x")
        await pilot.press("ctrl+u")
        await until(pilot, lambda: "output" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: "2 layers will be renamed" in shown(app))
        assert app.result is NOTHING
        await pilot.press("escape")
        await pilot.pause()
        assert app.result is None


async def test_nothing_is_unnamed() -> None:
    app = dialog()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+u")
        await until(pilot, lambda: "No layer has a name that Keras made up." in shown(app))
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.result is NOTHING


async def test_hostile_names_are_not_drawn() -> None:
    app = dialog(names("a\x1b[2J\x9b[x]", "b\u202e"))
    async with app.run_test(size=(120, 40)) as pilot:
        fill(app, "a|b", "x\x1b]0;p\x07")
        await until(pilot, lambda: "2 of 2 names cannot" in shown(app))
        text = shown(app)
        assert not {"\x1b", "\x9b", "\x07", "\u202e"} & set(text)


@pytest.mark.parametrize("size", ALL_SIZES)
async def test_any_size(size: tuple[int, int]) -> None:
    app = dialog()
    async with app.run_test(size=size) as pilot:
        fill(app, "dense", "fc")
        await pilot.resize_terminal(20, 5)
        await pilot.resize_terminal(*size)
        await pilot.press("enter")
        await pilot.pause()
        assert app.result == Rename((("dense", "fc"),))


async def test_thousands_of_layers_do_not_hold_up_typing() -> None:
    app = dialog(many(10_000))
    async with app.run_test(size=(120, 40)) as pilot:
        fill(app, r"conv2d_(\d+)", r"e\1")
        await until(pilot, lambda: "10,000 layers will be renamed" in shown(app))
        await pilot.press("tab", "tab", "tab", "end")
        await until(pilot, lambda: "e9999" in shown(app))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("what", ["pattern", "unnamed"])
def test_snapshot(snap_compare, size: tuple[int, int], what: str) -> None:
    classes = ("InputLayer", "Conv2D", "BatchNormalization", "MaxPooling2D", "Flatten", "Dense")

    async def before(pilot: Any) -> None:
        if what == "unnamed":
            await pilot.press("ctrl+u")
        else:
            fill(pilot.app, r"layer_([13]|4)", r"enc_\1")
        await until(pilot, lambda: "will be renamed" in shown(pilot.app))

    assert snap_compare(
        dialog(sequential(*classes), selected=(0, 1, 2, 3)), terminal_size=size, run_before=before
    )


# -- in the explorer ---------------------------------------------------------------------------


async def test_from_the_table(explorer, sample: Callable[[str], Path]) -> None:
    async with explorer(sample("digits_cnn.h5")) as pilot:
        screen = pilot.app.explorer
        before = [x.name for x in screen.model.layers]
        await pilot.press("M")
        await pilot.pause()
        pilot.app.screen.query_one("#pattern", Input).value = "^"
        pilot.app.screen.query_one("#replacement", Input).value = "my_"
        await pilot.press("enter")
        await pilot.pause()
        assert [x.name for x in screen.model.layers] == [f"my_{name}" for name in before]
        assert len(screen.document.changes) == len(before)
        await pilot.press("z")
        assert [x.name for x in screen.model.layers] == before

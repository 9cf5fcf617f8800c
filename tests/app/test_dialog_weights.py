"""Dialogs about weights: new values seen before they are set, and weights of another file."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dialog_host import NOTHING, Host, shown, until
from textual.widgets import Input, OptionList

from kerastui import open_model
from kerastui.clerk.server import Desk
from kerastui.edits import ConvertDtype
from kerastui.making.results import OWN, Recipe
from kerastui.tui.dialogs import set_weight
from kerastui.tui.dialogs.path_field import PathField
from kerastui.tui.dialogs.segments import Segments
from kerastui.tui.dialogs.set_weight import SetWeightDialog
from kerastui.tui.dialogs.transplant import TransplantDialog
from kerastui.tui.dialogs.weight_answers import Wish
from kerastui.widgets.pair_list import PairList

SIZES = [(80, 24), (120, 40)]


class Asked:
    """The clerk's work, done here; remembers what it was asked."""

    def __init__(self) -> None:
        self.requests: list[str] = []

    async def __call__(self, request: str, *args: object) -> Any:
        self.requests.append(request)
        return await asyncio.to_thread(getattr(Desk(), request), lambda *_: None, *args)


@pytest.fixture
def folder(tmp_path: Path, sample_dir: Path) -> Path:
    """A folder that is called the same wherever it lies."""
    for name in ("digits_cnn.h5", "digits_cnn.keras", "two_outputs.h5"):
        (tmp_path / name).write_bytes((sample_dir / name).read_bytes())
        os.utime(tmp_path / name, (1e9, 1e9))
    np.savez(tmp_path / "x.npz", small=np.ones(3), big=np.full((24, 10), 0.5))
    np.save(tmp_path / "y.npy", np.zeros((24, 10)))
    return tmp_path


def setting(folder: Path, path: str = "digit", ask: Asked | None = None, **more: Any) -> Host:
    model = open_model(folder / "digits_cnn.h5")
    asked = ask or Asked()
    index = model.index[path]
    return Host(lambda: SetWeightDialog(model, index, asked, folder=folder, **more))


def transplanting(folder: Path, path: str = "image", ask: Asked | None = None, **more: Any) -> Host:
    model = open_model(folder / "digits_cnn.h5")
    asked = ask or Asked()
    index = model.index[path]
    return Host(lambda: TransplantDialog(model, index, asked, folder=folder, **more))


async def see(pilot: Any, app: Host, text: str) -> None:
    await until(pilot, lambda: text in shown(app))


# -- set ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
async def test_a_npy(folder: Path, size: tuple[int, int]):
    app = setting(folder)
    async with app.run_test(size=size) as pilot:
        await pilot.press(*"y.npy")
        await see(pilot, app, "y.npy: (24, 10) float64")
        await pilot.press("enter")
        await until(pilot, lambda: app.result is not NOTHING)
        assert app.result.weights == (("digit", "kernel"),)
        assert app.result.source.file == str(folder / "y.npy")
        assert app.result.source.stamp is not None


async def test_the_array_that_fits_comes_first_and_the_others_cannot_be_chosen(folder: Path):
    app = setting(folder)
    async with app.run_test() as pilot:
        app.screen.query_one(PathField).set_value("x.npz")
        await see(pilot, app, "✓ big")
        listed = app.screen.query_one(OptionList)
        assert listed.highlighted == 0
        assert listed.get_option_at_index(1).disabled
        await pilot.press("enter")
        await until(pilot, lambda: app.result is not NOTHING)
        assert app.result.source.member == "big"


async def test_a_model_and_the_next_weight(folder: Path):
    app = setting(folder)
    async with app.run_test() as pilot:
        app.screen.query_one(PathField).set_value("digits_cnn.keras")
        await see(pilot, app, "✓ digit/kernel")
        await pilot.press("ctrl+w")
        await see(pilot, app, "✓ digit/bias")
        await see(pilot, app, "digits_cnn.keras:digit/bias: (10)")
        await pilot.press("enter")
        await until(pilot, lambda: app.result is not NOTHING)
        assert app.result.weights == (("digit", "bias"),)
        assert app.result.source.label == "digits_cnn.keras:digit/bias"


async def test_enter_before_the_answer_waits_for_it(folder: Path):
    app = setting(folder)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+t", *"w*2", "enter")
        assert app.result is NOTHING
        await until(pilot, lambda: app.result is not NOTHING)
        assert app.result == Wish((("digit", "kernel"),), recipe=Recipe("w*2", 0))


@pytest.mark.parametrize("size", SIZES)
async def test_an_expression_shows_before_and_after(
    folder: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(set_weight, "DEBOUNCE", 1.0)  # a busy machine types slowly
    ask = Asked()
    app = setting(folder, "conv1", ask)
    async with app.run_test(size=size) as pilot:
        await pilot.press("ctrl+t", *"w * 0.9")
        await see(pilot, app, "before  (3, 3, 1, 12) float32, -0.356 … 0.336, mean 0.00138")
        await see(pilot, app, "after   (3, 3, 1, 12) float32, -0.321 … 0.303, mean 0.00125")
        assert ask.requests.count("make") <= 3  # typing is waited for


async def test_what_cannot_be_is_said_and_not_taken(folder: Path):
    app = setting(folder, "conv1")
    async with app.run_test() as pilot:
        await pilot.press("ctrl+t", *"w[0]")
        await see(pilot, app, "✗ The expression gives an array of shape (3, 1, 12)")
        await pilot.press("enter")
        await pilot.pause(0.1)
        assert app.result is NOTHING
        app.screen.query_one("#expression", Input).value = "w + \x1b[2J"
        await see(pilot, app, "✗ This is no expression")
        assert "\x1b" not in shown(app)
        await pilot.press("escape")
        await until(pilot, lambda: app.result is None)


async def test_a_file_that_is_none(folder: Path):
    (folder / "bad.npy").write_bytes(b"\x93NUMPY\x01\x00")
    app = setting(folder)
    async with app.run_test() as pilot:
        app.screen.query_one(PathField).set_value("bad.npy")
        await see(pilot, app, "✗ New values cannot be taken from")
        app.screen.query_one(PathField).set_value("x.npz")
        await see(pilot, app, "2 arrays")
        app.screen.query_one(PathField).set_value("none.npy")
        await see(pilot, app, ".npy, .npz, or a model file")
        await pilot.press("enter")
        await pilot.pause(0.5)
        assert app.result is NOTHING


async def test_the_initializer_and_its_seed(folder: Path):
    app = setting(folder)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+t", "ctrl+t")
        await see(pilot, app, "GlorotUniform: uniform from -0.42 to 0.42.")
        await pilot.press("3")  # the seed was selected: it is replaced
        await see(pilot, app, "after")
        await pilot.press("enter")
        await until(pilot, lambda: app.result is not NOTHING)
        assert app.result.recipe == Recipe(OWN, 3)


@pytest.mark.parametrize("size", SIZES)
async def test_a_dtype_and_what_is_lost(folder: Path, size: tuple[int, int]):
    app = setting(folder)
    async with app.run_test(size=size) as pilot:
        await pilot.press("ctrl+t", "ctrl+t", "ctrl+t")
        await see(pilot, app, "1 weight to float16: largest error")
        await pilot.press("ctrl+o", "ctrl+o")
        await see(pilot, app, "11 weights to float16")
        await pilot.press("ctrl+d")
        await see(pilot, app, "nothing to convert to float32")
        await pilot.press("ctrl+d", "ctrl+d")
        await see(pilot, app, "none overflows")
        await pilot.press("enter")
        await until(pilot, lambda: app.result is not NOTHING)
        assert app.result.dtype == "float16"
        assert len(app.result.weights) == 11


def test_the_dialog_imports_no_numpy():
    import subprocess
    import sys

    code = (
        "import sys, kerastui.tui.dialogs.set_weight, kerastui.tui.dialogs.transplant;"
        "sys.exit(any(m in sys.modules for m in ('numpy', 'h5py')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# -- transplant -----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
async def test_what_matches_is_listed_and_taken(folder: Path, size: tuple[int, int]):
    app = transplanting(folder)
    async with app.run_test(size=size) as pilot:
        await pilot.press(*"digits_cnn.k")
        await pilot.press("tab")
        await see(pilot, app, "11 weights to take over")
        await see(pilot, app, "← conv1/kernel")
        await pilot.press("enter")
        await until(pilot, lambda: app.result is not NOTHING)
        assert len(app.result.edits) == 11


async def test_what_stays_comes_first(folder: Path):
    app = transplanting(folder)
    async with app.run_test(size=(120, 40)) as pilot:
        app.screen.query_one(PathField).set_value("two_outputs.h5")
        await see(pilot, app, "2 weights to take over, 9 stay as they are")
        text = app.screen.query_one(PairList).text
        assert text.index("Not in the other file") < text.index("Taken over")


async def test_nothing_to_take_over_is_not_taken(folder: Path, sample_dir: Path):
    app = transplanting(folder)
    async with app.run_test() as pilot:
        app.screen.query_one(PathField).set_value(str(sample_dir / "transfer.h5"))
        await see(pilot, app, "0 weights to take over")
        await pilot.press("enter")
        await pilot.pause(0.1)
        assert app.result is NOTHING
        app.screen.query_one(PathField).set_value(str(folder / "x.npz"))
        await see(pilot, app, "✗")
        await pilot.press("enter", "escape")
        await until(pilot, lambda: app.result is None)


async def test_a_layer_without_weights_leaves_the_whole_model(folder: Path):
    app = transplanting(folder, "image")
    async with app.run_test(size=(100, 40)) as pilot:
        scope = app.screen.query_one("#scope", Segments)
        assert scope.value == "model"
        assert "image" not in str(scope.render())
        await pilot.press("ctrl+t")
        assert scope.value == "model"


async def test_selected_rows_or_the_whole_model(folder: Path):
    app = transplanting(folder, selected=(1, 4))
    async with app.run_test() as pilot:
        app.screen.query_one(PathField).set_value("digits_cnn.keras")
        await see(pilot, app, "3 weights to take over")
        await pilot.press("ctrl+t")
        await see(pilot, app, "11 weights to take over")
        assert app.screen.query_one("#scope", Segments).value == "model"


# -- how they look --------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_set_looks(snap_compare: Any, folder: Path, size: tuple[int, int]):
    app = setting(folder)

    async def before(pilot: Any) -> None:
        app.screen.query_one(PathField).set_value("x.npz")
        await see(pilot, app, "x.npz:big: (24, 10)")

    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES)
def test_expression_looks(snap_compare: Any, folder: Path, size: tuple[int, int]):
    app = setting(folder, "conv1")

    async def before(pilot: Any) -> None:
        await pilot.press("ctrl+t", *"w * 0.9")
        await see(pilot, app, "mean 0.00125")

    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES)
def test_transplant_looks(snap_compare: Any, folder: Path, size: tuple[int, int]):
    app = transplanting(folder)

    async def before(pilot: Any) -> None:
        app.screen.query_one(PathField).set_value("two_outputs.h5")
        await see(pilot, app, "2 weights to take over")

    assert snap_compare(app, terminal_size=size, run_before=before)


# -- in the application ---------------------------------------------------------------------------

Explore = Callable[..., Any]


async def test_from_the_key_to_the_file(explorer: Explore, sample: Callable[[str], Path]):

    from .test_explorer import screen

    path = sample("digits_cnn.h5")
    async with explorer(path) as pilot:
        here = screen(pilot)
        await pilot.press("W")  # the input has no weights
        assert pilot.app.screen is here
        here.table.move_to(here.document.model.index["digit"])
        await pilot.press("W", "ctrl+t", *"zeros", "enter")
        await until(pilot, lambda: here.document.changed)
        assert here.document.changes[0].after == "zeros"
        here._set_weight(Wish((("digit", "bias"),), dtype="float16"))
        await until(pilot, lambda: len(here.document.changes) == 2)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: not here.document.changed)
    import h5py

    saved = open_model(path)
    with h5py.File(path) as file:
        kernel, bias = (file[w.dataset] for w in saved["digit"].weights)
        assert not kernel[()].any()
        assert bias.dtype == "float16"


async def test_transplant_is_one_step(explorer: Explore, sample: Callable[[str], Path]):

    from .test_explorer import screen

    other = sample("digits_cnn.keras")
    async with explorer(sample("digits_cnn.h5")) as pilot:
        here = screen(pilot)
        await pilot.press("T")
        pilot.app.screen.query_one(PathField).set_value(str(other))
        await pilot.press("enter")
        await until(pilot, lambda: here.document.changed)
        assert len(here.document.changes) == 11
        assert [step.title for step in here.document.history] == [
            "transplant from digits_cnn.keras"
        ]
        await pilot.press("z")
        assert not here.document.changed


async def test_the_palette_knows_them(explorer: Explore, sample: Callable[[str], Path]):
    from .test_explorer import screen

    async with explorer(sample("digits_cnn.h5")) as pilot:
        keys = {b.binding.id: b.binding for b in screen(pilot).active_bindings.values()}
        for name in ("edit.set-weight", "edit.transplant"):
            assert keys[name].tooltip
    assert ConvertDtype.__doc__

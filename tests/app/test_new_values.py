"""New values of a weight on the screen: listed, marked, reverted, saved, gone from the history."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
from dialog_host import until

from kerastui.edits import SetTrainable, SetWeight
from kerastui.model import ArraySource
from kerastui.tui.dialogs.confirm import ErrorDialog
from kerastui.tui.dialogs.save_plan import SavePlanDialog
from kerastui.widgets.changes_view import ChangesView
from kerastui.widgets.layer_rows import CHANGED

from .test_explorer import screen


def replace_first(pilot, folder: Path) -> tuple[str, np.ndarray]:
    """Freeze the first layer with weights and replace its first; return dataset and values."""
    document = screen(pilot).document
    layer = next(x for x in document.model.layers if x.weights)
    weight = layer.weights[0]
    array = np.random.default_rng(1).normal(size=weight.shape).astype("float32")
    np.save(folder / "1.npy", array)
    source = ArraySource(str(folder / "1.npy"), "", array.shape, "float32", "console").stamped()
    document.apply(SetWeight(layer.path, weight.name, source), title="console: kernel")
    document.apply(SetTrainable((layer.path,), False), title="freeze it")
    screen(pilot).refresh_document()
    screen(pilot).table.move_to(document.model.index[layer.path])
    return weight.dataset, array


def marked(pilot) -> int:
    """Return how many rows of the table are marked as changed."""
    table = screen(pilot).table
    return sum(CHANGED in table.render_line(y).text for y in range(table.size.height))


async def test_listed_marked_and_reverted_by_itself(explorer, sample, tmp_path):
    async with explorer(sample("digits_cnn.h5")) as pilot:
        replace_first(pilot, tmp_path)
        await pilot.press("4", "tab")
        view = screen(pilot).panel.query_one(ChangesView)
        await until(pilot, lambda: "as stored → console" in view.text)
        await pilot.press("home", "r")  # the heading of what is frozen
        await until(pilot, lambda: "Now frozen" not in view.text)
        assert marked(pilot) == 1
        await pilot.press("end", "r")
        await until(pilot, lambda: not screen(pilot).document.changed)
        assert marked(pilot) == 0


async def test_saved_then_the_flag_can_be_undone_and_the_values_cannot(explorer, sample, tmp_path):
    path = sample("digits_cnn.h5")
    async with explorer(path) as pilot:
        dataset, array = replace_first(pilot, tmp_path)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, SavePlanDialog))
        await pilot.press("enter")  # a flag was changed, so slots come or go
        await until(pilot, lambda: not screen(pilot).document.changed)
        await pilot.press("z", "z")
        await pilot.pause()
        assert [c.after for c in screen(pilot).document.changes] == ["trainable"]
    with h5py.File(path) as file:
        np.testing.assert_array_equal(file[dataset][()], array)


async def test_values_that_are_gone_are_one_sentence_and_the_edits_stay(explorer, sample, tmp_path):
    path = sample("digits_cnn.h5")
    before = path.read_bytes()
    async with explorer(path) as pilot:
        replace_first(pilot, tmp_path)
        (tmp_path / "1.npy").unlink()
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, ErrorDialog))
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is screen(pilot))
        assert len(screen(pilot).document.changes) == 2
    assert path.read_bytes() == before

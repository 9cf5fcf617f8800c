"""Filters and heat maps by keys, on files, asked of real clerks."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from dialog_host import Host, shown, until
from PIL import Image
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Footer

from kerastui.analysis.picture_results import HeatOptions
from kerastui.files import open_model
from kerastui.model import Model
from kerastui.tui.look.analyst import Analyst
from kerastui.tui.look.filters_view import FiltersView
from kerastui.tui.look.heat_map_view import HeatMapView
from kerastui.tui.look.heat_words import said_of_block
from kerastui.tui.look.subject import Subject
from kerastui.tui.look.view import LookView
from kerastui.widgets.heat_picture import HeatPicture
from kerastui.widgets.pixels import Pixels
from kerastui.widgets.tile_gallery import TileGallery

COLOURS, DEEP, DENSE, BIAS, WORDS = range(5)


@pytest.fixture(scope="module")
def analyst() -> Iterator[Analyst]:
    analyst = Analyst()
    yield analyst
    analyst.close()


def values() -> dict[str, Any]:
    """Return weights by layer: waves, with a dead filter and a broken one; the same each time."""

    def waves(*shape: int) -> Any:
        places = np.indices(shape).astype("f8")
        steps = np.arange(1, len(shape) + 1).reshape(-1, *[1] * len(shape))
        return np.sin((places * (0.9 + 0.37 * steps)).sum(axis=0)).astype("f4")

    deep = waves(3, 3, 8, 20)
    deep *= np.linspace(0.5, 1.5, 20, dtype="f4")
    deep[..., 4] = 0
    deep[0, 0, 0, 5] = np.nan
    dense = waves(300, 50)
    dense[7, 3], dense[9, 9] = np.nan, np.inf
    words = np.array([[b"a", b"b"], [b"c", b"d"]])
    return {
        "colours": waves(5, 5, 3, 12), "deep": deep, "dense": dense, "bias": waves(40),
        "words": words,
    }  # fmt: skip


def written(path: Path) -> Model:
    with h5py.File(path, "w") as file:
        names = values()
        file.attrs["layer_names"] = [name.encode() for name in names]
        for name, array in names.items():
            group = file.create_group(name)
            group.attrs["weight_names"] = [f"{name}/kernel:0".encode()]
            group[f"{name}/kernel:0"] = array
    return open_model(str(path))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return written(tmp_path_factory.mktemp("pictures") / "m.h5")


class Alone(Screen[None]):
    """A view without the tabs around it."""

    def __init__(self, kind: type[LookView], subject: Subject, analyst: Analyst) -> None:
        super().__init__()
        self.seen, self.subject, self.analyst = kind(), subject, analyst

    def compose(self) -> ComposeResult:
        yield self.seen
        yield Footer()

    def on_mount(self) -> None:
        self.seen.look_at(self.subject)
        self.seen.focus_content()


def host(
    kind: type[LookView], model: Model, layer: int, analyst: Analyst, theme: str = "textual-dark"
) -> Host:
    return Host(lambda: Alone(kind, Subject(model, (layer, 0)), analyst), theme)


async def test_filters_by_keys(model: Model, analyst: Analyst, tmp_path: Path) -> None:
    app = host(FiltersView, model, COLOURS, analyst)
    array = values()["deep"].astype("f8")
    norms = np.sqrt(np.nansum(array**2, axis=(0, 1, 2)))
    async with app.run_test(size=(110, 40)) as pilot:
        await until(pilot, lambda: "three input channels as red, green, blue" in shown(app))
        seen: Any = app.screen.query_one(FiltersView)
        tiles = app.screen.query_one(TileGallery)
        await pilot.press("m")
        await until(pilot, lambda: "input channel 0 of 3" in shown(app))
        await pilot.press("left_square_bracket", "m", "m")
        await until(pilot, lambda: "red, green" in shown(app))
        seen.look_at(Subject(model, (DEEP, 0)))
        await until(pilot, lambda: "input channel 0 of 8" in shown(app))
        await until(pilot, lambda: f"filter 0 · norm {norms[0]:.4g}" in shown(app))
        await pilot.press(*["right"] * 4)
        await until(pilot, lambda: "filter 4 · norm 0 · 0 … 0 · dead" in shown(app))
        await pilot.press("right")
        await until(pilot, lambda: "has NaN or infinite values" in shown(app))
        await pilot.press("o", "home")
        await until(pilot, lambda: f"filter {norms.argmax()} · norm" in shown(app))
        assert "largest norm first" in shown(app)
        await pilot.press("n", "right_square_bracket")
        await until(pilot, lambda: "channel 1 of 8 · one scale for all" in shown(app))
        limit = np.nanmax(np.abs(array[:, :, 1]))
        assert f"{limit:.4g}" in shown(app) and seen._gallery.limit == pytest.approx(limit)
        await pilot.press("enter")
        await until(pilot, lambda: "a tile for each input channel" in shown(app))
        await until(pilot, lambda: f"filter {norms.argmax()}, input channel" in shown(app))
        await until(pilot, lambda: "whole filter: norm" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: "20 filters" in shown(app))
        (saving,) = seen.savings()
        target = tmp_path / "filters.png"
        await analyst.ask(saving.request, *saving.args, str(target))
        drawn = target.with_suffix(".svg")
        await analyst.ask(saving.request, *saving.args, str(drawn))
    numbers = [int(n) for n in re.findall(r"<!-- (\d+) -->", drawn.read_text("utf-8"))]
    assert numbers[:20] == (-norms).argsort(kind="stable").tolist()
    with Image.open(target) as picture:
        assert picture.width > 600
        assert len(picture.convert("RGB").getcolors(1 << 20) or ()) > 50
    assert tiles.number == -1 or tiles.number < 20


async def test_heat_map_by_keys(model: Model, analyst: Analyst, tmp_path: Path) -> None:
    app = host(HeatMapView, model, DENSE, analyst)
    dense = values()["dense"].astype("f8")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "■ NaN 1  ■ infinite 1" in shown(app))
        seen: Any = app.screen.query_one(HeatMapView)
        edges = seen._answer.row_edges
        await pilot.press("right", "right")
        block = dense[: edges[1], 2]
        await until(pilot, lambda: f"column 2: mean {block.mean():.6g} of" in shown(app))
        await pilot.press("m")
        await until(pilot, lambda: "farthest from zero" in shown(app))
        await pilot.press(*["plus"] * 4)
        await until(pilot, lambda: f"row 0, column 2: {dense[0, 2]:.6g}" in shown(app))
        await pilot.press("0", "t", "r")
        await until(pilot, lambda: "beyond" in shown(app) and "→ axis 0 (300)" in shown(app))
        picture, numbers = seen.savings()
        for saving, name in ((picture, "map.svg"), (numbers, "seen.npy")):
            await analyst.ask(saving.request, *saving.args, str(tmp_path / name))
        np.testing.assert_array_equal(np.load(tmp_path / "seen.npy"), values()["dense"].T)
        drawn = (tmp_path / "map.svg").read_text("utf-8")
        assert "<!-- axis 0 -->" in drawn and "<!-- axis 1 -->" in drawn
        seen.look_at(Subject(model, (BIAS, 0)))
        await until(pilot, lambda: f"element 0: {values()['bias'][0]:.6g}" in shown(app))
        await pilot.press("right", "down")
        seen.look_at(Subject(model, (DEEP, 0)))
        await until(pilot, lambda: "[0, 0, :, :]" in shown(app))
        await pilot.press("x", "right_square_bracket", "left_square_bracket", "left_square_bracket")
        await until(pilot, lambda: "[0, 2, :, :]" in shown(app))
        said = f"[0, 2, 0, 0]  row 0, column 0: {values()['deep'][0, 2, 0, 0]:.6g}"
        await until(pilot, lambda: said in shown(app))
        await pilot.press("a")
        await until(pilot, lambda: "[0, 2, :, :]" not in shown(app))


def test_a_block_is_said_with_the_indices_of_the_whole_weight() -> None:
    kernel = ("kernel height", "kernel width", "input channels", "filters")
    gates = (*kernel[:3], "4 gates × filters (i, f, c, o)")
    shape, at = (3, 3, 8, 16), (1, 2, 0, 0)
    shown = HeatOptions(2, 3, at, (0, 8), (0, 16), 4, 3)
    pixels = Pixels(3, 4, bytes(36))
    picture = HeatPicture(pixels, [float(n) for n in range(12)], (0, 2, 4, 6, 8), (0, 1, 6, 16))
    assert said_of_block(picture, 1, 1, shown, shape, kernel) == (
        "[1, 2, 2–3, 1–5]  kernel row 1, kernel column 2, input channel 2–3, filter 1–5: "
        "mean 4 of 10 elements"
    )
    assert "gate i, filter 1 to gate f, filter 1: mean" in said_of_block(
        picture, 1, 1, shown, shape, gates
    )
    turned = replace(shown, rows=3, columns=2)
    assert said_of_block(picture, 0, 0, turned, shape, ()).startswith("[1, 2, 0, 0–1]  row 0–1, ")


async def test_what_cannot_be_shown_is_said(analyst: Analyst, tmp_path: Path) -> None:
    model = written(tmp_path / "changing.h5")
    app = host(HeatMapView, model, WORDS, analyst)
    async with app.run_test(size=(90, 24)) as pilot:
        await until(pilot, lambda: "strings, not numbers" in shown(app))
        os.utime(tmp_path / "changing.h5", ns=(1, 1))
        app.screen.query_one(HeatMapView).look_at(Subject(model, (DENSE, 0)))
        await until(pilot, lambda: "has changed since it was" in " ".join(shown(app).split()))
        await pilot.press("down", "plus", "m", "r", "t")
        await pilot.pause(0.1)
        assert app.is_running


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("what", ["rgb", "filters", "heat"])
def test_snapshot(
    snap_compare: Any, model: Model, analyst: Analyst, size: tuple[int, int], what: str
) -> None:
    kind, layer, theme, sign = {
        "rgb": (FiltersView, COLOURS, "textual-dark", "norm"),
        "filters": (FiltersView, DEEP, "textual-dark", "norm"),
        "heat": (HeatMapView, DENSE, "textual-light", "mean"),
    }[what]
    app = host(kind, model, layer, analyst, theme)

    async def ready(pilot: Any) -> None:
        await until(pilot, lambda: sign in shown(app))
        await pilot.press("right", "down")
        await pilot.pause(0.1)

    assert snap_compare(app, terminal_size=size, run_before=ready)

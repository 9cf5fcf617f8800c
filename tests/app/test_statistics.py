"""The screen of statistics: it fills, sorts, filters, sums layers up, keeps and saves."""

from __future__ import annotations

import asyncio
import csv
import json
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from dialog_host import until
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, Static

from kerastui import open_model
from kerastui.analysis.results import Statistics, WeightStatistics
from kerastui.clerk.server import Desk
from kerastui.edits import AppendDense, Document, SetWeight
from kerastui.errors import ClerkDied, UnreadableFile
from kerastui.model import ArraySource
from kerastui.tui.detail_screen import DetailScreen
from kerastui.tui.dialogs.confirm import ConfirmDialog
from kerastui.tui.dialogs.path_field import PathField
from kerastui.tui.look.screen import LookScreen
from kerastui.tui.statistics_batches import Batches
from kerastui.tui.statistics_known import Known, layers_of, slim
from kerastui.tui.statistics_screen import StatisticsScreen
from kerastui.tui.statistics_sparks import common_range
from kerastui.widgets.statistics_columns import StatRow

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from generate import Spec, write_model

SIZES = [(80, 24), (120, 40)]


class Asked:
    """The analysts' work, done here; remembers of which layers' statistics it was asked."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.layers: list[int] = []
        self.requests: list[str] = []
        self.trouble: Exception | None = None
        self.gate: asyncio.Event | None = None

    async def ask(self, request: str, *args: Any, progress: Any = None) -> Any:
        self.requests.append(request)
        if request == "statistics":
            if self.gate is not None:
                progress("somewhere", 0.5)
                await self.gate.wait()
            if self.trouble is not None:
                raise self.trouble
            self.layers += sorted({key[0] for key in args[1]})
        return await asyncio.to_thread(
            getattr(self.desk, request), progress or (lambda *_: None), *args
        )

    async def peek(self, request: str, *args: Any, progress: Any = None) -> Any:
        return await Asked.ask(self, request, *args, progress=progress)


class Host(App[None]):
    """An app that begins with the screen."""

    CSS = "ToastRack { display: none; }"

    def __init__(self, file: Path, asked: Asked | None = None, known: Known | None = None) -> None:
        super().__init__()
        self.document = Document(open_model(file))
        self.asked, self.known = asked or Asked(), known or Known()

    def on_mount(self) -> None:
        self.push_screen(StatisticsScreen(self.document, self.asked, self.known))  # pyright: ignore[reportArgumentType]

    @property
    def shown(self) -> StatisticsScreen:
        screen = self.screen
        assert isinstance(screen, StatisticsScreen)
        return screen

    def text(self, which: str) -> str:
        return str(self.shown.query_one(f"#{which}", Static).render())


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model in which several weights are out of the ordinary."""
    path = tmp_path_factory.mktemp("statistics") / "odd.h5"
    write_model(path, Spec(layers=14, filters=8))
    rng = np.random.default_rng(4)
    with h5py.File(path, "r+") as h5:
        weights: dict[str, Any] = {}
        h5.visititems(lambda n, o: weights.update({n: o}) if isinstance(o, h5py.Dataset) else None)
        for name in sorted(weights):
            values = rng.normal(0, 0.1, weights[name].shape).astype("f4")
            if "block2_conv/block2_conv/kernel" in name:
                values[..., [2, 5]] = 0
            if "block3_conv/block3_conv/kernel" in name:
                values[0, 0, 0, :3] = np.nan
                values *= 40
            if "block1_bn" in name:
                values[...] = 1 if "variance" in name else 0
            weights[name][...] = np.abs(values) if "variance" in name else values
    return path


async def settled(pilot: Pilot[None]) -> None:
    """Wait until all figures and the histograms of what is seen are there."""
    app = pilot.app
    assert isinstance(app, Host)

    def all_there() -> bool:
        if not isinstance(app.screen, StatisticsScreen):
            return False
        screen, table = app.shown, app.shown.table
        seen = [table.rows[place] for place in table.seen]
        drawn = all(r.key in table.sparks for r in seen if r.figures and r.figures.finite)
        return drawn and not (screen.filling.running or screen.filling.batches or screen._stale)

    await until(pilot, all_there)


def keys(app: Host) -> set[str]:
    """Return what the footer offers."""
    shown = app.shown.active_bindings.values()
    return {active.binding.description for active in shown if active.binding.show}


async def type_filter(pilot: Pilot[None], text: str) -> None:
    await pilot.press("slash")
    pilot.app.screen.query_one(Input).value = text
    await pilot.press("enter")


def values_of(file: Path, path: str) -> np.ndarray[Any, Any]:
    layer, name = path.rsplit("/", 1)
    with h5py.File(file, locking=False) as h5:
        return np.asarray(h5[f"model_weights/{layer}/{layer}/{name}:0"])


def paths(app: Host) -> list[str]:
    return [row.path for row in app.shown.table.rows]


async def test_sorted_filtered_by_layer_looked_at_and_kept(file: Path) -> None:
    app = Host(file)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        natural = paths(app)
        table = app.shown.table
        for row in table.rows:
            numbers = values_of(file, row.path)
            finite = numbers[np.isfinite(numbers)].astype("f8")
            assert row.figures is not None and row.count == numbers.size
            assert row.figures.std == pytest.approx(finite.std(), rel=1e-9)
        await pilot.press("5")
        known = [row.figures.std for row in table.rows if row.figures]
        assert known == sorted(known, reverse=True) and table.cursor == 0
        assert paths(app)[0] == "block3_conv/kernel" and "by std, falling" in app.text("state")
        await pilot.press("r")
        assert paths(app)[-1] == "block3_conv/kernel"
        await pilot.press("n", "f")
        assert paths(app) == [
            "block1_bn/gamma", "block1_bn/beta", "block1_bn/moving_mean",
            "block1_bn/moving_variance", "block2_conv/kernel", "block3_conv/kernel",
        ]  # fmt: skip
        await type_filter(pilot, "flag:dead")
        assert paths(app) == ["block2_conv/kernel"]
        assert "2 of 8 along filters: 2 5" in app.text("detail")
        told = app.text("summary").replace("\xa0", " ")
        assert "1 weight: NaN" in told and "1 weight: dead filters" in told
        await pilot.press("y", "escape", "slash", *"BN", "escape")
        assert app.clipboard == "block2_conv/kernel" and paths(app) == natural
        await type_filter(pilot, "BATCH *2_b?/beta")
        assert paths(app) == ["block2_bn/beta"]
        await type_filter(pilot, "class:conv2d bias")
        assert all(path.endswith("conv/bias") for path in paths(app)) and paths(app)
        await pilot.press("escape", "l", "home", "down")
        whole = np.concatenate(
            [values_of(file, path).ravel() for path in natural if path.startswith("block1_bn/")]
        ).astype("f8")
        layer = table.current
        assert layer and layer.path == "block1_bn" and layer.figures
        assert layer.figures.std == pytest.approx(whole.std(), rel=1e-12)
        assert layer.figures.count == whole.size
        await settled(pilot)
        counts = table.sparks[layer.key].counts
        assert counts == tuple(np.histogram(whole, 24, (whole.min(), whole.max()))[0])
        await pilot.press("c")
        await settled(pilot)
        assert app.shown.table.spark_title.startswith("± ")
        await pilot.press("enter")
        assert isinstance(app.screen, LookScreen) and app.screen.subject.path == "block1_bn/gamma"
        await pilot.press("escape", "escape")
        assert len(app.screen_stack) == 1
        asked = len(app.asked.layers)
        app.push_screen(StatisticsScreen(app.document, app.asked, app.known))  # pyright: ignore[reportArgumentType]
        await settled(pilot)
        assert len(app.asked.layers) == asked, "figures are asked for once"
        await pilot.press("Q")
        await settled(pilot)
        row = app.shown.table.rows[0]
        expected = np.quantile(values_of(file, row.path).astype("f8"), 0.25)
        assert row.figures and dict(row.figures.quantiles)[0.25] == pytest.approx(expected)


async def test_a_replaced_weight_is_computed_again_and_no_other(file: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "new.npy", np.full((3, 3, 8, 8), 3.0, "f4"))
    app = Host(file)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        app.asked.layers.clear()
        app.push_screen(Screen())
        source = ArraySource(str(tmp_path / "new.npy"), "", (3, 3, 8, 8), "float32").stamped()
        app.document.apply(SetWeight("block2_conv", "kernel", source))
        app.pop_screen()
        await settled(pilot)
        assert app.asked.layers == [app.document.model.index["block2_conv"]]
        row = next(r for r in app.shown.table.rows if r.path == "block2_conv/kernel")
        assert row.figures and row.figures.min == row.figures.max == 3
        app.asked.layers.clear()
        app.push_screen(Screen())
        app.document.apply(AppendDense("head", 3))
        app.pop_screen()
        await settled(pilot)
        assert app.asked.layers == [app.document.model.index["head"]]
        kernel, bias = app.shown.table.rows[-2:]
        assert kernel.path == "head/kernel" and kernel.figures and kernel.figures.std
        assert bias.figures and bias.figures.zeros == 3


def test_what_is_seen_comes_first_and_the_rest_in_batches(file: Path) -> None:
    model, known = open_model(file), Known()
    batches = Batches(model, known, False)
    layers = layers_of(model)
    assert batches.take([layers[-1], layers[2]]) == (layers[-1], layers[2])
    batches.done(10)
    assert 0 < batches.share(0) < 1
    batches.careful()  # one layer at a time
    assert batches.take([layers[2]]) == (layers[0],)
    light = slim(model, [layers[0]])
    assert [i for i, layer in enumerate(light.layers) if layer.weights] == [layers[0]]


def test_the_common_range_is_that_of_the_typical_weight(file: Path) -> None:
    def row(n: int, root_mean_square: float) -> StatRow:
        figures = Statistics(n, -1, 1, 0.0, 1.0, 1.0, root_mean_square * n**0.5)
        found = WeightStatistics("a/b", 0, (n,), "float32", figures)
        return StatRow((0, 0), "a/b", "Dense", (n,), "", "float32", n, found)

    assert common_range([]) is None
    assert common_range([row(900, 0.1), row(5, 1e6), row(800, 0.1)]) == (-0.5, 0.5)
    assert common_range([row(3, 0.0)]) == (-1, 1)


async def test_escape_stops_space_goes_on_and_trouble_is_told(file: Path) -> None:
    asked = Asked()
    asked.gate = asyncio.Event()
    app = Host(file, asked)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.shown.filling.running and {"Stop", "Look"} <= keys(app))
        await pilot.press("down", "5", "escape")
        await until(pilot, lambda: "space goes on" in app.text("state"))
        assert not app.shown.filling.running
        assert {"Go on", "Back"} <= keys(app)
        asked.gate = None
        asked.trouble = UnreadableFile("The file is gone.")
        await pilot.press("space")
        await until(pilot, lambda: app.text("summary") == "✗ The file is gone.")
        await until(pilot, lambda: "Go on" in keys(app))
        row = app.shown.table.render_line(1).text
        assert "not computed" in row and "–" in row and "…" not in row
        asked.trouble = ClerkDied("Out of memory.")
        await pilot.press("space")
        await settled(pilot)
        assert "26 weights: cannot be read" in app.text("summary").replace("\xa0", " ")
        assert not {"Stop", "Go on"} & keys(app)
        await pilot.press("escape")
        assert len(app.screen_stack) == 1


async def test_the_rows_that_are_shown_are_saved_whole(file: Path, tmp_path: Path) -> None:
    app = Host(file)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await type_filter(pilot, "kernel")
        await pilot.press("5")
        for suffix in (".csv", ".json"):
            target = tmp_path / f"table{suffix}"
            target.write_text("mine")
            await pilot.press("s")
            await until(pilot, lambda: app.screen.query(PathField))
            app.screen.query_one(PathField).set_value(str(target))
            await pilot.pause(0.2)
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
            assert target.read_text() == "mine", "not overwritten without asking"
            await pilot.press("o")
            await until(pilot, lambda: isinstance(app.screen, StatisticsScreen))
            await until(pilot, lambda t=target: t.read_text() != "mine")
        lines = list(csv.DictReader((tmp_path / "table.csv").open()))
        assert [line["path"] for line in lines] == paths(app)
        objects = json.loads((tmp_path / "table.json").read_text())
        assert [found["path"] for found in objects] == paths(app)
        assert objects[0]["nan"] == 3 and objects[0]["flags"] == ["nan"]


async def test_the_keys_of_explorer_and_details_lead_there(file: Path, explorer: Any) -> None:
    async with explorer(file, (80, 24)) as pilot:
        await pilot.press("down", "tab")
        await until(pilot, lambda: isinstance(pilot.app.screen, DetailScreen))
        await pilot.press("s")
        await until(pilot, lambda: isinstance(pilot.app.screen, StatisticsScreen))
        screen = pilot.app.screen
        await until(pilot, lambda: not screen.filling.batches)
        assert screen.table.current.path == "block1_conv/kernel"
        await pilot.press("escape", "d")
        await until(pilot, lambda: isinstance(pilot.app.screen, LookScreen))
        assert pilot.app.screen.subject.path == "block1_conv/kernel"
        await pilot.press("escape", "W")
        await until(pilot, lambda: pilot.app.screen.query("DialogBox"))


@pytest.mark.parametrize("size", SIZES)
def test_how_it_looks(snap_compare: Any, file: Path, size: tuple[int, int]) -> None:
    async def before(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await pilot.press("5", "c")
        await settled(pilot)

    assert snap_compare(Host(file), terminal_size=size, run_before=before)

"""Looking at a weight as a matrix: projection and spectrum; saving what is seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from dialog_host import Host, shown, until
from PIL import Image
from textual.app import App, ComposeResult
from textual.screen import Screen
from textual.widgets import Footer, TabbedContent

from kerastui.files import open_model
from kerastui.model import Destination, Model
from kerastui.tui.dialogs.path_field import PathField
from kerastui.tui.dialogs.save_shown import Offer, SaveShownDialog
from kerastui.tui.look.analyst import Analyst
from kerastui.tui.look.projection_view import ProjectionView
from kerastui.tui.look.screen import LookScreen
from kerastui.tui.look.spectrum_view import SpectrumView
from kerastui.tui.look.subject import Subject
from kerastui.tui.look.view import LookView
from kerastui.tui.look.vocabulary import find_token, read_tokens
from kerastui.tui.look.waiting import Waiting
from kerastui.widgets.curve import Curve
from kerastui.widgets.scatter import Scatter

SIZES = [(80, 24), (120, 40)]


@pytest.fixture(scope="module")
def analyst() -> Iterator[Analyst]:
    analyst = Analyst()
    yield analyst
    analyst.close()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Points on a helix with some noise; a kernel with singular values that fall off; NaN."""
    path = tmp_path_factory.mktemp("look") / "m.h5"
    rng = np.random.default_rng(5)
    turns = np.linspace(0, 4 * np.pi, 90)
    points = np.stack([np.cos(turns) * 4, np.sin(turns) * 3, turns / 2], axis=1)
    mixed = points @ np.linalg.qr(rng.standard_normal((8, 8)))[0][:3]
    left, right = (np.linalg.qr(rng.standard_normal((n, n)))[0] for n in (27, 12))
    kernel = left[:, :12] * 2.0 ** -np.arange(12) @ right
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [b"words", b"conv", b"bad"]
        for layer, name, values in (
            ("words", "embeddings", mixed), ("conv", "kernel", kernel.reshape(3, 3, 3, 12)),
            ("bad", "kernel", np.full((4, 5), np.nan)),
        ):  # fmt: skip
            group = file.create_group(layer)
            group.attrs["weight_names"] = [f"{layer}/{name}:0".encode()]
            group[f"{layer}/{name}:0"] = values.astype("f4")
    return open_model(str(path))


@pytest.fixture
def looking(model: Model, analyst: Analyst) -> Any:
    def host(layer: int = 0) -> Host:
        return Host(lambda: LookScreen(model, (layer, 0), analyst))

    return host


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


def view(app: Host, kind: type[Any]) -> Any:
    return app.screen.query_one(kind)


async def open_tab(pilot: Any, kind: type[Any]) -> Any:
    """Show the tab of a view and wait for its answer."""
    app = pilot.app
    await until(pilot, lambda: isinstance(app.screen, LookScreen))
    number = [v.__name__ for v in app.screen.offered].index(kind.__name__)
    await pilot.press(str(number + 1))
    await until(pilot, lambda: bool(app.screen.query(kind)))
    return view(app, kind)


async def test_projection_by_keys(model: Model, analyst: Analyst, tmp_path: Path) -> None:
    tokens = tmp_path / "tokens.txt"
    tokens.write_text("\n".join(["", *(f"word{i}" for i in range(1, 80))]), "utf-8")
    app = Host(lambda: Alone(ProjectionView, Subject(model, (0, 0)), analyst))
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        seen: Any = view(app, ProjectionView)
        await until(pilot, lambda: "90 rows as points of 8 features" in shown(app))
        await pilot.press("right")
        await until(pilot, lambda: seen._found is not None)
        assert "0." in shown(app) and "cosine" in shown(app)
        start = seen._number
        await pilot.press("right", "right")
        await until(pilot, lambda: seen._found is not None and seen._number != start)
        axes = seen._projection.coordinates
        assert axes[seen._number][0] > axes[start][0]
        await pilot.press("slash", *"17", "enter")
        await until(pilot, lambda: "row 17" in shown(app))
        assert isinstance(app.focused, Scatter)
        await until(pilot, lambda: seen._found is not None)
        assert {16, 18} <= {near.number for near in seen._found.nearest}
        await pilot.press("slash", *"999", "enter")
        await until(pilot, lambda: "points from 0 to 89" in shown(app))
        assert seen._number == 17
        await pilot.press("slash", "escape", "v")  # leaves the line, not the screen
        await until(pilot, lambda: bool(app.screen.query(PathField)))
        app.screen.query_one(PathField).set_value(str(tokens))
        await pilot.press("enter")
        await until(pilot, lambda: "row 17 word17" in shown(app))
        await until(pilot, lambda: "80 names for 90 points" in shown(app))
        await pilot.press("slash", *"WORD4", "enter")
        await until(pilot, lambda: seen._number == 4)
        await pilot.press("c")
        await until(pilot, lambda: "component 3 (" in shown(app))
        await pilot.press("x")
        await until(pilot, lambda: "8 columns as points of 90 features" in shown(app))
        assert seen._number is None


async def test_projection_of_nothing_but_nan_says_so(looking: Any) -> None:
    app = looking(2)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, ProjectionView)
        await until(pilot, lambda: "Every point of it has NaN" in shown(app))
        await open_tab(pilot, SpectrumView)
        await until(pilot, lambda: "20 elements of it are NaN or infinite" in shown(app))
        await pilot.press("full_stop")  # round to the first weight, in the same view
        await until(pilot, lambda: "rank 3 of 8" in shown(app))


async def test_spectrum_by_keys(model: Model, analyst: Analyst) -> None:
    app = Host(lambda: Alone(SpectrumView, Subject(model, (1, 0)), analyst))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "rank 12 of 12" in shown(app))
        assert "(3, 3, 3, 12) folded to a matrix of (27, 12)" in shown(app)
        assert "90% of the energy in 2 values" in shown(app)
        await pilot.press("right", "right")
        await until(pilot, lambda: "value 2   0.5   93.75% of the energy" in shown(app))
        await pilot.press("end", "left", "shift+left", "e")
        assert view(app, Curve).index == 0
        await until(pilot, lambda: "cumulative energy" in shown(app))
        await pilot.press("l")
        await until(pilot, lambda: "cumulative energy" not in shown(app))


async def test_saving_a_picture_numbers_and_the_whole_weight(looking: Any, model: Model) -> None:
    folder = Path(model.file.path).parent
    app = looking(1)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await open_tab(pilot, SpectrumView)
        await until(pilot, lambda: "rank 12 of 12" in shown(app))
        await pilot.press("s")
        await until(pilot, lambda: "conv-kernel-spectrum.png" in shown(app))
        await pilot.press("enter")
        picture = folder / "conv-kernel-spectrum.png"
        await until(pilot, lambda: isinstance(app.screen, LookScreen) and picture.exists())
        with Image.open(picture) as opened:
            opened.verify()
        await until(pilot, lambda: "Saved: " in shown(app))
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, SaveShownDialog))
        await pilot.press("ctrl+t", "ctrl+r")
        assert app.screen.query_one(PathField).value.endswith("conv-kernel-spectrum.npy")
        await pilot.press("ctrl+t", "enter")
        whole = folder / "conv-kernel.npy"
        await until(pilot, whole.exists)
        assert np.load(whole).shape == (3, 3, 3, 12)
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, SaveShownDialog))
        app.screen.query_one(PathField).set_value(str(folder / "gone" / "x.png"))
        await until(pilot, lambda: "✗ The folder" in shown(app))


async def test_names_that_are_refused(tmp_path: Path) -> None:
    (tmp_path / "m.h5").write_bytes(b"model")
    (tmp_path / "m.npy").symlink_to(tmp_path / "m.h5")
    offers = [Offer("Picture", "w-x", (".png", ".svg")), Offer("Whole weight", "w", (".npy",))]
    app = Host(lambda: SaveShownDialog(offers, tmp_path, (str(tmp_path / "m.h5"),)))
    async with app.run_test(size=(90, 30)) as pilot:
        field = app.screen.query_one(PathField)
        field.set_value("a.npy")
        await until(pilot, lambda: "has to end in .png or .svg, not in .npy." in shown(app))
        field.set_value("mine.svg")
        await until(pilot, lambda: "● .svg" in shown(app))
        field.set_value("mine.svgm")
        await until(pilot, lambda: "not in .svgm." in shown(app))
        assert "● .svg" in shown(app)  # what was chosen stays
        field.set_value("mine.svg")
        await pilot.press("ctrl+t")
        assert field.value == "mine.npy"  # a name of one's own stays
        field.set_value("m.npy")
        await pilot.press("enter")
        await until(pilot, lambda: "is the model file itself" in shown(app))
        field.set_value("w.npy")
        await pilot.press("enter")
        await until(pilot, lambda: app.result == Destination(str(tmp_path / "w.npy")))


async def test_keys_fit_the_footer_and_pictures_have_room_on_small_screens(
    explorer: Any, sample: Any
) -> None:
    pictures = {
        "HistogramView": "HistogramBars", "FiltersView": "TileGallery", "HeatMapView": "HeatMap",
        "SpectrumView": "Curve",
    }  # fmt: skip
    async with explorer(sample("transfer.h5"), (80, 24)) as pilot:
        app: Any = pilot.app
        app.explorer.table.move_to(app.explorer.model.index["digits_base/block1_conv2"])
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, LookScreen))
        for name, picture in pictures.items():
            app.screen.query_one(TabbedContent).active = name
            await until(pilot, lambda n=name: type(app.screen.view).__name__ == n)
            await until(pilot, lambda: "? Keys" in shown(app).splitlines()[-1])
            await pilot.resize_terminal(60, 15)
            least = 8 if name == "SpectrumView" else 5  # what is round the curve takes three
            drawn = app.screen.view.query_one(picture)
            await until(pilot, lambda d=drawn, n=least: app.size.width == 60 and d.size.height >= n)
            await pilot.resize_terminal(80, 24)


async def test_what_takes_long_is_told() -> None:
    class One(App[None]):
        def compose(self) -> ComposeResult:
            yield Waiting()

    app = One()
    async with app.run_test(size=(60, 5)) as pilot:
        line = app.query_one(Waiting)
        with line.shown() as first:
            first("reading", 0.25)
            await pilot.pause()
            assert not line.display  # not for a moment
            await until(pilot, lambda: line.display)
            assert "reading … ██████" in shown(app) and "25%" in shown(app)
            with line.shown() as second:
                second("decomposing", 1.0)
                first("reading", 0.5)  # of a question that nobody waits for
                await until(pilot, lambda: "decomposing …" in shown(app))
                assert "%" not in shown(app)
        assert not line.display


def test_tokens(tmp_path: Path) -> None:
    path = tmp_path / "v.txt"
    path.write_bytes("\ufeff\r\n[UNK]\r\nthe\u2028x\nthen\x1b\n".encode())
    tokens = read_tokens(path, 99)
    assert len(tokens) == 4 and tokens[:2] == ("", "[UNK]") and "\x1b" not in tokens[3]
    assert read_tokens(path, 2) == ("", "[UNK]")
    names = ("", "and", "band", "hand")
    assert find_token(names, "AND", -1) == 1
    assert find_token(names, "and", 1) == 2 and find_token(names, "x", 0) is None


@pytest.mark.parametrize("size", SIZES, ids=["80", "120"])
@pytest.mark.parametrize(
    ("kind", "layer", "answer", "keys"),
    [
        (ProjectionView, 0, "_projection", ["slash", "3", "0", "enter"]),
        (SpectrumView, 1, "_spectrum", ["right"] * 3),
    ],
    ids=["projection", "spectrum"],
)
def test_snapshot(
    snap_compare: Any, model: Model, analyst: Analyst, kind: type[LookView], layer: int,
    answer: str, keys: list[str], size: tuple[int, int],
) -> None:  # fmt: skip
    async def rest(pilot: Any) -> None:
        seen = pilot.app.screen.seen
        await until(pilot, lambda: getattr(seen, answer) is not None)
        await pilot.press(*keys)
        await until(pilot, lambda: getattr(seen, "_found", True) is not None)
        await pilot.pause(0.05)

    app = Host(lambda: Alone(kind, Subject(model, (layer, 0)), analyst))
    assert snap_compare(app, terminal_size=size, run_before=rest)


def test_snapshot_of_the_dialog(snap_compare: Any, isolated_home: Path) -> None:
    offers = [
        Offer("Picture", "conv-kernel-spectrum", (".png", ".svg")),
        Offer("Singular values", "conv-kernel-spectrum", (".csv", ".npy")),
        Offer("Whole weight", "conv-kernel", (".npy",)),
    ]

    async def rest(pilot: Any) -> None:
        pilot.app.screen.query_one(PathField).set_value("~/conv-kernel-spectrum.svg")
        await pilot.pause(0.3)

    app = Host(lambda: SaveShownDialog(offers, isolated_home))
    assert snap_compare(app, terminal_size=(80, 24), run_before=rest)

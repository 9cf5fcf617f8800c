"""A weight's distribution and figures on the screen, asked of a real clerk."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from dialog_host import Host, shown, until

from kerastui.files import open_model
from kerastui.model import Model
from kerastui.tui import looking_actions
from kerastui.tui.look.analyst import Analyst
from kerastui.tui.look.counts_asking import CountsAsked
from kerastui.tui.look.figures_asking import FiguresAsked
from kerastui.tui.look.figures_view import FiguresTab
from kerastui.tui.look.histogram_many import ManyHistograms
from kerastui.tui.look.histogram_view import HistogramView
from kerastui.tui.look.screen import LookScreen
from kerastui.tui.look.subject import Subject
from kerastui.widgets.histogram_bars import HistogramBars

SIZES = [(80, 24), (120, 40)]


class Wide(Host):
    """As the application: figures are beside the tabs where there is room."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012


def weights() -> dict[str, Any]:
    rng = np.random.default_rng(3)
    kernel = rng.normal(0, 0.05, (3, 3, 8, 32)).astype("f4")
    kernel[..., [4, 17]] = 0
    kernel[..., 9] = kernel[..., 8]
    kernel[0, 0, 0, 0], kernel[0, 0, 0, 1], kernel[0, 0, 0, 2] = np.nan, np.inf, 0.9
    return {
        "first/kernel": kernel,
        "first/bias": np.zeros(32, "f4"),
        "second/kernel": rng.normal(0.1, 0.2, (200, 40)).astype("f4"),
        "third/kernel": np.full((3, 2), np.nan),
        "bytes/codes": np.arange(-6, 7, dtype="i1").repeat(3),
        "truth/mask": np.array([True, False, True]),
        "turns/w": np.array([[3 + 4j, 1j], [0, -1]]),
        "one/scalar": np.float16(2.5),
        "none/empty": np.zeros((0, 3), "f4"),
        "words/table": np.array([b"a", b"bc"]),
    }


@pytest.fixture(scope="module")
def analyst() -> Iterator[Analyst]:
    analyst = Analyst()
    yield analyst
    analyst.close()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    path = tmp_path_factory.mktemp("look") / "m.h5"
    names: dict[str, list[bytes]] = {}
    with h5py.File(path, "w") as file:
        for name, values in weights().items():
            layer = name.partition("/")[0]
            names.setdefault(layer, []).append(f"{name}:0".encode())
            file[f"{layer}/{name}:0"] = values
        for layer, stored in names.items():
            file[layer].attrs["weight_names"] = np.array(stored)
        file.attrs["layer_names"] = np.array([layer.encode() for layer in names])
    return open_model(str(path))


@pytest.fixture
def looking(model: Model, analyst: Analyst) -> Any:
    def host(layer: int = 0) -> Host:
        return Wide(lambda: LookScreen(model, (layer, 0), analyst))

    return host


def bars(app: Host) -> HistogramBars:
    return app.screen.query_one(HistogramBars)


async def at_rest(pilot: Any) -> None:
    """Wait until nothing more is asked."""
    app = pilot.app
    await until(pilot, lambda: isinstance(app.screen, LookScreen))
    await until(pilot, lambda: bool(app.screen.query(HistogramBars)))
    await until(pilot, lambda: bars(app).axis is not None and not bars(app).coarse)
    await until(pilot, lambda: "σ" in shown(app) and " …" not in figures(app))


def figures(app: Host) -> str:
    """What the figures beside the tabs say."""
    pane = app.screen.query_one("#figures")
    parts = ("odd", "numbers", "quantiles") if pane.display else ()
    return "\n".join(str(pane.query_one(f"#{part}").visual) for part in parts)  # pyright: ignore


async def test_who_answers_is_there_before_the_first_question(
    explorer: Any, sample: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking_actions, "_READY_AFTER", 0.05)
    async with explorer(sample("digits_cnn.keras")) as pilot:
        screen = pilot.app.explorer
        await until(pilot, lambda: screen._analyst is not None)
        await until(pilot, lambda: not screen.analyst._short._waiting)
        process = screen.analyst._short._process
        assert process.poll() is None
        await pilot.press("down", "d")
        await at_rest(pilot)
        assert screen.analyst._short._process is process
    assert process.wait(timeout=60) == 0


@pytest.fixture
def asked(analyst: Analyst, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What who waits for answers has asked."""
    requests: list[str] = []
    peek = analyst.peek

    def listen(request: str, *args: Any, **options: Any) -> Any:
        requests.append(request)
        return peek(request, *args, **options)

    monkeypatch.setattr(analyst, "peek", listen)
    return requests


async def test_what_is_counted_is_what_numpy_counts(looking: Any, asked: list[str]) -> None:
    app = looking()
    values = weights()["first/kernel"].ravel()
    finite = values[np.isfinite(values)]
    async with app.run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        assert asked == ["histogram"]  # before there were columns, and as many as came to be
        found = bars(app)
        expected, edges = np.histogram(finite, found.columns)
        assert list(found.counts) == expected.tolist()
        assert found.edges(found.bin) == pytest.approx(edges[found.bin : found.bin + 2])
        assert "✗ 1 NaN · 1 inf" in shown(app)
        await pilot.press("0", "plus", "plus", "plus")
        await until(pilot, lambda: not found.coarse)
        axis = found.axis
        assert axis is not None and axis.low < 0 < axis.high
        assert axis.width == pytest.approx(float(np.ptp(finite)) / 8)
        expected, _ = np.histogram(finite, found.columns, (axis.low, axis.high))
        assert list(found.counts) == expected.tolist()
        beside = sum(finite < axis.low), sum(finite > axis.high)
        assert f"{beside[0]} below · {beside[1]} above" in shown(app)
        picture, counts = app.screen.query_one(HistogramView).savings()
        assert picture.args[0] == counts.args[0] and sum(picture.args[0].counts) == sum(expected)
        await pilot.press("home")
        assert not found.coarse  # it was counted before


async def test_figures_and_what_is_odd_in_sentences(looking: Any) -> None:
    app = looking()
    kernel = weights()["first/kernel"]
    finite = kernel[np.isfinite(kernel)].astype("f8")
    async with app.run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        said = figures(app)
        for part in (
            "✗ 1 value is NaN.", "✗ 1 value is infinite.", "2 of 32 on axis 3 dead: 4, 17.",
            "1 of 32 on axis 3 equal to another: 8 = 9.", "count    2,304",
            f"max      {finite.max():.6g}", f"zeros    {2 * 72}   6.25 %",
            f" 99%     {np.quantile(finite, 0.99):.6g}",
        ):  # fmt: skip
            assert part in said, said
        # There is no tab for what is beside the tabs; number keys follow.
        assert FiguresTab not in app.screen.offered
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: FiguresTab in app.screen.offered)
        number = app.screen.offered.index(FiguresTab) + 1
        await pilot.press(str(number))
        await until(pilot, lambda: "2 of 32 on axis 3 dead: 4, 17." in shown(app))
        await pilot.resize_terminal(120, 40)
        await until(pilot, lambda: isinstance(app.screen.view, HistogramView))


class Slow:
    """An analyst that answers when it is told to."""

    def __init__(self) -> None:
        self.asked = self.stopped = 0
        self.answer = asyncio.Event()

    async def ask(self, request: str, *args: Any, progress: Any) -> Any:
        self.asked += 1
        try:
            await self.answer.wait()
        except asyncio.CancelledError:
            self.stopped += 1
            raise
        progress("a", 0.5)
        return (args,)

    peek = ask


async def test_who_wants_the_same_figures_shares_them(model: Model) -> None:
    slow: Any = Slow()
    asked, subject, told = FiguresAsked(slow), Subject(model, (0, 0)), []
    waiting = [
        asyncio.create_task(asked.of(subject, True, lambda *news: told.append(news)))
        for _ in range(3)
    ]
    await asyncio.sleep(0)
    waiting.pop().cancel()  # the others still want it
    await asyncio.sleep(0.01)
    assert (slow.asked, slow.stopped) == (1, 0)
    slow.answer.set()
    first, second = await asyncio.gather(*waiting)
    assert first is second is asked.known(subject, full=False) and told == [("a", 0.5)] * 2
    slow.answer.clear()
    alone = asyncio.create_task(asked.of(Subject(model, (1, 0)), True))
    await asyncio.sleep(0.01)
    alone.cancel()
    await asyncio.sleep(0.01)
    assert (slow.asked, slow.stopped) == (2, 1)  # nobody waits: the work is stopped


async def test_what_is_asked_ahead_ends_with_another_question(model: Model) -> None:
    slow: Any = Slow()
    counts, subject = CountsAsked(slow), Subject(model, (0, 0))
    ahead = asyncio.create_task(counts.ahead(subject, 80))
    await asyncio.sleep(0)
    same = asyncio.create_task(counts.histogram(subject, (None, None, 80)))
    await asyncio.sleep(0.01)
    assert (slow.asked, slow.stopped) == (1, 0)  # what was foreseen
    other = asyncio.create_task(counts.histogram(subject, (None, None, 72)))
    await asyncio.sleep(0.01)
    assert ahead.cancelled() and (slow.asked, slow.stopped) == (2, 0)  # one still waits for it
    same.cancel()
    await asyncio.sleep(0.01)
    assert slow.stopped == 1
    slow.answer.set()
    found = await other
    assert await counts.histogram(subject, (None, None, 72)) is found and slow.asked == 2


async def test_odd_weights_show_something_sensible(looking: Any) -> None:
    app = looking(2)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, LookScreen))
        for wanted in (
            "None of its 6 values is a finite number: 6 NaN.",
            "▏0   3 values   7.69 %",  # whole numbers have bins of their own
            "2 values   66.7 %",
            "absolute values of complex numbers",
            "1 value   100 %",
            "This weight has no values: an axis has no elements.",
            "holds strings, not numbers",
        ):
            await until(pilot, lambda wanted=wanted: wanted in shown(app).replace("\n", ""))
            await pilot.press("full_stop")


async def test_beside_others_on_one_axis(looking: Any) -> None:
    app = looking()
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        await pilot.press("m")
        many = app.screen.query_one(ManyHistograms)
        await until(pilot, lambda: "2 weights of first" in shown(app) and "all 0" in shown(app))
        await pilot.press("m")
        await until(pilot, lambda: "no finite number" in shown(app))
        assert "3 weights called kernel, of all layers" in shown(app)
        kernels = [v.ravel() for k, v in weights().items() if k.endswith("/kernel")]
        everything = np.concatenate(kernels)
        everything = everything[np.isfinite(everything)]
        assert many.rows.whole is not None
        assert many.rows.whole.low == pytest.approx(everything.min())
        assert many.rows.whole.high == pytest.approx(everything.max())
        await pilot.press("plus", "plus", "plus", "plus")
        axis, columns = many.rows.axis, many.rows.columns
        assert axis is not None
        await until(
            pilot, lambda: isinstance((many.rows.rows[0].drawn or (0, ()))[1], tuple)
        )  # counted anew, not guessed
        expected, _ = np.histogram(
            kernels[0][np.isfinite(kernels[0])], columns, (axis.low, axis.high)
        )
        drawn = many.rows.rows[0].drawn
        assert drawn is not None and list(drawn[1]) == expected.tolist()
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.screen.subject.path == "second/kernel")
        await until(pilot, lambda: "8,000 values · linear counts" in shown(app))
        await pilot.press("m", "comma")  # the weight before is another layer's
        await until(pilot, lambda: "2 weights of first" in shown(app))


async def test_counts_are_saved(
    looking: Any, analyst: Analyst, asked: list[str], tmp_path: Path
) -> None:
    app = looking(1)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        assert asked == ["histogram"]
        _, counts = app.screen.query_one(HistogramView).savings()
        target = tmp_path / "counts.csv"
        await analyst.ask(counts.request, *counts.args, str(target))
        rows = list(csv.reader(target.open(encoding="utf-8")))
        assert sum(int(row[2]) for row in rows[1:]) == 8000
        await pilot.press("m")
        await until(pilot, lambda: all(row.note != "…" for row in many_rows(app)))
        picture, counts = app.screen.query_one(HistogramView).savings()
        await analyst.ask(counts.request, *counts.args, str(target))
        rows = list(csv.reader(target.open(encoding="utf-8")))
        assert {row[0] for row in rows[1:]} == {"second/kernel"}
        assert sum(int(row[3]) for row in rows[1:]) == 8000
        await analyst.ask(picture.request, *picture.args, str(tmp_path / "rows.svg"))
        assert "1 weight of second" in (tmp_path / "rows.svg").read_text("utf-8")


@pytest.mark.parametrize("size", SIZES, ids=["80", "120"])
@pytest.mark.parametrize(
    ("layer", "keys", "ready"),
    [
        (0, ["l"], "log counts"),
        (1, ["m", "m"], "no finite number"),
        (4, [], "▏"),
    ],
    ids=["log", "many", "whole-numbers"],
)
def test_snapshot(
    snap_compare: Any, looking: Any, layer: int, keys: list[str], ready: str, size: tuple[int, int]
) -> None:
    async def rest(pilot: Any) -> None:
        await at_rest(pilot)
        await pilot.press(*keys)
        await until(pilot, lambda: ready in shown(pilot.app))
        await until(pilot, lambda: "…" not in [w.note for w in many_rows(pilot.app)])
        await pilot.pause(0.05)

    assert snap_compare(looking(layer), terminal_size=size, run_before=rest)


def many_rows(app: Host) -> list[Any]:
    return app.screen.query_one(ManyHistograms).rows.rows


def test_snapshot_of_the_figures_as_a_tab(snap_compare: Any, looking: Any) -> None:
    async def rest(pilot: Any) -> None:
        await at_rest(pilot)
        await pilot.press(str(pilot.app.screen.offered.index(FiguresTab) + 1))
        await until(pilot, lambda: "NaN" in shown(pilot.app) and "dead" in shown(pilot.app))
        await pilot.pause(0.05)

    assert snap_compare(looking(), terminal_size=(80, 24), run_before=rest)

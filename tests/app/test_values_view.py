"""The values of a weight: on a screen of its own, with the real reader in the same process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import ml_dtypes
import numpy as np
import pytest
from dialog_host import until
from textual.app import App, ComposeResult
from textual.screen import Screen
from textual.widgets import Input, Static

from kerastui.analysis.looking import Looking
from kerastui.analysis.statistics import statistics_of
from kerastui.files import open_model
from kerastui.model import Layer, Weight
from kerastui.tui.look.subject import Subject, keys_of
from kerastui.tui.look.values_grid import ValuesGrid
from kerastui.tui.look.values_line import ValuesLine
from kerastui.tui.look.values_places import NotAPlace, order_of, place_of, words
from kerastui.tui.look.values_view import ValuesView
from kerastui.widgets.array_view import ArrayView
from kerastui.widgets.axis_chips import AxisChips

SAMPLES = Path(__file__).parents[2] / "sample_models"


class Reader:
    """What an analyst answers, without processes; `held` keeps answers back."""

    def __init__(self) -> None:
        self.looking = Looking(lambda: False)
        self.asked: list[tuple[Any, ...]] = []
        self.held: asyncio.Event | None = None

    async def peek(self, request: str, *args: Any) -> Any:
        self.asked.append((request, *args))
        if self.held is not None:
            await self.held.wait()
        return self.looking.window(*args)

    async def ask(self, request: str, *args: Any, progress: Any = None) -> Any:
        self.asked.append((request, *args))
        if self.held is not None:
            progress(request, 0.25)
            await self.held.wait()
        if request == "find":
            return self.looking.find(lambda *_: None, *args)
        return statistics_of(args[0], args[1], quantiles=args[2], duplicates=args[3])


class LookAlone(Screen[None]):
    def __init__(self) -> None:
        super().__init__()
        self.analyst = Reader()

    def compose(self) -> ComposeResult:
        yield ValuesView()

    def on_mount(self) -> None:
        assert isinstance(self.app, Alone)
        self.app.show(self.app.weight)


class Alone(App[None]):
    """The view of a weight, found by the end of its path."""

    def __init__(self, path: Path, weight: str) -> None:
        super().__init__()
        self.model = open_model(str(path))
        self.weight = weight

    def get_default_screen(self) -> Screen[Any]:
        return LookAlone()

    def show(self, weight: str) -> None:
        subjects = (Subject(self.model, key) for key in keys_of(self.model))
        self.view.look_at(next(s for s in subjects if s.path.endswith(weight)))
        self.view.focus_content()

    @property
    def view(self) -> ValuesView:
        return self.screen.query_one(ValuesView)

    @property
    def grid(self) -> ValuesGrid:
        return self.view.grid

    @property
    def reader(self) -> Reader:
        assert isinstance(self.screen, LookAlone)
        return self.screen.analyst

    def text(self, which: str) -> str:
        return str(self.view.query_one(f"#values-{which}", Static).render())

    def lines(self) -> list[str]:
        return [self.grid.render_line(y).text.rstrip() for y in range(self.grid.page_rows + 1)]


async def enter(pilot: Any, app: Alone, key: str, text: str) -> None:
    """Open the line with a key and have something in it; keys one by one would take long."""
    await pilot.press(key)
    app.view.query_one(Input).value = text
    await pilot.press("enter")


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Weights of every kind that is awkward."""
    path = tmp_path_factory.mktemp("values") / "odd.h5"
    rng = np.random.default_rng(1)
    half = rng.standard_normal((30, 30)).astype("f2")
    half[3, 4], half[20, 25], half[29, 0] = np.inf, np.nan, np.nan
    arrays: dict[str, Any] = {
        "scalar": np.float32(0.1), "vector": np.arange(1000, dtype="i2"), "half": half,
        "rank8": np.arange(2880, dtype=">f8").reshape(2, 3, 2, 3, 2, 2, 4, 5),
        "empty": np.zeros((3, 0, 5), "f4"), "complex": np.array([[0.1 + 1j, -2]], "c8"),
        "bool": np.array([[True, False]]), "strings": np.array([b"a", b"b"]),
        "all_nan": np.full((4, 4), np.nan, "f4"), "same": np.ones((30, 30), "f2"),
    }  # fmt: skip
    small = np.array([[0.1, -3.0]], ml_dtypes.bfloat16).view("V2")
    with h5py.File(path, "w") as file:
        group = file.create_group("odd")
        for name, array in arrays.items():
            group.create_dataset(name, data=array)
        group.create_dataset("bf16", data=small).attrs["dtype"] = "bfloat16"
        group.create_dataset("endless", (10**15, 3), "f4", chunks=(1000, 3), compression="gzip")
        group.attrs["weight_names"] = [name.encode() for name in group]
        file.attrs["layer_names"] = [b"odd"]
        file.attrs["backend"], file.attrs["keras_version"] = b"tensorflow", b"2.2.4"
    yield path


def stored_kernel() -> np.ndarray[Any, Any]:
    """Return what the first tests look at."""
    with h5py.File(SAMPLES / "digits_cnn.h5") as file:
        found: list[Any] = []
        file.visititems(lambda n, d: found.append(d[()]) if n.endswith("conv2/kernel") else None)
        return found[0]


async def test_a_kernel_is_read_coloured_stepped_and_searched() -> None:
    kernel = stored_kernel()
    app = Alone(SAMPLES / "digits_cnn.h5", "conv2/kernel")
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: app.grid.value is not None)
        assert app.text("cell").startswith(f"[0, 0, 0, 0] = {kernel[0, 0, 0, 0]!s}   kernel row 0")
        assert "kernel row 0, kernel column 0, input channel 0, filter 0" in app.text("cell")
        await pilot.press("right_square_bracket", "down", "right")
        await until(pilot, lambda: app.grid.value is not None)
        assert app.grid.place == (1, 0, 1, 1)
        assert app.grid.value == kernel[1, 0, 1, 1]
        await pilot.press("M")
        await until(pilot, lambda: "largest" in app.text("note"))
        assert app.grid.place == np.unravel_index(kernel.argmax(), kernel.shape)
        await until(pilot, lambda: app.grid.value == kernel.max())
        await pilot.press("n")
        await until(pilot, lambda: "No NaN" in app.text("note"))
        await pilot.press("c")
        await until(pilot, lambda: "of the whole weight" in app.text("note"))
        assert app.grid.limit == np.abs(kernel).max()
        await pilot.press("c", "number_sign", "number_sign", "number_sign")
        assert app.text("note") == "hexadecimal bits · no colours"
        here = kernel[app.grid.place]
        assert (
            app.grid.number_format.writer()(app.grid.value) == here.view("u4").tobytes()[::-1].hex()
        )


async def test_places_and_orders_are_typed_and_wrong_ones_are_told() -> None:
    permuted = np.transpose(stored_kernel(), (2, 0, 1, 3))
    app = Alone(SAMPLES / "digits_cnn.h5", "conv2/kernel")
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: app.grid.value is not None)
        await pilot.press("g", *"filter 99", "enter")  # its keys are not those of the grid
        line = app.view.query_one(ValuesLine)
        assert "there is no 99" in app.text("note") and line.display
        line.query_one(Input).value = "2, 1, :, -1"
        await pilot.press("enter")
        assert not line.display and app.grid.has_focus
        shape = app.grid.view.shape
        assert app.grid.place == (2, 1, 0, shape[3] - 1)
        await enter(pilot, app, "p", "(2, 0, 1, 3)")
        assert app.grid.view.order == (2, 0, 1, 3)
        await enter(pilot, app, "g", "5, 1, 2, 3")
        await until(pilot, lambda: app.grid.value is not None)
        assert app.text("cell").startswith("[5, 1, 2, 3] ")
        assert app.grid.value == permuted[5, 1, 2, 3]
        await enter(pilot, app, "colon", "77")
        await until(pilot, lambda: app.grid.value == permuted.flat[77])
        slice_, whole = app.view.savings()
        assert slice_.request == "export_slice" and whole.request == "export_weight"
        assert slice_.args[2:] == (app.grid.view.rows, app.grid.view.columns, app.grid.view.fixed)


async def test_chips_choose_rows_columns_and_indices(odd: Path) -> None:
    app = Alone(odd, "rank8")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.grid.value is not None)
        await pilot.press("enter", "r", "right", "c")
        assert "▸→ axis 1 3" in app.view.query_one(AxisChips).render_line(0).text
        assert (app.grid.view.rows, app.grid.view.columns) == (0, 1)
        await pilot.press("right", "right", "up", "greater_than_sign", "escape")
        assert app.grid.has_focus
        assert app.grid.view.fixed[3] == 1
        assert app.grid.view.order == (0, 1, 2, 4, 3, 5, 6, 7)
        await pilot.press("right_square_bracket", "down")
        array = np.arange(2880.0).reshape(2, 3, 2, 3, 2, 2, 4, 5)
        await until(pilot, lambda: app.grid.value == array[1, 0, 0, 2, 0, 0, 0, 0])
        text = "".join(app.view.query_one(AxisChips).render_line(y).text for y in range(3))
        assert "↓ axis 0 2" in text and "[2] of 3" in text and "permuted (0, 1, 2, 4" in text


@pytest.mark.parametrize(
    ("weight", "cell", "seen"),
    [
        ("scalar", "[] = 0.1   0x3dcccccd", ["0.1"]),
        ("empty", "No elements: the shape is (3, 0, 5).", []),
        ("complex", "[0, 0] = 0.1+1.0j", ["0.1+1j", "-2+0j"]),
        ("bool", "[0, 0] = True", ["1", "0"]),
        ("bf16", "[0, 0] = 0.1   0x3dcd", ["0.1001", "-3"]),
        ("all_nan", "[0, 0] = nan", ["nan"] * 4),
    ],
)
async def test_awkward_weights(odd: Path, weight: str, cell: str, seen: list[str]) -> None:
    app = Alone(odd, weight)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.text("cell").startswith(cell))
        if seen:
            assert app.lines()[1].split() == ["0", *seen]


async def test_vectors_are_wrapped_to_the_width(odd: Path) -> None:
    app = Alone(odd, "vector")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.grid.value is not None)
        assert app.lines()[2].split() == list(map(str, [10, *range(10, 20)]))
        await pilot.press("left", "down", "left", "left")
        assert app.grid.place == (8,)
        await pilot.press("G")
        await until(pilot, lambda: app.grid.value == app.grid.place[0])
        await pilot.press("w")
        await until(pilot, lambda: ["990", "990"] in [line.split() for line in app.lines()])
        await pilot.resize_terminal(120, 24)
        await pilot.press("w")
        await enter(pilot, app, "g", "123")
        await until(pilot, lambda: app.grid.value == 123)


async def test_ten_to_the_fifteenth_rows_are_reached_by_keys_wheel_and_scrollbar(odd: Path) -> None:
    app = Alone(odd, "endless")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.grid.value is not None)
        grid = app.grid
        await pilot.press("G")
        assert grid.place[0] == 10**15 - 1 and grid.top == 10**15 - grid.page_rows
        assert grid.virtual_size.height < 2**31
        assert grid.scroll_y == grid.max_scroll_y
        await pilot._post_mouse_events([_wheel_up()], grid)
        assert grid.top == 10**15 - grid.page_rows - 3
        await enter(pilot, app, "g", "500000000000000, 1")
        assert grid.place == (5 * 10**14, 1)
        assert grid.scroll_y == pytest.approx(grid.max_scroll_y / 2, rel=1e-6)
        grid.scroll_to(y=0, animate=False)
        await until(pilot, lambda: grid.top == 0 and grid.value == 0)
        await pilot.press("m")
        await until(pilot, lambda: "bomb" in app.text("note"))


def _wheel_up() -> Any:
    from textual.events import MouseScrollUp

    return MouseScrollUp


async def test_what_cannot_be_shown_is_told(odd: Path, tmp_path: Path) -> None:
    app = Alone(odd, "strings")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "not numbers" in app.text("problem"))
        assert not app.grid.display and not app.view.savings()
        app.show("scalar")
        await until(pilot, lambda: app.grid.value is not None)
        assert app.grid.display and app.grid.has_focus
    changing = tmp_path / "changing.h5"
    changing.write_bytes(odd.read_bytes())
    app = Alone(changing, "half")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.grid.value is not None)
        with changing.open("ab") as file:
            file.write(b"more")
        await pilot.press("end", "G")
        await until(pilot, lambda: "has changed" in app.text("note"))
        await pilot.press("M")
        await until(pilot, lambda: "has changed" in app.text("note") and not app.view.busy)


async def test_late_answers_never_show_under_another_weight(odd: Path) -> None:
    app = Alone(odd, "half")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.grid.value is not None)
        app.reader.held = asyncio.Event()
        await pilot.press("G", "n")
        await until(pilot, lambda: "25%" in app.text("note"))
        app.show("same")  # of the same shape
        await pilot.pause()
        assert app.grid.value is None
        app.reader.held.set()
        app.reader.held = None
        await until(pilot, lambda: app.grid.value is not None)
        assert app.grid.value == 1.0 and app.grid.place == (0, 0)
        assert {v for line in app.lines()[1:] for v in line.split()[1:]} == {"1"}
        assert not app.view.busy


async def test_escape_stops_a_search_and_nan_are_visited_in_turn(odd: Path) -> None:
    app = Alone(odd, "half")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.grid.value is not None)
        for place in ((20, 25), (29, 0), (20, 25)):
            await pilot.press("n")
            await until(pilot, lambda p=place: app.grid.place == p)
        app.reader.held = asyncio.Event()
        await pilot.press("m")
        await until(pilot, lambda: "smallest" in app.text("note"))
        await pilot.press("escape")
        await until(pilot, lambda: not app.view.busy)
        assert app.text("note") == "Stopped."


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
@pytest.mark.parametrize("plain", [True, False], ids=["plain", "coloured"])
def test_it_looks(snap_compare: Any, size: tuple[int, int], plain: bool) -> None:
    app = Alone(SAMPLES / "digits_cnn.h5", "conv2/kernel")

    async def before(pilot: Any) -> None:
        await until(pilot, lambda: app.grid.is_filled)
        await pilot.press("down", "right", *(["c"] if plain else []))
        if plain:
            app.view.stop()
            app.grid.colouring = "off"
            app.view.say("")
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=before)


VIEW = ArrayView.of((3, 3, 64, 128))
MEANINGS = ("kernel height", "kernel width", "input channels", "filters")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("2, 1, 5, 17", (2, 1, 5, 17)), ("[2, 1, :, 17]", (2, 1, 7, 17)), ("2,1", (2, 1, 7, 7)),
        ("-1, -3, -64, -128", (2, 0, 0, 0)), ("73727", (2, 2, 63, 127)), ("-1", (2, 2, 63, 127)),
        ("filter 17", (1, 1, 7, 17)), ("Filters=17; input channel 3", (1, 1, 3, 17)),
        ("kernel row 2, kernel width 0", (2, 0, 7, 7)), ("axis 2 = 9", (1, 1, 9, 7)),
        ("2,", (2, 1, 7, 7)), ("73_727", (2, 2, 63, 127)),
    ],
)  # fmt: skip
def test_what_is_typed_is_understood(text: str, place: tuple[int, ...]) -> None:
    assert place_of(text, VIEW, (1, 1, 7, 7), MEANINGS) == place


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Type an index"), ("3, 0", "Axis 0 has 3 indices"), ("99999", "last one is 73,727"),
        ("1,2,3,4,5", "5 indices for an array of 4 axes"), ("gate 1", "No axis"),
        ("kernel 1", "more than one axis"), ("1, x", "no place"), ("axis 9 = 1", "no axis 9"),
        ("1.5", "no whole number"), ("9" * 40, "no whole number"), ("unit 3", "they are kernel"),
    ],
)  # fmt: skip
def test_what_is_typed_wrongly_is_told_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(NotAPlace, match=said):
        place_of(text, VIEW, (0, 0, 0, 0), MEANINGS)


def test_orders_and_words() -> None:
    assert order_of("(2, 0, 1, 3)", 4) == order_of("2 0 1 3", 4) == (2, 0, 1, 3)
    for wrong in ("", "0, 1", "0, 0, 1, 2", "a, b", "1, 2, 3, 4"):
        with pytest.raises(NotAPlace):
            order_of(wrong, 4)
    gates = ("input features", "4 gates × units (i, f, c, o)")
    assert words(gates, (3, 40), (1, 25)) == "input feature 1, gate c, unit 5"
    assert words(("filters of the input gate",), (4,), (3,)) == "filter 3 of the input gate"
    assert words((), (4,), (3,)) == ""


async def test_packed_numbers_are_seen_and_so_are_their_bytes(tmp_path: Path) -> None:
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        file["w/kernel"] = np.array([[0x2D, 0x0F], [0x71, 0x08]], "u1").view("i1")
    app = Alone(path, "kernel")
    kernel = Weight("kernel", "kernel", "/w/kernel", (2, 2), "int8")
    config = {"units": 3, "dtype": "int4_from_float32"}
    dense = Layer("d", "d", "Dense", trainable=True, weights=(kernel,), config=config)
    app.model = replace(app.model, layers=(dense,), extra=())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "-3" in app.lines()[1])
        assert [line.split()[1:] for line in app.lines()[1:3]] == [
            ["-3", "2", "-1"],
            ["1", "7", "-8"],
        ]
        assert "0xd" in app.text("cell") and "int4, two in a byte" in app.text("note")
        await pilot.press("b")
        await until(pilot, lambda: "45" in app.lines()[1])
        assert "bytes as stored" in app.text("note") and app.grid.view.shape == (2, 2)
        assert app.view.savings()[0].args[0] == app.model.file
        await pilot.press("b")
        await until(pilot, lambda: app.grid.view.shape == (2, 3))

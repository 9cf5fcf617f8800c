"""The grid of an array's values: which window is asked for, axes, cursor, how numbers look."""

from __future__ import annotations

import itertools

import ml_dtypes
import numpy as np
import pytest
from textual.app import App, ComposeResult
from textual.color import Color

from kerastui.widgets.array_grid import ArrayGrid
from kerastui.widgets.array_view import ArrayView
from kerastui.widgets.array_window import Window, Windows
from kerastui.widgets.diverging import LEVELS, Diverging, level_of
from kerastui.widgets.number_text import KINDS, NumberFormat, bits, exact, number


class Grids(App[None]):
    """A grid whose windows are cut out of an array at once."""

    def __init__(self, array: np.ndarray, prefetch: bool = False) -> None:
        super().__init__()
        self.array = array
        self.prefetch = prefetch
        self.windows: list[tuple[range, range]] = []
        self.asked: list[int] = []

    def compose(self) -> ComposeResult:
        yield ArrayGrid(self.array.shape, prefetch=self.prefetch)

    def on_mount(self) -> None:
        self.grid.focus()

    @property
    def grid(self) -> ArrayGrid:
        return self.query_one(ArrayGrid)

    def on_array_grid_window_wanted(self, message: ArrayGrid.WindowWanted) -> None:
        part = self.array[message.index]
        self.asked.append(part.size)
        self.windows.append((message.rows, message.columns))
        part = part.reshape(len(message.rows), -1) if part.ndim < 2 else part
        message.grid.supply(message, (part.T if message.view.flipped else part).tolist())


def lines(grid: ArrayGrid) -> list[str]:
    return [grid.render_line(y).text.rstrip() for y in range(grid.scrollable_content_region.height)]


@pytest.mark.parametrize("shape", [(5,), (3, 4), (2, 3, 4), (2, 3, 4, 5)])
def test_every_pair_of_axes_cuts_out_what_numpy_would(shape: tuple[int, ...]) -> None:
    array = np.arange(np.prod(shape)).reshape(shape)
    view = ArrayView.of(shape)
    for _ in range(len(shape) * max(1, len(shape) - 1)):
        for axis in view.other_axes:
            view = view.stepped(axis, 1)
        part = array[view.index(range(view.row_count), range(view.column_count))]
        part = part.T if view.flipped else part
        for row, column in itertools.product(range(view.row_count), range(view.column_count)):
            place = list(view.fixed)
            place[view.rows] = row
            if view.columns >= 0:
                place[view.columns] = column
                assert part[row, column] == array[tuple(place)]
            else:
                assert part[row] == array[tuple(place)]
        view = view.turned()
    assert view.turned().transposed().transposed() == view.turned()


@pytest.mark.parametrize(
    ("shape", "axes"),
    [((3, 3, 5, 12), (2, 3)), ((3, 3, 1, 12), (1, 3)), ((3, 3, 5, 1), (1, 2)), ((2, 1, 1), (0, 2)),
     ((1, 1, 1), (1, 2)), ((4, 1), (0, 1)), ((1,), (0, -1)), ((), (-1, -1))],
)  # fmt: skip
def test_axes_of_length_one_are_not_seen_first(shape: tuple[int, ...], axes: tuple) -> None:
    view = ArrayView.of(shape)
    assert (view.rows, view.columns) == axes


async def test_a_huge_array_is_asked_for_in_windows() -> None:
    array = np.lib.stride_tricks.as_strided(np.zeros(1), (10**6, 10**5), (0, 0))
    app = Grids(array)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("end", "G")
        app.grid.go_to((999_999, 99_999))
        await pilot.pause()
        shown = lines(app.grid)
        assert shown[-1].split()[0] == "999999" and shown[0].split()[-1] == "99999"
        assert max(app.asked) < 24 * 12


async def test_keys_move_step_turn_and_the_view_says_so() -> None:
    array = np.arange(24.0).reshape(2, 3, 4)
    app = Grids(array)
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        assert lines(app.grid)[1].split() == ["0", "0", "1", "2", "3"]
        assert app.grid.describe("a") == (
            "a[0, :, :]   [0, 0, 0] = 0   ↓ axis 1 (3)   → axis 2 (4)   [ ] axis 0: 0 (2)"
        )
        await pilot.press("right_square_bracket")
        await pilot.pause()
        assert lines(app.grid)[1].split() == ["0", "12", "13", "14", "15"]
        assert "[ ] axis 0: 1 (2)" in app.grid.describe()
        await pilot.press("down", "right", "right")
        assert app.grid.place == (1, 1, 2)
        assert "[1, 1, 2] = 18 " in app.grid.describe()
        await pilot.press("t")
        await pilot.pause()
        assert lines(app.grid)[1].split() == ["0", "12", "16", "20"]
        assert app.grid.place == (1, 1, 2)
        await pilot.press("a")
        await pilot.pause()
        assert app.grid.view.describe().count(":") == 2


async def test_other_axes_leave_the_cursor_on_its_element_in_sight() -> None:
    app = Grids(np.zeros((32, 512)))
    async with app.run_test() as pilot:
        grid = app.grid
        for place in [(5, 300), (31, 511), (17, 20)]:
            grid.go_to(place)
            await pilot.pause()
            for key in "tta":
                await pilot.press(key)
                assert grid.place == place
                row, column = grid.view.cursor_at(place)
                rows, columns = grid.seen
                assert row in rows and column in columns[: grid.page_columns]
                assert grid.scroll_y == grid.top
                assert grid.render_line(1).text.split()[0] == str(grid.top)
        await pilot.resize_terminal(60, 15)
        await pilot.pause()
        assert grid.place == (17, 20) and grid.view.cursor_at((17, 20))[0] in grid.seen[0]


async def test_late_answers_for_another_view_are_dropped() -> None:
    app = Grids(np.zeros((2, 2, 2)))
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        old = ArrayGrid.WindowWanted(app.grid, app.grid.view, range(2), range(2))
        await pilot.press("right_square_bracket")
        await pilot.pause()
        app.grid.supply(old, [[9, 9], [9, 9]])
        assert "9" not in lines(app.grid)[1]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "0.1"), (1e-12, "1e-12"), (123456.789, "1.235e+05"), (float("nan"), "nan"),
     (float("-inf"), "-inf"), (3, "3"), (True, "True"), (10**15, "1.0000e+15"), ("层" * 20, None),
     (1 + 2j, "1+2j")],
)  # fmt: skip
def test_numbers_fit_their_cell(value: object, text: str | None) -> None:
    for form in KINDS[:-1]:
        assert len(number(value, form, 10)) <= 10
    if text is not None:
        assert number(value) == text


def test_permuted_axes_are_counted_as_numpy_transposes_them() -> None:
    array = np.arange(120).reshape(2, 3, 4, 5)
    for order in itertools.permutations(range(4)):
        view, permuted = ArrayView.of(array.shape).permuted(order), np.transpose(array, order)
        assert view.counted(view.shape) == permuted.shape
        assert (view.rows, view.columns) == order[-2:]
        for number_ in (0, 37, 119):
            place = view.at_number(number_)
            assert array[place] == permuted.flat[number_] == permuted[view.counted(place)]
            assert view.number(place) == number_ and view.stored(view.counted(place)) == place
    view = ArrayView.of(array.shape).moved(0, 2)
    assert view.order == (1, 2, 0, 3) and (view.rows, view.columns) == (2, 3)
    assert view.laid(3, down=True) == view.transposed()
    with pytest.raises(IndexError):
        view.at_number(120)


def test_vectors_in_rows() -> None:
    view = ArrayView.of((23,)).wrapped(5)
    assert (view.row_count, view.column_count) == (5, 5)
    assert view.nearest(4, 4) == (4, 2) and view.place(4, 2) == (22,)
    assert view.cursor_at((13,)) == (2, 3)
    assert view.index(range(3, 5), range(5)) == (slice(15, 23),)
    assert ArrayView.of((3, 4)).wrapped(5).wrap == 0


def test_the_newest_windows_are_kept() -> None:
    windows, view = Windows(), ArrayView.of((1000, 4))
    for start in range(0, 200, 10):
        part = range(start, start + 10)
        windows.add(Window(view.slice, part, range(4), [[start + k] * 4 for k in range(10)]))
    assert len(windows) == Windows.KEPT
    assert windows.covers(view, range(192, 199), range(4))
    assert not windows.covers(view, range(5), range(4))
    assert windows.value(view, 195, 3) == 195
    windows.add(Window(view.slice, range(100, 200), range(4), [[0] * 4] * 100))
    assert len(windows) == 1  # it contains the others


async def test_what_comes_next_is_asked_for_in_the_direction_of_the_steps() -> None:
    array = np.lib.stride_tricks.as_strided(np.zeros(1), (10**6, 3), (0, 0))
    app = Grids(array, prefetch=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.grid.go_to((500_000, 0))
        await pilot.pause()
        seen = app.grid.seen[0]
        assert app.windows[-1][0].start == seen.start and app.windows[-1][0].stop > seen.stop + 20
        before = len(app.windows)
        await pilot.press("pagedown")
        assert app.grid.is_filled
        await pilot.pause()
        app.windows.clear()
        await pilot.press("pageup", "pageup")
        await pilot.pause()
        assert app.windows[-1][0].start < app.grid.seen[0].start - 20
        assert before < 8 and max(app.asked) < 24 * 4 * 6


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "bfloat16"])
def test_exact_text_and_bits_are_those_of_the_dtype(dtype: str) -> None:
    kind = np.dtype(getattr(ml_dtypes, dtype, dtype))
    rng = np.random.default_rng(3)
    odd = [0.0, -0.0, 1.0, 65504.0, 1e-7, 3e38, np.inf, -np.inf, np.nan]
    wide = np.concatenate([rng.standard_normal(300) * 10.0 ** rng.integers(-4, 4, 300), odd])
    with np.errstate(over="ignore"):
        stored = wide.astype(kind)
    for value in stored:
        text = exact(float(value), dtype)
        again = np.array([float(text)]).astype(kind)[0]
        assert again == value or (np.isnan(again) and np.isnan(value))
        if dtype != "bfloat16" and np.isfinite(value):
            assert float(text) == float(str(value)) and len(text) <= len(str(value)) + 4
        assert bits(float(value), dtype) == value.tobytes()[::-1].hex()
    assert NumberFormat("hexadecimal", 4, dtype).width == 2 * kind.itemsize
    assert exact(7, "int8") == "7" and bits(-1, "int16") == "ffff" and bits(1.0, "float8") == ""


def test_every_format_fits_its_column() -> None:
    values = [0.0, -1.23456e-300, 1e300, -12.5, 1e-5, 123456789.0, float("nan"), float("-inf")]
    for kind, digits in itertools.product(KINDS, (1, 4, 9, 17)):
        for dtype in ("float64", "complex128", "int64", "bool", "uint8", ""):
            form = NumberFormat(kind, digits, dtype)
            for value in [*values, 2**62, -(2**62), True, 5, complex(-1e-300, -1e300)]:
                fits = isinstance(value, int | float) or dtype.startswith("complex")
                if fits and not (dtype in ("bool", "uint8") and value not in (True, 5)):
                    assert len(form.writer()(value)) <= form.width, (form, value)
    assert NumberFormat("hexadecimal", 4, "float32").of_dtype("float8").kind == "general"


def test_colours_are_centred_on_zero_and_readable() -> None:
    assert level_of(0.0, 1) == level_of(float("nan"), 1) == level_of(5, 0) == 0
    assert level_of(-2.0, 1.0) == -LEVELS and level_of(1e-9, 1.0) == 1
    assert level_of(3 + 4j, 5.0) == LEVELS
    for background in ("#121212", "#e0e0e0", "#888888"):
        scale = Diverging(Color.parse(background))
        for level in range(-LEVELS, LEVELS + 1):
            ground, text = scale.colours(level)
            contrast = ground.blend(text, text.a)
            assert abs(contrast.brightness - ground.brightness) > 0.35

"""The grid of an array's values: which window is asked for, axes, cursor, how numbers look."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from textual.app import App, ComposeResult

from kerastui.widgets.array_grid import ArrayGrid
from kerastui.widgets.array_view import ArrayView
from kerastui.widgets.number_text import KINDS, number


class Grids(App[None]):
    """A grid whose windows are cut out of an array at once."""

    def __init__(self, array: np.ndarray) -> None:
        super().__init__()
        self.array = array
        self.asked: list[int] = []

    def compose(self) -> ComposeResult:
        yield ArrayGrid(self.array.shape)

    def on_mount(self) -> None:
        self.grid.focus()

    @property
    def grid(self) -> ArrayGrid:
        return self.query_one(ArrayGrid)

    def on_array_grid_window_wanted(self, message: ArrayGrid.WindowWanted) -> None:
        part = self.array[message.index]
        self.asked.append(part.size)
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

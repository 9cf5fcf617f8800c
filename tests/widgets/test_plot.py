"""Points and lines over two axes."""

from __future__ import annotations

import math

import pytest
from rich.cells import cell_len
from widget_host import Hosted

from kerastui.widgets.axis import Axis, around, labels, ruler
from kerastui.widgets.plot import Plot, Series


def text_of(plot: Plot) -> list[str]:
    return [plot.render_line(y).text for y in range(plot.size.height)]


@pytest.mark.parametrize(
    ("axis", "most", "expected"),
    [
        (Axis(-0.3, 0.3), 5, ["−0.2", "0.0", "0.2"]),
        (Axis(0, 9), 4, ["0", "5"]),
        (Axis(0, 1e9), 5, ["0", "5e8", "1e9"]),
        (Axis(1e-9, 2e-9), 3, ["1.0e−9", "1.5e−9", "2.0e−9"]),
        (Axis(0.01, 300, log=True), 6, ["0.01", "0.1", "1", "10", "100"]),
        (Axis(1e-30, 1e30, log=True), 3, ["1e−21", "1", "1e21"]),
        (Axis(-1e308, 1e308), 3, ["−1e308", "0", "1e308"]),
        (Axis(3, 3 + 1e-15), 4, []),
    ],
)
def test_ticks_are_round_and_few(axis: Axis, most: int, expected: list[str]) -> None:
    assert labels(axis.ticks(most)) == expected


def test_an_axis_has_room_for_one_number_for_none_and_for_the_largest() -> None:
    for axis in (around([]), around([3.0]), around([0.0]), around([math.nan, 2.0], log=True)):
        assert axis.low < axis.high
    assert around([-1.7e308, 1.7e308]).place(0) == 0.5
    assert math.isnan(around([1.0, 10.0], log=True).place(0))


@pytest.mark.parametrize(
    ("names", "columns", "expected"),
    [
        (["02", "03", "04"], 40, "02 03 04"),
        ([f"epoch-{n:02}" for n in range(12)], 40, "epoch-00 epoch-04 epoch-08"),
        (["編碼器", "b"], 20, "編碼器 b"),
        (["only"], 20, "only"),
    ],
)
def test_marks_stand_at_their_places_as_many_as_fit(
    names: list[str], columns: int, expected: str
) -> None:
    axis = around([float(n) for n in range(len(names))])
    line, text = ruler(axis, columns, 4, marks=list(enumerate(names)))
    assert text.split() == expected.split() and cell_len(text) == columns + 4
    ticks = [column for column, sign in enumerate(line) if sign == "┬"]
    assert len(ticks) == len(text.split())
    step = len(names) // len(ticks)
    assert ticks == [round(axis.place(n * step) * (columns - 1)) for n in range(len(ticks))]


async def test_points_notes_and_legend_stand_where_they_belong(hosted: Hosted) -> None:
    plot = Plot()
    async with hosted(plot, (60, 20)):
        plot.show(
            Series([0, 10, math.nan], [0, 5, 1], sign="●", name="tokens", notes=["low", "", "no"]),
            Series([0, 10], [10, 10], "line", name="limit"),
            title="A title",
            x_label="across",
            y_label="up",
        )
        lines = text_of(plot)
    assert lines[0].startswith("A title")
    assert lines[1].startswith("up   ● tokens   ─ limit")
    low = next(line for line in lines[2:] if "●low" in line)
    assert lines.index(low) > 13 and "no" not in "".join(lines)
    assert sum(line.count("●") for line in lines[2:]) == 2
    row = next(
        line for line in lines[2:] if "⠉" in line or "⠒" in line or "⠤" in line or "⣀" in line
    )
    assert sum(0x2800 < ord(c) < 0x2900 for c in row) > 40
    assert lines[-1].strip() == "across"
    assert lines[-2].split() == ["0", "5", "10"]


async def test_a_line_that_leaves_the_plot_is_cut_off_and_gaps_stay_gaps(hosted: Hosted) -> None:
    plot = Plot()
    async with hosted(plot, (40, 12)):
        plot.show(Series([0, 1, 2], [1e9, 0, -1e9], "line"), y=Axis(-1, 1))
        dotted = [sum(0x2800 < ord(c) < 0x2900 for c in line) for line in text_of(plot)]
        assert 8 <= sum(dotted) <= 12  # upright through the middle
        plot.show(Series([1, 2, 3], [1, 0, 100], "line"), log_y=True)
        assert sum(0x2800 < ord(c) < 0x2900 for c in "".join(text_of(plot))) == 2


async def test_it_is_drawn_anew_for_another_size_only(hosted: Hosted) -> None:
    plot = Plot()
    async with hosted(plot, (60, 20)) as pilot:
        plot.show(Series([1, 2], [1, 2]))
        first = plot.render_line(3)
        assert plot.render_line(3).text == first.text
        await pilot.resize_terminal(30, 8)
        lines = text_of(plot)
        assert len(lines) == 8 and all(len(line) == 30 for line in lines)
        await pilot.resize_terminal(6, 3)
        assert len(text_of(plot)) == 3

"""Bars of eighths, histograms to zoom into, and many on one axis."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.widget import Widget

from kerastui.widgets.axis import Axis
from kerastui.widgets.bars import bar_line, heights, laid_over
from kerastui.widgets.histogram_bars import HistogramBars
from kerastui.widgets.histogram_picture import Spread
from kerastui.widgets.histogram_row import Row
from kerastui.widgets.histogram_rows import HistogramRows
from kerastui.widgets.zoom import moved, zoomed


def test_bars_are_eighths_high_and_what_is_there_is_seen() -> None:
    eighths = heights([0, 1, 500, 1000], 2, log=False)
    assert eighths == [0, 1, 8, 16]
    assert bar_line(eighths, 0) == " ▁██" and bar_line(eighths, 1) == "   █"
    assert heights([0, 1, 9, 99], 1, log=True) == [0, 1, 4, 8]
    assert heights([0, 0], 3, log=True) == [0, 0]


@given(
    st.lists(st.integers(0, 1000), min_size=1, max_size=40),
    st.floats(-5, 5), st.floats(0.01, 9), st.floats(-20, 20), st.floats(0.01, 30),
    st.integers(1, 50),
)  # fmt: skip
def test_counts_laid_over_another_axis(
    counts: list[int], low: float, width: float, onto: float, length: float, columns: int
) -> None:
    own = Axis(low, low + width)
    same = laid_over(counts, own, own, len(counts))
    assert same == pytest.approx(counts, abs=1e-3)
    around = laid_over(counts, own, Axis(low - 1, low + width + 1), columns)
    assert sum(around) == pytest.approx(sum(counts), abs=1e-3)
    beside = laid_over(counts, own, Axis(onto, onto + length), columns)
    assert len(beside) == columns and sum(beside) <= sum(counts) + 1e-3


@given(st.floats(-1e30, 1e30), st.floats(1e-3, 1e30), st.floats(0, 1), st.lists(st.integers(-3, 3)))
def test_zoom_keeps_its_place_and_stays_inside(
    low: float, width: float, place: float, steps: list[int]
) -> None:
    whole = Axis(low, low + width)
    if whole.width <= 0:
        return
    axis = whole
    for step in steps:
        about = axis.at(place)
        axis = zoomed(axis, whole, about, 2.0**step)
        assert whole.low <= axis.low < axis.high <= whole.high
        axis = moved(axis, whole, step / 4)
        assert whole.low <= axis.low < axis.high <= whole.high
    assert moved(axis, whole, 1e9).high == pytest.approx(whole.high)


class Hosted(App[None]):
    """A widget and the messages that it posts."""

    CSS = "HistogramBars, HistogramRows { height: 1fr; }"

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget
        self.told: list[Any] = []

    def compose(self) -> ComposeResult:
        yield self.widget

    def on_histogram_bars_wanted(self, message: HistogramBars.Wanted) -> None:
        self.told.append(message.axis)

    def on_histogram_rows_chosen(self, message: HistogramRows.Chosen) -> None:
        self.told.append(message.number)


def text_of(widget: Widget) -> list[str]:
    return [widget.render_line(y).text for y in range(widget.size.height)]


async def test_zooming_shows_at_once_what_is_known_and_asks_for_better() -> None:
    bars = HistogramBars()
    app = Hosted(bars)
    async with app.run_test(size=(48, 12)) as pilot:
        await pilot.pause()
        assert app.told == [None] and bars.columns == 40
        counts = tuple(range(1, 41))
        bars.show(Axis(-20, 20), counts)
        assert bars.edges(bars.bin) == (0, 1) and bars.counts[bars.bin] == 21
        await pilot.press("plus")
        assert bars.axis == Axis(-9.75, 10.25) and bars.coarse
        assert sum(bars.counts) == pytest.approx(sum(counts[11:30]) + 0.75 * 11 + 0.25 * 31)
        assert bars.edges(bars.bin) == pytest.approx((0.25, 0.75))
        assert app.told == [None, bars.axis]
        bars.show(bars.axis, (2,) * 40)
        assert not bars.coarse
        await pilot.press("shift+right")
        assert bars.axis == Axis(0, 20)
        await pilot.press(*["left"] * 22)
        assert bars.axis.low == pytest.approx(-5) and bars.cursor == 8
        assert bars.edges(bars.bin)[0] == pytest.approx(-1)
        await pilot.press("home")
        assert (bars.axis, app.told[-1]) == (Axis(-20, 20), None)
        assert bars.counts == pytest.approx(counts)
        await pilot.press("0")
        assert bars.edges(bars.bin)[0] == 0
        await pilot.click(bars, offset=(8, 3))
        assert bars.cursor == 0
        await pilot.press("left")
        assert bars.cursor == 0 and bars.axis == Axis(-20, 20)


async def test_zero_the_spread_counts_and_few_wide_bins_are_drawn() -> None:
    bars = HistogramBars()
    async with Hosted(bars).run_test(size=(48, 12)) as pilot:
        await pilot.pause()
        bars.show(Axis(-1.5, 2.5), (10, 0, 0, 80000))
        bars.show_spread(Spread(1.9, ((0.01, -1), (0.25, 2), (0.5, 2), (0.75, 2), (0.99, 2))))
        lines = text_of(bars)
        assert lines[0].startswith("  80 K ┤") and lines[0].endswith("█" * 10)
        assert lines[8].endswith("▁" * 10 + " " * 5 + "┊" + " " * 14 + "█" * 10)
        assert lines[9][8 + 15] == "┼" and lines[10].split() == ["−1", "0", "1", "2"]
        assert lines[11].startswith("1–99 %") and "┃" in lines[11] and "μ" in lines[11]
        assert bars.bin == 2 and bars.edges(2) == (0.5, 1.5)
        await pilot.press("right")
        assert bars.bin == 3
        await pilot.press("l")
        assert text_of(bars)[8].endswith("█" * 10 + " " * 5 + "┊" + " " * 14 + "█" * 10)
        await pilot.resize_terminal(10, 3)
        assert len(text_of(bars)) == 3


async def test_rows_have_one_axis_and_their_own_heights() -> None:
    rows = HistogramRows()
    app = Hosted(rows)
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        rows.show([Row(f"layer/{i}/kernel_of_a_long_name", axis=None) for i in range(9)], 1)
        rows.rows[0].axis, rows.rows[0].counts = Axis(0, 1), (1,) * 8
        rows.rows[1].axis, rows.rows[1].counts = Axis(-1, 3), (0, 1000, 0, 0)
        rows.rows[1].note = "−1 … 3"
        rows.changed()
        lines = text_of(rows)
        labels, columns = 60 - rows.columns - rows.scrollbar_size_vertical, rows.columns
        quarter = columns // 4
        assert lines[0].startswith("…") and "long_name " in lines[0][:labels]
        assert lines[3].startswith("−1 … 3") and "no" not in lines[3]
        for line in (lines[0], lines[2]):  # of equal height, over the same part of the axis
            bar = [i - labels for i, cell in enumerate(line) if cell == "█"]
            assert bar[0] in range(quarter, quarter + 2) and bar[-1] in range(
                2 * quarter - 1, 2 * quarter + 2
            )
        assert lines[-1].split() == ["0", "2"]
        await pilot.press("plus", "plus", "0")
        assert rows.axis is not None and rows.axis.at(0.5) == pytest.approx(0, abs=1e-9)
        await pilot.press("home", "down", "down", "enter")
        assert rows.axis is None and app.told == [3]
        await pilot.press("pagedown", "pagedown", "up")
        assert rows.cursor == 7 and 7 in rows.seen and 0 not in rows.seen

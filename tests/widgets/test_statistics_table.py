"""The table of statistics: numbers, sparklines, flags in words, columns, order, cursor."""

from __future__ import annotations

import math
from typing import Any

import pytest
from rich.cells import cell_len
from widget_host import Hosted
from widget_models import HOSTILE

from kerastui.analysis.results import Flag, Statistics, WeightStatistics
from kerastui.widgets.short_names import short_path
from kerastui.widgets.spark import Spark, drawn, folded
from kerastui.widgets.statistics_columns import (
    FLAG_COLUMN,
    NUMBERS,
    Layout,
    StatRow,
    figure,
    ordered,
)
from kerastui.widgets.statistics_flags import in_short, sentence, summed_up
from kerastui.widgets.statistics_table import StatisticsTable


def row(place: int, path: str = "", flags: tuple[Flag, ...] = (), **figures: Any) -> StatRow:
    path = path or f"dense_{place}/kernel"
    known = Statistics(12, -1.0, 1.0, **{"mean": 0.0, "std": 0.5, "l2": 2.0, **figures})
    found = WeightStatistics(path, place, (3, 4), "float32", known, flags)
    return StatRow((place, 0), path, "Dense", (3, 4), "", "float32", 12, found)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "   0        "), (1.0, "   1        "), (-0.123456789, "  -0.12346  "),
     (999.996, "   1.0000e3 "), (-123.456, "-123.46     "), (0.0009999999, "   0.0010000"),
     (-1.23456e-12, "  -1.235e-12"), (1e-300, "   1.00e-300"), (4711, "4711        "),
     (1234567, "   1.2346e6 "), (None, ""), (math.inf, " inf        ")],
)  # fmt: skip
def test_numbers_stand_with_their_points_below_each_other(value: float, text: str) -> None:
    assert figure(value) == text


def test_every_number_fits_and_keeps_its_digits() -> None:
    for power in range(-320, 308):
        for digits in (1.0, 1.23456789, 9.99999, -7.7777777):
            value = digits * 10.0**power
            text = figure(value)
            assert len(text) == 12, (value, text)
            assert float(text) == pytest.approx(value, rel=5.1e-3 if abs(power) > 99 else 5.1e-4)


def test_a_sparkline_shows_what_is_little_and_what_is_outside() -> None:
    assert drawn(Spark((0, 1, 1000, 500)), 4) == "  ▁█▄ "
    assert drawn(Spark((0, 1, 1000, 500), 1, 2), 4, log=True) == "‹ ▁█▇›"
    assert drawn(Spark(()), 4) == "      "
    assert folded(range(24), 12) == [2 * k + 2 * k + 1 for k in range(12)]
    assert sum(folded([1] * 24, 7)) == 24 and folded([5], 3) == [0, 5, 0]


def test_flags_in_words_the_worst_first_and_a_bias_of_zeros_only_noted() -> None:
    dead = Flag("dead", 2, (1, 3), axis=1)
    found = WeightStatistics("a/k", 0, (3, 4), "float32", Statistics(12), (dead, Flag("nan", 3)))
    assert in_short(found) == [("✗ 3 NaN", "bad"), ("! dead 2/4", "warning")]
    said = sentence(dead, (3, 4), "units", 80)
    assert said == "filters or units whose norm is about zero: 2 of 4 along units: 1 3"
    assert sentence(Flag("dead", 900, tuple(range(900)), axis=1), (3, 999), "", 90).endswith(" …")
    bias = WeightStatistics("a/b", 0, (4,), "float32", Statistics(4), (Flag("zero"),))
    broken = WeightStatistics("a/c", 0, (4,), "float32", problem="Gone.", readable=False)
    assert in_short(bias) == [("· all zero", "note")]
    assert [text for text, _ in summed_up([found, bias, broken])] == [
        "✗ 1 weight: cannot be read", "✗ 1 weight: NaN", "! 1 weight: dead filters",
        "· 1 weight: all zero",
    ]  # fmt: skip


def test_columns_share_every_width_and_all_can_be_scrolled_to() -> None:
    for width in range(66, 260, 7):
        seen = set[str]()
        for first in range(len(NUMBERS)):
            layout = Layout.fit(width, NUMBERS, first, 40, 60)
            used = layout.path + layout.spark + 2 + layout.flags + 1
            assert used + sum(column.width + 1 for column in layout.columns) <= width
            assert layout.path >= 12 and layout.flags >= 12
            seen |= {column.name for column in layout.columns}
        assert seen == {column.name for column in NUMBERS}


def test_order_keeps_equal_ones_and_puts_the_unknown_last() -> None:
    std = next(column for column in NUMBERS if column.name == "std")
    lacking = StatRow((9, 0), "later", "Dense", (1,), "", "float32", 1)
    rows = [row(0, std=1.0), lacking, row(1, std=3.0), row(2, std=1.0)]
    assert [r.key[0] for r in ordered(rows, std, True)] == [1, 0, 2, 9]
    assert [r.key[0] for r in ordered(rows, std, False)] == [0, 2, 1, 9]
    bad = row(3, flags=(Flag("nan", 1),))
    assert ordered([*rows, bad], FLAG_COLUMN, True)[0] is bad


async def test_the_cursor_stays_on_its_weight_and_columns_scroll(hosted: Hosted) -> None:
    table = StatisticsTable()
    rows = [row(k, std=float(k)) for k in range(5000)]
    async with hosted(table, (80, 24)) as pilot:
        table.show(rows)
        await pilot.press("pagedown", "pagedown", "down")
        key = table.current and table.current.key
        line = table.cursor - table.scroll_offset.y
        table.show(list(reversed(rows)))
        await pilot.pause()
        assert table.current and table.current.key == key
        assert table.cursor - table.scroll_offset.y == line
        assert "min" in table.render_line(0).text and "std" not in table.render_line(0).text
        await pilot.press("right", "right")
        assert "min" not in table.render_line(0).text and "std" in table.render_line(0).text
        await pilot.press(*["right"] * 20)
        assert "class" in table.render_line(0).text
        table.show_sorting(NUMBERS[0], True)
        assert "min²▼" in table.render_line(0).text
        place = table.cursor
        table.put_spark(table.rows[place].key, Spark((1, 0, 2)))
        assert "█" in table.render_line(place - table.scroll_offset.y + 1).text


async def test_hostile_names_are_text(hosted: Hosted) -> None:
    table = StatisticsTable()
    async with hosted(table, (200, 10)):
        table.show([StatRow((0, 0), HOSTILE, HOSTILE, (1,), "", HOSTILE, 1)])
        text = table.render_line(1).text
        assert "␛]0;pwned" in text and not {"\x1b", "\u202e", "\x9b", "\n"} & set(text)


def test_short_paths_keep_what_tells_weights_apart() -> None:
    paths = [
        f"batch_normalization_{number}/{name}"
        for number in (9, 11, 12)
        for name in ("moving_mean", "moving_variance", "gamma")
    ]
    for width in (22, 26, 40):
        short = [short_path(path, width) for path in paths]
        assert len(set(short)) == len(paths)
        assert all(cell_len(text) <= width for text in short)
    assert short_path("batch_normalization_12/moving_variance", 26) == "batch_…ion_12/moving_vari…"
    assert short_path("dense/kernel", 26) == "dense/kernel"

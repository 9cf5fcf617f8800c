"""The tables of comparisons: rows, order, folding, columns of wide characters."""

from __future__ import annotations

from dataclasses import replace

import pytest
from comparisons import ODD, checkpoints, comparison
from rich.cells import cell_len
from widget_host import Hosted, screen_lines

from kerastui.analysis.compare_results import Comparison, LayerChange, Numbers, Trail, WeightChange
from kerastui.widgets.change_figures import bar, percent, sparkline
from kerastui.widgets.diff_cells import weight_words, words_of
from kerastui.widgets.diff_rows import Wanted, groups_of, rows_of
from kerastui.widgets.diff_story import answer, difference_story, odd_numbers
from kerastui.widgets.diff_table import DiffTable
from kerastui.widgets.flow import cells, plain
from kerastui.widgets.short_names import distinct_paths, short_names
from kerastui.widgets.trail_rows import TrailColumns, TrailWish, trail_rows
from kerastui.widgets.trail_table import TrailTable

FOUND = comparison()
GROUPS = groups_of(FOUND)


def titles(wanted: Wanted, unfolded: set[int] | None = None) -> list[str]:
    return [GROUPS[row.group].title for row in rows_of(GROUPS, unfolded or set(), wanted)]


def test_rows_that_are_listed() -> None:
    everything = [*(layer.path for layer in FOUND.layers), "compile settings", "optimizer state"]
    assert titles(Wanted(everything=True)) == everything
    assert titles(Wanted()) == [t for t in everything if t not in ("input", "block1_conv1")]
    assert titles(Wanted(by_change=True))[:3] == [ODD, "block1_bn", "block1_conv2"]
    assert titles(Wanted(by_change=True))[-2:] == ["optimizer state", "compile settings"]
    assert titles(Wanted(needle="DENSE_7")) == ["features/fc1"]  # what it was called
    assert titles(Wanted(needle="kernel"), {2}).count("block1_conv2") == 3


def test_words_and_signs_need_no_colour() -> None:
    found = {group.title: (group.sign, words_of(group)) for group in GROUPS}
    assert found["block1_conv2"] == ("moved", "frozen, yet moved · 1 of 2 changed")
    assert found["block1_bn"][0] == "changed"  # moving statistics are another matter
    assert found["features/fc1"] == ("changed", "was dense_7")
    assert found["last"][1] == "1 of 2 of another shape · 1 of 2 not readable"
    assert [sign for sign, _ in (found["head"], found["old_head"])] == ["added", "removed"]
    assert answer(FOUND.frozen)[0].endswith("no, 1 of 3 moved: block1_conv2")


async def test_new_nan_come_first_and_are_no_matter_of_colour(hosted: Hosted) -> None:
    def changed(**more: int) -> WeightChange:
        numbers = Numbers(9, 3, 0.5, 0.5, 0.9, **more)
        return WeightChange("w", "changed", (9,), (9,), "float32", "float32", numbers=numbers)

    new = changed(nonfinite=1, nan_new=1)
    assert weight_words(new) == "NaN 0 → 1 · max 0.5 · cos 0.9000 · 3 differ"
    assert weight_words(changed(nonfinite=3, nan_new=1)).startswith("NaN 0 → 1 and Inf · ")
    assert weight_words(changed(nonfinite=2)).startswith("Inf in 2 · ")
    layer = LayerChange("fc", "Dense", weights=(new, changed(nonfinite=2), changed()))
    found = replace(FOUND, layers=(layer, *FOUND.layers))
    assert odd_numbers(found) == "1 weight has new NaN, 1 weight has other NaN or Inf"
    assert not odd_numbers(FOUND)
    table = DiffTable()
    async with hosted(table, (120, 40)):
        table.show(found)
        said = [s for s in table.render_row(0, 118) if "new NaN in 1 weight" in s.text]
        assert said[0].style == table.style_of("changed", table.ground(0))
        rest = "".join(s.text for s in table.render_row(0, 118))
        assert "new NaN in 1 weight · 3 of 3 changed" in rest


@pytest.mark.parametrize("width", [40, 80, 200])
async def test_columns_stay_aligned(hosted: Hosted, width: int) -> None:
    table = DiffTable()
    async with hosted(table, (width, 40)) as pilot:
        table.show(FOUND)
        await pilot.press(">")
        lines = [strip.text for strip in table.render_lines(table.outer_size.region)]
    assert all(cell_len(line) == width for line in lines)
    # The change ends in one column, whatever stands before it.
    shown = {cell_len(line[: line.index("%") + 1]) for line in lines if "%" in line}
    assert len(shown) == 1
    assert not any("\x1b" in line or "\x07" in line for line in lines)


async def test_keys_of_the_table(hosted: Hosted) -> None:
    table = DiffTable()
    async with hosted(table, (100, 40)) as pilot:
        table.show(FOUND)
        await pilot.press("a", "g", "n")  # the first ones are the same
        assert table.current_group == GROUPS[2]
        await pilot.press("enter", "down")
        assert (table.current.group, table.current.weight) == (2, 0)  # type: ignore[union-attr]
        await pilot.press("n")
        assert table.current_group == GROUPS[3]
        await pilot.press("N", "right", "right", "left")  # into its weights, and folded again
        assert table.current is not None and table.current.weight == -1
        assert table.current_group == GROUPS[2]
        await pilot.press("N")  # round the end
        assert table.current_group == GROUPS[-1]
        await pilot.press("o")
        assert table.current_group == GROUPS[4]
        table.list_only("no such name")
        assert (table.row_count, table.current) == (0, None)
        await pilot.press("n", "enter", "o", ">", "down")  # nothing happens, nothing breaks
        table.list_only("")
        assert table.row_count


@pytest.mark.parametrize("width", [30, 48, 78])
def test_details_keep_to_their_width(width: int) -> None:
    for group in GROUPS:
        for number in range(-1, len(group.weights)):
            lines = difference_story(FOUND, group, number, width)
            assert max(cells(line) for line in lines) <= width
            assert not any("\x1b" in plain(line) for line in lines)
    text = "\n".join(map(plain, difference_story(FOUND, GROUPS[5], -1, 60)))
    assert "0.25" in text and "0.5" in text and "not stated" in text


def test_names_of_checkpoints() -> None:
    run = [f"runs/weights-{n:02}-0.{n}7.keras" for n in (1, 2, 10)]
    assert short_names(run) == ("01-0.17", "02-0.27", "10-0.107")
    assert short_names(["m_9.h5", "m_10.h5", "m_final.h5"]) == ("9", "10", "final")
    assert short_names(["a/best.h5", "b/best.h5"]) == ("a", "b")
    assert short_names(["a/m.h5", "a/m2.h5"]) == ("m.h5", "m2.h5")
    assert distinct_paths(["x/a/best.h5", "x/b/best.h5"]) == ("a/best.h5", "b/best.h5")
    assert distinct_paths(["a.h5", "a.h5"]) == ("a.h5", "a.h5")


def test_figures_of_changes() -> None:
    assert [percent(v) for v in (None, 0.0, 0.123, 0.00021, 3e-9, 20.0, float("inf"))] == [
        "–", "=", "12.3%", "0.021%", "3e-07%", "2e+03%", "from 0",
    ]  # fmt: skip
    assert [bar(v, 4) for v in (0.0, 1e-9, 1e-3, 1.0, 50.0)] == ["", "▏", "██", "████", "████"]
    assert sparkline((0.001, 0.0, 0.1, None), 4, (-3.0, -1.0)) == "▁ █ "
    assert len(sparkline(tuple([0.1] * 50), 16, (-1.0, -1.0))) == 16


def test_checkpoints_in_order() -> None:
    found = checkpoints()

    def paths(**wish: object) -> list[str]:
        return [row.path for row in trail_rows(found, TrailWish(**wish))]  # type: ignore[arg-type]

    assert paths()[:2] == ["going/kernel", "going/bias"]
    assert "frozen/kernel" not in paths()
    assert paths(everything=True, order="model")[3] == "frozen/kernel"
    assert paths(layers=True, order="total") == ["settling", "going", ODD]
    columns = TrailColumns.of(found.rows, 11, 78, None)
    assert columns.steps.stop == 11 and 2 <= len(columns.steps) < 11  # the last ones


async def test_keys_of_the_checkpoints(hosted: Hosted) -> None:
    table = TrailTable()
    found: Trail = checkpoints()
    async with hosted(table, (80, 24)) as pilot:
        table.show(found, short_names(found.files))
        assert [row.path for _, row in table.drawn] == ["going/kernel"]
        await pilot.press("space", "down", "space", "down")
        assert next((sign, row.path) for sign, row in table.drawn) == ("●", "going/kernel")
        assert len(table.drawn) == 3
        lines = screen_lines(table)
        assert "→12" in lines[0] and "‹" in lines[0]
        await pilot.press(*["left"] * 20)
        lines = screen_lines(table)
        assert "→02" in lines[0] and "›" in lines[0]
        await pilot.press("w")
        assert [row.path for _, row in table.drawn] == ["going"]
        lines = [strip.text for strip in table.render_lines(table.outer_size.region)]
        assert all(cell_len(line) == 80 for line in lines)


def test_nothing_to_list_is_no_trouble() -> None:
    empty = Comparison(FOUND.old, FOUND.new, (), (), FOUND.frozen, FOUND.state)
    assert rows_of(groups_of(empty), set(), Wanted(needle="x")) == ()
    assert trail_rows(Trail((), ()), TrailWish()) == ()

"""Points with a cursor, a line with a cursor: where keys and clicks lead."""

from __future__ import annotations

from typing import Any

import pytest
from textual.app import App, ComposeResult

from kerastui.widgets.axis import Axis
from kerastui.widgets.curve import Curve
from kerastui.widgets.find_line import FindLine
from kerastui.widgets.scatter import Scatter, nearest, towards

CROSS = [(0.0, 0.0), (10.0, 1.0), (4.0, 3.9), (-6.0, 0.0), (0.5, 8.0), (0.0, -3.0)]


@pytest.mark.parametrize(
    ("direction", "next_one"),
    [((1, 0), 1), ((-1, 0), 3), ((0, 1), 4), ((0, -1), 5)],
)  # fmt: skip
def test_the_next_point_in_a_direction(direction: tuple[int, int], next_one: int) -> None:
    assert towards(CROSS, CROSS[0], direction) == next_one


def test_no_point_there() -> None:
    assert towards(CROSS, (10.0, 1.0), (1, 0)) is None
    assert towards([(1.0, 1.0)], (1.0, 1.0), (0, 1)) is None
    assert nearest(CROSS, (0.4, 6.0)) == 4


class Both(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[Any] = []

    def compose(self) -> ComposeResult:
        yield Scatter()
        yield Curve()
        yield FindLine("number")

    def on_scatter_moved(self, event: Scatter.Moved) -> None:
        self.said.append(event.index)
        event.scatter.mark(CROSS[event.index], f"p{event.index}", index=event.index)

    def on_curve_moved(self, event: Curve.Moved) -> None:
        self.said.append(event.index)

    def on_find_line_submitted(self, event: FindLine.Submitted) -> None:
        self.said.append(event.text)


async def test_keys_and_clicks() -> None:
    app = Both()
    async with app.run_test(size=(60, 40)) as pilot:
        scatter, curve = app.query_one(Scatter), app.query_one(Curve)
        scatter.focus()
        await pilot.press("right", "pagedown")
        assert app.said == []  # there are no points
        scatter.show_points(CROSS, "x", "y", [f"n{i}" for i in range(6)])
        await pilot.pause()
        await pilot.press("right", "up", "pagedown", "pageup", "pageup", "left")
        assert app.said == [2, 3, 2, 1, 0]  # from the middle; above it there is none
        lines = [scatter.render_line(y).text for y in range(scatter.size.height)]
        row = next(y for y, line in enumerate(lines) if "n1" in line or "1n" in line)
        column = max(lines[row].find(c) for c in map(chr, range(0x2801, 0x2900)))
        await pilot.click(Scatter, offset=(column, row))
        assert app.said[-1] == 1
        scatter.mark((500.0, 0.0), "far")  # a point that is not shown
        await pilot.pause()
        assert any("●" in scatter.render_line(y).text for y in range(scatter.size.height))

        app.said.clear()
        curve.show_values([8.0, 4.0, 2.0, 1.0], "value", log=True)
        curve.focus()
        await pilot.press("right", "right", "end", "left", "home", "left", "shift+right")
        assert app.said == [0, 1, 3, 2, 0, 0, 3]
        curve.show_values([1.0, 0.5], "value", y=Axis(0, 1))
        assert curve.index is None
        await pilot.click(Curve, offset=(curve.size.width - 2, 2))
        assert app.said[-1] == 1

        app.said.clear()
        app.query_one(FindLine).open()
        await pilot.press("4", "escape")
        assert app.focused is curve and not app.query_one(FindLine).display
        app.query_one(FindLine).open()
        await pilot.press("2", "enter")
        assert app.said == ["2"] and app.focused is curve

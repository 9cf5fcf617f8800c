"""Points on a plane, one of which is under a cursor that goes from point to point."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from .axis import Axis, around
from .plot import Plot, Series
from .plot_canvas import Canvas

Place = tuple[float, float]
_ASIDE = 3.0
"""How much farther away a point seems for what it lies beside the direction one goes in."""
_REACH = 3.0
"""Cells from a click within which a point is taken."""


class Scatter(Plot, can_focus=True):
    """A `Plot` of points with a cursor.

    Arrows go to the nearest point in their direction, page keys to the next by number, a click
    takes the point under it. Whoever holds the widget answers `Moved` by `mark`.
    """

    BINDING_GROUP_TITLE = "Points"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "towards(-1, 0)", "Point to the left", id="scatter.left", show=False,
                tooltip="Go to the nearest point on the left"),
        Binding("right", "towards(1, 0)", "Point to the right", id="scatter.right", show=False,
                tooltip="Go to the nearest point on the right"),
        Binding("up", "towards(0, 1)", "Point above", id="scatter.up", show=False,
                tooltip="Go to the nearest point above"),
        Binding("down", "towards(0, -1)", "Point below", id="scatter.down", show=False,
                tooltip="Go to the nearest point below"),
        Binding("pagedown", "step(1)", "Next point by number", id="scatter.next", show=False,
                tooltip="Go to the point with the next number"),
        Binding("pageup", "step(-1)", "Point before by number", id="scatter.before", show=False,
                tooltip="Go to the point with the number before"),
    ]  # fmt: skip

    @dataclass
    class Moved(Message):
        """The cursor is to go to another point: its place in what was given to `show_points`."""

        scatter: Scatter
        index: int

        @property
        def control(self) -> Scatter:
            """The widget."""
            return self.scatter

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._places: tuple[Place, ...] = ()
        self._labels = ("", "")
        self._names: Sequence[str] = ()
        self._axes = Axis(0, 1), Axis(0, 1)
        self._cursor: Place | None = None
        self._index: int | None = None
        self._ground = (1, 1)

    def show_points(
        self,
        places: Sequence[Place],
        x_label: str = "",
        y_label: str = "",
        names: Sequence[str] = (),
    ) -> None:
        """Show other points, without a cursor; labels and names are safe to show."""
        self._places, self._labels, self._names = tuple(places), (x_label, y_label), names
        self._axes = around([x for x, _ in places]), around([y for _, y in places])
        self._cursor = self._index = None
        self.mark(None, "")

    def mark(
        self,
        cursor: Place | None,
        name: str,
        near: Sequence[tuple[Place, str]] = (),
        index: int | None = None,
        covered: Collection[int] = (),
    ) -> None:
        """Set the cursor, and mark other points.

        Args:
            cursor: where it is, which may be a point that is not among those shown.
            name: beside it, safe to show.
            near: other points with their names.
            index: of the cursor's point among those shown, if it is.
            covered: those among the shown ones that are marked, so that no name stands twice.
        """
        self._cursor, self._index = cursor, index
        spots = [spot for spot, _ in near]
        names = ["" if i in covered else name for i, name in enumerate(self._names)]
        marked = [Series(*_columns(self._places), notes=names)] if self._places else []
        if spots:
            texts = [text for _, text in near]
            marked.append(Series(*_columns(spots), sign="■", notes=texts, colour=2))
        if cursor is not None:
            marked.append(Series([cursor[0]], [cursor[1]], sign="●", notes=[name], colour=1))
            spots.append(cursor)
        x, y = (_reaching(axis, [spot[i] for spot in spots]) for i, axis in enumerate(self._axes))
        self.show(*marked, x_label=self._labels[0], y_label=self._labels[1], x=x, y=y)

    # -- moving ---------------------------------------------------------------------------------

    def action_towards(self, right: int, up: int) -> None:
        """Go to the nearest point in a direction; without a cursor, to the one in the middle."""
        spots = self._in_cells(self._places)
        if not spots:
            return
        if self._cursor is None:
            columns, rows = self._ground
            index = nearest(spots, (columns / 2, float(rows)))
        else:
            index = towards(spots, self._in_cells([self._cursor])[0], (right, up))
        if index is not None:
            self.post_message(self.Moved(self, index))

    def action_step(self, by: int) -> None:
        """Go to the next point by number, or the one before, round the end."""
        if self._places:
            index = 0 if self._index is None else (self._index + by) % len(self._places)
            self.post_message(self.Moved(self, index))

    def on_click(self, event: events.Click) -> None:
        """Take the point that was clicked."""
        offset = event.get_content_offset(self)
        spots = self._in_cells(self._places)
        if offset is None or not spots:
            return
        columns = self._ground[0]
        foot = 3 if self._labels[0] else 2
        column = offset.x - (self.size.width - columns - 1)
        spot = float(column), 2.0 * (self.size.height - foot - 1 - offset.y)
        index = nearest(spots, spot)
        if math.dist(spots[index], spot) <= _REACH:
            self.post_message(self.Moved(self, index))

    def _in_cells(self, places: Sequence[Place]) -> list[Place]:
        """Return where points are, in widths of a cell from the lower left corner."""
        x, y = self._axes
        columns, rows = self._ground
        return [(x.place(a) * (columns - 1), y.place(b) * (rows - 1) * 2) for a, b in places]

    def _canvas(self, columns: int, rows: int) -> Canvas:
        self._ground = columns, rows
        return super()._canvas(columns, rows)


def nearest(spots: Sequence[Place], to: Place) -> int:
    """Return which of the spots is nearest; there has to be one."""
    return min(range(len(spots)), key=lambda index: math.dist(spots[index], to))


def towards(spots: Sequence[Place], here: Place, direction: tuple[int, int]) -> int | None:
    """Return which of the spots is the next in a direction from another, None where there is none.

    Those straight ahead count as nearer than those beside; none is more than 45° off.
    """
    best, least = None, math.inf
    for index, spot in enumerate(spots):
        right, up = spot[0] - here[0], spot[1] - here[1]
        ahead = right * direction[0] + up * direction[1]
        beside = abs(right * direction[1]) + abs(up * direction[0])
        if ahead > 1e-6 and beside <= ahead and ahead + _ASIDE * beside < least:
            best, least = index, ahead + _ASIDE * beside
    return best


def _columns(places: Sequence[Place]) -> tuple[list[float], list[float]]:
    return [x for x, _ in places], [y for _, y in places]


def _reaching(axis: Axis, values: Sequence[float]) -> Axis:
    """Return an axis that has some values on it as well."""
    if all(axis.low <= value <= axis.high for value in values):
        return axis
    return around([axis.low, axis.high, *values])

"""A line over numbers 1, 2, 3 …, with a cursor that goes along it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from .axis import Axis
from .plot import Plot, Series
from .plot_canvas import Canvas

_POINTS = 60
"""Up to so many values each one has a sign."""


class Curve(Plot, can_focus=True):
    """A `Plot` of values by their number.

    Arrows go from one to the next, with shift ten at once; a click takes the one below it.
    """

    BINDING_GROUP_TITLE = "Curve"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", "Value before", id="curve.left", show=False,
                tooltip="Go to the value before"),
        Binding("right", "step(1)", "Next value", id="curve.right", show=False,
                tooltip="Go to the next value"),
        Binding("shift+left,pageup", "step(-10)", "Ten back", id="curve.back", show=False,
                tooltip="Go ten values back"),
        Binding("shift+right,pagedown", "step(10)", "Ten on", id="curve.on", show=False,
                tooltip="Go ten values on"),
        Binding("home", "go(0)", "First value", id="curve.first", show=False,
                tooltip="Go to the first value"),
        Binding("end", "go(-1)", "Last value", id="curve.last", show=False,
                tooltip="Go to the last value"),
    ]  # fmt: skip

    @dataclass
    class Moved(Message):
        """The cursor is on another value: its place, from 0."""

        curve: Curve
        index: int

        @property
        def control(self) -> Curve:
            """The widget."""
            return self.curve

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._values: tuple[float, ...] = ()
        self._label, self._log = "", False
        self._stretch: Axis | None = None
        self._columns = 1
        self.index: int | None = None
        """Which value the cursor is on."""

    def show_values(
        self, values: Sequence[float], label: str, log: bool = False, y: Axis | None = None
    ) -> None:
        """Show other values; the cursor stays at its number if there is one.

        Args:
            values: the first is number 1.
            label: what they are, safe to show.
            log: whether the y axis is logarithmic.
            y: the stretch of them to show, by default all.
        """
        self._values, self._label, self._log, self._stretch = tuple(values), label, log, y
        if self.index is not None and self.index >= len(self._values):
            self.index = None
        self._draw()

    def _draw(self) -> None:
        numbers = list(range(1, len(self._values) + 1))
        sign = "●" if len(numbers) <= _POINTS else ""
        shown = [Series(numbers, self._values, "line", sign=sign)] if numbers else []
        if self.index is not None:
            at, value = numbers[self.index], self._values[self.index]
            shown.append(Series([at], [value], sign="◆", notes=[str(at)], colour=1))
        self.show(*shown, y_label=self._label, log_y=self._log, x=self._across, y=self._stretch)

    @property
    def _across(self) -> Axis:
        count = len(self._values)
        return Axis(1, count) if count > 1 else Axis(0, 2)

    def action_step(self, by: int) -> None:
        """Go some values on, at most to the end."""
        if self._values:
            start = -1 if self.index is None and by > 0 else self.index or 0
            self.action_go(max(0, min(len(self._values) - 1, start + by)))

    def action_go(self, index: int) -> None:
        """Go to a value; -1 is the last."""
        if self._values:
            self.index = index % len(self._values)
            self._draw()
            self.post_message(self.Moved(self, self.index))

    def on_click(self, event: events.Click) -> None:
        """Take the value at the column that was clicked."""
        offset = event.get_content_offset(self)
        if offset is not None and self._values and self._columns > 1:
            share = (offset.x - (self.size.width - self._columns - 1)) / (self._columns - 1)
            if 0 <= share <= 1:
                self.action_go(round(share * (len(self._values) - 1)))

    def _canvas(self, columns: int, rows: int) -> Canvas:
        self._columns = columns
        return super()._canvas(columns, rows)

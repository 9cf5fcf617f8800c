"""The grid of a weight's values: vectors are wrapped to its width, and places are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from ...widgets.array_grid import ArrayGrid

_ROUND = (1, 2, 4, 5, 8, 10, 16, 20, 25, 32, 40, 50, 64, 80, 100)
"""Elements in a row of which one can tell the index of each at a glance."""


class ValuesGrid(ArrayGrid):
    """An `ArrayGrid` that fills its width with an array of rank 1."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g,ctrl+g,colon", "ask('place')", "Go to", id="values.go-to", key_display="g",
                tooltip="Go to an index, a flat number, or a filter by its number"),
        Binding("p", "ask('order')", "Permute", id="values.permute", show=False,
                tooltip="Count the axes in another order, as permute_dimensions does"),
        Binding("enter", "ask('axes')", "Axes…", id="values.axes", show=False,
                tooltip="To the axes above, to choose rows, columns and indices"),
        Binding("w", "wrap", "Wrap", id="values.wrap", show=False,
                tooltip="A vector's elements in rows, or one below the other"),
    ]  # fmt: skip

    wraps = True
    """Whether vectors are wrapped."""

    @dataclass
    class Asked(Message):
        """The user wants to type a ``place`` or an ``order``, or to go to the ``axes``."""

        grid: ValuesGrid
        what: str

        @property
        def control(self) -> ValuesGrid:
            """The grid."""
            return self.grid

    def show(self, shape: tuple[int, ...], dtype: str = "") -> None:
        """Show another array from its beginning."""
        super().show(shape, dtype)
        self._fit()

    def on_resize(self) -> None:
        """Fill the new width."""
        self._fit()
        super().on_resize()

    def watch_number_format(self) -> None:
        """Fill the width with wider or narrower columns."""
        self._fit()
        super().watch_number_format()

    def _fit(self) -> None:
        view, width = self.view, self.size.width
        if len(view.shape) != 1 or view.is_empty or not width:
            return
        wrap = 0
        if self.wraps:
            gutter = len(str(view.shape[0] - 1)) + 1
            room = max(1, (width - gutter - self.styles.scrollbar_size_vertical) // self.cell)
            fits = max(n for n in _ROUND if n <= room)
            wrap = view.shape[0] if view.shape[0] <= room else fits
        if wrap != view.wrap:
            self.look(view.wrapped(wrap))

    def action_wrap(self) -> None:
        """Wrap vectors, or do not."""
        self.wraps = not self.wraps
        self._fit()

    def action_ask(self, what: str) -> None:
        """Ask for a place, an order of the axes, or the axes themselves."""
        self.post_message(self.Asked(self, what).set_sender(self))

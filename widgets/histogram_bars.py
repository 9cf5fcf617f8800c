"""A histogram over the full width, a bin a column, with a cursor, a zero line and its spread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from .axis import Axis
from .bars import laid_over
from .histogram_picture import GUTTER, Look, Spread, picture
from .zoom import moved, zoomed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style
    from textual import events

_ZOOM = 0.5
_Known = tuple[Axis, tuple[int, ...]]


class HistogramBars(Widget, can_focus=True):
    """Shows counts; another stretch is asked for by a message, and shown coarsely meanwhile."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("plus,up", "zoom(1)", "Zoom", key_display="+ −", id="histogram.zoom-in",
                tooltip="Look closer at what is around the cursor"),
        Binding("minus,down", "zoom(-1)", "Zoom out", show=False, id="histogram.zoom-out",
                tooltip="Show more of the axis"),
        Binding("left", "step(-1)", "Cursor left", show=False, id="histogram.left",
                tooltip="The bin on the left; past the edge the axis moves"),
        Binding("right", "step(1)", "Cursor right", show=False, id="histogram.right",
                tooltip="The bin on the right; past the edge the axis moves"),
        Binding("shift+left,pageup", "pan(-0.5)", "Move left", show=False,
                id="histogram.pan-left", tooltip="Move along the axis, half a screen"),
        Binding("shift+right,pagedown", "pan(0.5)", "Move right", show=False,
                id="histogram.pan-right", tooltip="Move along the axis, half a screen"),
        Binding("home", "whole", "All", id="histogram.whole", show=False,
                tooltip="Show all values again"),
        Binding("0", "zero", "Cursor to zero", show=False, id="histogram.zero",
                tooltip="Put the cursor on zero"),
        Binding("l", "log", "Log", id="histogram.log",
                tooltip="Logarithmic counts, or plain ones"),
    ]  # fmt: skip
    """
    | Key(s) | Description |
    | :- | :- |
    | +, up / -, down | Look closer, or show more. |
    | left, right | Move the cursor, and past the edge the axis. |
    | shift+left, shift+right | Move along the axis. |
    | home | Show all values. |
    | 0 | Put the cursor on zero. |
    | l | Logarithmic counts. |
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "histogram--axis", "histogram--bar", "histogram--coarse", "histogram--cursor",
        "histogram--spread", "histogram--mean",
    }  # fmt: skip

    DEFAULT_CSS = """
    HistogramBars {
        height: 1fr;
        & > .histogram--axis { color: $text-muted; }
        & > .histogram--bar { color: $text-primary; }
        & > .histogram--coarse { color: $text-primary 50%; }
        & > .histogram--cursor { color: $text-warning; background: $warning 30%; }
        & > .histogram--spread { color: $text-accent; }
        & > .histogram--mean { color: $text; text-style: bold; }
    }
    """

    @dataclass
    class Wanted(Message):
        """The bins of another stretch are to be shown, or of as many columns as there are now."""

        bars: HistogramBars
        axis: Axis | None
        """None: all values."""

    @dataclass
    class CursorMoved(Message):
        """Another bin is under the cursor, or has another count; or counts are drawn otherwise."""

        bars: HistogramBars

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.is_log = False
        self.axis: Axis | None = None
        """The stretch that is shown; None before anything is."""
        self.counts: Sequence[float] = ()
        self.coarse = False
        """Whether counts are guessed from others or from a sample."""
        self.cursor = 0
        """Column, from 0."""
        self._whole: Axis | None = None
        self._known: list[_Known] = []
        """The counts of all values, and those of the stretch that was shown last."""
        self._spread: Spread | None = None
        self._asked_for: int = 0
        """How many columns there were when bins were asked for."""
        self._lines: list[Strip] = []
        self._drawn_at = Size(0, 0)

    # -- what is shown --------------------------------------------------------------------------

    @property
    def columns(self) -> int:
        """How many bins there is room for."""
        return max(0, self.size.width - GUTTER)

    def clear(self) -> None:
        """Show nothing."""
        self.axis = self._whole = self._spread = None
        self.counts, self._known = (), []
        self._forget()

    def show(
        self, axis: Axis, counts: tuple[int, ...], whole: Axis | None = None, coarse: bool = False
    ) -> None:
        """Show the counts of equally wide bins.

        Args:
            axis: the stretch that they cover.
            counts: how many values each has; as many as there are columns, or fewer.
            whole: the stretch of all values, beyond which there is nothing to look at.
            coarse: whether better ones are on the way.
        """
        if self.axis is None:
            self.cursor = self.columns // 2
        self._whole = whole or self._whole or axis
        self._known = [known for known in self._known[:1] if known[0] == self._whole]
        self._known.append((axis, counts))
        self._put(axis, counts, coarse)

    def _put(self, axis: Axis, counts: Sequence[float], coarse: bool) -> None:
        self.axis, self.counts, self.coarse = axis, counts, coarse
        self._forget()

    def show_spread(self, spread: Spread | None) -> None:
        """Show mean and quantiles below the axis."""
        self._spread = spread
        self._forget()

    @property
    def bin(self) -> int:
        """Number of the bin under the cursor."""
        return self.bin_at(self.cursor)

    def bin_at(self, column: int) -> int:
        """Return the number of the bin that is drawn in a column."""
        return max(0, min(column, self.columns - 1)) * len(self.counts) // max(1, self.columns)

    def edges(self, number: int) -> tuple[float, float]:
        """Return where a bin begins and ends."""
        axis = self.axis or Axis(0, 1)
        bins = max(1, len(self.counts))
        return axis.at(number / bins), axis.at((number + 1) / bins)

    def _forget(self) -> None:
        self._drawn_at = Size(0, 0)
        self.refresh()
        self.post_message(self.CursorMoved(self))

    def notify_style_update(self) -> None:
        """Draw in the colours of another theme."""
        super().notify_style_update()
        self._drawn_at = Size(0, 0)

    def on_resize(self) -> None:
        """Ask for as many bins as there is room for now."""
        if self.columns != self._asked_for:
            self._asked_for = self.columns
            self.cursor = min(self.cursor, max(0, self.columns - 1))
            self.post_message(self.Wanted(self, None if self.axis == self._whole else self.axis))

    def render_line(self, y: int) -> Strip:
        """Draw a line, and all of them if they have not been drawn as they are now."""
        if self._drawn_at != self.size:
            look = Look(self.is_log, self.coarse, self.cursor, self._spread)
            self._lines = (
                picture(self.axis, self.counts, self.size, look, self._style) if self.axis else []
            )
            self._drawn_at = self.size
        line = self._lines[y] if y < len(self._lines) else Strip([])
        return line.adjust_cell_length(self.size.width, self.rich_style)

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"histogram--{part}") if part else self.rich_style

    def on_hide(self) -> None:
        """Ask again when there is room again: something else may have to be shown then."""
        self._asked_for = 0

    # -- keys and the mouse ---------------------------------------------------------------------

    def action_zoom(self, direction: int) -> None:
        """Look closer at what is around the cursor, or less close."""
        low, high = self.edges(self.bin)
        self._want_zoomed(low / 2 + high / 2, _ZOOM**direction)

    def action_pan(self, share: float) -> None:
        """Move along the axis."""
        if self.axis and self._whole:
            self._want(moved(self.axis, self._whole, share))

    def action_whole(self) -> None:
        """Show all values."""
        if self._whole:
            self._want(self._whole)

    def action_step(self, columns: int) -> None:
        """Move the cursor to the next bin; past the edge move the axis by a quarter."""
        if self.axis is None or self._whole is None:
            return
        column = self.cursor + columns
        while 0 <= column < self.columns and self.bin_at(column) == self.bin:
            column += columns  # of wide bins the next one
        if 0 <= column < self.columns:
            self._point_at(column)
            return
        before = self.edges(self.bin)[0]
        self._want(moved(self.axis, self._whole, columns / 4))
        self._point_at_value(before)
        self._point_at(self.cursor + columns)

    def action_zero(self) -> None:
        """Put the cursor on zero, if that can be seen."""
        self._point_at_value(0.0)

    def action_log(self) -> None:
        """Draw logarithms of counts, or counts."""
        self.is_log = not self.is_log
        self._forget()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where was clicked."""
        self._point_at(event.x - GUTTER)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Look closer at what is under the mouse."""
        self._wheel(event, _ZOOM)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Show more of the axis."""
        self._wheel(event, 1 / _ZOOM)

    def _wheel(self, event: events.MouseEvent, factor: float) -> None:
        if self.axis and self.columns:
            self._want_zoomed(self.axis.at((event.x - GUTTER + 0.5) / self.columns), factor)
            event.stop()

    def _want_zoomed(self, about: float, factor: float) -> None:
        if self.axis and self._whole:
            self._want(zoomed(self.axis, self._whole, about, factor))
            self._point_at_value(about)

    def _want(self, axis: Axis) -> None:
        """Show what is known of a stretch, and ask for better."""
        if axis == self.axis:
            return
        best = min(
            (known for known in self._known if _covers(known[0], axis)),
            key=lambda known: known[0].width,
            default=self._known[0],
        )
        self._put(axis, laid_over(best[1], best[0], axis, max(1, self.columns)), coarse=True)
        self.post_message(self.Wanted(self, None if axis == self._whole else axis))

    def _point_at_value(self, value: float) -> None:
        if self.axis:
            self._point_at(int(self.axis.place(value) * self.columns))

    def _point_at(self, column: int) -> None:
        self.cursor = max(0, min(column, self.columns - 1))
        self._forget()


def _covers(axis: Axis, other: Axis) -> bool:
    return axis.low <= other.low and other.high <= axis.high

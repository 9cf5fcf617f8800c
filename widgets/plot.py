"""Points and lines over two axes, drawn in Braille dots: 2 × 4 a cell.

Our own, after trying the libraries there are with 2,000 points at 200 × 50 cells (this: 10 ms
a paint). textual-plotext with plotext 5: 55–100 ms, takes logarithms of logarithms at the second
paint (plotext's issue 209), ticks at numbers like 166666.7. plotext 6: one global figure, no
widget, compiled code. textual-plot: 20 ms, but no logarithmic axes, and it needs NumPy ≥ 2.2.1,
which TensorFlow 2.16 and 2.17 refuse. plotille: 8 ms for each colour, or colours that depend on
what the program's output is connected to.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Literal

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from .axis import Axis, Mark, around, labels, ruler
from .plot_canvas import Canvas

SIGNS = "●▲■◆▼○"
"""What tells series from each other besides their colours."""
_HEIGHT_A_TICK = 4


@dataclass(frozen=True)
class Series:
    """Points that belong together: they have one colour, one sign and one line in the legend.

    Points with a NaN or an infinity, or with nothing above 0 on a logarithmic axis, are left
    out; a line is broken there.
    """

    xs: Sequence[float]
    ys: Sequence[float]
    kind: Literal["points", "line"] = "points"
    name: str = ""
    """For the legend; already safe to show."""
    sign: str = ""
    """One character drawn at each point instead of a dot."""
    notes: Sequence[str] = ()
    """Texts beside the points, drawn where there is room; already safe to show."""
    colour: int | None = None
    """Which of the theme's six (0 to 5); by default the series' number."""


class Plot(Widget):
    """Shows series; nothing is computed until it is painted, and then once a size.

    About 5,000 points can be painted within 30 ms; give no more, nobody could tell them apart.
    In a legend a series has its sign as well as its colour: with several of them give each a
    `sign` out of `SIGNS`, or points in different hues are all that tells them apart.

        plot.show(Series(xs, ys, notes=words), x_label="PC 1", y_label="PC 2")
        plot.show(Series(range(1, n + 1), values, "line"), log_y=True, title="Singular values")
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "plot--axis", "plot--title", "plot--note",
        "plot--colour-0", "plot--colour-1", "plot--colour-2",
        "plot--colour-3", "plot--colour-4", "plot--colour-5",
    }  # fmt: skip

    DEFAULT_CSS = """
    Plot {
        height: 1fr;
        & > .plot--axis { color: $text-muted; }
        & > .plot--title { text-style: bold; }
        & > .plot--note { color: $foreground; }
        & > .plot--colour-0 { color: $text-primary; }
        & > .plot--colour-1 { color: $text-warning; }
        & > .plot--colour-2 { color: $text-success; }
        & > .plot--colour-3 { color: $text-error; }
        & > .plot--colour-4 { color: $text-accent; }
        & > .plot--colour-5 { color: $text-secondary; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._series: tuple[Series, ...] = ()
        self._title = self._x_label = self._y_label = ""
        self._x, self._y = Axis(0, 1), Axis(0, 1)
        self._x_marks: Sequence[Mark] = ()
        self._lines: list[Strip] = []
        self._drawn_at = Size(0, 0)

    def show(
        self,
        *series: Series,
        title: str = "",
        x_label: str = "",
        y_label: str = "",
        log_x: bool = False,
        log_y: bool = False,
        x: Axis | None = None,
        y: Axis | None = None,
        x_marks: Sequence[Mark] = (),
    ) -> None:
        """Show other series.

        Args:
            series: what to draw; later ones lie over earlier ones.
            title: above the plot, already safe to show.
            x_label: below the x axis.
            y_label: above the y axis.
            log_x: a logarithmic x axis; points that are not above 0 are left out.
            log_y: likewise for y.
            x: the stretch to show, by default all that there is.
            y: likewise for y.
            x_marks: what is written below the x axis in place of round numbers.
        """
        self._series, self._x_marks = series, x_marks
        self._title, self._x_label, self._y_label = title, x_label, y_label
        self._x = x or around([v for s in series for v in s.xs], log_x)
        self._y = y or around([v for s in series for v in s.ys], log_y)
        self._forget()

    def notify_style_update(self) -> None:
        """Draw in the colours of another theme."""
        super().notify_style_update()
        self._forget()

    def _forget(self) -> None:
        self._drawn_at = Size(0, 0)
        self.refresh()

    # -- drawing --------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Draw a line of the plot, and all of it if it has not been drawn at this size."""
        if self._drawn_at != self.size:
            self._lines = self._drawn(self.size.width, self.size.height)
            self._drawn_at = self.size
        if y < len(self._lines):
            return self._lines[y].adjust_cell_length(self.size.width, self.rich_style)
        return Strip.blank(self.size.width, self.rich_style)

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"plot--{part}")

    def _drawn(self, width: int, height: int) -> list[Strip]:
        head = self._head(width)
        foot = 3 if self._x_label else 2
        rows = height - len(head) - foot
        y_ticks = self._y.ticks(max(2, rows // _HEIGHT_A_TICK))
        texts = labels(y_ticks)
        gutter = max(map(len, texts), default=0) + 2
        columns = width - gutter - 1
        if rows < 2 or columns < 8 or not self._series:
            return head
        canvas = self._canvas(columns, rows)
        ticked = dict(self._placed(y_ticks, texts, rows))
        axis = self._style("axis")
        lines = list(head)
        for row in range(rows):
            text = ticked.get(row)
            edge = f"{text or '':>{gutter - 2}} {'┤' if text else '│'}"
            lines.append(Strip([Segment(edge, axis), *canvas.segments(row)]))
        return lines + self._foot(gutter, columns)

    def _head(self, width: int) -> list[Strip]:
        """Return the title, and the y axis's label with the legend on as many lines as it needs."""
        lines = [Strip([Segment(self._title, self._style("title"))])] if self._title else []
        entries = [(self._y_label, self._style("axis"))] if self._y_label else []
        for number, series in enumerate(self._series):
            if series.name:
                sign = series.sign or ("─" if series.kind == "line" else "⠶")
                entries.append((f"{sign} {series.name}", self._style(_colour(number, series))))
        line: list[Segment] = []
        for text, style in entries:
            if line and sum(part.cell_length for part in line) + cell_len(text) > width:
                lines.append(Strip(line))
                line = []
            line += [Segment(text, style), Segment("   ", style)]
        return [strip.crop(0, width) for strip in (*lines, *([Strip(line)] if line else []))]

    def _placed(self, ticks: list[float], texts: list[str], rows: int) -> list[tuple[int, str]]:
        """Return the rows (from the top) at which ticks are written."""
        return [
            (rows - 1 - round(self._y.place(tick) * (rows - 1)), text)
            for tick, text in zip(ticks, texts, strict=True)
        ]

    def _foot(self, gutter: int, columns: int) -> list[Strip]:
        line, numbers = ruler(self._x, columns, gutter, marks=self._x_marks)
        lines = [" " * (gutter - 1) + "└" + "".join(line), numbers]
        if self._x_label:
            lines.append(" " * gutter + self._x_label.center(columns).rstrip())
        return [Strip([Segment(text, self._style("axis"))]) for text in lines]

    def _canvas(self, columns: int, rows: int) -> Canvas:
        canvas = Canvas(columns, rows, self.rich_style)
        spots = [self._spots(series, canvas) for series in self._series]
        for number, (series, places) in enumerate(zip(self._series, spots, strict=True)):
            style = self._style(_colour(number, series))
            if series.kind == "line":
                for start, end in pairwise(places):
                    if start and end:
                        canvas.line(start, end, style)
            if series.sign:
                canvas.signs([place for place in places if place], series.sign, style)
            else:
                canvas.dots([place for place in places if place], style)
        note = self._style("note")
        for series, places in zip(self._series, spots, strict=True):
            for place, text in zip(places, series.notes, strict=False):
                if place and text:
                    canvas.note(place, text, note)
        return canvas

    def _spots(self, series: Series, canvas: Canvas) -> list[tuple[float, float] | None]:
        """Return where points are in dots from the lower left corner; None for nowhere."""
        wide, high = canvas.width - 1, canvas.height - 1
        found: list[tuple[float, float] | None] = []
        for x, y in zip(series.xs, series.ys, strict=True):
            across, up = self._x.place(x), self._y.place(y)
            there = math.isfinite(across) and math.isfinite(up)
            found.append((across * wide, up * high) if there else None)
        return found


def _colour(number: int, series: Series) -> str:
    return f"colour-{(number if series.colour is None else series.colour) % 6}"

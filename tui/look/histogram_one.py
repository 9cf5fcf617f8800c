"""The distribution of one weight, to look into as closely as wanted."""

from __future__ import annotations

import asyncio
import math
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static
from textual.worker import Worker

from kerastui.analysis.results import Histogram, Sketch, WeightStatistics
from kerastui.errors import KerastuiError
from kerastui.model import safe_text

from ...widgets.axis import Axis
from ...widgets.histogram_bars import HistogramBars
from ...widgets.histogram_picture import Spread
from .counts_asking import CountsAsked, Question, is_large
from .figures_asking import steps
from .histogram_words import about, bin_line, nothing_to_show, spread_line
from .subject import Subject
from .waiting import Waiting

if TYPE_CHECKING:
    from kerastui.clerk.client import Progress

    from .screen import LookScreen

_WHOLE = ("int", "uint", "bool")


class OneHistogram(Vertical):
    """Bars with what is said around them; asks for what they want to show."""

    DEFAULT_CSS = """
    OneHistogram {
        .head { height: 1; }
        .head > .about { width: 1fr; }
        Waiting { width: auto; }
        .about, .spread, .readout { height: 1; padding: 0 1; text-wrap: nowrap; }
        .spread { color: $text-accent; text-overflow: ellipsis; }
        .problem { padding: 1; display: none; }
        &.-tiny .spread { display: none; }
        &.-problem {
            HistogramBars, .spread, .readout { display: none; }
            .problem { display: block; }
        }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.found: Histogram | None = None
        """What is shown: exact, or of a sample."""
        self.subject: Subject | None = None
        """What is looked at."""
        self._sketch: Sketch | None = None
        self._whole: Axis | None = None
        self._counting: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        """Lay out bars and lines."""
        with Horizontal(classes="head"):  # beside each other: nothing moves while it counts
            yield Static(classes="about", markup=False)
            yield Waiting()
        yield Static(classes="problem", markup=False)
        yield HistogramBars()
        yield Static(classes="spread", markup=False)
        yield Static(classes="readout", markup=False)

    @property
    def bars(self) -> HistogramBars:
        """The bars."""
        return self.query_one(HistogramBars)

    def on_resize(self) -> None:
        """Where there are few lines, the bars have the most of them."""
        self.set_class(self.size.height < 11, "-tiny")

    def look_at(self, subject: Subject) -> None:
        """Show another weight."""
        self.subject, self._whole = subject, None
        self.found = self._sketch = None
        self.remove_class("-problem")
        self.bars.clear()
        for line in ("about", "spread", "readout"):
            self._say(line, "")
        if self.bars.columns:  # else it asks when it has got its place
            self._ask(None)

    def on_hide(self) -> None:
        """Stop what nobody sees: others want to look at values."""
        if self._counting is not None:
            self._counting.cancel()

    def on_show(self) -> None:
        """Go on with what was stopped."""
        if self.subject is not None and self._whole is None and self.bars.columns:
            self._ask(None)

    def _say(self, line: str, text: Content | str) -> None:
        self.query_one(f".{line}", Static).update(text)

    # -- asking ---------------------------------------------------------------------------------

    @on(HistogramBars.Wanted)
    def _wanted(self, event: HistogramBars.Wanted) -> None:
        event.stop()
        if self.subject is None or self.has_class("-problem"):
            return
        if self._whole is not None or event.axis is None:  # not before all have been counted
            self._ask(event.axis)

    def _ask(self, axis: Axis | None) -> None:
        assert self.subject is not None
        self._counting = self._count(self.subject, axis)

    @property
    def _counts(self) -> CountsAsked:
        return cast("LookScreen", self.screen).counts

    @work(exclusive=True, group="histogram")
    async def _count(self, subject: Subject, axis: Axis | None) -> None:
        try:
            with self.query_one(Waiting).shown() as report:
                counting = self._show_counted(subject, axis, report)
                if self._whole is None and is_large(subject):
                    # At once: who answers goes on with the second while the first is drawn.
                    await asyncio.gather(self._show_sketch(subject), counting)
                else:
                    await counting
        except KerastuiError as error:
            self._fail(safe_text(error, 1000))

    async def _show_sketch(self, subject: Subject) -> None:
        sketch: Sketch | None = None
        with suppress(KerastuiError):  # the same is told of what is counted
            sketch = await self._counts.sketch(subject, self.bars.columns)
        if sketch is None or subject != self.subject or self._whole is not None:
            return
        found = sketch.histogram
        if found.low < found.high:
            self._sketch, self.found = sketch, found
            self.bars.show(Axis(found.low, found.high), found.counts, coarse=True)

    async def _show_counted(self, subject: Subject, axis: Axis | None, report: Progress) -> None:
        question = self._question(axis or self._whole)
        found = await self._counts.histogram(subject, question, report)
        if found is not None and self._whole is None:
            # Its ends are known now: whole numbers get bins of their own, a single value room.
            self._whole = _stretch(found, self._is_whole)
            better = self._question(self._whole)
            if better != (found.low, found.high, len(found.counts)):
                found = await self._counts.histogram(subject, better, report)
        if subject != self.subject:
            return
        if found is None:
            self._fail(nothing_to_show(subject.weight, None))
            self._say_what_else(subject)
            return
        if self.found is None or self._sketch:
            self._say_what_else(subject)
        self.found, self._sketch = found, None
        self.bars.show(Axis(found.low, found.high), found.counts, whole=self._whole)

    def _question(self, axis: Axis | None) -> Question:
        """Return what to ask for: a bin a column, or a bin a number where these are few."""
        columns = max(1, self.bars.columns)
        if axis is None:
            return None, None, columns
        if self._is_whole and axis.width <= columns:
            low, high = math.ceil(axis.low) - 0.5, math.floor(axis.high) + 0.5
            if high > low:
                return low, high, int(high - low)
        return axis.low, axis.high, columns

    @property
    def _is_whole(self) -> bool:
        return self.subject is not None and self.subject.weight.dtype.startswith(_WHOLE)

    @work(exclusive=True, group="spread")
    async def _say_what_else(self, subject: Subject) -> None:
        """Say how values are spread, or why there is nothing to show; quantiles take longer."""
        try:
            for full in steps(subject):
                found = await cast("LookScreen", self.screen).figures.of(subject, full)
                if subject == self.subject:
                    self._say_spread(subject, found)
        except KerastuiError:
            return  # the view of the figures tells

    def _say_spread(self, subject: Subject, found: WeightStatistics) -> None:
        figures = found.figures
        if figures is None:
            return
        if figures.mean is None:
            self._fail(nothing_to_show(subject.weight, found))
            return
        self.bars.show_spread(Spread(figures.mean, figures.quantiles))
        self._say("spread", spread_line(figures))

    # -- saying ---------------------------------------------------------------------------------

    def _fail(self, sentence: str) -> None:
        self.found = None
        self.bars.clear()
        self._say("about", "")
        self._say("problem", sentence)
        self.add_class("-problem")

    @on(HistogramBars.CursorMoved)
    def _tell(self, event: HistogramBars.CursorMoved) -> None:
        event.stop()
        bars, subject, found = self.bars, self.subject, self.found
        if subject is None or found is None or not bars.counts:
            return
        weight = subject.weight
        self._say("about", about(found, weight, bars.is_log, self._sketch, bars.coarse))
        size = self._sketch.seen if self._sketch else math.prod(weight.shape)
        counted = bars.counts[bars.bin]
        edges = bars.edges(bars.bin)
        self._say("readout", bin_line(edges, counted, size, bars.coarse, self._is_whole))


def _stretch(found: Histogram, whole: bool) -> Axis:
    """Return the axis on which all values are seen well."""
    if found.low < found.high:
        ends = (found.low - 0.5, found.high + 0.5) if whole else (found.low, found.high)
        return Axis(*ends)
    room = 0.5 if whole else abs(found.low) / 2 or 0.5
    return Axis(found.low - room, found.high + room)

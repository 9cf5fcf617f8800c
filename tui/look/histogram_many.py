"""The distributions of several weights below each other, on one axis."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Literal, cast

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static
from textual.worker import Worker

from kerastui.analysis.results import Distribution, Histogram, Sketch
from kerastui.errors import KerastuiError
from kerastui.model import safe_text
from kerastui.model.figures import count, plural

from ...widgets.axis import Axis
from ...widgets.histogram_row import Row
from ...widgets.histogram_rows import HistogramRows
from .histogram_words import edge_texts
from .subject import Key, Subject, keys_of
from .view import Saving
from .waiting import Waiting

if TYPE_CHECKING:
    from kerastui.clerk.client import Progress
    from kerastui.model import Weight

    from .analyst import Analyst
    from .screen import LookScreen

Scope = Literal["layer", "model"]
"""The weights of one layer and of what is inside it, or those of the same name in all layers."""

_BINS = 400
_EVERY = 0.1
"""Seconds between two looks at rows that are being filled."""
_HUGE = 1 << 25
"""Elements from which a sample has to do."""


class ManyHistograms(Vertical):
    """Rows of histograms, filled from the one that is looked at outwards."""

    DEFAULT_CSS = """
    ManyHistograms {
        .head { height: 1; }
        .head > .about { width: 1fr; }
        Waiting { width: auto; }
        .about, .readout { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
        .about { color: $text-muted; }
        HistogramRows { margin: 0 1; }
    }
    """

    class Chosen(Message):
        """A weight is to be looked at alone."""

        def __init__(self, key: Key) -> None:
            super().__init__()
            self.key = key

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.scope: Scope = "layer"
        self._subject: Subject | None = None
        self._keys: list[Key] = []
        self._rows: dict[Key, Row] = {}
        """Of weights that have been asked for."""
        self._filling: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        """Lay out rows and lines."""
        with Horizontal(classes="head"):  # beside each other: nothing moves while it counts
            yield Static(classes="about", markup=False)
            yield Waiting()
        yield HistogramRows()
        yield Static(classes="readout", markup=False)

    @property
    def rows(self) -> HistogramRows:
        """The rows."""
        return self.query_one(HistogramRows)

    def look_at(self, subject: Subject, scope: Scope) -> None:
        """Show a weight among others; the rows stay where it is one of them."""
        if self._subject is None or subject.model is not self._subject.model:
            self._rows.clear()
        same = scope == self.scope and subject.key in self._keys
        self._subject, self.scope = subject, scope
        if not same:
            self._keys = _keys_of(subject, scope)
            rows = [self._row_of(key) for key in self._keys]
            self.rows.show(rows, self._keys.index(subject.key))
        else:
            self.rows.go(self._keys.index(subject.key))
        self._start()

    def on_hide(self) -> None:
        """Stop what nobody sees."""
        if self._filling is not None:
            self._filling.cancel()

    def on_show(self) -> None:
        """Go on with what was stopped."""
        self._start()

    def _row_of(self, key: Key) -> Row:
        """Return what is known of a weight, or an empty row with its name."""
        row = self._rows.get(key)
        if row is None:
            assert self._subject is not None
            row = self._rows[key] = Row(safe_text(Subject(self._subject.model, key).path, 120))
        row.drawn = None
        return row

    # -- asking ---------------------------------------------------------------------------------

    def _start(self) -> None:
        if self._subject is not None and self.display:
            self._filling = self._fill(self._subject)

    @on(HistogramRows.Wanted)
    def _wanted(self, event: HistogramRows.Wanted) -> None:
        event.stop()
        self._start()

    @work(exclusive=True, group="histogram")
    async def _fill(self, subject: Subject) -> None:
        analyst = cast("LookScreen", self.screen).analyst
        here = self._keys.index(subject.key) if subject.key in self._keys else 0
        near_first = sorted(enumerate(self._keys), key=lambda pair: abs(pair[0] - here))
        left = [key for _, key in near_first if self._rows[key].note == "…"]
        with self.query_one(Waiting).shown() as report:
            told = time.monotonic()
            for number, key in enumerate(left):
                await self._fill_row(analyst, key)
                if time.monotonic() - told > _EVERY or number + 1 == len(left):
                    told = time.monotonic()
                    report("", (number + 1) / len(left))
                    self.rows.changed()
            await self._refine(analyst, report)

    async def _fill_row(self, analyst: Analyst, key: Key) -> None:
        assert self._subject is not None
        subject, row = Subject(self._subject.model, key), self._rows[key]
        place, dataset = subject.place, subject.dataset
        sample = ""
        try:
            if math.prod(subject.weight.shape) > _HUGE:
                sketch: Sketch | None = await analyst.peek("sketch", place, dataset, _BINS)
                found, sample = (sketch.histogram, "~ ") if sketch else (None, "")
            else:
                found: Histogram | None = await analyst.peek(
                    "histogram", place, dataset, None, None, _BINS
                )
        except KerastuiError as error:
            row.note, row.odd = safe_text(error, 300), True
        else:
            _put(row, found, subject, sample)

    async def _refine(self, analyst: Analyst, report: Progress) -> None:
        """Count exactly what is seen of a part of the axis."""
        rows = self.rows
        axis, columns = rows.axis, rows.columns
        if axis is None or self._subject is None:
            return
        wanted = axis, columns
        seen = list(rows.seen)
        for number, place in enumerate(seen):
            key = self._keys[place]
            row, subject = self._rows[key], Subject(self._subject.model, key)
            report("", number / len(seen))
            if row.axis is None or row.axis.width / len(row.counts) < axis.width / columns / 4:
                continue  # fine enough
            if math.prod(subject.weight.shape) > _HUGE:
                continue
            try:
                found: Histogram | None = await analyst.peek(
                    "histogram", subject.place, subject.dataset, axis.low, axis.high, columns
                )
            except KerastuiError:
                continue  # the row says what is the matter
            if found is not None and len(found.counts) == columns:
                row.drawn = wanted, found.counts
                rows.refresh()

    # -- saving ---------------------------------------------------------------------------------

    def savings(self) -> tuple[Saving, ...]:
        """Offer all rows as a picture, as the axis is seen, and their counts."""
        rows, subject = self.rows, self._subject
        if subject is None or not rows.rows:
            return ()
        axis, columns = rows.axis, rows.columns
        ends = (axis.low, axis.high) if axis else None
        seen = tuple(_distribution(row, axis, columns) for row in rows.rows)
        whole = tuple(map(_distribution, rows.rows))
        drawn = seen, ends, rows.is_log, self._what(subject)
        return (
            Saving("Picture", (".png", ".svg"), "draw_histograms", drawn),
            Saving("Counts", (".csv",), "export_histograms", (whole,)),
        )

    # -- saying ---------------------------------------------------------------------------------

    @on(HistogramRows.Moved)
    def _tell(self, event: HistogramRows.Moved) -> None:
        event.stop()
        rows, subject = self.rows, self._subject
        if subject is None or not rows.rows:
            return
        counts = "log counts" if rows.is_log else "linear counts"
        about = f"{self._what(subject)} · {counts}, each row by itself"
        self.query_one(".about", Static).update(about)
        row = rows.rows[rows.cursor]
        text = Content.assemble((row.label, "bold"), f"   {row.note}")
        self.query_one(".readout", Static).update(text)

    def _what(self, subject: Subject) -> str:
        what = f"{plural(len(self._keys), 'weight')} "
        if self.scope == "layer":
            layer = subject.layer
            return what + (f"of {safe_text(layer.path, 60)}" if layer else "that no layer owns")
        return what + f"called {safe_text(_short_name(subject.weight), 40)}, of all layers"

    @on(HistogramRows.Chosen)
    def _choose(self, event: HistogramRows.Chosen) -> None:
        event.stop()
        self.post_message(self.Chosen(self._keys[event.number]))


def _distribution(row: Row, axis: Axis | None = None, columns: int = 0) -> Distribution:
    """Return a row as it is saved: of a part of the axis as finely as that has been counted."""
    said = row.label, row.note, row.odd
    if axis is not None and row.drawn is not None and row.drawn[0] == (axis, columns):
        return Distribution(*said, axis.low, axis.high, tuple(row.drawn[1]))
    if row.axis is None:
        return Distribution(*said)
    return Distribution(*said, row.axis.low, row.axis.high, tuple(row.counts))


def _put(row: Row, found: Histogram | None, subject: Subject, sample: str) -> None:
    size = math.prod(subject.weight.shape)
    if found is None:
        row.note, row.odd = ("no finite number", True) if size else ("no values", False)
        return
    low, high = edge_texts(found.low, found.high) if found.low < found.high else ("", "")
    odd = [f"{count(n)} {word}" for n, word in ((found.nan, "NaN"), (found.inf, "inf")) if n]
    only = f"all {edge_texts(found.low, found.low)[0]}"
    row.note = " · ".join((*(f"✗ {text}" for text in odd), f"{low} … {high}" if low else only))
    row.note = sample + row.note
    row.odd = bool(odd)
    if found.low < found.high:
        row.axis, row.counts = Axis(found.low, found.high), found.counts
    else:  # a single value: a stretch about it that is next to nothing beside others
        room = abs(found.low) * 1e-6 or 1e-6
        row.axis, row.counts = Axis(found.low - room, found.low + room), (0, *found.counts, 0)


def _keys_of(subject: Subject, scope: Scope) -> list[Key]:
    model, (index, _) = subject.model, subject.key
    if scope == "layer":
        if index < 0:
            return [(-1, number) for number in range(len(model.extra))]
        return list(keys_of(model, index))
    name = _short_name(subject.weight)
    owned = (
        (i, number)
        for i, layer in enumerate(model.layers)
        for number, weight in enumerate(layer.weights)
        if _short_name(weight) == name
    )
    others = ((-1, n) for n, weight in enumerate(model.extra) if _short_name(weight) == name)
    return [*owned, *others]


def _short_name(weight: Weight) -> str:
    return weight.name.rpartition("/")[2].partition(":")[0]

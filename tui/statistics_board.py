"""The screen of statistics without its keys: a table that fills while it is computed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.screen import ModalScreen, Screen
from textual.widgets import Footer, Static

from kerastui.analysis.results import WeightStatistics
from kerastui.edits.document import Document
from kerastui.model import Model

from ..widgets.filter_line import FilterLine
from ..widgets.statistics_columns import StatRow
from ..widgets.statistics_table import StatisticsTable
from .look.analyst import Analyst
from .statistics_filling import Filling, draw_sparks
from .statistics_known import Known, layers_of
from .statistics_rows import Arrangement, Key, rows_of
from .statistics_sparks import Sparks, common_range
from .statistics_text import arranged, detail, progress, range_title, stopped, summary, title

if TYPE_CHECKING:
    from textual.app import App

_TICK = 0.2
"""Seconds between two looks at how far it is."""
_SUMMED = 4
"""Lines that the summary may take."""
_REST = 25
"""Ordering rows while more come may take one part in so many of the time."""


class StatisticsBoard(Screen[None]):
    """The figures of all weights.

    Args:
        document: whose weights; edits that are made meanwhile are followed.
        analyst: who answers questions about numbers.
        known: where answers are kept while the document is open.
        start: index of the layer to begin with.
    """

    DEFAULT_CSS = """
    StatisticsBoard {
        #title, #summary, #state { height: 1; padding: 0 1; }
        #detail { height: 5; padding: 0 1; background: $surface; }
        #detail.-short { height: 3; }
        StatisticsTable { height: 1fr; }
        FilterLine { padding: 0 1; }
    }
    """

    if TYPE_CHECKING:

        @property
        def app(self) -> App[None]: ...  # noqa: D102

    def __init__(
        self, document: Document, analyst: Analyst, known: Known, start: int | None = None
    ) -> None:
        super().__init__()
        self.document, self.analyst, self.known = document, analyst, known
        self.model: Model = document.model
        """The description as edited that the table shows."""
        self.full = False
        """Whether quantiles and duplicates are wanted, too."""
        self.how = Arrangement()
        self.wanted = True
        """Whether figures are to be computed; not so when the user stopped that."""
        self._start = start
        self._rows: dict[int, list[StatRow]] = {}
        self.found: dict[int, Sequence[WeightStatistics]] = {}
        """Figures that are known, by layer."""
        self._places: dict[Key, int] = {}
        """Where in the table a row stands."""
        self._stale = False
        """Whether figures have come since rows were last ordered."""
        self._rest_until = 0.0
        self._wake = asyncio.Event()
        self._offered = (False, False)
        self.filling: Filling
        self._sparks: Sparks
        # Kept here, so that an answer that comes while the screen is taken down finds them.
        self.table = StatisticsTable(id="table")
        self._lines = {
            name: Static(id=name, markup=False) for name in ("title", "summary", "detail", "state")
        }

    def compose(self) -> ComposeResult:
        """Lay out what it is about, the table, the row under the cursor, and the keys."""
        yield self._lines["title"]
        yield self._lines["summary"]
        yield self.table
        yield self._lines["detail"]
        yield self._lines["state"]
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Show all rows at once; figures come."""
        self.table.focus()
        self.renew()
        self.set_interval(_TICK, self._tick)

    def on_resize(self) -> None:
        """Give the details as many lines as there is room for."""
        self._lines["detail"].set_class(self.size.height < 35, "-short")
        current = self.table.current
        if current is not None:
            self.tell_detail(StatisticsTable.Highlighted(current))

    # -- computing --------------------------------------------------------------------------------

    def on_screen_suspend(self) -> None:
        """Let the analyst be free for another screen that looks at weights."""
        if not isinstance(self.app.screen, ModalScreen):
            self.pause()
            self._cancel("sparks")

    def on_screen_resume(self) -> None:
        """Go on, with what was edited meanwhile."""
        if self.document.model is not self.model:
            self.renew()
        else:
            self.go_on()

    def renew(self) -> None:
        """Show the model as it is now; what is known of it is kept."""
        self.model = self.document.model
        self.filling = self._new_filling()
        self._sparks = self._new_sparks()
        self.table.sparks.clear()
        self._lines["title"].update(title(self.model))
        self.make_rows()
        self.rearrange((self._rows[self._start][0].key) if self._start in self._rows else None)
        self._start = None
        self.set_range()
        self.tell_summary()
        self.go_on()

    def _new_filling(self) -> Filling:
        return Filling(
            self.analyst, self.model, self.known, self.full, self._seen_layers, self._took
        )

    def _new_sparks(self) -> Sparks:
        filling = self.filling
        return Sparks(
            self.model, self.known, self._seen_rows, self.table.put_spark, lambda: filling.running
        )

    def go_on(self) -> None:
        """Compute what is lacking, unless the user stopped that."""
        if self.wanted and self.filling.batches and not self.filling.running:
            self._fill(self.filling)
        self._cancel("sparks")
        self._draw(False)
        self._draw(True)
        self.tell()

    def pause(self) -> None:
        """Stop computing figures; what is known stays."""
        self._cancel("figures")
        self.call_after_refresh(self.tell)

    def _cancel(self, group: str) -> None:
        self.workers.cancel_group(self, group)  # pyright: ignore[reportUnknownMemberType]

    @work(group="figures", exclusive=True)
    async def _fill(self, filling: Filling) -> None:
        try:
            await filling.run()
        finally:
            self._wake.set()  # histograms that have waited for it
        if filling.problem:
            self.wanted = False
        self.rearrange()
        self.set_range()
        self.tell_summary()

    @work(group="sparks")
    async def _draw(self, long: bool) -> None:
        await draw_sparks(self.analyst, self._sparks, self._wake, long)

    def _seen_rows(self) -> Sequence[StatRow]:
        table = self.table
        return [table.rows[place] for place in table.seen]

    def _seen_layers(self) -> list[int]:
        return [row.key[0] for row in self._seen_rows()]

    def _took(self, indices: Sequence[int]) -> None:
        """Show figures that have come, in the rows as they stand."""
        news: list[tuple[int, StatRow]] = []
        for index in indices:
            for row in self._make_rows_of(index):
                if row.key in self._places:
                    news.append((self._places[row.key], row))
        self._sparks.forget(row.key for _, row in news)
        self.table.update_rows(news)
        self._stale = True
        self._wake.set()

    def _tick(self) -> None:
        """Say how far it is; order rows anew when more is known, but not all the time."""
        if self.filling.running:
            self.tell()
        if not self._stale or time.monotonic() < self._rest_until:
            return
        began = time.monotonic()
        if self.how.depends_on_figures:
            self.rearrange()
        self.set_range()
        self.tell_summary()
        self._stale = False
        now = time.monotonic()
        self._rest_until = now + _REST * (now - began)

    # -- rows -------------------------------------------------------------------------------------

    def make_rows(self) -> None:
        """Make rows for all layers from what is known."""
        self._rows, self.found = {}, {}
        for index in layers_of(self.model):
            self._make_rows_of(index)
        has_quantiles = (r.figures and r.figures.quantiles for f in self.found.values() for r in f)
        self.table.more = self.full or any(has_quantiles)

    def _make_rows_of(self, index: int) -> list[StatRow]:
        found = self.known.rows(self.model, index)
        if found is not None:
            self.found[index] = found
        rows = self._rows[index] = rows_of(self.model, index, found, self.how.by_layer)
        return rows

    def rearrange(self, stay: Key | None = None) -> None:
        """Choose the rows that are shown and order them; the cursor stays, or goes to `stay`."""
        every = [row for rows in self._rows.values() for row in rows]
        rows = self.how.arrange(every)
        self._places = {row.key: place for place, row in enumerate(rows)}
        table = self.table
        table.show_sorting(self.how.sorting, self.how.reverse)
        table.show(rows, stay)
        if not rows:
            self._lines["detail"].update("", layout=False)
        for line in self.query(FilterLine):
            line.tell(f"{len(rows):,} of {len(every):,}")
        self.tell()
        self._wake.set()

    def row_of_layer(self, index: int) -> Key:
        """Return the key of a layer's first row."""
        return self._rows[index][0].key

    def set_range(self) -> None:
        """Draw histograms over the range that is wanted."""
        rows = (row for rows in self._rows.values() for row in rows)
        within = common_range(rows) if self.how.one_range else None
        table, named = self.table, range_title(within)
        if within != self._sparks.common or named != table.spark_title:
            self._sparks.common, table.spark_title = within, named
            self._sparks.forget()
            table.refresh()
            self._wake.set()

    # -- what is said -----------------------------------------------------------------------------

    def tell_summary(self) -> None:
        """Say what is odd in all."""
        found = [row for rows in self.found.values() for row in rows]
        total = len(self.model.extra) + sum(len(layer.weights) for layer in self.model.layers)
        line, problem = self._lines["summary"], self.filling.problem
        said = summary(found, total, self.size.width - 2, problem, self.full)
        line.styles.height = min(_SUMMED, said.plain.count("\n") + 1)
        line.update(said, layout=False)

    def tell(self) -> None:
        """Say how far it is, or how the table is arranged."""
        filling, state = self.filling, self._lines["state"]
        self.table.show_waiting(filling.running or self.wanted)
        if self._offered != self.can_stop_or_go_on:
            self._offered = self.can_stop_or_go_on
            self.refresh_bindings()
        if filling.running:
            state.update(progress(filling), layout=False)
        elif filling.batches and not self.wanted:
            state.update(stopped(filling), layout=False)
        else:
            said = arranged(len(self.table.rows), self.how, self.table.log_counts)
            state.update(said, layout=False)

    @property
    def can_stop_or_go_on(self) -> tuple[bool, bool]:
        """Whether computing can be stopped now, and whether it can go on."""
        running = self.filling.running
        return running, bool(self.filling.batches) and not running

    @on(StatisticsTable.Highlighted)
    def tell_detail(self, message: StatisticsTable.Highlighted) -> None:
        """Say everything about the row under the cursor."""
        said = detail(message.row, self.model, self.size.width - 2)
        self._lines["detail"].update(said, layout=False)

    @on(StatisticsTable.SeenChanged)
    def draw_seen(self) -> None:
        """Draw the histograms of the rows that are seen now."""
        self._wake.set()

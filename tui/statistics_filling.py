"""Filling the table of statistics: figures in batches, histograms of what is seen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from kerastui.analysis.results import Cancelled, WeightStatistics
from kerastui.errors import ClerkDied, KerastuiError
from kerastui.model import Model

from .look.analyst import Analyst
from .statistics_batches import Batches
from .statistics_known import Known, slim, weights_of
from .statistics_sparks import Sparks

_GRACE = 0.02
"""Seconds before a picture is asked for: rows that are only scrolled past want none."""


class Filling:
    """Asks the analyst for all that a table lacks, in tasks that whoever owns it runs.

    Args:
        analyst: who answers.
        model: whose weights.
        known: where answers are kept.
        full: whether quantiles and duplicates are wanted, too.
        seen: returns the indices of the layers that are seen.
        took: told the indices of layers whose figures are there now.
    """

    def __init__(
        self,
        analyst: Analyst,
        model: Model,
        known: Known,
        full: bool,
        seen: Callable[[], Sequence[int]],
        took: Callable[[Sequence[int]], None],
    ) -> None:
        self._analyst, self._model, self._known = analyst, model, known
        self._seen, self._took = seen, took
        self.batches = Batches(model, known, full)
        self.running = False
        self.problem = ""
        """Why it ended before it was done, one sentence."""
        self.began = self.ended = 0.0
        self._stage, self._fraction = "", 0.0
        self._before = 0
        """Bytes that were done when it began, or went on."""

    @property
    def stage(self) -> str:
        """Path of the weight that is being looked at."""
        return self._stage

    @property
    def share(self) -> float:
        """How much is done, 0 … 1."""
        return self.batches.share(self._fraction)

    @property
    def speed(self) -> float:
        """Bytes a second so far."""
        until = time.monotonic() if self.running else self.ended
        done = self.batches.bytes_done(self._fraction) - self._before
        return done / max(1e-3, until - self.began)

    async def run(self) -> None:
        """Ask until all is known; cancelling it stops the work as well."""
        self.running, self.problem = True, ""
        self.began, self._before = time.monotonic(), self.batches.bytes
        try:
            while self.batches:
                await self._batch(self.batches.take(self._seen()))
        except KerastuiError as error:
            self.problem = str(error)
        finally:
            self.running = False
            self._fraction = 0.0
            self.ended = time.monotonic()

    async def _batch(self, indices: tuple[int, ...]) -> None:
        keys = [(i, k) for i in indices for k in range(len(weights_of(self._model, i)))]
        full = self.batches.full
        self._fraction = 0.0
        try:
            found: Sequence[WeightStatistics] = await self._analyst.ask(
                "statistics", slim(self._model, indices), keys, full, full, progress=self._report
            )
        except ClerkDied as error:
            if len(indices) > 1:  # find out which of them it cannot bear
                self.batches.careful()
                return
            found = [self._broken(key, str(error)) for key in keys]
        begin = 0
        for index in indices:
            count = len(weights_of(self._model, index))
            self._known.put(self._model, index, found[begin : begin + count], full)
            begin += count
        self._fraction = 0.0
        weights = [weights_of(self._model, i)[k] for i, k in keys]
        read = (w.nbytes for w, row in zip(weights, found, strict=True) if row.figures)
        self.batches.done(sum(read))
        self._took(indices)

    def _broken(self, key: tuple[int, int], problem: str) -> WeightStatistics:
        layer = self._model.layers[key[0]] if key[0] >= 0 else None
        weight = weights_of(self._model, key[0])[key[1]]
        path = f"{layer.path}/{weight.name}" if layer else weight.stored_name
        return WeightStatistics(
            path, key[0], weight.shape, weight.dtype, problem=problem, readable=False
        )

    def _report(self, stage: str, fraction: float) -> None:
        """Take note of news; called from another thread, drawn by the screen's own clock."""
        self._stage, self._fraction = stage, fraction


async def draw_sparks(analyst: Analyst, sparks: Sparks, wake: asyncio.Event, long: bool) -> None:
    """Ask for the histograms of what is seen, one by one, for ever.

    Two of these run: one for weights that are read in a moment, and one for `long` ones, which
    waits its turn between batches of figures. Figures have to be there first.
    """
    ask: Callable[..., Any] = analyst.ask if long else analyst.peek
    while True:
        wanted = sparks.next_wanted(long)
        if wanted is None:
            wake.clear()
            await wake.wait()
            await asyncio.sleep(_GRACE)
            continue
        try:
            sparks.put(wanted, await ask("histogram", *wanted.question))
        except Cancelled:  # somebody else's clerk was told to stop
            await asyncio.sleep(_GRACE)
        except KerastuiError:  # the row says already why it has no figures
            sparks.put(wanted, None)

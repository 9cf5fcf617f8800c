"""Histograms of the weights that are looked at: asked for ahead, shared, and kept."""

from __future__ import annotations

import asyncio
import math
from contextlib import suppress

from kerastui.analysis.results import Histogram, Sketch
from kerastui.clerk.client import Progress
from kerastui.errors import KerastuiError

from .analyst import Analyst
from .asking import Asking
from .subject import Subject

_LARGE = 1 << 22
"""Elements from which a sample is shown first."""
_MOST_KEPT = 64

Question = tuple[float | None, float | None, int]
"""Where bins begin (None: at the least value), where they end, how many."""
_Which = tuple[object, str, Question]


def is_large(subject: Subject) -> bool:
    """Whether counting takes so long that a sample is worth showing meanwhile."""
    return math.prod(subject.weight.shape) > _LARGE


class CountsAsked:
    """Asks for histograms of weights of one model, and keeps those of the last weight."""

    def __init__(self, analyst: Analyst) -> None:
        self._analyst = analyst
        self._kept: dict[_Which, Histogram | None] = {}
        self._asking = Asking[Histogram | None]()
        self._sketching = Asking[Sketch | None]()
        self._ahead: tuple[_Which, asyncio.Task[object] | None] | None = None

    async def ahead(self, subject: Subject, bins: int) -> None:
        """Ask before anybody wants to know: what shows the answer is being built meanwhile.

        Who asks for something else first ends it, and the work with it.
        """
        self._ahead = _which(subject, (None, None, bins)), asyncio.current_task()
        asked = self.histogram(subject, (None, None, bins))
        with suppress(KerastuiError):  # who wants to know is told
            if is_large(subject):
                await asyncio.gather(self.sketch(subject, bins), asked)
            else:
                await asked

    async def histogram(
        self, subject: Subject, question: Question, progress: Progress | None = None
    ) -> Histogram | None:
        """Return the exact histogram, None where no value is a finite number.

        `progress` is called from another thread. Raises KerastuiError.
        """
        which = _which(subject, question)
        self._no_longer_ahead(which)
        if which in self._kept:
            return self._kept[which]
        place, dataset = subject.place, subject.dataset
        found = await self._asking.answer(
            which,
            lambda report: self._analyst.peek(
                "histogram", place, dataset, *question, progress=report
            ),
            progress,
        )
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[which] = found
        return found

    async def sketch(self, subject: Subject, bins: int) -> Sketch | None:
        """Return the histogram of a sample, None where that has no finite number.

        Raises KerastuiError.
        """
        place, dataset = subject.place, subject.dataset
        return await self._sketching.answer(
            (place, dataset, bins),
            lambda _: self._analyst.peek("sketch", place, dataset, bins),
        )

    def _no_longer_ahead(self, which: _Which) -> None:
        if self._ahead is not None and self._ahead[0] != which:
            task, self._ahead = self._ahead[1], None
            if task is not None:
                task.cancel()


def _which(subject: Subject, question: Question) -> _Which:
    return subject.place, subject.dataset, question

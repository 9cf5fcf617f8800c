"""Figures of the weights that are looked at, each asked for once however many views want them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from kerastui.analysis.results import WeightStatistics
from kerastui.clerk.client import Progress

from .analyst import Analyst
from .subject import Subject

_Which = tuple[tuple[int, int], bool]


@dataclass
class _Question:
    task: asyncio.Task[WeightStatistics]
    listeners: list[Progress] = field(default_factory=list[Progress])
    waiting: int = 0


class FiguresAsked:
    """Asks for figures of weights of one model, and keeps them.

    Who waits for the same at the same time gets the same answer; when nobody waits any more, the
    work is stopped.
    """

    def __init__(self, analyst: Analyst) -> None:
        self._analyst = analyst
        self._known: dict[_Which, WeightStatistics] = {}
        self._asked: dict[_Which, _Question] = {}

    def known(self, subject: Subject, full: bool) -> WeightStatistics | None:
        """Return figures that were asked for before; `full` ones do as well as others."""
        return self._known.get((subject.key, True)) or (
            None if full else self._known.get((subject.key, False))
        )

    async def of(
        self, subject: Subject, full: bool, progress: Progress | None = None
    ) -> WeightStatistics:
        """Return a weight's figures, `full` ones with quantiles and duplicated filters.

        `progress` is called from another thread. Raises KerastuiError.
        """
        known = self.known(subject, full)
        if known is not None:
            return known
        which = (subject.key, full)
        question = self._asked.get(which)
        if question is None:
            question = self._asked[which] = self._ask(subject, full)
        question.waiting += 1
        if progress is not None:
            question.listeners.append(progress)
        try:
            found = await asyncio.shield(question.task)
        finally:
            question.waiting -= 1
            if progress is not None:
                question.listeners.remove(progress)
            if question.task.done() or not question.waiting:
                question.task.cancel()
                if self._asked.get(which) is question:
                    del self._asked[which]
        self._known[which] = found
        return found

    def _ask(self, subject: Subject, full: bool) -> _Question:
        from ..statistics_known import slim

        listeners: list[Progress] = []

        def tell(stage: str, share: float) -> None:
            for listener in tuple(listeners):
                listener(stage, share)

        async def ask() -> WeightStatistics:
            model = slim(subject.model, (subject.key[0],))
            return (
                await self._analyst.ask(
                    "statistics", model, (subject.key,), full, full, progress=tell
                )
            )[0]

        return _Question(asyncio.create_task(ask()), listeners)

"""Figures of the weights that are looked at, each asked for once however many views want them."""

from __future__ import annotations

from kerastui.analysis.results import WeightStatistics
from kerastui.clerk.client import Progress

from .analyst import Analyst
from .asking import Asking
from .subject import Subject

_SMALL = 4_000_000
"""Bytes below which everything is computed at once."""
_Which = tuple[tuple[int, int], bool]


def steps(subject: Subject) -> tuple[bool, ...]:
    """Return whether to ask for full figures: of a large weight only after the plain ones."""
    return (False, True) if subject.weight.nbytes > _SMALL else (True,)


class FiguresAsked:
    """Asks for figures of weights of one model, and keeps them."""

    def __init__(self, analyst: Analyst) -> None:
        self._analyst = analyst
        self._known: dict[_Which, WeightStatistics] = {}
        self._asking = Asking[WeightStatistics]()

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
        found = await self._asking.answer(
            which, lambda report: self._ask(subject, full, report), progress
        )
        self._known[which] = found
        return found

    async def _ask(self, subject: Subject, full: bool, report: Progress) -> WeightStatistics:
        from ..statistics_known import slim

        model = slim(subject.model, (subject.key[0],))
        found: tuple[WeightStatistics, ...] = await self._analyst.ask(
            "statistics", model, (subject.key,), full, full, progress=report
        )
        return found[0]

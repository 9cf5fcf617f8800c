"""What takes a pass through a weight's values: extremes, NaN, the range of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import work

from kerastui.errors import KerastuiError

from ...widgets.number_text import exact
from .view import LookView

if TYPE_CHECKING:
    from kerastui.analysis.results import Found, WeightStatistics

    from .values_grid import ValuesGrid

GROUP = "values-long"
_PATIENCE = 0.2
"""Seconds after which it is said how far it has come."""
_SOUGHT = {"largest": "the largest value", "smallest": "the smallest value", "nan": "NaN"}
_NONE = {"largest": "There is no finite value.", "smallest": "There is no finite value.",
         "nan": "No NaN: every value is a number."}  # fmt: skip


class LongQuestions(LookView):
    """A view with a grid that asks the analyst what takes its time, and says how far it is."""

    busy = False
    """Whether such a question is under way."""
    _share = 0.0

    @property
    def grid(self) -> ValuesGrid:
        """The values."""
        raise NotImplementedError

    def say(self, text: str, problem: bool = False) -> None:
        """Say something below the grid until the cursor moves."""
        raise NotImplementedError

    @work(exclusive=True, group=GROUP)
    async def find(self, sought: str) -> None:
        """Go to the largest or the smallest value, or to the next NaN."""
        subject, grid = self.subject, self.grid
        if subject is None:
            return
        after = grid.place if sought == "nan" else None
        args = (subject.place, subject.dataset, sought, after)
        found: Found | None = await self._answer(_SOUGHT[sought], "find", *args)
        if subject is not self.subject or self._failed:
            return
        if found is None:
            self.say(_NONE[sought])
            return
        grid.go_to(found.index)
        if sought == "nan":
            self.say("The next NaN; n again finds the one after it.")
        else:
            self.say(
                f"{_SOUGHT[sought].capitalize()}: {exact(found.value, grid.number_format.dtype)}"
            )

    @work(exclusive=True, group=GROUP)
    async def colour_by_whole(self) -> None:
        """Colour the cells by the range of the whole weight, as soon as that is known."""
        subject, grid = self.subject, self.grid
        if subject is None:
            return
        if grid.limit is None:
            args = (subject.model, (subject.key,), False, False)
            found: list[WeightStatistics] | None
            found = await self._answer("the range of all values", "statistics", *args)
            if subject is not self.subject:
                return
            if not found or found[0].figures is None:
                grid.colouring = "off"
                if not self._failed:
                    self.say(found[0].problem if found else "", problem=True)
                return
            figures = found[0].figures
            grid.limit = max(abs(figures.min or 0), abs(figures.max or 0))
        grid.colouring = "whole"
        self.say("")

    def stop(self) -> None:
        """Give up what is under way."""
        self.workers.cancel_group(self, GROUP)  # pyright: ignore[reportUnknownMemberType]

    _failed = False

    async def _answer(self, what: str, request: str, *args: object) -> Any:
        """Ask the analyst, saying how far it has come; None where that failed, which is said."""
        self._share, self._failed, self.busy = 0.0, False, True
        subject = self.subject
        timer = self.set_interval(_PATIENCE, lambda: self._tell_share(what))
        try:
            return await self.analyst.ask(request, *args, progress=self._come_to)
        except KerastuiError as error:
            self._failed = True
            if subject is self.subject:
                self.say(str(error), problem=True)
            return None
        finally:
            timer.stop()
            self.busy = False

    def _come_to(self, stage: str, share: float) -> None:
        """Take note of progress; called from another thread."""
        self._share = share

    def _tell_share(self, what: str) -> None:
        self.say(f"Looking for {what}: {self._share:.0%}   (escape: stop)")

"""Who answers questions about numbers: clerks of their own, so that opening and saving are free."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import Any

from kerastui.clerk.client import Clerk, Progress

_NICENESS = 10
"""Of the clerk for what may take long: keys are answered first where all cores are busy."""


class Analyst:
    """Three clerks: for what may take long, for what is waited for, for what is scrolled past.

    Each starts with the first question to it and ends with this process.
    """

    def __init__(self) -> None:
        self._long, self._short, self._windows = Clerk(_NICENESS), Clerk(), Clerk()

    async def ask(self, request: str, *args: object, progress: Progress | None = None) -> Any:
        """Ask what may take long; cancelling the task that waits stops the work as well.

        `progress(stage, fraction)` is called from another thread. Raises KerastuiError.
        """
        return await _answer(self._long, request, args, progress)

    async def peek(self, request: str, *args: object, progress: Progress | None = None) -> Any:
        """Ask what is waited for (a `window`, a `histogram`), though something long is under way.

        What may take longer than milliseconds has to be cancelled when nobody sees it any more.
        """
        # A step of a grid must not wait until a histogram that was left behind has stopped.
        clerk = self._windows if request == "window" else self._short
        return await _answer(clerk, request, args, progress)

    def get_ready(self) -> None:
        """Start what answers first, so that the first answer does not take longer than others."""
        self._short.submit("get_ready")

    def close(self) -> None:
        """Let all of them end."""
        for clerk in (self._long, self._short, self._windows):
            clerk.cancel()
            clerk.close()


async def _answer(
    clerk: Clerk, request: str, args: tuple[object, ...], progress: Progress | None
) -> Any:
    future: Future[Any] = clerk.submit(request, *args, progress=progress)
    waiting = asyncio.wrap_future(future)
    try:
        return await asyncio.shield(waiting)
    except asyncio.CancelledError:
        waiting.add_done_callback(_drop)
        clerk.cancel(future)
        raise


def _drop(answer: asyncio.Future[Any]) -> None:
    """Nobody waits for this answer any more, nor for its error."""
    if not answer.cancelled():
        answer.exception()

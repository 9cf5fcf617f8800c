"""Who answers questions about numbers: clerks of their own, so that opening and saving are free."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import Any

from kerastui.clerk.client import Clerk, Progress


class Analyst:
    """Two clerks: one for what may take long, one for what is scrolled past.

    Both start with the first question to them and end with this process.
    """

    def __init__(self) -> None:
        self._long, self._short = Clerk(), Clerk()

    async def ask(self, request: str, *args: object, progress: Progress | None = None) -> Any:
        """Ask what may take long; cancelling the task that waits stops the work as well.

        `progress(stage, fraction)` is called from another thread. Raises KerastuiError.
        """
        return await _answer(self._long, request, args, progress)

    async def peek(self, request: str, *args: object, progress: Progress | None = None) -> Any:
        """Ask what is waited for (a `window`, a `histogram`), though something long is under way.

        What may take longer than milliseconds has to be cancelled when nobody sees it any more.
        """
        return await _answer(self._short, request, args, progress)

    def close(self) -> None:
        """Let both end."""
        for clerk in (self._long, self._short):
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

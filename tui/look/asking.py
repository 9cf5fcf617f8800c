"""Questions that several may ask at the same time: each is put once, and stopped when unwanted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from kerastui.clerk.client import Progress

Answer = TypeVar("Answer")
Ask = Callable[[Progress], Coroutine[Any, Any, Answer]]
"""Puts a question, and reports to what it is given."""


@dataclass
class _Question(Generic[Answer]):
    task: asyncio.Task[Answer]
    listeners: list[Progress] = field(default_factory=list[Progress])
    waiting: int = 0


class Asking(Generic[Answer]):
    """Who waits for the same at the same time gets the same answer.

    When nobody waits any more, the work is stopped.
    """

    def __init__(self) -> None:
        self._asked: dict[Hashable, _Question[Answer]] = {}

    async def answer(
        self, which: Hashable, ask: Ask[Answer], progress: Progress | None = None
    ) -> Answer:
        """Return the answer to the question `which`, put by `ask` unless it is asked already.

        `progress` is called from another thread. Raises what `ask` raises.
        """
        question = self._asked.get(which)
        if question is None:
            question = self._asked[which] = _put(ask)
        question.waiting += 1
        if progress is not None:
            question.listeners.append(progress)
        try:
            return await asyncio.shield(question.task)
        finally:
            question.waiting -= 1
            if progress is not None:
                question.listeners.remove(progress)
            if question.task.done() or not question.waiting:
                question.task.cancel()
                if self._asked.get(which) is question:
                    del self._asked[which]


def _put(ask: Ask[Answer]) -> _Question[Answer]:
    listeners: list[Progress] = []

    def tell(stage: str, share: float) -> None:
        for listener in tuple(listeners):
            listener(stage, share)

    return _Question(asyncio.create_task(ask(tell)), listeners)

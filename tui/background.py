"""Questions to the disk, asked off the screen's thread.

Textual's thread workers share asyncio's executor, whose threads are waited for when the
program ends: one `stat` on a network disk that hangs would keep kerastui from quitting. So
what may hang runs on daemon threads, and answers come back as messages.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import Generic, TypeVar

from textual.message import Message
from textual.message_pump import MessagePump

Question = TypeVar("Question")


def start_thread(name: str, work: Callable[[], None]) -> threading.Thread:
    """Run `work` on a daemon thread that knows the active app, and return the thread."""
    context = copy_context()
    thread = threading.Thread(target=lambda: context.run(work), name=name, daemon=True)
    thread.start()
    return thread


def post(target: MessagePump, message: Message) -> bool:
    """Post `message` from any thread; return False when `target` is gone."""
    try:
        return target.post_message(message)
    except RuntimeError:  # the event loop is closed, or the target has left its app
        return False


class NewestFirst(Generic[Question]):
    """Answers questions one at a time on a thread of its own; stale ones are dropped.

    While one question is being answered, only the newest of those that follow is kept:
    somebody who types wants the answer to what they typed last.

    Args:
        name: of the thread.
        answer: called on the thread; it posts what it finds.
    """

    def __init__(self, name: str, answer: Callable[[Question], None]) -> None:
        self._name = name
        self._answer = answer
        self._lock = threading.Lock()
        self._waiting: list[Question] = []
        self._busy = False

    def ask(self, question: Question) -> None:
        """Ask; returns at once."""
        with self._lock:
            self._waiting = [question]
            if self._busy:
                return
            self._busy = True
        start_thread(self._name, self._run)

    def close(self) -> None:
        """Drop what is waiting."""
        with self._lock:
            self._waiting = []

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._busy = False
                    return
                question = self._waiting.pop()
            try:
                self._answer(question)
            except BaseException:
                with self._lock:
                    self._busy = False
                raise

"""A thread that does one thing after the other."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable


class Worker:
    """Does jobs in the order in which they were put; its thread begins with the first one.

    The thread is a daemon: a disk that hangs does not keep the program from ending.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._ended = False

    @property
    def idle(self) -> bool:
        """Whether nothing is to be done: nothing was ever put, or the end was."""
        return self._thread is None or self._ended

    def put(self, job: Callable[[], None]) -> None:
        """Have something done, unless it was stopped; returns at once."""
        if self._ended:
            return
        self._jobs.put(job)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait until all that was put is done; False if that took longer."""
        done = threading.Event()
        self.put(done.set)
        return done.wait(seconds)

    def stop(self) -> None:
        """End the thread once all that was put is done; what comes later is not."""
        self._ended = True
        self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()

"""How far a long pass is, told a few times a second, and whether it is to stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from .results import Cancelled

Report = Callable[[str, float], None]
"""Told what is being done, and how much of it is done (0 … 1)."""
_EVERY = 0.1
"""Seconds between two reports."""


class Meter:
    """Counts bytes; an `Advance` for passes over arrays."""

    def __init__(
        self, total: int, report: Report | None = None, cancelled: Callable[[], bool] | None = None
    ) -> None:
        self.stage = ""
        self._total = max(1, total)
        self._done = 0
        self._report = report
        self._cancelled = cancelled
        self._told = 0.0
        self._lock = threading.Lock()

    def __call__(self, count: int) -> None:
        """Count so many bytes more, from any thread. Raises Cancelled."""
        if self._cancelled is not None and self._cancelled():
            raise Cancelled
        with self._lock:
            self._done += count
            now = time.monotonic()
            if self._report is not None and now - self._told >= _EVERY:
                self._told = now
                self._report(self.stage, min(1.0, self._done / self._total))

    def say(self, stage: str) -> None:
        """Tell at once what is being done from now on."""
        with self._lock:
            self.stage = stage
            if self._report is not None:
                self._report(stage, min(1.0, self._done / self._total))

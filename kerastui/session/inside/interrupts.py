"""Ctrl+C: a real SIGINT that ends the user's code and nothing else."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Any


class Gate:
    """Lets SIGINT through as KeyboardInterrupt while, and only while, user code runs.

    Between evaluations a late SIGINT does nothing. Never write to a pipe from inside the
    gate: an interrupt in the middle of a frame would garble all that follows (that is why
    `outbox.Outbox` has a thread of its own).
    """

    def __init__(self) -> None:
        self._open = False

    def install(self) -> None:
        """Take over SIGINT; again before each evaluation, as libraries put theirs there."""
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._handle)

    def _handle(self, number: int, frame: Any) -> None:
        if self._open:
            raise KeyboardInterrupt

    def run(self, function: Callable[[], Any]) -> Any:
        """Call `function`; KeyboardInterrupt comes out of here when SIGINT came in."""
        self.install()
        try:
            self._open = True
            return function()
        finally:
            self._open = False

    def raise_here(self) -> None:
        """Interrupt without a signal, where there are none (Windows)."""
        if self._open:
            import _thread

            _thread.interrupt_main()

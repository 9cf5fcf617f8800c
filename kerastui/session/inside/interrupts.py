"""Ctrl+C: a real SIGINT that ends the user's code and nothing else."""

from __future__ import annotations

import _thread
import os
import signal
import threading
from collections.abc import Callable
from typing import Any, cast


class Gate:
    """Lets SIGINT through as KeyboardInterrupt while, and only while, user code runs.

    Between evaluations a late SIGINT does nothing. Never write to a pipe from inside the
    gate: an interrupt in the middle of a frame would garble all that follows (that is why
    `outbox.Outbox` has a thread of its own).
    """

    def __init__(self) -> None:
        self.ticket = 0
        """The request that the main thread works on."""
        self._open = False
        self._wanted = 0

    def install(self) -> None:
        """Take over SIGINT; again before each evaluation, as libraries put theirs there."""
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._handle)

    def _handle(self, number: int, frame: Any) -> None:
        if self._open:
            self._wanted = 0
            raise KeyboardInterrupt

    def run(self, function: Callable[[], Any]) -> Any:
        """Call `function`; KeyboardInterrupt comes out of here when SIGINT came in."""
        self.install()
        try:
            self._open = True
            if self._wanted and self._wanted == self.ticket:
                self._handle(signal.SIGINT, None)
            return function()
        finally:
            self._open = False

    def interrupt(self, ticket: int) -> None:
        """Interrupt a request, from another thread, also if its code has not begun yet.

        The signal goes to the main thread itself: one that another thread takes waits, in
        Python 3.11 and before, until somebody asks for the interpreter's lock; code that
        never gives it back would not be interrupted.
        """
        self._wanted = ticket
        if not self._open or ticket != self.ticket:
            return
        if os.name == "posix":
            signal.pthread_kill(cast("int", threading.main_thread().ident), signal.SIGINT)
        else:
            _thread.interrupt_main()

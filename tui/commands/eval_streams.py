"""What the Keras process prints, on its way to our own standard output and error."""

from __future__ import annotations

import io
import re
import signal
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TextIO

from kerastui.model.text import safe_text
from kerastui.session.protocol import Event, Output

_NOISE = 20_000
"""Characters of it that are kept, in case something fails."""
_NOISE_LINES = 20
_HARMLESS = re.compile(r"(\x1b\[[0-9;]{0,20}m|[\n\t\r\b])")
"""Colours, line ends, and what progress bars go back with."""


class Streams:
    """Passes on what the user's code prints as it comes.

    What native code says is kept back, and what Keras says while it loads.

    Args:
        printed: where the code's standard output goes.
    """

    def __init__(self, printed: TextIO) -> None:
        self.on_broken: Callable[[], object] = lambda: None
        """Called when nobody reads our output any more."""
        self.broken = False
        self.evaluating = False
        self._printed = printed
        self._noise = ""
        self._open = False
        """Whether the last printed line has not ended yet."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")  # lone surrogates, ASCII terminals

    def begin(self) -> None:
        """The model is loaded, so what was said on the way was no failure; now code is run."""
        self.evaluating = True
        self._noise = ""

    def receive(self, event: Event) -> None:
        """Take what the Keras process says (from a thread of the session)."""
        if not isinstance(event, Output) or self.broken:
            return
        if event.stream == "native" or not self.evaluating:
            self._noise = (self._noise + event.text)[-_NOISE:]
            return
        try:
            if event.stream == "stdout":
                self._open = not event.text.endswith("\n")
                self.write(self._printed, event.text)
            else:
                self.write(sys.stderr, event.text)
        except (BrokenPipeError, ValueError):  # `… | head`
            self.broken = True
            self.on_broken()

    def write(self, stream: TextIO, text: str) -> None:
        """Write text; a terminal is spared what it would act upon."""
        stream.write(_for_terminal(text) if stream.isatty() else text)
        stream.flush()

    def end_line(self) -> None:
        """End a printed line that the code left open, so that the value has one of its own."""
        if self._open:
            self.write(self._printed, "\n")
            self._open = False

    def note(self, text: str) -> None:
        """Say something on standard error, beside the code's own output."""
        self.write(sys.stderr, f"kerastui: {safe_text(text, 2000)}\n")

    def error(self, text: str) -> None:
        """Print a traceback."""
        self.end_line()
        self.write(sys.stderr, text.rstrip("\n") + "\n")

    def show_noise(self) -> None:
        """Print the last of what was kept back: something has failed."""
        lines = self._noise.splitlines()[-_NOISE_LINES:]
        if lines:
            self.write(sys.stderr, "\n".join(lines) + "\n")


def _for_terminal(text: str) -> str:
    pieces = _HARMLESS.split(text)
    pieces[::2] = [safe_text(piece, len(piece)) for piece in pieces[::2]]
    return "".join(pieces)


@contextmanager
def ended_by_signals() -> Generator[None]:
    """Let SIGTERM and SIGHUP end the program in order, so that nothing is left behind.

    What whoever started us has us ignore (``nohup``) stays ignored.
    """

    def end(number: int, frame: object) -> None:
        sys.exit(128 + number)

    numbers = [getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP")]
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heeded = [n for n in numbers if n is not None and signal.getsignal(n) is not signal.SIG_IGN]
    before = {n: signal.signal(n, end) for n in heeded}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

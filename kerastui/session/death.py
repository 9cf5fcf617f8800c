"""Why the Keras process ended, in words."""

from __future__ import annotations

import signal

from .inside.memory import EXIT_MEMORY

_OLD_PYTHON = 78
_MEANINGS = {
    "SIGABRT": "native code crashed",
    "SIGSEGV": "native code crashed",
    "SIGBUS": "native code crashed",
    "SIGILL": "native code crashed: it may be built for another processor",
    "SIGFPE": "native code crashed",
    "SIGKILL": "it was killed, most likely because memory ran out",
    "SIGTERM": "it was told to stop",
}


def said_end(status: int, garbled: str, last_words: str, early: bool) -> str:
    """Return the reason as the end of a sentence.

    Args:
        status: exit status; negative for a signal.
        garbled: what was wrong with its messages, if anything.
        last_words: the end of what native code printed.
        early: it had not yet imported Keras.
    """
    if garbled:
        return f"it spoke nonsense ({garbled})"
    if status < 0:
        name = _signal_name(-status)
        meaning = _MEANINGS.get(name, "a signal ended it")
        return f"{meaning} ({name})"
    if status == EXIT_MEMORY:
        return "it went over its memory limit"
    line = _last_line(last_words)
    if status == _OLD_PYTHON and line:
        return line.rstrip(".")
    if early and line:
        return f"exit status {status}, after it printed {line!r}"
    return f"exit status {status}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:200] if lines else ""

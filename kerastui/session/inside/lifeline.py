"""No orphans: the worker's end when the screen's process is gone, however it went.

Three ways, because each has a hole. The kernel kills the worker's whole process group when
the life pipe's other end closes (Linux: ``F_SETSIG``; it works while C code holds the GIL,
and takes the children of the user's code along). The kernel kills the worker when the thread
that started it dies (Linux: ``PR_SET_PDEATHSIG``). And `server.Server` reads the requests
to their end (everywhere, once the GIL is to be had).
"""

from __future__ import annotations

import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def hold(descriptor: int) -> None:
    """Tie this process to the life pipe `descriptor` (-1: there is none)."""
    if not sys.platform.startswith("linux"):
        return
    if descriptor >= 0:
        _kill_on_hangup(descriptor)
    _kill_with_parent()


def _kill_on_hangup(descriptor: int) -> None:
    import fcntl

    # The group is ours alone: the screen starts us in a session of our own.
    owner = -os.getpgrp() if os.getpgrp() == os.getpid() else os.getpid()
    fcntl.fcntl(descriptor, fcntl.F_SETOWN, owner)
    fcntl.fcntl(descriptor, getattr(fcntl, "F_SETSIG", 10), signal.SIGKILL)
    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | getattr(os, "O_ASYNC", 0o20000))
    # It may have closed before we asked for the signal.
    os.set_blocking(descriptor, False)
    try:
        if os.read(descriptor, 1) == b"":
            end()
    except BlockingIOError:
        pass


def _kill_with_parent() -> None:
    try:
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        return  # a Python without ctypes: the pipes still tell


def end() -> None:
    """End at once, with all processes that the user's code has started."""
    if os.name == "posix" and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)

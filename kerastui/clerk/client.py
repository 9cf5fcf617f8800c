"""The screen's side of the clerk. Imports nothing of h5py or NumPy."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, BinaryIO, cast

from ..errors import ClerkDied
from .frames import read_frame, write_frame

Progress = Callable[[str, float], None]


class Clerk:
    """A process that answers `open`, `glance`, `save` and their like, one at a time.

    It is started by the first request and again after it died; the request during which it
    died fails with `ClerkDied`. It ends by itself when this process ends, however that
    happens, because its standard input closes.

    Args:
        niceness: how much it gives way to other processes, the screen's own above all.
    """

    def __init__(self, niceness: int = 0) -> None:
        self._niceness = niceness
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._waiting: dict[int, tuple[Future[Any], Progress | None]] = {}
        self._next = 0

    def submit(self, request: str, *args: object, progress: Progress | None = None) -> Future[Any]:
        """Ask for something and return at once.

        `progress(stage, fraction)` is called from another thread. The future's exception is
        a `KerastuiError`; `future.cancel()` is not the way to stop it: see `cancel`.
        """
        future: Future[Any] = Future()
        with self._lock:
            process = self._running()
            number, self._next = self._next, self._next + 1
            self._waiting[number] = (future, progress)
            try:
                write_frame(cast(BinaryIO, process.stdin), (number, request, args))
            except OSError:
                self._waiting.pop(number, None)
                future.set_exception(_died(process))
        return future

    def call(self, request: str, *args: object) -> Any:
        """Ask and wait for the answer. Raises KerastuiError. Not for the screen's thread."""
        return self.submit(request, *args).result()

    def cancel(self, future: Future[Any] | None = None) -> None:
        """Ask the clerk to stop a request, or (None) what it is doing.

        The request then fails with the room's own error for that (SaveCancelled, Cancelled).
        """
        with self._lock:
            numbers = [n for n, (waiting, _) in self._waiting.items() if waiting is future]
            process = self._process
            if (
                (future is not None and not numbers)
                or process is None
                or process.poll() is not None
            ):
                return
            try:
                write_frame(cast(BinaryIO, process.stdin), (-1, "cancel", tuple(numbers)))
            except OSError:
                return

    def close(self) -> None:
        """Let the process end: it finishes what it has begun."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            try:
                process.stdin.close()
            except OSError:
                return

    def _running(self) -> subprocess.Popen[bytes]:
        process = self._process
        if process is None or process.poll() is not None:
            process = self._process = subprocess.Popen(
                # -P: a file named h5py.py beside the model must not be imported.
                [sys.executable, "-P", "-m", "kerastui.clerk", str(self._niceness)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # Ctrl+C in the terminal is the screen's business.
                start_new_session=True,
            )
            threading.Thread(target=self._listen, args=(process,), daemon=True).start()
        return process

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        stream = cast(BinaryIO, process.stdout)
        while True:
            try:
                number, kind, value = read_frame(stream)
            except (EOFError, OSError, ValueError):
                break
            except Exception as error:  # an answer that is none: same as a death
                process.kill()
                self._fail(_died(process, str(error)))
                return
            self._deliver(number, kind, value)
        self._fail(_died(process))

    def _deliver(self, number: int, kind: str, value: Any) -> None:
        with self._lock:
            waiting = self._waiting.get(number)
            if waiting is None:
                return
            if kind != "progress":
                del self._waiting[number]
        future, progress = waiting
        if kind == "progress":
            if progress is not None:
                progress(*value)
        elif kind == "error":
            future.set_exception(value)
        else:
            future.set_result(value)

    def _fail(self, error: ClerkDied) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        for future, _ in waiting.values():
            future.set_exception(error)


def _died(process: subprocess.Popen[bytes], why: str = "") -> ClerkDied:
    try:
        code = process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        code = None
    reason = why or (f"signal {-code}" if code is not None and code < 0 else f"exit status {code}")
    return ClerkDied(
        f"The process that reads and writes files stopped unexpectedly ({reason}), probably "
        "because the file is corrupt or memory ran out; your edits are kept, try again."
    )

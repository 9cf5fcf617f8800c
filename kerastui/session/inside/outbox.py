"""What goes to the screen, written by one thread, whatever happens to the others."""

from __future__ import annotations

import os
import queue
import threading
from typing import Any

from . import wire

_MERGED = 1 << 16
"""Characters of printed text that go into one message at most."""


class Outbox:
    """A queue and the thread that empties it into the pipe.

    `post` only puts something into a queue, which no KeyboardInterrupt can leave half done.
    Text that was printed in many small pieces is joined, so that a loop with a million
    prints does not become a million messages.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="kerastui-outbox", daemon=True)

    def start(self) -> None:
        """Say the magic word and begin."""
        _write(self._descriptor, wire.MAGIC)
        self._thread.start()

    def post(self, message: dict[str, Any], data: Any = b"") -> None:
        """Send a message (soon). Raises wire.Nonsense if it is too big."""
        self._queue.put((wire.encode(message, data), data))

    def printed(self, number: int, stream: str, text: str) -> None:
        """Send printed text of evaluation `number`."""
        self._queue.put((number, stream, text))

    def flush(self, seconds: float = 2.0) -> None:
        """Wait until all that was posted is in the pipe."""
        done = threading.Event()
        self._queue.put(done)
        done.wait(seconds)

    def _run(self) -> None:
        item = self._queue.get()
        while True:
            if isinstance(item, threading.Event):
                item.set()
            elif len(item) == 3:
                item = self._print(item)
                continue
            else:
                _write(self._descriptor, item[0])
                _write(self._descriptor, item[1])
            item = self._queue.get()

    def _print(self, first: tuple[int, str, str]) -> Any:
        """Send `first` with what follows it on the same stream; return what comes next."""
        number, stream, text = first
        parts, size = [text], len(text)
        following: Any = None
        while size < _MERGED:
            try:
                following = self._queue.get_nowait()
            except queue.Empty:
                break
            if not isinstance(following, tuple) or following[:2] != (number, stream):
                break
            parts.append(following[2])
            size += len(following[2])
            following = None
        message = {"kind": "output", "number": number, "stream": stream, "text": "".join(parts)}
        _write(self._descriptor, wire.encode(message))
        return self._queue.get() if following is None else following


def _write(descriptor: int, data: Any) -> None:
    view = memoryview(data).cast("B") if len(data) else memoryview(b"")
    while view.nbytes:
        try:
            view = view[os.write(descriptor, view[: 1 << 20]) :]
        except OSError:
            os._exit(0)  # the screen is gone

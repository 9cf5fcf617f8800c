"""The worker's loop: a thread reads requests, the main thread does them one by one."""

from __future__ import annotations

import os
import queue
import threading
import time
from typing import Any, BinaryIO

from . import lifeline, wire
from .desk import Desk
from .failed import Failed
from .interrupts import Gate
from .outbox import Outbox
from .texts import headline

_BESIDE = frozenset({"fetch", "text", "complete", "signature"})
"""Answered by a thread of its own, so that they work while an evaluation runs."""


class Server:
    """Answers requests until their pipe ends; then ends the process, whatever it is doing."""

    def __init__(self, requests: BinaryIO, replies: int, importer: Any) -> None:
        """`requests`: stream to read frames from; `replies`: descriptor for answers."""
        self._requests = requests
        self._importer = importer
        self._jobs: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._beside: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._gate = Gate()
        self._outbox = Outbox(replies)
        self._desk = Desk(self._outbox, self._gate, self._jobs.empty)

    def run(self, hello: dict[str, Any]) -> None:
        """Say hello and serve. Does not return."""
        self._gate.install()
        self._outbox.start()
        self._outbox.post({"kind": "hello", "protocol": wire.VERSION, **hello})
        for name, target in (("reader", self._read), ("beside", self._do_beside)):
            threading.Thread(target=target, name=f"kerastui-{name}", daemon=True).start()
        while True:
            request = self._next()
            self._gate.ticket = int(request.get("ticket") or 0)
            self._answer(request)

    def _next(self) -> dict[str, Any]:
        """Return the next request; while none is there, do what can wait."""
        busy = True
        while busy:
            try:
                return self._jobs.get_nowait()
            except queue.Empty:
                try:
                    busy = self._desk.in_idle()
                except Exception as error:  # a model that cannot be looked at goes on working
                    self._outbox.post({"kind": "problem", "message": headline(error)})
                    self._desk.watch = None
                    busy = False
        return self._jobs.get()

    def _read(self) -> None:
        while True:
            try:
                request, _ = wire.read(self._requests)
            except (EOFError, OSError, wire.Nonsense):
                lifeline.end()
                return
            name = request.get("request")
            if name == "interrupt":
                self._gate.interrupt(int(request.get("ticket") or 0))
            elif name == "exit":
                self._outbox.flush(0.5)
                lifeline.end()
            elif name in _BESIDE:
                self._beside.put(request)
            else:
                self._jobs.put(request)

    def _do_beside(self) -> None:
        while True:
            self._answer(self._beside.get())

    def _answer(self, request: dict[str, Any]) -> None:
        number, name = request.get("ticket"), request.get("request")
        began = time.perf_counter()
        try:
            if name == "begin":
                answer, data = self._desk.begin(request, self._importer)
            else:
                answer, data = getattr(self._desk, str(name))(request)
            kind = "done"
        except Failed as failed:
            kind, answer, data = "failed", failed.fields, b""
        except MemoryError:
            kind, data = "failed", b""
            answer = {"why": "memory", "message": "There is not enough memory for this."}
        except BaseException as error:  # the border of the process: the screen is told
            kind, answer, data = "failed", {"message": headline(error)}, b""
        seconds = time.perf_counter() - began
        try:
            self._outbox.post({**answer, "kind": kind, "ticket": number, "seconds": seconds}, data)
        except (wire.Nonsense, ValueError, TypeError) as error:
            self._outbox.post({"kind": "failed", "ticket": number, "message": headline(error)})


def serve(importer: Any, life: int) -> None:
    """Serve on standard input and output, which then become something else for all others."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.dup(1)
    for descriptor in (requests.fileno(), replies):
        os.set_inheritable(descriptor, False)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)  # what native code and child processes print reaches the screen by stderr
    lifeline.hold(life)
    Server(requests, replies, importer).run({"pid": os.getpid()})

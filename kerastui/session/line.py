"""The line to the Keras process: open questions, their answers, and what it is doing."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from ..errors import KerastuiError, NoKeras, SessionError, WorkerDied
from .death import said_end
from .process import Process
from .protocol import (
    Changes,
    Event,
    Fields,
    Loaded,
    Output,
    State,
    StateChanged,
    Versions,
    read_weights,
)

T = TypeVar("T")
Reader = Callable[[Fields, bytes], Any]
MAX_NATIVE = 1 << 20
"""Characters of native code's output that one evaluation passes on."""


@dataclass
class _Waiting:
    future: Future[Any]
    read: Reader
    during: State | None
    """What the process is doing while it works on this; None if that is not worth a word."""
    error: type[SessionError]
    number: int
    """The evaluation, whose output it is; 0 for other questions."""
    about: str


class Line:
    """Asks the process that is on it, one at a time, and tells what happens there."""

    def __init__(self, on_event: Callable[[Event], None]) -> None:
        self._on_event = on_event
        self._lock = threading.RLock()
        self._process: Process | None = None
        self._waiting: dict[int, _Waiting] = {}
        self._tickets = itertools.count(1)
        self._running: list[int] = []
        """Tickets of questions that make the process busy, oldest first."""
        self._current = 0
        self._native_room = 0
        self._killed = ""
        self._said: StateChanged | None = None
        self.state = State.NOT_STARTED
        self.detail = ""
        self.since = time.monotonic()
        self.versions: Versions | None = None
        self.loaded: Loaded | None = None

    @property
    def process(self) -> Process | None:
        """The process that is there, or about to be."""
        return self._process

    def open(self, command: Callable[[], str]) -> Process:
        """Put a new process on the line; it starts with its ``start``.

        `command` finds the interpreter; it may take a moment and raise.
        """
        process: Process = Process(
            command,
            lambda message, data: self._receive(process, message, data),
            lambda text: self._native(process, text),
            lambda problem, status: self._ended(process, problem, status),
        )
        with self._lock:
            self._process, self._killed = process, ""
            self.versions = self.loaded = None
            self._enter(State.STARTING)
        return process

    def interrupt(self) -> None:
        """Interrupt what the process is busy with, if anything."""
        with self._lock:
            if self._process is not None and self._running:
                self._process.send({"request": "interrupt", "ticket": self._running[0]})

    def kill(self) -> None:
        """End the process now; what waits fails with WorkerDied."""
        with self._lock:
            process, self._killed = self._process, "it was stopped"
        if process is not None:
            process.kill()

    def close(self) -> None:
        """End the process and wait for that; what waits fails with WorkerDied."""
        with self._lock:
            process, self._process = self._process, None
            waiting = self._forget()
            if process is not None:
                self.loaded = None
                self._enter(State.NOT_STARTED)
        for future in waiting:
            _settle(future, WorkerDied("The Keras process was closed."))
        if process is not None:
            process.close()

    def ask(
        self,
        request: str,
        read: Callable[[Fields, bytes], T],
        during: State | None = None,
        error: type[SessionError] = SessionError,
        **fields: Any,
    ) -> Future[T]:
        """Send a request; `read` makes its answer, `error` is what a refusal becomes."""
        future: Future[T] = Future()
        ticket = next(self._tickets)
        about = str(fields.get("path", "")) if during is State.LOADING else ""
        waiting = _Waiting(future, read, during, error, int(fields.get("number") or 0), about)
        with self._lock:
            process = self._process
            if process is None:
                _settle(future, WorkerDied("Keras is not running; start it first."))
                return future
            try:
                process.send({"request": request, "ticket": ticket, **fields})
            except (ValueError, TypeError) as problem:
                _settle(future, SessionError(f"This cannot be sent: {problem}."))
                return future
            self._waiting[ticket] = waiting
            if during is not None:
                self._running.append(ticket)
                if len(self._running) == 1:
                    self._begin(waiting)
        return future

    def _begin(self, waiting: _Waiting) -> None:
        """The process turns to this question now."""
        self._current = waiting.number
        self._native_room = MAX_NATIVE
        if waiting.during is not None and waiting.during is not State.STARTING:
            self._enter(waiting.during, waiting.about)

    def _receive(self, process: Process, message: dict[str, Any], data: bytes) -> None:
        fields = Fields(message)
        kind = fields.text("kind")
        if process is not self._process:
            return
        if kind == "output":
            stream = "stderr" if fields.text("stream") == "stderr" else "stdout"
            self._on_event(Output(fields.number("number"), stream, fields.text("text")))
        elif kind == "progress":
            self._enter(State.IMPORTING, fields.text("stage"))
        elif kind == "changes":
            self._on_event(Changes(fields.number("number"), read_weights(fields)))
        elif kind in ("done", "failed"):
            self._answered(process, fields, data, kind == "done")

    def _answered(self, process: Process, fields: Fields, data: bytes, good: bool) -> None:
        if self._current:
            process.settle()
        with self._lock:
            ticket = fields.number("ticket")
            waiting = self._waiting.pop(ticket, None)
            if waiting is None:
                return
            answer = _answer(waiting, fields, data, good)
            self._note(ticket, waiting, answer)
        _settle(waiting.future, answer)

    def _note(self, ticket: int, waiting: _Waiting, answer: Any) -> None:
        """Move to the state that follows an answer."""
        if isinstance(answer, Versions):
            self.versions = answer
        elif isinstance(answer, Loaded):
            self.loaded = answer
        if ticket not in self._running:
            return
        self._running.remove(ticket)
        failed = isinstance(answer, SessionError)
        if failed and waiting.during in (State.STARTING, State.LOADING):
            self._enter(State.FAILED, str(answer))
        if self._running:
            self._begin(self._waiting[self._running[0]])
            return
        self._current = 0
        if not (failed and waiting.during in (State.STARTING, State.LOADING)):
            self._enter(State.READY)

    def _native(self, process: Process, text: str) -> None:
        if process is self._process and self._native_room > 0:
            kept = text[: self._native_room]
            self._native_room -= len(kept)
            self._on_event(Output(self._current, "native", kept))

    def _ended(self, process: Process, problem: Exception | None, status: int) -> None:
        with self._lock:
            if process is not self._process:
                return
            self._process = None
            error = self._why(process, problem, status)
            self.loaded = None
            waiting = self._forget()
            self._enter(State.DEAD if isinstance(error, WorkerDied) else State.FAILED, str(error))
        for future in waiting:
            _settle(future, error)

    def _why(self, process: Process, problem: Exception | None, status: int) -> KerastuiError:
        """Return why a process ended, or never began."""
        if isinstance(problem, KerastuiError):
            return problem
        if problem is not None:
            return NoKeras(f"{process.executable} cannot be started: {problem}.")
        early = self.versions is None
        reason = self._killed or said_end(status, process.garbled, process.last_words, early)
        if not process.spoke and not self._killed:
            return NoKeras(
                f"{process.executable} does not run Keras: {reason}. Name a Python interpreter "
                "that has Keras with --python."
            )
        return WorkerDied(f"The Keras process has stopped: {reason}.")

    def _forget(self) -> list[Future[Any]]:
        """Forget all questions and return who waits for them."""
        waiting, self._waiting = list(self._waiting.values()), {}
        self._running.clear()
        self._current = 0
        return [w.future for w in waiting]

    def _enter(self, state: State, detail: str = "") -> None:
        event = StateChanged(state, detail)
        if event == self._said:
            return
        self._said = event
        if state is not self.state:
            self.since = time.monotonic()
        self.state, self.detail = state, detail
        self._on_event(event)


def _answer(waiting: _Waiting, fields: Fields, data: bytes, good: bool) -> Any:
    """Return the answer, or the error that it is; whatever the process said."""
    if not good:
        message = fields.text("message") or "The Keras process gave no reason."
        rest = {k: v for k, v in fields.all.items() if k not in ("message", "kind", "ticket")}
        return waiting.error(message, **rest)
    try:
        return waiting.read(fields, data)
    except (ValueError, TypeError, OverflowError) as problem:
        return SessionError(f"The Keras process gave an answer of no sense: {problem}.")


def _settle(future: Future[Any], answer: Any) -> None:
    """Give a future its answer or its exception, unless whoever asked has gone away.

    A cancelled future takes neither, and would end the thread that reads.
    """
    if not future.set_running_or_notify_cancel():
        return
    if isinstance(answer, BaseException):
        future.set_exception(answer)
    else:
        future.set_result(answer)

"""The screen's side of the Keras process: `Session`. Imports neither Keras nor NumPy."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ..errors import KerastuiError, LoadFailed, NoKeras, SessionError, WorkerDied
from . import interpreters
from .death import said_end
from .process import Process
from .protocol import (
    Changes,
    Completion,
    Event,
    Fields,
    Loaded,
    Made,
    Need,
    Offer,
    Output,
    Part,
    Result,
    Signature,
    State,
    StateChanged,
    Versions,
    WeightChange,
    read_shape,
    read_weights,
)

T = TypeVar("T")
Reader = Callable[[Fields, bytes], Any]
MAX_NATIVE = 1 << 20
"""Characters of native code's output that one evaluation passes on."""


@dataclass(frozen=True)
class Evaluation:
    """Code that was sent: `future` gives its `Result`, `Output` events carry `number`."""

    number: int
    future: Future[Result]


@dataclass
class _Waiting:
    future: Future[Any]
    read: Reader
    during: State | None
    error: type[SessionError]


class Session:
    """Keras in its process: start, load, evaluate.

    Every method returns at once, with a future where there is an answer
    (``asyncio.wrap_future`` makes it awaitable). A future's exception is a `SessionError`.
    Requests are met in order; `fetch`, `complete` and `signature` also while an evaluation
    runs. `on_event` is called from threads of ours.
    """

    def __init__(self, on_event: Callable[[Event], None] | None = None) -> None:
        self._on_event = on_event or (lambda event: None)
        self._lock = threading.RLock()
        self._process: Process | None = None
        self._waiting: dict[int, _Waiting] = {}
        self._tickets = itertools.count(1)
        self._numbers = itertools.count(1)
        self._running: list[int] = []
        """Tickets of requests that make the session busy, oldest first."""
        self._current = 0
        self._native_room = 0
        self._folder: Path | None = None
        self._flags: dict[str, bool] | None = None
        self._killed = ""
        self._said: StateChanged | None = None
        self.state = State.NOT_STARTED
        self.detail = ""
        self.since = time.monotonic()
        """When the present state began (monotonic clock), for the elapsed time."""
        self.versions: Versions | None = None
        self.loaded: Loaded | None = None

    # Life

    def start(
        self,
        python: str | None = None,
        keras: str = "keras",
        paths: Sequence[str] = (),
        memory_limit: int | None = None,
    ) -> Future[Versions]:
        """Start the process and import Keras there.

        Args:
            python: the interpreter; None to find one (`interpreters.choose`).
            keras: ``keras``, or ``tf_keras`` for Keras 2.
            paths: folders that the user's modules are imported from, before the working
                directory.
            memory_limit: bytes; None for the default (`inside.memory`), 0 for none.
        """
        self.close()
        process = Process(
            lambda: interpreters.choose(python),
            lambda message, data: self._receive(process, message, data),
            lambda text: self._native(process, text),
            lambda problem, status: self._ended(process, problem, status),
        )
        with self._lock:
            self._process, self._killed = process, ""
            self.versions = self.loaded = self._flags = None
            self._enter(State.STARTING)
            future: Future[Versions] = self._ask(
                "begin",
                lambda fields, data: Versions.read(fields),
                State.STARTING,
                NoKeras,
                keras=keras,
                paths=[str(Path(p).expanduser().absolute()) for p in paths],
                memory_limit=memory_limit,
                folder=str(self._private()),
            )
        process.start()
        return future

    @property
    def alive(self) -> bool:
        """Whether the process is there (or about to be)."""
        return self._process is not None

    @property
    def pid(self) -> int | None:
        """The id of the process."""
        return self._process.pid if self._process is not None else None

    def interrupt(self) -> None:
        """Stop the evaluation that runs; the model stays. The second level is `kill`."""
        with self._lock:
            process = self._process
        if process is not None:
            process.interrupt()

    def kill(self) -> None:
        """End the process now. What waits fails with WorkerDied; `start` starts another."""
        with self._lock:
            process, self._killed = self._process, "it was stopped"
        if process is not None:
            process.kill()

    def close(self) -> None:
        """End the process and wait for that (a few milliseconds)."""
        with self._lock:
            process, self._process = self._process, None
            self._fail_all(WorkerDied("The Keras process was closed."))
            if process is not None:
                self._enter(State.NOT_STARTED)
            folder, self._folder = self._folder, None
        if process is not None:
            process.close()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    # Models

    def needs(self, path: str) -> Future[tuple[Need, ...]]:
        """Find the names that a file needs and this Keras does not know."""
        return self._ask(
            "needs",
            lambda fields, data: tuple(Need.read(row) for row in fields.rows("needs")),
            None,
            LoadFailed,
            path=str(Path(path).absolute()),
        )

    def defines(self, where: str, names: Sequence[str]) -> Future[tuple[str, ...]]:
        """Find which of `names` a Python file or module defines; it is not run."""
        return self._ask(
            "defines",
            lambda fields, data: fields.texts("names"),
            None,
            SessionError,
            where=where,
            names=list(names),
        )

    def load(
        self,
        path: str,
        *,
        rows: Sequence[object] | None = None,
        flags: Mapping[str, bool] | None = None,
        answers: Sequence[Mapping[str, str]] = (),
        instances: Mapping[str, object] | None = None,
        compile: bool = True,
        trust: bool = False,
        sha256: str = "",
    ) -> Future[Loaded]:
        """Load a model file.

        Args:
            path: the file.
            rows: the table's rows and `flags` their effective flags (see `tables`).
            flags: see `rows`.
            answers: what stands for missing names: ``name``, ``kind``, ``how`` (``file``,
                ``module``, ``expression``, ``classic``, ``standin``) and ``value``.
            instances: what stand-ins need to know of the file (see `tables`).
            compile: whether to load the compile section too.
            trust: code in the file may run; `sha256` is of the content that was agreed to.
            sha256: see `trust`.
        """
        with self._lock:
            self._flags = dict(flags) if flags is not None else None
        return self._ask(
            "load",
            lambda fields, data: Loaded.read(fields),
            State.LOADING,
            LoadFailed,
            path=str(Path(path).absolute()),
            rows=list(rows) if rows is not None else None,
            flags=dict(flags) if flags is not None else None,
            answers=[dict(answer) for answer in answers],
            instances=dict(instances or {}),
            compile=compile,
            trust=trust,
            sha256=sha256,
        )

    def set_trainable(self, flags: Mapping[str, bool]) -> Future[int]:
        """Give the live layers the table's *effective* flags: path → flag, for all rows.

        The answer is ``len(model.trainable_weights)``. Nothing is sent when they are as
        they were; then the answer is -1.
        """
        with self._lock:
            if self._flags == flags:
                done: Future[int] = Future()
                done.set_result(-1)
                return done
            self._flags = dict(flags)
        return self._ask(
            "set_trainable",
            lambda fields, data: fields.number("trainable_weights"),
            None,
            SessionError,
            flags=dict(flags),
        )

    def set_weight(self, path: str, name: str, file: str) -> Future[None]:
        """Give a live weight the values of a .npy file."""
        return self._ask(
            "set_weight", _nothing, None, SessionError, path=path, name=name, file=file
        )

    # The console

    def eval(self, code: str, layer: str = "") -> Evaluation:
        """Evaluate code; `layer` is the path of the highlighted layer."""
        number = next(self._numbers)
        future: Future[Result] = self._ask(
            "eval", Result.read, State.BUSY, SessionError, code=code, layer=layer, number=number
        )
        return Evaluation(number, future)

    def fetch(self, value: str, index: Sequence[int | tuple[int, int]] = ()) -> Future[Part]:
        """Get a part of an array: for each axis a place, or (start, stop); 4 MB at most."""
        places = [list(i) if isinstance(i, tuple) else i for i in index]
        return self._ask("fetch", Part.read, None, SessionError, id=value, index=places)

    def text(self, value: str, start: int = 0) -> Future[str]:
        """Get 100,000 characters of a string from `start` on."""
        read: Reader = lambda fields, data: fields.text("text")  # noqa: E731
        return self._ask("text", read, None, SessionError, id=value, start=start)

    def plain(self, value: str) -> Future[dict[str, Any]]:
        """Get a value as JSON: ``type``, ``dtype``, ``shape``, ``value``."""

        def read(fields: Fields, data: bytes) -> dict[str, Any]:
            return {key: fields.all.get(key) for key in ("type", "dtype", "shape", "value")}

        return self._ask("plain", read, None, SessionError, id=value)

    def export(self, value: str, file: str) -> Future[tuple[int, ...]]:
        """Write a value to a .npy file and get its shape."""
        read: Reader = lambda fields, data: read_shape(fields.all.get("shape"))  # noqa: E731
        path = str(Path(file).absolute())
        return self._ask("export", read, None, SessionError, id=value, file=path)

    def export_weight(self, path: str, name: str) -> Future[str]:
        """Write a live weight to a .npy file in a private folder and get the file's path."""
        file = self._private() / f"weight-{next(self._tickets)}.npy"
        read: Reader = lambda fields, data: str(file)  # noqa: E731
        return self._ask("export", read, None, SessionError, path=path, name=name, file=str(file))

    def diff(self) -> Future[Changes]:
        """Get the weights that changed and were not told yet; waits until all is looked at."""
        read: Reader = lambda fields, data: Changes(0, read_weights(fields))  # noqa: E731
        return self._ask("diff", read, None, SessionError)

    def complete(self, code: str, position: int) -> Future[Completion]:
        """Get what may be written at `position`."""

        def read(fields: Fields, data: bytes) -> Completion:
            offers = [Offer(o.text("text"), o.text("kind")) for o in fields.rows("offers")]
            return Completion(fields.number("start"), tuple(offers))

        return self._ask("complete", read, None, SessionError, code=code, position=position)

    def signature(self, code: str, position: int) -> Future[Signature | None]:
        """Get the signature of the call that `position` is in."""

        def read(fields: Fields, data: bytes) -> Signature | None:
            if not fields.text("text"):
                return None
            shown = fields.texts("parameters")
            return Signature(
                fields.text("text"), shown, fields.number("active", -1), fields.text("doc")
            )

        return self._ask("signature", read, None, SessionError, code=code, position=position)

    # Inputs and outputs

    def set_input(self, how: str, *, file: str = "", seed: int = 0, batch: int = 1) -> Future[Made]:
        """Set ``x``: `how` is ``file``, ``zeros``, ``ones`` or ``normal``."""
        return self._ask(
            "set_input", _made, None, SessionError, how=how, file=file, seed=seed, batch=batch
        )

    def layer_output(self, path: str) -> Future[Made]:
        """Run the model with ``x`` up to a layer."""
        number = next(self._numbers)
        return self._ask("layer_output", _made, State.BUSY, SessionError, path=path, number=number)

    def output_shapes(self) -> Future[dict[str, Any]]:
        """Get every layer's output shape: path → shape (or list of shapes)."""
        read: Reader = lambda fields, data: dict(fields.inner("shapes").all)  # noqa: E731
        return self._ask("output_shapes", read, None, SessionError)

    def devices(self) -> Future[tuple[str, ...]]:
        """Get the names of the devices that compute."""
        return self._ask(
            "devices", lambda fields, data: fields.texts("devices"), None, SessionError
        )

    # Inside

    def _ask(
        self,
        request: str,
        read: Callable[[Fields, bytes], T],
        during: State | None,
        error: type[SessionError],
        **fields: Any,
    ) -> Future[T]:
        future: Future[T] = Future()
        ticket = next(self._tickets)
        with self._lock:
            process = self._process
            if process is None:
                future.set_exception(WorkerDied("Keras is not running; start it first."))
                return future
            self._waiting[ticket] = _Waiting(future, read, during, error)
            if during is not None:
                self._running.append(ticket)
                if len(self._running) == 1:
                    self._begin_running(during, fields)
            try:
                process.send({"request": request, "ticket": ticket, **fields})
            except ValueError as problem:
                self._take(ticket)
                future.set_exception(SessionError(f"This cannot be sent: {problem}."))
        return future

    def _begin_running(self, during: State, fields: Mapping[str, Any]) -> None:
        if during is not State.STARTING:
            self._current = int(fields.get("number") or 0)
            self._native_room = MAX_NATIVE
            self._enter(during, str(fields.get("path", "")) if during is State.LOADING else "")

    def _take(self, ticket: int) -> _Waiting | None:
        waiting = self._waiting.pop(ticket, None)
        if ticket in self._running:
            self._running.remove(ticket)
        return waiting

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
            waiting = self._take(fields.number("ticket"))
            if waiting is None:
                return
            answer: Any = None
            problem: SessionError | None = None
            if good:
                answer = waiting.read(fields, data)
            else:
                message = fields.text("message") or "The Keras process gave no reason."
                rest = {k: v for k, v in fields.all.items() if k not in ("message", "kind")}
                problem = waiting.error(message, **rest)
            self._note(waiting, answer, problem)
        if problem is not None:
            waiting.future.set_exception(problem)
        else:
            waiting.future.set_result(answer)

    def _note(self, waiting: _Waiting, answer: Any, problem: SessionError | None) -> None:
        """Move to the state that follows an answer."""
        if isinstance(answer, Versions):
            self.versions = answer
        elif isinstance(answer, Loaded):
            self.loaded = answer
        if waiting.during is None:
            return
        following = self._waiting.get(self._running[0]) if self._running else None
        if problem is not None and waiting.during in (State.STARTING, State.LOADING):
            self._enter(State.FAILED, str(problem))
        elif following is not None and following.during is not None:
            self._enter(following.during)
        else:
            self._current = 0
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
            early = self.versions is None
            reason = self._killed or said_end(status, process.garbled, process.last_words, early)
            error: KerastuiError = WorkerDied(f"The Keras process has stopped: {reason}.")
            if isinstance(problem, KerastuiError):
                error = problem
            elif problem is not None:
                error = NoKeras(f"The Keras process cannot be started: {problem}.")
            self.loaded = None
            state = State.FAILED if problem is not None else State.DEAD
            failing = self._fail_all(error, state)
        for future in failing:
            future.set_exception(error)

    def _fail_all(self, error: KerastuiError, state: State | None = None) -> list[Future[Any]]:
        """Forget all requests. With a state they are returned, else they fail here."""
        waiting, self._waiting = list(self._waiting.values()), {}
        self._running.clear()
        self._current = 0
        futures = [w.future for w in waiting]
        if state is not None:
            self._enter(state, str(error))
            return futures
        for future in futures:
            future.set_exception(error)
        return []

    def _enter(self, state: State, detail: str = "") -> None:
        event = StateChanged(state, detail)
        if event == self._said:
            return
        self._said = event
        if state is not self.state:
            self.since = time.monotonic()
        self.state, self.detail = state, detail
        self._on_event(event)

    def _private(self) -> Path:
        """A folder that is removed with the session."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="kerastui-"))
        return self._folder


def _nothing(fields: Fields, data: bytes) -> None:
    return None


def _made(fields: Fields, data: bytes) -> Made:
    from .protocol import Value

    return Made(Value.read(fields.inner("value"), data), fields.texts("notes"))


__all__ = ["Evaluation", "Session", "State", "WeightChange"]

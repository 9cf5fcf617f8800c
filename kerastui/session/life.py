"""The life of a session: the start of the Keras process, what it is doing, and its end."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path

from ..errors import NoKeras
from . import interpreters
from .line import Line
from .protocol import Event, Loaded, State, Versions


class Life:
    """A Keras process that is started, watched and ended; `client.Session` asks it things."""

    def __init__(self, on_event: Callable[[Event], None] | None = None) -> None:
        """`on_event` is called, in threads of ours, with what the process says by itself."""
        self._line = Line(on_event or (lambda event: None))
        self._numbers = itertools.count(1)
        self._files = itertools.count(1)
        self._folder: Path | None = None
        self._flags: dict[str, bool] | None = None

    @property
    def state(self) -> State:
        """What the process is doing."""
        return self._line.state

    @property
    def detail(self) -> str:
        """What it imports or loads; why it failed or stopped."""
        return self._line.detail

    @property
    def since(self) -> float:
        """When the present state began (monotonic clock), for the elapsed time."""
        return self._line.since

    @property
    def versions(self) -> Versions | None:
        """The environment of Keras, once it is imported."""
        return self._line.versions

    @property
    def loaded(self) -> Loaded | None:
        """The model that is live."""
        return self._line.loaded

    @property
    def alive(self) -> bool:
        """Whether the process is there (or about to be)."""
        return self._line.process is not None

    @property
    def pid(self) -> int | None:
        """The id of the process."""
        process = self._line.process
        return process.pid if process is not None else None

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
        self._flags = None
        process = self._line.open(lambda: interpreters.choose(python))
        future = self._line.ask(
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

    def interrupt(self) -> None:
        """Stop the evaluation that runs; the model stays. The second level is `kill`."""
        self._line.interrupt()

    def kill(self) -> None:
        """End the process now. What waits fails with WorkerDied; `start` starts another."""
        self._line.kill()

    def close(self) -> None:
        """End the process and wait for that (a few milliseconds)."""
        self._line.close()
        folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def _private(self) -> Path:
        """A folder that is removed with the session."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="kerastui-"))
        return self._folder

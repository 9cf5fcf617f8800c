"""Real Keras processes, one for each Keras, shared by all tests here: a start takes seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from kerastui.files import open_model
from kerastui.model import Model
from kerastui.session import Session, State
from kerastui.session.protocol import (
    Changes,
    Loaded,
    Output,
    Result,
    StateChanged,
    WeightChange,
)
from kerastui.session.tables import flags_of, instances_of, rows_of

MEMORY = 4 << 30


class Keras:
    """A session with its events, and a model file as the screen would load it."""

    def __init__(self, module: str) -> None:
        self.module = module
        self.events: list[Any] = []
        self.session = Session(self.events.append)
        self.beginning: list[Any] = []
        """What happened at the first start."""
        self.shown: Path | None = None
        self.number = 0
        """The last evaluation."""

    def ready(self) -> Keras:
        """Start the process if it is not there, and forget old events.

        What a failed test left running would fail all that follow.
        """
        if self.session.state in (State.BUSY, State.LOADING):
            self.session.kill()
            self.wait_for(lambda: not self.session.alive)
        if not self.session.alive:
            self.session.start(keras=self.module, memory_limit=MEMORY).result(120)
            self.shown = None
            self.beginning = self.beginning or list(self.events)
        self.events.clear()
        return self

    def loading(self, path: Path, model: Model, **options: Any) -> Future[Loaded]:
        """Begin to load a file."""
        self.shown = None
        return self.session.load(
            str(path),
            rows=rows_of(model),
            flags=flags_of(model) if model.has_flags else None,
            instances=instances_of(model),
            **options,
        )

    def load(self, path: Path, model: Model | None = None, **options: Any) -> Loaded:
        loaded = self.loading(path, model or open_model(path), **options).result(120)
        self.shown = path
        self.events.clear()
        return loaded

    def show(self, path: Path, **options: Any) -> None:
        """Load a file unless it is loaded already."""
        if self.shown != path:
            self.load(path, **options)

    def run(self, code: str, layer: str = "", seconds: float = 60) -> Result:
        evaluation = self.session.eval(code, layer)
        self.number = evaluation.number
        return evaluation.future.result(seconds)

    def text(self, code: str) -> str:
        """The value of code as text; fails with the traceback."""
        result = self.run(code)
        assert result.trouble is None, result.trouble.traceback
        assert result.value is not None
        return result.value.text

    def changed(self) -> list[WeightChange]:
        """Weights that the last evaluation changed, once the process has told."""

        def told() -> list[Changes]:
            return [e for e in self.events if isinstance(e, Changes) and e.number == self.number]

        self.wait_for(told)
        return list(told()[-1].weights)

    def printed(self, stream: str = "stdout") -> str:
        return "".join(e.text for e in self.events if isinstance(e, Output) and e.stream == stream)

    def states(self) -> list[State]:
        return [e.state for e in self.events if isinstance(e, StateChanged)]

    def wait_for(self, true: Callable[[], object], seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < until, f"not within {seconds} s"
            time.sleep(0.005)


@pytest.fixture(scope="session")
def processes() -> Iterator[dict[str, Keras]]:
    made = {name: Keras(name) for name in ("keras", "tf_keras")}
    yield made
    for one in made.values():
        one.session.close()


@pytest.fixture
def keras3(processes: dict[str, Keras]) -> Keras:
    """Keras 3, running."""
    return processes["keras"].ready()


@pytest.fixture
def keras2(processes: dict[str, Keras]) -> Keras:
    """tf_keras, running."""
    return processes["tf_keras"].ready()


@pytest.fixture(params=["keras", "tf_keras"])
def either(request: pytest.FixtureRequest, processes: dict[str, Keras]) -> Keras:
    """Keras 3, then tf_keras."""
    return processes[request.param].ready()

"""Measure the Keras process: ready against a bare script, a round trip, a large array."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from generate import Spec, write_model

BARE = """
import sys
import keras
model = keras.models.load_model(sys.argv[1])
print(len(model.weights), flush=True)
"""
Say = Callable[[str, float, float, str], None]
InTurn = Callable[..., list[float]]


def bare(path: Path) -> float:
    """Return the seconds until a bare script has the model."""
    began = time.perf_counter()
    command = [sys.executable, "-c", BARE, str(path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as script:
        assert script.stdout is not None
        line = script.stdout.readline()
        taken = time.perf_counter() - began
        script.kill()
    if not line.strip():
        raise SystemExit("the bare script did not load the model")
    return taken


def ours(path: Path) -> float:
    """Return the seconds until a session has the model, as the screen loads it."""
    from kerastui import open_model
    from kerastui.session import Session
    from kerastui.session.tables import flags_of, instances_of, rows_of

    model = open_model(path)
    session = Session()
    began = time.perf_counter()
    try:
        session.start(python=sys.executable)
        session.needs(str(path))
        loading = session.load(
            str(path), rows=rows_of(model), flags=flags_of(model), instances=instances_of(model)
        )
        loading.result(300)
        return time.perf_counter() - began
    finally:
        session.close()


def round_trips() -> tuple[float, float]:
    """Return seconds at p50: of ``1+1``, and of a 100 MB array with its first window."""
    from kerastui.session import Session

    session = Session()
    try:
        session.start(python=sys.executable).result(300)

        def small() -> None:
            session.eval("1+1").future.result(60)

        def large() -> None:
            value = session.eval("big").future.result(60).value
            assert value is not None
            session.fetch(value.id, [(0, 50), (0, 20)]).result(60)

        session.eval("big = np.random.rand(5120, 2560)").future.result(60)
        return p50(small, 300), p50(large, 30)
    finally:
        session.close()


def p50(action: Callable[[], None], times: int) -> float:
    """Return the median of the seconds that an action takes, after a first time."""
    action()
    taken: list[float] = []
    for _ in range(times):
        began = time.perf_counter()
        action()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def session(folder: Path, in_turn: InTurn, say: Say) -> None:
    """Measure all, in `folder`; `in_turn` and `say` are those of ``__main__``."""
    path = folder / "live.h5"
    write_model(path, Spec(layers=125))
    mine, theirs = in_turn(5, lambda: ours(path), lambda: bare(path))
    print(f"bare script, Keras and a model of 125 layers: {theirs:.2f} s")
    say("Keras ready / bare script", mine / theirs, 1.15, "×")
    small, large = round_trips()
    say("console round trip for 1+1, p50", small * 1000, 10, "ms")
    say("100 MB array summarised, with its first window, p50", large * 1000, 150, "ms")

"""A session with the real process: what is evaluated, printed, interrupted, and survived."""

from __future__ import annotations

import time
from concurrent.futures import wait
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kerastui.errors import SessionError, WorkerDied
from kerastui.session import Session, State
from kerastui.session.protocol import Output, StateChanged

pytestmark = pytest.mark.keras

ENDLESS = {
    "python": "while True: pass",
    "sleep": "import time\ntime.sleep(1000)",
    "numpy": "a = np.ones((1500, 1500))\nwhile True: a @ a",
    "swallows": "while True:\n  try:\n    while True: pass\n  except Exception: pass",
}


def test_from_start_to_result(keras3: Any, sample_dir: Path) -> None:
    """The states, in order, with what each is about."""
    session = keras3.session
    versions = session.versions
    assert versions.keras_module == "keras"
    assert versions.keras.startswith("3.")
    assert versions.backend == "tensorflow"
    assert versions.backend_version
    assert versions.python.startswith("3.")
    path = sample_dir / "two_outputs.keras"
    loading = session.load(str(path))
    one = session.eval("6 * 7")
    two = session.eval("model.name")
    wait([loading, one.future, two.future], 60)
    assert loading.result() == session.loaded
    assert loading.result().weights == 8
    value = one.future.result().value
    assert value is not None
    assert (value.text, value.form) == ("42", "scalar")
    assert two.future.result().status == "ok"
    assert any("CPU" in device for device in session.devices().result(60))
    states = [e for e in keras3.beginning if isinstance(e, StateChanged)]
    assert [(s.state, s.detail) for s in states] == [
        (State.STARTING, ""),
        (State.IMPORTING, "TensorFlow"),
        (State.IMPORTING, "Keras"),
        (State.READY, ""),
    ]
    assert keras3.states() == [State.LOADING, State.BUSY, State.READY]


def test_both_keras_say_who_they_are(keras2: Any) -> None:
    versions = keras2.session.versions
    assert (versions.keras_module, versions.backend) == ("tf_keras", "tensorflow")
    assert versions.keras.startswith("2.")


def test_printing_streams_while_code_runs(keras3: Any) -> None:
    running = keras3.session.eval(
        "import sys, os, time\nprint('one')\nprint('two', file=sys.stderr)\n"
        "os.write(1, b'three')\ntime.sleep(300)"
    )
    keras3.wait_for(lambda: keras3.printed("stderr") and keras3.printed("native"))
    assert not running.future.done()
    assert keras3.printed() == "one\n"
    assert keras3.printed("stderr") == "two\n"
    assert keras3.printed("native") == "three"
    assert {e.number for e in keras3.events if isinstance(e, Output)} == {running.number}
    keras3.session.interrupt()
    assert running.future.result(60).status == "interrupted"


def test_windows_of_a_large_array(keras3: Any) -> None:
    result = keras3.run("big = np.arange(26_214_400, dtype='f4').reshape(5120, 5120) % 1000\nbig")
    value = result.value
    assert (value.form, value.shape, value.dtype) == ("array", (5120, 5120), "float32")
    assert (value.low, value.high, value.size) == (0, 999, 104_857_600)
    assert value.mean == pytest.approx(499.5, rel=1e-3)
    expected = np.arange(26_214_400, dtype="f4").reshape(5120, 5120) % 1000
    for index in ([(0, 40), (0, 20)], [5119, (5100, 5120)], [(0, 5120), 7]):
        part = keras3.session.fetch(value.id, index).result(60)
        where = tuple(slice(*i) if isinstance(i, tuple) else i for i in index)
        np.testing.assert_array_equal(part.to_numpy(), expected[where])
    with pytest.raises(SessionError, match="too many"):
        keras3.session.fetch(value.id).result(60)
    with pytest.raises(SessionError, match="axis 0"):
        keras3.session.fetch(value.id, [6000]).result(60)
    with pytest.raises(SessionError, match="not kept"):
        keras3.session.fetch("123456").result(60)
    keras3.run("del big")


def test_windows_are_seen_while_something_runs(keras3: Any) -> None:
    value = keras3.run("np.arange(12.).reshape(3, 4)").value
    running = keras3.session.eval(ENDLESS["python"])
    keras3.wait_for(lambda: keras3.session.state is State.BUSY)
    part = keras3.session.fetch(value.id, [1]).result(60)
    np.testing.assert_array_equal(part.to_numpy(), [4, 5, 6, 7])
    offers = keras3.session.complete("np.arang", 8).result(60)
    assert "arange" in [o.text for o in offers.offers]
    assert not running.future.done()
    keras3.session.interrupt()
    assert running.future.result(60).status == "interrupted"


@pytest.mark.parametrize("code", ENDLESS.values(), ids=ENDLESS)
def test_interrupt_leaves_the_model(keras3: Any, sample_dir: Path, code: str) -> None:
    keras3.show(sample_dir / "two_outputs.keras")
    pid = keras3.session.pid
    running = keras3.session.eval(code)
    time.sleep(0.3)
    assert not running.future.done()
    keras3.session.interrupt()
    assert running.future.result(60).status == "interrupted"
    assert keras3.text("len(model.weights)") == "8"
    assert keras3.session.pid == pid


def test_an_interrupt_is_never_lost(keras3: Any) -> None:
    """Not before the code has begun, and not while another question is answered beside it."""
    value = keras3.run("np.arange(12.)").value
    for number in range(60):
        running = keras3.session.eval(ENDLESS["python"])
        if number % 2:
            keras3.session.fetch(value.id, [1]).result(60)
            keras3.session.complete("np.arang", 8).result(60)
        keras3.session.interrupt()
        assert running.future.result(60).status == "interrupted"


def test_an_interrupt_between_evaluations_does_nothing(keras3: Any) -> None:
    for _ in range(5):
        keras3.session.interrupt()
    assert keras3.text("1+1") == "2"


def test_exits_and_memory_are_errors_like_others(keras3: Any, sample_dir: Path) -> None:
    keras3.show(sample_dir / "two_outputs.keras")
    pid = keras3.session.pid
    for code, error in (
        ("import sys\nsys.exit(3)", "SystemExit"),
        ("exit()", "SystemExit"),
        ("parts = []\nwhile True: parts.append(np.empty(10**7))", "MemoryError"),
        ("np.zeros(10**13)", "MemoryError"),
        ("parts = None\ndef f(): return f()\nf()", "RecursionError"),
    ):
        result = keras3.run(code)
        assert (result.status, result.trouble.type) == ("error", error)
    assert keras3.text("len(model.weights)") == "8"
    assert keras3.session.pid == pid


def test_output_without_end_is_cut(keras3: Any) -> None:
    result = keras3.run("print('a' * 10**8)")
    assert result.lost == 10**8 + 1 - (1 << 20)
    assert len(keras3.printed()) == 1 << 20
    keras3.events.clear()
    keras3.run("import os\nfor _ in range(20): os.write(1, b'x' * 100_000)")
    assert 0 < len(keras3.printed("native")) <= 1 << 20
    value = keras3.run("'b' * 10**8").value
    assert (value.length, len(value.text)) == (10**8, 100_000)
    assert keras3.session.text(value.id, 10**8 - 3).result(60) == "bbb"
    assert len(keras3.text("list(range(10**6))")) < 110_000


def test_a_traceback_points_into_the_line(keras3: Any) -> None:
    trouble = keras3.run("a = 1\nb = [1, 2][a + 7]\nc = 3").trouble
    assert (trouble.type, trouble.line) == ("IndexError", 2)
    assert "b = [1, 2][a + 7]" in trouble.traceback
    assert "^" in trouble.traceback
    assert "kerastui" not in trouble.traceback
    trouble = keras3.run("x = = 2").trouble
    assert (trouble.type, trouble.line) == ("SyntaxError", 1)
    trouble = keras3.run("keras.layers.Dense(3)(np.zeros((2,)))").trouble
    assert trouble.line == 1
    assert "more frame" in trouble.traceback


def test_a_question_that_nobody_waits_for_ends_nothing(keras3: Any) -> None:
    """A screen that closes cancels what it asked; the answer comes all the same."""
    asked = [keras3.session.eval("import time\ntime.sleep(0.05)").future for _ in range(3)]
    assert all(future.cancel() for future in asked)
    assert keras3.text("1+1") == "2"
    keras3.wait_for(lambda: keras3.session.state is State.READY)


def test_crash_and_restart(keras3: Any, sample_dir: Path) -> None:
    keras3.show(sample_dir / "two_outputs.keras")
    keras3.events.clear()
    running = keras3.session.eval("import os\nos.abort()").future
    waiting = keras3.session.eval("1").future
    for future in (running, waiting):
        with pytest.raises(WorkerDied, match=r"native code crashed \(SIGABRT\)"):
            future.result(120)
    keras3.wait_for(lambda: not keras3.session.alive)
    assert keras3.states()[-1] is State.DEAD
    assert "SIGABRT" in keras3.session.detail
    assert keras3.session.loaded is None
    keras3.ready()
    keras3.show(sample_dir / "two_outputs.keras")
    assert keras3.text("len(model.weights)") == "8"


def test_kill_is_the_last_resort() -> None:
    """It works also while TensorFlow is imported, which no interrupt ends."""
    events: list[Any] = []
    session = Session(events.append)
    begun = session.start()
    while session.state is not State.IMPORTING:
        time.sleep(0.01)
    session.interrupt()
    session.kill()
    with pytest.raises(WorkerDied, match="it was stopped"):
        begun.result(60)
    assert session.state is State.DEAD
    assert not session.alive
    with pytest.raises(WorkerDied, match="start it first"):
        session.eval("1").future.result(60)
    session.close()

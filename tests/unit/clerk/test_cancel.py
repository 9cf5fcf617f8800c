"""One request among several is stopped, and no other."""

from __future__ import annotations

import threading
from pathlib import Path

import h5py
import pytest

from kerastui.analysis.results import Cancelled
from kerastui.clerk.client import Clerk
from kerastui.files import open_model


@pytest.fixture
def clerk():
    made = Clerk()
    yield made
    made.close()


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A quarter of a gigabyte that takes no room."""
    path = tmp_path / "large.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("a/kernel", (1 << 13, 1 << 13), "f4", chunks=(256, 1 << 13))
    return path


def test_a_request_that_waits_is_stopped_and_the_one_under_way_is_not(clerk, large):
    model = open_model(str(large))
    small = open_model(str(large))
    begun = threading.Event()
    first = clerk.submit("statistics", model, None, False, False, progress=lambda *_: begun.set())
    assert begun.wait(30)
    second = clerk.submit("statistics", small, None, False, False)
    third = clerk.submit("window", model.file, "/a/kernel", (0, 0, 1), (1, 0, 1), ())
    clerk.cancel(second)
    assert first.result(60)[0].figures.count == 1 << 26
    with pytest.raises(Cancelled):
        second.result(60)
    assert third.result(60).values == ((0.0,),)


def test_cancelling_what_is_answered_stops_nothing(clerk, large):
    model = open_model(str(large))
    answered = clerk.submit("window", model.file, "/a/kernel", (0, 0, 1), (1, 0, 1), ())
    answered.result(60)
    begun = threading.Event()
    running = clerk.submit("statistics", model, None, False, False, progress=lambda *_: begun.set())
    assert begun.wait(30)
    clerk.cancel(answered)
    assert running.result(60)

"""The clerk's requests: what crosses to the screen is plain, and a long one can be stopped."""

from __future__ import annotations

import os
from pathlib import Path

import h5py
import numpy as np
import pytest

from kerastui.analysis.results import Cancelled, Found, NotNumeric, Window
from kerastui.analysis.statistics import statistics_of
from kerastui.clerk.client import Clerk
from kerastui.errors import UnreadableFile
from kerastui.files import open_model


@pytest.fixture
def clerk() -> Clerk:
    return Clerk()


def test_questions_and_answers(clerk: Clerk, tmp_path: Path) -> None:
    path = tmp_path / "m.h5"
    values = np.arange(24, dtype="f4").reshape(2, 3, 4)
    values[1, 2, 0] = np.nan
    with h5py.File(path, "w") as file:
        file["a/kernel"] = values
        file["a/words"] = np.array([b"x"])
    model = open_model(str(path))
    assert clerk.call("statistics", model, None, True, True) == statistics_of(
        model, quantiles=True, duplicates=True
    )
    kernel = "/a/kernel"
    found = clerk.call("window", model.file, kernel, (2, 1, 2), (1, 0, 9), (1, 0, 0))
    assert isinstance(found, Window)
    assert found.values[1] == (14.0, 18.0, 22.0)
    histogram = clerk.call("histogram", model.file, kernel, None, None, 10)
    assert sum(histogram.counts) == 23 and histogram.nan == 1
    assert clerk.call("find", model.file, kernel, "largest", None) == Found((1, 2, 3), 23.0)
    assert clerk.call("find", model.file, kernel, "nan", None).index == (1, 2, 0)
    with pytest.raises(NotNumeric, match="strings"):
        clerk.call("window", model.file, "/a/words", (0, 0, 1), None, ())
    os.utime(path, ns=(1, 1))
    with pytest.raises(UnreadableFile, match="has changed"):
        clerk.call("window", model.file, kernel, (2, 1, 2), (1, 0, 9), ())
    again = open_model(str(path))
    assert clerk.call("window", again.file, kernel, (2, 0, 1), None, ()).values == ((0.0,),)
    clerk.close()


def test_a_long_request_is_stopped(clerk: Clerk, tmp_path: Path) -> None:
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:  # a gigabyte that takes no room
        file.create_dataset("a/kernel", (1 << 15, 1 << 13), "f4", chunks=(256, 1 << 13))
    told: list[float] = []

    def progress(stage: str, part: float) -> None:
        assert stage.endswith("kernel")
        told.append(part)
        clerk.cancel()

    model = open_model(str(path))
    with pytest.raises(Cancelled):
        clerk.submit("statistics", model, None, True, True, progress=progress).result(60)
    assert told and told[-1] < 1
    clerk.close()

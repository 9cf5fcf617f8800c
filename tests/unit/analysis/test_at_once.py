"""Layers that are looked at by several threads have the figures that they have alone."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from kerastui.analysis import statistics
from kerastui.analysis.results import Cancelled
from kerastui.analysis.statistics import all_weights, statistics_of
from kerastui.files import open_model
from kerastui.model import Model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    path = tmp_path_factory.mktemp("large") / "large.weights.h5"
    rng = np.random.default_rng(1)
    with h5py.File(path, "w") as file:
        for number in range(5):
            values = rng.normal(number, 1, (700, 700)).astype("f4")
            values[:, number] = 0
            file[f"plain_{number}/kernel"] = values
        file.create_dataset("zipped/kernel", data=values, chunks=(100, 100), compression="gzip")
        file["turned/kernel"] = values.astype(">f8")
        file["words/table"] = np.array([b"x"])
    return open_model(path)


def test_as_one_after_the_other(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = all_weights(model)[::-1]
    monkeypatch.setattr(statistics, "_SHARES", 3)
    assert len(statistics._shares(model, keys)) == 3
    told: list[float] = []
    together = statistics_of(
        model, keys, quantiles=True, duplicates=True, progress=lambda _, part: told.append(part)
    )
    assert told == sorted(told)
    monkeypatch.setattr(statistics, "_SHARES", 1)
    alone = [statistics_of(model, [k], quantiles=True, duplicates=True)[0] for k in keys]
    assert [w.path for w in together] == [w.path for w in alone]
    for one, other in zip(together, alone, strict=True):
        assert (one.flags, one.problem) == (other.flags, other.problem)
        if one.figures is not None and other.figures is not None:
            assert one.figures.quantiles == other.figures.quantiles
            assert one.figures.mean == pytest.approx(other.figures.mean)
            assert one.figures.std == pytest.approx(other.figures.std)
    assert sum(w.figures is not None for w in together) == 7


def test_it_is_stopped(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "_SHARES", 3)
    asked = iter(range(1000))
    with pytest.raises(Cancelled):
        statistics_of(model, cancelled=lambda: next(asked) > 3)

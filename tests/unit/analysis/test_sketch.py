"""Histograms of samples: at once, spread over all of an array, whatever its size."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from kerastui.analysis.histogram import histogram_of
from kerastui.analysis.sketch import sketch_of
from kerastui.files.arrays import open_arrays


@pytest.mark.parametrize("layout", [{}, {"chunks": (64, 64), "compression": "gzip"}])
def test_a_sample_is_distributed_as_all_is(tmp_path: Path, layout: dict[str, Any]) -> None:
    # Rows differ, so that a sample of a few neighbours would be told from one of all.
    rows = np.linspace(-1, 1, 1500, dtype="f4")[:, None]
    values = rows + np.random.default_rng(1).normal(0, 0.05, (1500, 1000)).astype("f4")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("w", data=values, **layout)
    with open_arrays(str(tmp_path / "a.h5")) as file:
        array = file.array("/w")
        sketch = sketch_of(array, 10)
        assert sketch is not None
        found = sketch.histogram
        whole = histogram_of(array, found.low, found.high, 10)
    assert whole is not None and sketch.size == values.size and sketch.seen < values.size / 2
    assert sum(found.counts) == sketch.seen
    shares = np.array(found.counts) / sketch.seen, np.array(whole.counts) / values.size
    assert np.abs(shares[0] - shares[1]).max() < 0.06


def test_small_odd_and_endless_arrays(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["scalar"] = np.float32(3)
        file["empty"] = np.zeros((0, 3))
        file["nan"] = np.full(5, np.nan)
        file["big-endian"] = np.arange(6, dtype=">i4").reshape(2, 3)
        file["complex"] = np.array([3 + 4j, np.inf, 0])
        file.create_dataset("endless", (10**9, 10**6), "f4", chunks=(500, 500), compression="gzip")
    with open_arrays(str(tmp_path / "a.h5")) as file:
        found = {name: sketch_of(file.array(f"/{name}"), 5) for name in ("empty", "nan")}
        assert found == {"empty": None, "nan": None}
        for name, low, high, counts, inf in (
            ("scalar", 3, 3, (1,), 0),
            ("big-endian", 0, 5, (1, 1, 1, 1, 2), 0),
            ("complex", 0, 5, (1, 0, 0, 0, 1), 1),
        ):
            sketch = sketch_of(file.array(f"/{name}"), 5)
            assert sketch is not None
            histogram = sketch.histogram
            assert (histogram.low, histogram.high, histogram.counts) == (low, high, counts)
            assert histogram.inf == inf and sketch.seen == sketch.size
        began = time.process_time()
        sketch = sketch_of(file.array("/endless"), 5)
        assert time.process_time() - began < 2 and sketch is not None
        assert sketch.histogram.counts == (sketch.seen,) and sketch.size == 10**15

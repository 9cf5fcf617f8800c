"""Figures merged from parts, against NumPy's of the whole."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerastui.analysis.merged import merged, merged_flags, merged_weights
from kerastui.analysis.moments import Moments
from kerastui.analysis.results import Flag, Statistics, WeightStatistics

FLOATS = st.floats(-1e150, 1e150, width=64) | st.sampled_from([0.0, math.nan, math.inf, 1e-160])
ARRAYS = st.lists(st.lists(FLOATS, max_size=30), max_size=6)


def figures(values: list[float]) -> Statistics:
    moments = Moments()
    moments.add(np.array(values, "f8"))
    scale = moments.wanted_scale()
    if scale is not None:
        moments = Moments(scale)
        moments.add(np.array(values, "f8"))
    return moments.statistics()


@settings(max_examples=150, deadline=None)
@given(ARRAYS)
def test_parts_merge_to_what_numpy_says_of_the_whole(parts: list[list[float]]) -> None:
    found = merged([figures(part) for part in parts])
    whole = np.array([value for part in parts for value in part], "f8")
    finite = whole[np.isfinite(whole)].astype("g")  # extended: squares of 1e150 fit
    assert (found.count, found.zeros) == (whole.size, int((whole == 0).sum()))
    assert (found.nan, found.inf) == (int(np.isnan(whole).sum()), int(np.isinf(whole).sum()))
    if not finite.size:
        assert found.min is found.max is found.mean is found.std is None
        return
    assert (found.min, found.max) == (float(finite.min()), float(finite.max()))
    size = float(np.abs(finite).max())
    near = {"rel": 1e-9, "abs": size * 1e-12}
    assert found.mean == pytest.approx(float(finite.mean()), **near)
    assert found.std == pytest.approx(float(finite.std()), **near)
    assert found.l1 == pytest.approx(float(np.abs(finite).sum()), rel=1e-9)
    assert found.l2 == pytest.approx(float(np.sqrt((finite**2).sum())), rel=1e-9)


def test_the_ends_of_float64_do_not_overflow() -> None:
    found = merged([Statistics(1, -1.7e308, -1.7e308, -1.7e308, 0.0, 1.7e308, 1.7e308),
                    Statistics(1, 1.7e308, 1.7e308, 1.7e308, 0.0, 1.7e308, 1.7e308)])  # fmt: skip
    assert found.mean == 0 and found.std == pytest.approx(1.7e308) and found.l1 == math.inf
    assert merged([]).count == 0 and merged([]).l2 == 0


def test_a_layer_sums_its_flags_up_and_keeps_a_problem() -> None:
    kernel = WeightStatistics("a/k", 0, (2, 3), "float32", Statistics(6, 0, 1, 0.5, 0.5),
                              (Flag("nan", 2), Flag("dead", 1, (2,), axis=1)))  # fmt: skip
    bias = WeightStatistics("a/b", 0, (3,), "float16", Statistics(3, 0, 0, 0.0, 0.0),
                            (Flag("nan", 1), Flag("zero")))  # fmt: skip
    broken = WeightStatistics("a/s", 0, (1,), "float32", problem="Broken.", readable=False)
    layer = merged_weights("a", 0, [kernel, bias, broken])
    assert [(flag.name, flag.count) for flag in merged_flags([kernel, bias])] == [
        ("nan", 3), ("dead", 1), ("zero", 0),
    ]  # fmt: skip
    assert layer.figures is not None and layer.figures.count == 9
    assert (layer.dtype, layer.problem, layer.readable) == ("float32 float16", "Broken.", False)

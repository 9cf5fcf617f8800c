"""Quantiles by brackets: NumPy's own, or none at all."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stored_arrays import plain, stored

from kerastui.analysis import brackets, figures, streaming
from kerastui.analysis.brackets import Bracketed, brackets_of, cells_of
from kerastui.analysis.figures import figures_of
from kerastui.analysis.results import QUANTILES

RANDOM = np.random.default_rng(1)
MANY = 400_000


def shapes() -> dict[str, Any]:
    """Distributions that a sample may mistake."""
    normal = RANDOM.standard_normal(MANY)
    pruned = np.where(RANDOM.random(MANY) < 0.3, 0.0, normal)
    odd = normal.copy()
    odd[::5], odd[1::50], odd[2::50] = np.nan, np.inf, -np.inf
    return {
        "normal": normal.astype("f4"),
        "double": normal * 1e-200,
        "big-endian": normal.astype(">f4"),
        "pruned": pruned.astype("f4"),
        "few values": np.round(normal, 1).astype("f4"),
        "as bfloat16": (normal.astype("f4").view("u4") & np.uint32(0xFFFF0000)).view("f4"),
        "constant": np.full(MANY, 0.1, "f4"),
        "two values": np.where(normal < 0.7, -0.0, 3.0).astype("f4"),
        "sorted": np.sort(normal).astype("f4"),  # clusters tell nothing
        "mostly NaN": np.where(RANDOM.random(MANY) < 0.9, np.nan, normal).astype("f4"),
        "infinities": odd.astype("f4"),
        "a spike": np.concatenate([np.full(1000, 1e30), normal]).astype("f4"),
    }


@pytest.mark.parametrize("name", shapes())
def test_quantiles_are_numpys(name: str, tmp_path: Path) -> None:
    values = shapes()[name]
    with stored(tmp_path, values.reshape(-1, 8)) as array:
        found = figures_of(array, quantiles=True).quantiles
    expected = np.quantile(plain(values), QUANTILES)
    assert [value for _, value in found] == pytest.approx(expected.tolist(), rel=1e-12, abs=0)


def test_one_pass_is_enough_for_the_usual(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the sample says comes true, and little is kept; for pruned weights as well."""
    monkeypatch.setattr(figures, "Selection", None)  # the other way, which is not to be gone
    for name in ("normal", "double", "pruned", "as bfloat16", "constant", "infinities"):
        with stored(tmp_path, shapes()[name]) as array:
            cells = brackets_of(array)
            assert cells, name
            [counts] = streaming.over_elements(
                array, lambda cells=cells: Bracketed(cells), Bracketed.add, streaming.no_advance
            )
            assert counts.kept_bytes < 0.25 * array.size * array.dtype.itemsize, name
            assert figures_of(array, quantiles=True).quantiles


def test_too_much_to_keep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = shapes()["normal"]
    with stored(tmp_path, values) as array:
        cells = brackets_of(array)
        monkeypatch.setattr(brackets, "KEPT", 1000)
        assert brackets_of(array) is None
        counts = Bracketed(cells or [])
        counts.add(values)
        assert counts.quantiles(values.size, 0) is None


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from([-2.0, -1.0, -0.0, 0.0, 0.5, 0.6, 0.7, np.inf, -np.inf, np.nan]),
             min_size=1, max_size=300),
    st.lists(st.floats(-2, 2, width=32), min_size=40, max_size=200),
    st.integers(1, 4),
)  # fmt: skip
def test_never_wrong(listed: list[float], sample: list[float], parts: int) -> None:
    """With a sample of something else the answer is none, or right."""
    values = np.array(listed, "f4")
    ordered = np.sort(np.array(sample, "f4"))
    end = ordered.size - 1
    cells = cells_of(ordered, [(0, end // 4), (end // 3, end // 2), (end // 2 + 1, end)])
    for before, after in pairwise(cells):
        assert before.start < before.stop <= after.start
    first, *others = [Bracketed(cells) for _ in range(parts)]
    for part, counts in zip(np.array_split(values, parts), [first, *others], strict=True):
        counts.add(part)
    for other in others:
        first.merge(other)
    finite = values[np.isfinite(values)]
    if not finite.size:
        return
    found = first.quantiles(finite.size, int(np.count_nonzero(values == -np.inf)))
    if found is not None:
        expected = np.quantile(finite.astype("f8"), QUANTILES).tolist()
        assert [value for _, value in found] == pytest.approx(expected, rel=1e-12)

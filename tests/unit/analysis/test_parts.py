"""Histograms, windows and remarkable elements, against NumPy."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from stored_arrays import plain, stored

from kerastui.analysis import streaming
from kerastui.analysis.histogram import Bins, histogram_of
from kerastui.analysis.results import Found
from kerastui.analysis.window import find, window_of
from kerastui.errors import BadEdit
from kerastui.files.arrays import open_arrays

SPECIAL = (np.nan, np.inf, -np.inf, 0.0, 1.0, -1.0)


@settings(max_examples=80)
@given(
    hnp.arrays(
        st.sampled_from(["<f4", ">f8", "<i4", "u1", "<f2"]),
        hnp.array_shapes(max_dims=3, max_side=9),
    ),
    st.integers(1, 40),
)
def test_histogram_is_numpys(values: Any, bins: int) -> None:
    finite = plain(values)
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(streaming, "SLICE", 7)
        with stored(Path(folder), values) as array:
            found = histogram_of(array, bins=bins)
    if not finite.size:
        assert found is None
        return
    assert found is not None
    assert sum(found.counts) == finite.size
    assert found.nan + found.inf == values.size - finite.size
    low, high = float(finite.min()), float(finite.max())
    assert (found.low, found.high) == (low, high)
    if low == high:
        assert found.counts == (finite.size,)
        return
    edges = np.linspace(low / 2, high / 2, bins + 1) * 2  # NumPy's own overflow
    edges[0], edges[-1] = low, high
    if np.all(np.diff(edges) > 0):
        assert found.counts == tuple(np.histogram(finite, edges)[0].tolist())


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_values_beside_edges_are_in_the_bins_that_numpy_puts_them(dtype: str) -> None:
    random = np.random.default_rng(5)
    for _ in range(150):
        scale, bins = 10.0 ** random.uniform(-15, 15), int(random.integers(1, 300))
        low = float(random.choice([-1, 0, 50, 1e5]) + random.normal()) * scale
        high = low + scale * 10.0 ** random.uniform(-4, 1)
        edges = np.linspace(low / 2, high / 2, bins + 1) * 2
        near = edges.astype(dtype)
        values = np.concatenate([near, np.nextafter(near, 1e30), np.nextafter(near, -1e30)])
        if not np.all(np.diff(edges) > 0):
            continue
        counted = Bins(low, high, bins)
        counted.add(values.astype(dtype))
        wide = values.astype("f8")  # NumPy would compare in float32
        inside = wide[(wide >= low) & (wide <= high)]
        assert counted.counts.tolist() == np.histogram(inside, edges)[0].tolist()
        assert (counted.below, counted.above) == (np.sum(wide < low), np.sum(wide > high))


def test_a_stretch_of_a_histogram(tmp_path: Path) -> None:
    values = np.array([-5.0, -1.0, 0.0, 0.5, 1.0, 9.0, np.nan])
    with stored(tmp_path, values) as array:
        found = histogram_of(array, -1.0, 1.0, 2)
    assert found is not None
    assert (found.counts, found.below, found.above, found.nan) == ((1, 3), 1, 1, 1)


@st.composite
def windows(draw: st.DrawFn) -> tuple[Any, Any, tuple[int, int], list[int], list[int]]:
    shape = draw(hnp.array_shapes(min_dims=2, max_dims=8, max_side=4))
    axes = draw(st.permutations(range(len(shape))))[:2]
    chunks = draw(st.none() | st.tuples(*(st.integers(1, side) for side in shape)))
    at = [draw(st.integers(0, side - 1)) for side in shape]
    begins = [draw(st.integers(0, shape[axis] + 1)) for axis in axes]
    return shape, chunks, (axes[0], axes[1]), at, begins


@settings(max_examples=80)
@given(windows())
def test_any_window(made: tuple[Any, Any, tuple[int, int], list[int], list[int]]) -> None:
    shape, chunks, axes, at, begins = made
    values = np.arange(np.prod(shape), dtype=">i4").reshape(shape)
    with (
        tempfile.TemporaryDirectory() as folder,
        stored(Path(folder), values, chunks=chunks) as array,
    ):
        found = window_of(array, (axes[0], begins[0], 3), (axes[1], begins[1], 2), at)
    index: list[Any] = list(at)
    index[axes[0]] = slice(begins[0], begins[0] + 3)
    index[axes[1]] = slice(begins[1], begins[1] + 2)
    expected = values[tuple(index)]
    expected = expected.T if axes[0] > axes[1] else expected
    assert [list(row) for row in found.values] == expected.tolist()
    assert (len(found.rows), len(found.columns)) == expected.shape
    assert all(type(value) is int for row in found.values for value in row)


def test_windows_of_few_axes(tmp_path: Path) -> None:
    with stored(tmp_path, np.float32(2.5)) as array:
        assert window_of(array, (0, 0, 5)).values == ((2.5,),)
    with stored(tmp_path, np.arange(5)) as array:
        assert window_of(array, (0, 3, 9)).values == ((3,), (4,))
    with stored(tmp_path, np.zeros((3, 0))) as array:
        assert window_of(array, (0, 0, 9), (1, 0, 9)).values == ((), (), ())
    with stored(tmp_path, np.zeros((3, 2))) as array:
        for rows, columns, at in (
            ((0, 0, 1), (0, 0, 1), ()), ((2, 0, 1), (0, 0, 1), ()), ((0, 0, 1), None, (0, 2)),
        ):  # fmt: skip
            with pytest.raises(BadEdit):
                window_of(array, rows, columns, at)


@settings(max_examples=80)
@given(
    hnp.arrays("f4", (4, 3, 2), elements=st.sampled_from(SPECIAL)),
    st.none() | st.just((3, 2, 2)),
    st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 1)),
)
def test_finding(values: Any, chunks: Any, after: tuple[int, int, int]) -> None:
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(streaming, "PIECE", 24)
        with stored(Path(folder), values, chunks=chunks) as array:
            largest, smallest = find(array, "largest"), find(array, "smallest")
            following = find(array, "nan", after)
    finite = np.isfinite(values)
    if not finite.any():
        assert largest is None and smallest is None
    else:
        for found, extreme in ((largest, values[finite].max()), (smallest, values[finite].min())):
            places = [tuple(int(i) for i in place) for place in np.argwhere(values == extreme)]
            assert found == Found(places[0], float(extreme))
    places = [tuple(int(i) for i in place) for place in np.argwhere(np.isnan(values))]
    later = [place for place in places if place > after]
    expected = (later or places or [None])[0]
    assert (following.index if following else None) == expected


def test_smallest_of_unsigned(tmp_path: Path) -> None:
    with stored(tmp_path, np.array([7, 2**64 - 1, 3], "u8")) as array:
        assert find(array, "smallest") == Found((2,), 3)
        assert find(array, "largest") == Found((1,), 2**64 - 1)


def test_a_window_of_a_bomb_reads_only_what_it_shows(tmp_path: Path) -> None:
    path = tmp_path / "bomb.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("w", (10**5,) * 3, "f4", chunks=(64,) * 3, compression="gzip")
    with open_arrays(str(path)) as arrays:
        found = window_of(arrays.array("/w"), (0, 99_990, 50), (2, 5, 2), (0, 99_999, 0))
    assert len(found.values) == 10 and set(found.values) == {(0.0, 0.0)}

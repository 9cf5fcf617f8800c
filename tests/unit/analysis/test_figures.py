"""Figures against NumPy, over dtypes, shapes, layouts and byte orders."""

from __future__ import annotations

import math
import tempfile
import threading
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from stored_arrays import plain, real, stored

from kerastui.analysis import quantiles, streaming
from kerastui.analysis.figures import figures_of
from kerastui.analysis.moments import Moments
from kerastui.analysis.results import QUANTILES, Cancelled, Statistics
from kerastui.analysis.streaming import pieces

DTYPES = st.sampled_from(
    [
        *(order + kind for order in "<>" for kind in ("f2", "f4", "f8", "i2", "i4", "u4", "i8")),
        "u8", "i1", "u1", "?", "<c8", ">c16",
    ]
)  # fmt: skip


@st.composite
def arrays(draw: st.DrawFn) -> tuple[Any, dict[str, Any]]:
    """An array and how it is stored."""
    dtype = np.dtype(draw(DTYPES))
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=8, min_side=0, max_side=4))
    values = draw(hnp.arrays(dtype, shape))
    options: dict[str, Any] = {}
    if shape and 0 not in shape and draw(st.booleans()):
        options["chunks"] = tuple(draw(st.integers(1, side)) for side in shape)
        options["compression"] = draw(st.sampled_from([None, "gzip", "lzf"]))
        options["shuffle"] = draw(st.booleans())
    return values, options


def check(found: Statistics, values: Any) -> None:
    flat = np.asarray(values).reshape(-1)
    finite = plain(values)
    assert found.count == flat.size
    assert found.nan == np.count_nonzero(np.isnan(flat))
    sizes = real(values)  # of complex ones infinite where float64 is too small
    assert found.inf == np.count_nonzero(np.isinf(sizes))
    assert found.zeros == np.count_nonzero(sizes == 0)
    if not finite.size:
        assert (found.min, found.max, found.mean, found.std) == (None,) * 4
        assert found.quantiles == ()
        return
    assert found.min is not None and found.max is not None
    assert float(found.min) == finite.min() and float(found.max) == finite.max()
    if sizes.dtype.kind in "iu":
        assert (found.min, found.max) == (int(sizes.min()), int(sizes.max()))
    scale = float(np.abs(finite).max()) or 1.0  # what NumPy itself would overflow with
    near = {"rel": 1e-11, "abs": 1e-12 * scale}
    assert found.mean == pytest.approx(float((finite / scale).mean()) * scale, **near)
    assert found.std == pytest.approx(float((finite / scale).std()) * scale, **near)
    norms = (found.l1, 1), (found.l2, 2)
    for norm, order in norms:
        expected = float(np.linalg.norm(finite / scale, order)) * scale
        assert norm == pytest.approx(expected, rel=1e-11)
    halves = np.quantile(finite / 2, QUANTILES)  # a difference of two may overflow as well
    for (which, value), asked, expected in zip(found.quantiles, QUANTILES, halves, strict=True):
        assert which == asked
        assert value / 2 == pytest.approx(float(expected), rel=1e-12, abs=5e-324)


@settings(max_examples=80)
@given(arrays())
def test_any_array(made: tuple[Any, dict[str, Any]]) -> None:
    values, options = made
    with tempfile.TemporaryDirectory() as folder, stored(Path(folder), values, **options) as array:
        check(figures_of(array, quantiles=True), values)


@settings(max_examples=80)
@given(arrays(), st.integers(1, 64))
def test_any_array_in_small_pieces_by_radix(made: tuple[Any, dict[str, Any]], piece: int) -> None:
    """The ways of large arrays: pieces, threads, merging, the radix selection."""
    values, options = made
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(streaming, "PIECE", piece)
        patch.setattr(streaming, "SLICE", 5)
        patch.setattr(streaming, "THREADS", 3)
        patch.setattr("kerastui.analysis.figures.SMALL", -1)
        with stored(Path(folder), values, **options) as array:
            check(figures_of(array, quantiles=True), values)


@pytest.mark.parametrize("options", [{}, {"chunks": (100, 33), "compression": "gzip"}])
def test_a_large_array(tmp_path: Path, options: dict[str, Any]) -> None:
    random = np.random.default_rng(1)
    values = random.standard_normal((2000, 700)).astype("f4")  # 5.6 MB: two pieces
    values[::7] = 0
    values[3, 5], values[1999, 699], values[0, 0] = np.nan, -np.inf, np.inf
    with stored(tmp_path, values, **options) as array:
        check(figures_of(array, quantiles=True), values)


def test_variance_does_not_cancel(tmp_path: Path) -> None:
    """A sum of squares less the square of the sum would give 0, or less."""
    values = 1e9 + np.random.default_rng(2).standard_normal(500_000)
    with stored(tmp_path, values) as array:
        found = figures_of(array)
    assert found.std == pytest.approx(values.std(), rel=1e-7)
    assert found.mean == pytest.approx(values.mean(), rel=1e-15)


@pytest.mark.parametrize("size", [1e300, 1e-300])
def test_squares_beyond_float64(tmp_path: Path, size: float) -> None:
    values = np.array([3.0, -4.0, 0.0]) * size
    with stored(tmp_path, values) as array:
        found = figures_of(array)
    assert found.l2 == pytest.approx(5 * size, rel=1e-14)
    assert found.std == pytest.approx(np.std([3.0, -4.0, 0.0]) * size, rel=1e-14)


def test_sizes_of_complex_numbers(tmp_path: Path) -> None:
    """In float32 the first would be infinite, and the others off in the eighth digit."""
    values = np.array([3e38 + 3e38j, 0.1 + 0.2j, 1e-30j], "c8")
    with stored(tmp_path, values) as array:
        found = figures_of(array, quantiles=True)
    check(found, values)
    assert found.max == pytest.approx(3e38 * math.sqrt(2), rel=1e-7)


@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5), min_size=2, max_size=6))
def test_the_same_whichever_thread_was_first(slices: list[list[float]]) -> None:
    def gathered(order: list[list[float]], threads: int) -> Statistics:
        first, *others = [Moments() for _ in range(threads)]
        for number, some in enumerate(order):
            [first, *others][number % threads].add(np.array(some))
        for other in others:
            first.merge(other)
        return first.statistics()

    assert gathered(slices, 1) == gathered(slices[::-1], 2) == gathered(slices[1:] + slices[:1], 3)


def test_bfloat16_and_float8(tmp_path: Path) -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    values = np.random.default_rng(3).standard_normal((50, 8)).astype("f4")
    for name in ("bfloat16", "float8_e4m3fn", "float8_e4m3b11fnuz"):
        short = values.astype(getattr(ml_dtypes, name))
        with stored(tmp_path, short.view(f"V{short.itemsize}"), name) as array:
            assert array.label == name
            check(figures_of(array, quantiles=True), short.astype("f4"))


def test_keys_are_in_the_order_of_values() -> None:
    for kind in ("f4", "f8", "i4", "i8", "u2", "i1"):
        dtype = np.dtype(kind)
        values = np.frombuffer(np.random.default_rng(4).bytes(1000 * dtype.itemsize), dtype)
        values = np.sort(values[~np.isnan(values)] if dtype.kind == "f" else values)
        bits = dtype.itemsize * 8
        raw = values.view(f"u{dtype.itemsize}").tolist()
        keys = [quantiles.key_of(word, bits, dtype.kind) for word in raw]
        assert keys == sorted(keys)
        assert [quantiles.key_of(key, bits, dtype.kind, opposite=True) for key in keys] == raw


@given(
    hnp.array_shapes(min_dims=0, max_dims=6, min_side=0, max_side=7),
    st.integers(1, 60),
    st.data(),
)
def test_pieces_cover_each_element_once(
    shape: tuple[int, ...], budget: int, data: st.DataObject
) -> None:
    chunked = 0 not in shape and shape and data.draw(st.booleans())
    chunks = tuple(data.draw(st.integers(1, side)) for side in shape) if chunked else None
    seen = np.zeros(shape, int)
    largest = max(budget, math.prod(chunks) if chunks else 1)
    for index in pieces(shape, 1, chunks, budget):
        assert seen[index].size <= largest
        seen[index] += 1
        for part, side, chunk in zip(index, shape, chunks or (), strict=False):
            assert part.start % chunk == 0 and (part.stop % chunk == 0 or part.stop == side)
    assert np.all(seen == 1)


def test_cancelling_stops_all_threads(tmp_path: Path) -> None:
    told: list[int] = []

    def advance(count: int) -> None:
        told.append(count)
        if len(told) == 2:
            raise Cancelled

    before = threading.active_count()
    zeros = np.zeros((40, 1 << 18), "f4")  # ten pieces
    with stored(tmp_path, zeros) as array, pytest.raises(Cancelled):
        figures_of(array, advance=advance)
    assert len(told) < 8
    assert threading.active_count() == before


def test_memory_stays_bounded(tmp_path: Path) -> None:
    """200 MB declared, none of it in memory at once."""
    import tracemalloc

    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("d/w", (200, 1 << 18), "f4", chunks=(1, 1 << 18), compression="gzip")
    from kerastui.files.arrays import open_arrays

    with open_arrays(str(path)) as arrays:
        tracemalloc.start()
        found = figures_of(arrays.array("/d/w"), quantiles=True)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert found.zeros == found.count == 200 << 18
    assert peak < 40 << 20

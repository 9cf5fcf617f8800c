"""Figures of two arrays, with NumPy as the reference."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kerastui.analysis import array_pairs
from kerastui.analysis.array_pairs import compare_arrays, digest
from kerastui.analysis.compare_results import Numbers
from kerastui.analysis.results import Cancelled
from kerastui.analysis.streaming import no_advance
from kerastui.files.arrays import open_arrays

FLOATS = st.floats(-1e3, 1e3, width=16)


def compared(
    folder: Path, old: np.ndarray[Any, Any], new: np.ndarray[Any, Any], **layout: Any
) -> tuple[str, Numbers | None]:
    paths = folder / "old.h5", folder / "new.h5"
    for path, array in zip(paths, (old, new), strict=True):
        with h5py.File(path, "w") as file:
            file.create_dataset("x", data=array, **layout)
    with open_arrays(str(paths[0])) as one, open_arrays(str(paths[1])) as other:
        return compare_arrays(one.array("/x"), other.array("/x"), no_advance)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pairs")


@given(
    data=st.data(),
    dtypes=st.tuples(*[st.sampled_from(["f2", "<f4", ">f4", "f8", "i4", "u1"])] * 2),
    shape=hnp.array_shapes(min_dims=0, max_dims=4, max_side=5),
    layout=st.sampled_from(["plain", "chunked"]),
)
def test_figures_are_numpys(
    folder: Path, data: st.DataObject, dtypes: tuple[str, str], shape: Any, layout: str
) -> None:
    old, new = (
        np.asarray(data.draw(hnp.arrays(np.float64, shape, elements=FLOATS))).clip(0, 200)
        if dtype == "u1"
        else np.asarray(data.draw(hnp.arrays(np.float64, shape, elements=FLOATS)))
        for dtype in dtypes
    )
    old, new = old.astype(dtypes[0]), new.astype(dtypes[1])
    more: dict[str, Any] = {"chunks": True, "compression": "gzip"}
    state, numbers = compared(folder, old, new, **(more if layout == "chunked" and shape else {}))
    a, b = old.astype("f8"), new.astype("f8")
    if dtypes[0] == dtypes[1] and old.tobytes() == new.tobytes():
        assert (state, numbers) == ("identical", None)
        return
    assert numbers is not None
    assert state == ("equal" if np.array_equal(a, b) else "changed")
    assert numbers.count == a.size
    assert numbers.differing == np.count_nonzero(a != b)
    assert numbers.max_abs == np.abs(b - a).max()
    norm = math.sqrt((a * a).sum())
    if norm:
        assert numbers.relative_l2 == pytest.approx(np.linalg.norm(b - a) / norm)
        other = np.linalg.norm(b)
        if other:
            assert numbers.cosine == pytest.approx((a * b).sum() / norm / other, abs=1e-12)


def test_many_pieces_some_of_them_equal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(array_pairs, "_PIECE", 1 << 12)
    random = np.random.default_rng(0)
    old = random.standard_normal((300, 217)).astype("f4")
    new = old.copy()
    new[150:170] += random.standard_normal((20, 217)).astype("f4")
    state, numbers = compared(folder, old, new)
    assert state == "changed"
    assert numbers is not None
    a, b = old.astype("f8"), new.astype("f8")
    assert numbers.count == old.size
    assert numbers.differing == 20 * 217
    assert numbers.relative_l2 == pytest.approx(np.linalg.norm(b - a) / np.linalg.norm(a))
    cosine = (a * b).sum() / np.linalg.norm(a) / np.linalg.norm(b)
    assert numbers.cosine == pytest.approx(cosine, rel=1e-12)
    assert compared(folder, old, old.copy()) == ("identical", None)


def test_nan_and_infinities_are_equal_to_themselves_alone(folder: Path) -> None:
    nan, inf = math.nan, math.inf
    old = np.array([nan, inf, -inf, 1.0, 2.0, nan, inf, 3.0], "f4")
    new = np.array([nan, inf, inf, 1.0, 2.5, 0.0, 1.0, nan], "f4")
    state, found = compared(folder, old, new)
    assert state == "changed"
    assert found is not None
    assert (found.differing, found.nonfinite, found.nan_old, found.nan_new) == (5, 4, 2, 2)
    assert found.max_abs == 0.5
    assert found.relative_l2 == pytest.approx(0.5 / math.sqrt(5))
    assert compared(folder, old, old.copy()) == ("identical", None)
    state, found = compared(folder, np.full(3, nan, "f4"), np.full(3, nan, "f8"))
    assert (state, found and found.differing) == ("equal", 0)


def test_zero_norms_have_no_relative_change(folder: Path) -> None:
    _, found = compared(folder, np.zeros(4), np.ones(4))
    assert found is not None
    assert (found.relative_l2, found.cosine, found.max_abs) == (None, None, 1.0)
    state, found = compared(folder, np.zeros(4), -np.zeros(4))
    assert state == "equal"
    assert found is not None
    assert found.relative_l2 == 0.0


def test_whole_numbers_beyond_float64_are_told_apart(folder: Path) -> None:
    state, found = compared(folder, np.array([2**53]), np.array([2**53 + 1]))
    assert (state, found and found.differing) == ("changed", 1)


def test_bfloat16_is_compared_by_value(folder: Path) -> None:
    old, new = np.array([1.0, 2.0], "f4"), np.array([1.0, 3.0], "f4")
    halves = [(x.view("u4") >> 16).astype("u2").view("V2") for x in (old, new)]
    state, found = compared(folder, halves[0], halves[1])
    assert state == "changed"
    assert found is not None
    assert (found.max_abs, found.differing) == (1.0, 1)


def test_strings_are_compared_without_figures(folder: Path) -> None:
    one, other = np.array([b"a", b"b"]), np.array([b"a", b"c"])
    assert compared(folder, one, other) == ("changed", None)
    assert compared(folder, one, one.copy()) == ("identical", None)


def test_digests_do_not_depend_on_layout(folder: Path) -> None:
    array = np.arange(600.0).reshape(20, 30)
    path = folder / "layouts.h5"
    with h5py.File(path, "w") as file:
        file["plain"] = array
        file.create_dataset("chunked", data=array, chunks=(7, 4), compression="gzip")
        file["other"] = array + 1
    with open_arrays(str(path)) as file:
        found = [digest(file.array(f"/{n}"), no_advance) for n in ("plain", "chunked", "other")]
    assert found[0] == found[1] != found[2]


def test_cancelling_ends_it_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(array_pairs, "_PIECE", 1 << 10)
    path = folder / "cancel.h5"
    with h5py.File(path, "w") as file:
        file["x"] = np.arange(10_000.0)
    told = 0

    def advance(_: int) -> None:
        nonlocal told
        told += 1
        if told == 3:
            raise Cancelled

    with open_arrays(str(path)) as file, pytest.raises(Cancelled):
        compare_arrays(file.array("/x"), file.array("/x"), advance)
    assert told == 3

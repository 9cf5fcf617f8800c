"""Weights and slices saved as .npy and CSV: the same values, whole or not at all."""

from __future__ import annotations

import errno
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from stored_arrays import stored

from kerastui.analysis import export_formats
from kerastui.analysis.export import export_slice, export_weight
from kerastui.analysis.number_lines import lines_of
from kerastui.analysis.results import Cancelled, NotNumeric
from kerastui.errors import SaveFailed, UnsafeFile

DTYPES = ["f4", ">f8", "f2", "i1", "u8", "?", "c8", ">i4"]


@st.composite
def arrays_and_layouts(draw: Any) -> tuple[Any, dict[str, Any]]:
    shape = draw(arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=9))
    values = draw(arrays.arrays(np.dtype(draw(st.sampled_from(DTYPES))), shape))
    if not shape or 0 in shape or not draw(st.booleans()):
        return values, {}
    chunks = tuple(draw(st.integers(1, length)) for length in shape)
    return values, {"chunks": chunks, "compression": "gzip"}


@settings(max_examples=40)
@given(arrays_and_layouts(), st.data())
def test_whole_weights_and_slices_are_what_numpy_loads(
    tmp_path_factory: pytest.TempPathFactory, made: tuple[Any, dict[str, Any]], data: Any
) -> None:
    values, layout = made
    folder = tmp_path_factory.mktemp("export")
    target = str(folder / "w.npy")
    with stored(folder, values, **layout) as array:
        told = export_weight(array, target)
        loaded = np.load(target)
        assert loaded.shape == values.shape and loaded.dtype == array.dtype
        np.testing.assert_array_equal(loaded, values)
        assert told.bytes == Path(target).stat().st_size
        if values.ndim == 0 or not values.size:
            return
        rows = data.draw(st.integers(0, values.ndim - 1))
        columns = (
            data.draw(st.integers(0, values.ndim - 1).filter(lambda a: a != rows))
            if values.ndim > 1
            else None
        )
        at = [data.draw(st.integers(0, length - 1)) for length in values.shape]
        part = (columns, 1, 3) if columns is not None else None
        export_slice(array, (rows, 0, 99), part, at, target)
        index: list[Any] = list(at)
        index[rows] = slice(0, None)
        if columns is not None:
            index[columns] = slice(1, 4)
        expected = values[tuple(index)]
        if columns is not None and columns < rows:
            expected = expected.T
        np.testing.assert_array_equal(np.load(target), expected)


@pytest.mark.parametrize("dtype", ["f4", "f2", ">i4", "?", "f8"])
def test_csv_holds_the_same_numbers(tmp_path: Path, dtype: str) -> None:
    rng = np.random.default_rng(1)
    values = (rng.standard_normal((700, 300)) * 9).astype(dtype)  # several pieces
    target = str(tmp_path / "w.csv")
    with stored(tmp_path, values, chunks=(64, 64)) as array:
        export_weight(array, target)
        assert np.array_equal(
            np.loadtxt(target, delimiter=","), values.astype("f8"), True
        ) or np.array_equal(np.loadtxt(target, delimiter=",", dtype=dtype), values)
        export_slice(array, (1, 5, 20), (0, 3, 4), (), target)
        assert np.array_equal(np.loadtxt(target, delimiter=",").astype(dtype), values[3:7, 5:25].T)
        export_slice(array, 0, None, (0, 7), target)
        assert np.array_equal(np.loadtxt(target, delimiter=",").astype(dtype), values[:, 7])


def test_a_row_longer_than_a_piece_is_one_line(tmp_path: Path) -> None:
    values = np.arange(2 * 200_000, dtype="f4").reshape(2, -1)
    with stored(tmp_path, values) as array:
        export_weight(array, str(tmp_path / "w.csv"))
    lines = (tmp_path / "w.csv").read_text().splitlines()
    assert [line.count(",") for line in lines] == [199_999] * 2
    assert lines[1].endswith(",399999.0")


def test_what_numpy_lacks_is_widened_and_said(tmp_path: Path) -> None:
    halves = np.array([0x3F80, 0xC000, 0x7FC0], "<u2").view("V2")
    with stored(tmp_path, halves, "bfloat16") as array:
        told = export_weight(array, str(tmp_path / "w.npy"))
    assert told.note == "It is bfloat16, which NumPy lacks: written as float32."
    assert told.note in told.sentence and "w.npy (140 B)" in told.sentence
    np.testing.assert_array_equal(np.load(tmp_path / "w.npy"), np.array([1, -2, np.nan], "f4"))


def test_refused(tmp_path: Path) -> None:
    target = str(tmp_path / "w.npy")
    with stored(tmp_path, np.zeros((2, 3, 4), "f4")) as array:
        own = str(tmp_path / "own.npy")
        (tmp_path / "own.npy").hardlink_to(tmp_path / "array.h5")
        with pytest.raises(SaveFailed, match="the values come from"):
            export_weight(array, own, SimpleNamespace(path=str(tmp_path / "array.h5")))
        for name, reason in [
            ("w.txt", r"\.npy or \.csv"), ("w.csv", "3 axes"), ("no/w.npy", "does not exist"),
            ("w\0.npy", "no name"), (f"{'x' * 300}.npy", "too long"),
        ]:  # fmt: skip
            with pytest.raises(SaveFailed, match=reason):
                export_weight(array, str(tmp_path / name))
        (tmp_path / "folder.npy").mkdir()
        with pytest.raises(SaveFailed, match="is a folder"):
            export_weight(array, str(tmp_path / "folder.npy"))
    with stored(tmp_path, np.array([b"a"])) as array, pytest.raises(NotNumeric):
        export_weight(array, target)
    with stored(tmp_path, None, shape=(10**6, 10**6), dtype="f4", chunks=(64, 64)) as array:
        with pytest.raises(UnsafeFile):
            export_weight(array, target)
        export_slice(array, (0, 10**6 - 3, 9), (1, 0, 4), (), target)
        assert np.load(target).shape == (3, 4)


def test_a_full_disk_or_a_stop_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "w.npy"
    target.write_text("as it was")

    def stop(_: int) -> None:
        raise Cancelled

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with stored(tmp_path, np.zeros((9, 9), "f4")) as array:
        with pytest.raises(Cancelled):
            export_weight(array, str(target), advance=stop)
        monkeypatch.setattr(export_formats.NpyWriter, "put", full)
        with pytest.raises(SaveFailed, match=r"w\.npy was not saved: the disk is full"):
            export_weight(array, str(target))
    assert target.read_text() == "as it was"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["array.h5", "w.npy"]


def test_numbers_are_written_as_numpy_writes_them() -> None:
    """Whatever the way: each dtype's own, and of float32 the one for those of usual size."""
    random = np.random.default_rng(4)
    bits = random.integers(0, 1 << 32, 4000, np.uint32).view("f4")
    spread = 10 ** random.uniform(-14, 1.5, 20_000) * random.choice([-1, 1], 20_000)
    round_ = random.integers(0, 2000, 8000) / 10.0 ** random.integers(0, 8, 8000)
    edges = [0, -0.0, 1, 10, 9.9999995, 1e-4, 9.9999e-5, 1e-13, np.nan, -np.inf, 3.4e38, 1e-45]
    singles = np.concatenate([spread, round_, edges]).astype("f4")
    beside = [np.nextafter(singles, np.float32(end)) for end in (-99, 99)]
    halves = np.arange(1 << 16, dtype="u2").view("f2")
    others = [spread, spread.astype(">f4"), halves, np.arange(-128, 128).astype("i1"),
              random.integers(-(2**63), 2**63, 99), np.array([1 + 2j, np.inf]),
              spread.astype("g")]  # fmt: skip
    for values in (bits, singles, *beside, *others):
        lines = lines_of(values.reshape(-1, 1), "\n").decode().split()
        assert lines == values.astype(np.str_).tolist()
    assert lines_of(np.array([[True, False], [False, True]]), "\n") == b"1,0\n0,1\n"
    read = np.array(lines_of(singles[None], "\n").decode().split(","), "f8").astype("f4")
    assert read.tobytes() == singles.tobytes()

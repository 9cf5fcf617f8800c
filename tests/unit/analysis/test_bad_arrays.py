"""Datasets that are no numbers, cannot be read, or would do harm."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from stored_arrays import stored

from kerastui.analysis.figures import figures_of
from kerastui.analysis.histogram import histogram_of
from kerastui.analysis.looking import Looking
from kerastui.analysis.results import NotNumeric
from kerastui.analysis.statistics import statistics_of
from kerastui.analysis.window import window_of
from kerastui.errors import KerastuiError, UnreadableFile, UnsafeFile
from kerastui.files import open_model
from kerastui.files.arrays import open_arrays

SAMPLES = Path(__file__).parents[3] / "sample_models"


def test_what_is_no_number_is_named(tmp_path: Path) -> None:
    for values, word in (
        (np.array([b"a", b"bc"]), "strings"),
        (np.array(["a", "b"], dtype=h5py.string_dtype()), "strings"),
        (np.zeros(3, [("x", "i4"), ("y", "f4")]), r"compound values \(2 fields\)"),
        (np.zeros(3, "V1"), "1 bytes an element"),
        (np.zeros(3, "V7"), "7 bytes an element"),
    ):
        with stored(tmp_path, values) as array, pytest.raises(NotNumeric, match=word):
            figures_of(array)


def test_declared_bombs_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("gzip", (10**5,) * 3, "f4", chunks=(64,) * 3, compression="gzip")
        file.create_dataset("flat", (10**15,), "f4")
        file.create_dataset("chunk", (2**15, 2**15), "f4", chunks=(2**15, 2**14))
    with open_arrays(str(path)) as arrays:
        for name in ("/gzip", "/flat"):
            for work in (figures_of, histogram_of):
                with pytest.raises(UnsafeFile, match="declares 1,000,000,000,000,000 elements"):
                    work(arrays.array(name))
        with pytest.raises(UnsafeFile, match=r"chunks of 2\.15 GB"):
            window_of(arrays.array("/chunk"), (0, 0, 1), (1, 0, 1))


def test_links_and_foreign_storage_are_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "links.h5"
    (tmp_path / "secret.bin").write_bytes(b"\0" * 400)
    with h5py.File(path, "w") as file:
        file["soft"] = h5py.SoftLink("/real")
        file["out"] = h5py.ExternalLink("other.h5", "/w")
        file["real"] = np.ones(3)
        file.create_dataset("raw", (100,), "f4", external=[(str(tmp_path / "secret.bin"), 0, 400)])
        file.create_group("group")
    with open_arrays(str(path)) as arrays:
        assert arrays.array("/real").size == 3
        for name in ("/soft", "/out", "/raw"):
            with pytest.raises(UnsafeFile):
                arrays.array(name)
        for name in ("/group", "/none", "/real/none"):
            with pytest.raises(UnreadableFile, match="no dataset"):
                arrays.array(name)


def test_a_missing_filter_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dataset whose filter libhdf5 here does not have: bytes 32015 (Zstandard) claim.

    hdf5plugin, if there is one, is imported for it, and for nothing else.
    """
    path = tmp_path / "zstd.h5"
    with h5py.File(path, "w") as file:
        file["plain"] = np.ones(3)
        file.create_dataset("w", data=np.arange(1000.0), chunks=(1000,), compression="lzf")
    data = path.read_bytes()
    # The filter's number, little-endian, and the length of its name behind it.
    place = data.index(b"lzf\0")
    numbered = data.rindex((32000).to_bytes(2, "little"), 0, place)
    path.write_bytes(data[:numbered] + (32015).to_bytes(2, "little") + data[numbered + 2 :])
    monkeypatch.syspath_prepend(tmp_path / "libraries")
    (tmp_path / "libraries").mkdir()
    for library, words in (
        ("", "does not have"),
        ("raise ValueError('too old')", r"importing hdf5plugin failed \(too old\)"),
        ("raise ImportError", r"Zstandard, whose HDF5 plug-in is not installed; `pip install"),
    ):
        (tmp_path / "libraries" / "hdf5plugin.py").write_text(library)
        with open_arrays(str(path)) as arrays:
            assert figures_of(arrays.array("/plain")).mean == 1
            assert "hdf5plugin" not in sys.modules
            with pytest.raises(UnreadableFile, match=words):
                figures_of(arrays.array("/w"))
        assert ("hdf5plugin" in sys.modules) == (not library)
        sys.modules.pop("hdf5plugin", None)
        importlib.invalidate_caches()


def test_a_file_that_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "cut.h5"
    with h5py.File(path, "w") as file:
        file["w"] = np.ones(500_000)
    with open_arrays(str(path)) as arrays:
        array = arrays.array("/w")
        os.truncate(path, 2_000_000)
        with pytest.raises(UnreadableFile, match="cut off"):
            figures_of(array)


def test_a_file_that_changes_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "m.h5"
    path.write_bytes((SAMPLES / "digits_cnn.h5").read_bytes())
    model = open_model(str(path))
    os.utime(path, ns=(1, 1))
    with pytest.raises(UnreadableFile, match="has changed"):
        statistics_of(model)
    model = open_model(str(path))

    def change(stage: str, part: float) -> None:
        os.utime(path, ns=(2, 2))

    with pytest.raises(UnreadableFile, match="has changed"):
        statistics_of(model, progress=change)


def test_one_bad_weight_does_not_hide_the_others(tmp_path: Path) -> None:
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        file["a/kernel"] = np.ones((3, 3))
        file["a/names"] = np.array([b"x"])
        file.create_dataset("a/huge", (10**15,), "f4")
    rows = {row.path: row for row in statistics_of(open_model(str(path)))}
    assert len(rows) == 3
    good, names, huge = (
        rows[next(p for p in rows if p.endswith(n))] for n in ("kernel", "names", "huge")
    )
    assert good.figures is not None and good.figures.mean == 1 and not good.problem
    assert names.figures is None and "strings" in names.problem and names.readable
    assert huge.figures is None and "declares" in huge.problem and not huge.readable


def test_an_unreadable_twin_leaves_the_other(tmp_path: Path) -> None:
    """That both moving statistics are looked at together must not take both away."""
    path = tmp_path / "m.weights.h5"
    with h5py.File(path, "w") as file:
        group = file.create_group("layers/batch_normalization/vars")
        for number in range(4):
            group.create_dataset(
                str(number), data=np.ones(8192, "f4"), chunks=(8192,), compression="gzip"
            )
        broken: Any = group["3"]
        broken.id.write_direct_chunk((0,), b"no deflate")
    rows = {row.path.rpartition("/")[2]: row for row in statistics_of(open_model(str(path)))}
    assert [row.figures is None for row in rows.values()] == [False, False, False, True], rows
    assert rows["moving_mean"].figures and rows["moving_mean"].figures.mean == 1


def test_every_question_about_every_odd_array(tmp_path: Path) -> None:
    """An answer or one sentence, never a crash; and the file still opens."""
    path = tmp_path / "odd.h5"
    with h5py.File(path, "w") as file:
        group = file.create_group("a")
        group["nothing"] = np.float32(2.5)
        group["nothing_nan"] = np.float32(np.nan)
        group["eight"] = np.arange(64, dtype="f4").reshape(2, 1, 4, 1, 2, 2, 1, 2)
        group["empty"] = np.zeros((3, 0, 4), "f4")
        group["null"] = h5py.Empty("f4")
        group["flag"] = np.array([True, False])
        group["enum"] = np.zeros(3, h5py.enum_dtype({"A": 0, "B": 1}))
        group["references"] = np.array([group.ref] * 2, h5py.ref_dtype)
        group["long"] = np.ones(3, np.longdouble)
        group["ends"] = np.array([-(2**63), 2**63 - 1], "i8")
        group["minifloat"] = np.array([[1, 2]], "u1").view("V1")
        group["minifloat"].attrs["dtype"] = "float8_e3m4"
        group.create_dataset("ragged", (2,), h5py.vlen_dtype("f4"))
        group.create_dataset("huge", (10**8, 10**7), "f4", chunks=(1000, 1000), compression="gzip")
        three = h5py.h5t.STD_I32LE.copy()
        three.set_size(3)
        h5py.h5d.create(group.id, b"three_bytes", three, h5py.h5s.create_simple((4,)))
        broken = group.create_dataset(
            "broken", data=np.ones((256, 256), "f4"), chunks=(128, 256), compression="gzip"
        )
        broken.id.write_direct_chunk((0, 0), b"no deflate")
    model = open_model(str(path))
    rows = {row.path.rpartition("/")[2]: row for row in statistics_of(model, quantiles=True)}
    problems = {name for name, row in rows.items() if row.problem}
    assert problems == {"references", "ragged", "huge", "three_bytes", "broken"}
    assert {row.problem.count(".") for name, row in rows.items() if name in problems} <= {1, 2}
    assert rows["null"].figures == rows["empty"].figures
    looking, answers = Looking(lambda: False), 0
    for name in rows:
        place, rank = f"/a/{name}", len(rows[name].shape)
        columns = (1, 0, 20) if rank > 1 else None
        for ask in (
            lambda p=place, c=columns: looking.window(model.file, p, (0, 0, 9), c, ()),
            lambda p=place: looking.histogram(lambda *_: None, model.file, p, None, None, 5),
            lambda p=place: looking.find(lambda *_: None, model.file, p, "largest", None),
            lambda p=place: looking.find(lambda *_: None, model.file, p, "nan", None),
        ):
            try:
                ask()
                answers += 1
            except KerastuiError as error:
                assert name in problems, error
    looking.close()
    assert answers == 4 * (len(rows) - len(problems)) + 1  # and a window into what is huge

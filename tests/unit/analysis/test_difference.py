"""The difference of two files' weights, looked at as an array of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from kerastui.analysis.compare import compare
from kerastui.analysis.places import Places
from kerastui.analysis.statistics import statistics_of
from kerastui.errors import KerastuiError
from kerastui.files import open_model
from kerastui.model import Difference, FileIdentity
from kerastui.tui.diff_model import differences


@pytest.fixture
def places() -> Iterator[Places]:
    with closing(Places()) as opened:
        yield opened


def write(path: Path, values: Any, **how: Any) -> Path:
    with h5py.File(path, "w") as file:
        file.create_dataset("w", data=values, **how)
    return path


def source(old: Path, new: Path, shape: tuple[int, ...]) -> Difference:
    return Difference(str(new), "/w", shape, "float64", "apart", None, str(old), "/w", None)


@pytest.mark.parametrize(
    ("before", "after"),
    [("f4", "f4"), ("f2", "f4"), ("u1", "u1"), (">f8", "f4"), ("c8", "f4"), ("?", "i8")],
)
def test_a_block_is_new_less_old(places: Places, tmp_path: Path, before: str, after: str) -> None:
    draw = np.random.default_rng(1)
    old, new = ((draw.random((7, 5)) * 9).astype(dtype) for dtype in (before, after))
    files = (
        write(tmp_path / "old.h5", old, chunks=(2, 3), compression="gzip"),
        write(tmp_path / "new.h5", new),
    )
    array = places.array(source(*files, (7, 5)), "")
    block = (slice(2, 7), slice(1, 4))
    wide = np.complex128 if "c" in before else np.float64
    expected = new.astype(wide)[block] - old.astype(wide)[block]
    assert array.read(block).tolist() == expected.tolist()
    assert array.dtype == wide


def test_what_has_no_difference_is_told(places: Places, tmp_path: Path) -> None:
    old = write(tmp_path / "old.h5", np.zeros((3, 2)))
    other = write(tmp_path / "other.h5", np.zeros((2, 3)))
    words = write(tmp_path / "words.h5", np.array([[b"a", b"b"]] * 3))
    for new in (other, words, tmp_path / "gone.h5"):
        with pytest.raises(KerastuiError) as caught:
            places.array(source(old, new, (3, 2)), "")
        assert str(caught.value).count(". ") <= 1


def test_all_weights_of_a_model(sample_dir: Path, tmp_path: Path) -> None:
    paths = sorted((sample_dir / "checkpoints").glob("*.keras"))[:2]
    old, new = (open_model(shutil.copy(path, tmp_path)) for path in paths)
    found = compare(old.file.path, new.file.path)
    model = differences(old, new, found)
    norms = {
        f"{layer.path}/{weight.name}": weight.numbers.l2_difference
        for layer in found.layers
        for weight in layer.weights
        if weight.numbers
    }
    figures = {row.path: row.figures for row in statistics_of(model)}
    assert len(norms) == 4
    for path, norm in norms.items():
        assert figures[path] and figures[path].l2 == pytest.approx(norm)
    assert isinstance(model.file, FileIdentity)
    assert all(weight.replaced for layer in model.layers for weight in layer.weights)

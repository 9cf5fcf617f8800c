"""Arrays in Fortran's order, read in parts that suit both sides."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.saving.hand_made import write_model

from kerastui import ArraySource, Document, SetWeight, open_model, save
from kerastui.errors import SaveFailed
from kerastui.files.tiles import read_tile, tiles
from kerastui.saving import sources

SHAPES = st.lists(st.integers(0, 7), min_size=1, max_size=4).map(tuple)


@given(SHAPES, st.integers(1, 200))
def test_parts_cover_each_element_once_and_are_read_right(shape: tuple[int, ...], items: int):
    array = np.arange(np.prod(shape, dtype=int), dtype="<i2").reshape(shape)
    data = b"head" + array.tobytes(order="F")
    seen = np.zeros(shape, int)
    for index in tiles(shape, items):
        assert array[index].size <= items
        seen[index] += 1
        raw = read_tile(lambda at, n: data[at : at + n], 4, shape, 2, index)
        found = np.frombuffer(raw, "<i2").reshape(array[index].shape, order="F")
        assert np.array_equal(found, array[index])
    assert np.all(seen == 1)


@pytest.mark.parametrize("shape", [(1000, 1000), (10, 20, 30, 40), (3, 300_000), (300_000, 3)])
def test_tiles_are_long_on_both_sides(shape: tuple[int, ...]):
    largest = max(tiles(shape, 10_000), key=lambda i: np.prod([p.stop - p.start for p in i]))
    sizes = [part.stop - part.start for part in largest]
    for order in (1, -1):  # runs in the source, and in the target
        run = 1
        for size, whole in zip(sizes[::order], shape[::order], strict=True):
            run *= size
            if size < whole:
                break
        assert run >= 50


@pytest.mark.parametrize("cut", [False, True])
def test_a_weight_from_a_file_in_fortrans_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut: bool
):
    monkeypatch.setattr("kerastui.saving.values.BUDGET", 1000)
    path = write_model(tmp_path / "m.h5", [37, 41, 3])
    old = path.read_bytes()
    values = np.random.default_rng(0).random((37, 41)).astype("float64")
    np.save(tmp_path / "v.npy", np.asfortranarray(values))
    if cut:
        (tmp_path / "v.npy").write_bytes((tmp_path / "v.npy").read_bytes()[:-8])
    with sources.SourceFiles() as files:
        source = ArraySource(str(tmp_path / "v.npy"), "", (37, 41), "float64", "file")
        with files.reader(source) as reader:
            assert reader.tiled
    document = Document(open_model(path))
    document.apply(SetWeight("dense_0", "kernel", source))
    if cut:
        with pytest.raises(SaveFailed, match="cut off"):
            save(document)
        assert path.read_bytes() == old
        return
    save(document)
    import h5py

    with h5py.File(path) as file:
        found = file["model_weights/dense_0/dense_0/kernel:0"][()]
    assert np.array_equal(found, values.astype("float32"))

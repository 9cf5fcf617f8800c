"""Compressed datasets that are unpacked here, beside h5py's reading of them."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kerastui.errors import UnreadableFile
from kerastui.files import chunks as unpacking
from kerastui.files.arrays import open_arrays
from kerastui.files.chunks import Chunks


@st.composite
def datasets(draw: st.DrawFn) -> tuple[Any, dict[str, Any], list[tuple[slice, ...]]]:
    """An array, how it is stored, and blocks of it."""
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=4, max_side=9))
    dtype = draw(st.sampled_from(["<f4", ">f4", "<f2", "<i8", "u1", ">i2"]))
    values = np.random.default_rng(1).integers(0, 200, shape).astype(dtype)
    options = {
        "chunks": tuple(draw(st.integers(1, side)) for side in shape),
        "shuffle": draw(st.booleans()),
    }
    blocks = list[tuple[slice, ...]]()
    for _ in range(3):
        ends = [sorted(draw(st.tuples(*[st.integers(0, side)] * 2))) for side in shape]
        blocks.append(tuple(slice(*pair) for pair in ends))
    return values, options, blocks


@settings(max_examples=40)
@given(datasets(), st.integers(1, 4))
def test_any_block(made: tuple[Any, dict[str, Any], Any], threads: int) -> None:
    values, options, blocks = made
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(unpacking, "_SMALLEST", 0)
        patch.setattr(unpacking, "CACHE", 100)
        patch.setattr(unpacking, "THREADS", threads)
        path = Path(folder, "a.h5")
        with h5py.File(path, "w") as file:
            dataset = file.create_dataset("w", data=values, compression="gzip", **options)
            lacking = file.create_dataset_like("lacking", dataset, fillvalue=7)
            lacking[0] = values[0]  # the other chunks are never written
        with open_arrays(str(path)) as arrays, h5py.File(path, locking=False) as file:
            for name in ("w", "lacking"):
                array = arrays.array(f"/{name}")
                assert isinstance(array.blocks, Chunks)
                expected: Any = file[name]
                for block in blocks:
                    found = array.read(block)
                    assert found.dtype == values.dtype
                    assert np.array_equal(found, expected[block])


def test_filters_that_are_left_out_of_a_chunk(tmp_path: Path) -> None:
    values = np.arange(32_768, dtype="f4")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        dataset = file.create_dataset(
            "w", (4 * 32_768,), "f4", chunks=(32_768,), compression="gzip", shuffle=True
        )
        dataset[:32_768] = values
        mask, packed = dataset.id.read_direct_chunk((0,))
        bytewise = values.view("u1").reshape(-1, 4).T.tobytes()
        dataset.id.write_direct_chunk((32_768,), bytewise, filter_mask=2)
        dataset.id.write_direct_chunk((65_536,), values.tobytes(), filter_mask=3)
        dataset.id.write_direct_chunk((98_304,), packed, filter_mask=mask)
    with open_arrays(str(tmp_path / "a.h5")) as arrays:
        array = arrays.array("/w")
        assert isinstance(array.blocks, Chunks)
        assert np.array_equal(array.read((slice(0, array.size),)), np.tile(values, 4))


def test_bombs_and_damage(tmp_path: Path) -> None:
    """A chunk that unpacks to more than it may is not unpacked further, nor one that is cut."""
    import zlib

    size = math.prod((256, 256)) * 4
    for data in (
        zlib.compress(bytes(100 * size), 9),
        zlib.compress(bytes(size))[:-40],
        b"\xff" * 99,
    ):
        path = tmp_path / "bomb.h5"
        with h5py.File(path, "w") as file:
            dataset = file.create_dataset(
                "w", (256, 512), "f4", chunks=(256, 256), compression="gzip"
            )
            dataset.id.write_direct_chunk((0, 256), data)
        with open_arrays(str(path)) as arrays:
            array = arrays.array("/w")
            with pytest.raises(UnreadableFile, match="/w cannot be read: the file is damaged"):
                array.read((slice(0, 256), slice(0, 512)))

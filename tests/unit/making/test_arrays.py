"""Which array is meant by a text, and what is said where none or several could be."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from kerastui.errors import BadEdit, KerastuiError, SaveFailed
from kerastui.making.arrays import arrays_in, find_array
from kerastui.saving.sources import SourceFiles


@pytest.fixture
def folder(tmp_path: Path, sample_dir: Path) -> Path:
    np.save(tmp_path / "one.npy", np.arange(6.0).reshape(2, 3))
    np.savez(tmp_path / "two.npz", a=np.ones(3), b=np.zeros((2, 2), "float32"))
    np.savez_compressed(tmp_path / "single.npz", only=np.ones(3, "float16"))
    np.save(tmp_path / "with:colon.npy", np.ones(2))
    for name in ("digits_cnn.keras", "digits_cnn.h5", "digits_cnn.weights.h5"):
        shutil.copy(sample_dir / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "shape", "dtype", "member"),
    [("one.npy", (2, 3), "float64", ""), ("two.npz:b", (2, 2), "float32", "b"),
     ("single.npz", (3,), "float16", "only"), ("with:colon.npy", (2,), "float64", ""),
     ("digits_cnn.keras:conv1/kernel", (3, 3, 1, 12), "float32", "/layers/conv2d/vars/0"),
     ("digits_cnn.h5:digit/bias", (10,), "float32", None)],
)  # fmt: skip
def test_found(folder: Path, text: str, shape: tuple[int, ...], dtype: str, member: str | None):
    source = find_array(str(folder / text))
    assert (source.shape, source.dtype) == (shape, dtype)
    assert source.stamp is not None
    if member is not None:
        assert source.member == member
    with SourceFiles() as files, files.reader(source) as reader:
        assert reader.shape == shape


def test_a_model_lists_all_its_weights(folder: Path):
    for name in ("digits_cnn.keras", "digits_cnn.h5"):
        arrays = arrays_in(str(folder / name))
        assert [array.name for array in arrays][:2] == ["conv1/kernel", "bn1/gamma"]
        assert len(arrays) == 11
    assert len(arrays_in(str(folder / "digits_cnn.weights.h5"))) == 11


@pytest.mark.parametrize(
    ("text", "said"),
    [("none.npy", "There is no file"), ("two.npz", r"holds 2 arrays \(a, b\)"),
     ("two.npz:c", "no array 'c'; it has a, b"), ("digits_cnn.h5", "holds 11 arrays"),
     ("digits_cnn.h5:conv1/bias", "no array 'conv1/bias'"), (".", "no ordinary file"),
     ("digits_cnn.h5:*/kernel", "4 arrays")],
)  # fmt: skip
def test_not_found(folder: Path, text: str, said: str):
    with pytest.raises(BadEdit, match=said):
        find_array(str(folder / text))


def test_objects_are_never_unpickled(tmp_path: Path):
    class Bomb:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "exploded"),)

    np.save(tmp_path / "o.npy", np.array([Bomb()], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "o.npz", bad=np.array([Bomb()], dtype=object), good=np.ones(2))
    with pytest.raises(SaveFailed, match="never unpickled"):
        find_array(str(tmp_path / "o.npy"))
    assert [array.name for array in arrays_in(str(tmp_path / "o.npz"))] == ["good"]
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x93NUMPY",
        b"\x93NUMPY\x01\x00\xff\xff{",
        b"PK\x03\x04",
        b"text",
        b"\x89HDF\r\n\x1a\n",
    ],
)
def test_damaged_files_are_one_sentence(tmp_path: Path, content: bytes):
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(KerastuiError) as caught:
        find_array(str(tmp_path / "x"))
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadEdit, match="no ordinary file"):
        find_array(str(tmp_path / "pipe"))

"""Arrays of model files, written to .npy: what gives a live weight its old values back."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from kerastui.errors import SaveFailed
from kerastui.files import open_model
from kerastui.model import ArraySource
from kerastui.saving.export import export_array


def exported(source: ArraySource, folder: Path) -> np.ndarray:
    target = folder / "out.npy"
    export_array(source, str(target))
    return np.load(target, allow_pickle=False)


@pytest.mark.parametrize("name", ["digits_cnn.h5", "digits_cnn.keras", "digits_cnn.weights.h5"])
def test_every_weight_of_a_model_file(name: str, sample_dir: Path, tmp_path: Path) -> None:
    model = open_model(sample_dir / name)
    keras = open_model(sample_dir / "digits_cnn.keras")
    assert any(layer.weights for layer in model.layers)
    for layer in model.layers:
        for weight in layer.weights:
            source = ArraySource(model.file.path, weight.dataset, weight.shape, weight.dtype)
            array = exported(source, tmp_path)
            assert array.shape == weight.shape and str(array.dtype) == weight.dtype
            if layer.path in keras.index:
                twin = next(w for w in keras[layer.path].weights if w.name == weight.name)
                other = ArraySource(keras.file.path, twin.dataset, twin.shape, twin.dtype)
                np.testing.assert_array_equal(array, exported(other, tmp_path))


@pytest.mark.parametrize("shape", [(), (0, 3), (5,), (3, 700, 1100)])
def test_every_shape_in_blocks(shape: tuple[int, ...], tmp_path: Path) -> None:
    array = np.random.default_rng(0).normal(size=shape)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x/y"] = array
    np.save(tmp_path / "f.npy", np.asarray(array, order="F"))
    for source in (
        ArraySource(str(tmp_path / "a.h5"), "/x/y", shape, "float64"),
        ArraySource(str(tmp_path / "f.npy"), "", shape, "float64"),
    ):
        np.testing.assert_array_equal(exported(source, tmp_path), array)


def test_bfloat16_is_widened(tmp_path: Path) -> None:
    values = np.array([1.0, -2.5, 3e38, 0.0], "float32")
    short = (values.view("<u4") >> 16).astype("<u2").view("V2")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["w"] = short
    array = exported(ArraySource(str(tmp_path / "a.h5"), "/w", (4,), "bfloat16"), tmp_path)
    assert array.dtype == "float32"
    np.testing.assert_array_equal(array.view("<u4") >> 16, values.view("<u4") >> 16)


def test_what_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(SaveFailed, match="no longer exists"):
        exported(ArraySource(str(tmp_path / "absent.h5"), "/w", (4,), "float32"), tmp_path)

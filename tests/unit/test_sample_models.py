"""The sample models are what their manifest says, to Keras and to us."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest

import kerastui

SAMPLES = Path(__file__).resolve().parents[2] / "sample_models"
ROWS: list[dict[str, Any]] = json.loads((SAMPLES / "models.json").read_text(encoding="utf-8"))
each_row = pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])


def test_manifest_lists_every_file() -> None:
    on_disk = {
        path.relative_to(SAMPLES).as_posix()
        for path in SAMPLES.rglob("*")
        if path.suffix in {".h5", ".hdf5", ".keras"}
    }
    assert {row["file"] for row in ROWS} == on_disk


def test_samples_stay_small() -> None:
    assert sum(row["size"] for row in ROWS) < 2_000_000


@each_row
def test_file_is_the_one_described(row: dict[str, Any]) -> None:
    content = (SAMPLES / row["file"]).read_bytes()
    assert len(content) == row["size"]
    assert hashlib.sha256(content).hexdigest() == row["sha256"]


@each_row
def test_model_was_really_trained(row: dict[str, Any]) -> None:
    assert row["accuracy"] > 0.9


@each_row
def test_we_read_what_keras_wrote(row: dict[str, Any]) -> None:
    model = kerastui.open_model(SAMPLES / row["file"])
    assert model.format == row["format"]
    assert model.parameters.total == row["parameters"]["total"]
    if not model.has_flags:
        return
    assert (model.name, model.class_name) == (row["model"]["name"], row["model"]["class_name"])
    assert model.keras_version == row["keras_version"]
    assert model.parameters.trainable == row["parameters"]["trainable"]
    # Keras's own list leaves out what wrappers wrap.
    ours = [
        (layer.path, layer.class_name, layer.trainable)
        for layer in model.layers
        if layer.parent < 0 or model.layers[layer.parent].kind == "model"
    ]
    theirs = [(layer["path"], layer["class_name"], layer["trainable"]) for layer in row["layers"]]
    assert ours == theirs


def test_transfer_is_partly_frozen() -> None:
    row = next(row for row in ROWS if row["file"] == "transfer.h5")
    frozen = [layer["path"] for layer in row["layers"] if not layer["trainable"]]
    assert frozen == [f"digits_base/block1_{name}" for name in ("conv1", "bn", "conv2")]


@pytest.mark.keras
@pytest.mark.filterwarnings("error:Skipping variable loading")  # optimizer slots that do not fit
@each_row
def test_keras_loads_it(row: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    import keras

    monkeypatch.syspath_prepend(SAMPLES)
    sys.modules.pop("metrics", None)
    import metrics  # pyright: ignore[reportMissingImports]  (sample_models/metrics.py)

    path = SAMPLES / row["file"]
    if row["format"] == "keras-weights":
        model: Any = keras.models.load_model(SAMPLES / "digits_cnn.keras", compile=False)
        for variable in model.weights:
            variable.assign(variable * 0)
        model.load_weights(path)
        assert any(abs(array).sum() > 0 for array in model.get_weights())
        return
    custom = {name: getattr(metrics, name) for name in row["custom_objects"]}
    model = keras.models.load_model(path, custom_objects=custom)
    assert model.count_params() == row["parameters"]["total"]
    assert model.optimizer is not None
    flags = {
        layer["path"]: layer["trainable"] for layer in row["layers"] if "/" not in layer["path"]
    }
    assert {layer.name: layer.trainable for layer in model.layers}.items() <= flags.items()

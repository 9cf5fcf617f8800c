"""Every real file that is at hand opens, and says what it is known to hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import MODELS_DIR

from kerastui.files import glance, open_model
from kerastui.files import open as opening
from kerastui.model import Model

ROWS: list[dict[str, Any]] = (
    json.loads((MODELS_DIR / "models.json").read_text()) if MODELS_DIR else []
)
FULL = [row for row in ROWS if row["layers"] is not None]

# The manifest's number of parameters also counts the variables of metrics in these archives;
# Keras's own `count_params` does not, and neither do we.
METRICS = {
    "found/gh_57cell+nlf-classifier/best_model.keras": 4,
    "made/tf-2.13.1/v3fmt.keras": 2,
}


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["file"] for row in rows]


@pytest.mark.parametrize("row", ROWS, ids=ids(ROWS))
def test_holds_what_the_manifest_says(row: dict[str, Any], models_dir: Path) -> None:
    model = open_model(models_dir / row["file"])
    assert model.parameters.total == row["params"] - METRICS.get(row["file"], 0)
    assert model.keras_version == (row["keras_version"] or "")
    expected = "keras" if row["format"] == "keras-zip" else "hdf5"
    assert model.format == (expected if row["kind"] == "full" else f"{expected}-weights")
    if row["kind"] == "full":
        assert len([layer for layer in model.layers if layer.depth == 0]) == row["layers"]
        assert len(model.layers) == row["layers_nested"]


@pytest.mark.parametrize("row", ROWS, ids=ids(ROWS))
def test_a_glance_agrees_with_the_whole(row: dict[str, Any], models_dir: Path) -> None:
    path = models_dir / row["file"]
    seen, model = glance(path), open_model(path)
    assert (seen.format, seen.keras_version) == (model.format, model.keras_version)
    assert (seen.size, seen.mtime_ns) == (model.file.size, model.file.mtime_ns)
    assert seen.is_model and not seen.problem


@pytest.mark.parametrize("row", FULL, ids=ids(FULL))
def test_every_weight_has_its_layer(row: dict[str, Any], models_dir: Path) -> None:
    model = open_model(models_dir / row["file"])
    if not model.layers:  # a class of its author's that says nothing of what is in it
        assert model.extra and model.notes
        return
    assert model.extra == () and model.notes == ()


@pytest.mark.parametrize("row", FULL, ids=ids(FULL))
def test_where_an_entry_lies_is_true(row: dict[str, Any], models_dir: Path) -> None:
    path = models_dir / row["file"]
    config = parsed_config(path)
    for layer in open_model(path).layers:
        entry = config
        for step in layer.config_at:
            entry = entry[step]
        assert entry["class_name"] == layer.class_name
        inner = entry["config"]
        assert layer.kind == "model" or inner["name"] == layer.name
        assert inner.get("trainable", True) is layer.trainable if isinstance(inner, dict) else True


def parsed_config(path: Path) -> Any:
    from zipfile import ZipFile, is_zipfile

    import h5py

    if is_zipfile(path):
        with ZipFile(path) as archive:
            return json.loads(archive.read("config.json"))
    with h5py.File(path) as file:
        return json.loads(file.attrs["model_config"])


@pytest.mark.parametrize("row", ROWS, ids=ids(ROWS))
def test_structure_is_consistent(row: dict[str, Any], models_dir: Path) -> None:
    check_structure(open_model(models_dir / row["file"]))


def check_structure(model: Model) -> None:
    """Preorder, paths, parents and names fit each other."""
    assert len({layer.path for layer in model.layers}) == len(model.layers)
    for i, layer in enumerate(model.layers):
        assert i < layer.end <= len(model.layers)
        assert layer.depth == (model.layers[layer.parent].depth + 1 if layer.parent >= 0 else 0)
        if layer.parent >= 0:
            assert layer.parent < i and layer.end <= model.layers[layer.parent].end
        assert len({weight.name for weight in layer.weights}) == len(layer.weights)


@pytest.mark.parametrize("row", ROWS, ids=ids(ROWS))
def test_quick_headers_and_libhdf5_agree(
    row: dict[str, Any], models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = models_dir / row["file"]
    asked: list[object] = []
    real = opening.read_weights

    def watched(root: Any, fast: Any, work: Any) -> Any:
        def noted(handle: Any) -> Any:
            asked.append(handle)
            return work(handle)

        return real(root, fast, noted)

    monkeypatch.setattr(opening, "read_weights", watched)
    quick = open_model(path)
    assert asked and all(type(handle).__name__ == "FastGroup" for handle in asked)
    monkeypatch.setattr(opening, "fast_root", lambda *_: None)
    asked.clear()
    assert open_model(path) == quick
    assert not any(type(handle).__name__ == "FastGroup" for handle in asked)


def test_order_is_the_models_own(models_dir: Path) -> None:
    model = open_model(models_dir / "made/tf-2.13.1/finetune_nested_partfrozen.hdf5")
    assert [layer.name for layer in model.layers] == [
        "img", "vggish", "input_1", "b1c1", "bn1", "b1c2", "p1",
        "top", "flatten_input", "flatten", "fc1", "dropout", "fc2",
    ]  # fmt: skip


def test_a_list_of_names_in_pieces_is_whole(models_dir: Path) -> None:
    model = open_model(models_dir / "made/keras-3.15/chunked_layer_names.h5")
    assert sum(1 for layer in model.layers if layer.weights) == 300


@pytest.mark.parametrize(
    ("file", "layer", "names"),
    [
        ("made/keras-1.2.2-tf/lstm_bidir.hdf5", "timedistributed_1/dense_3", ["W", "b"]),
        ("made/keras-1.2.2-tf/lstm_bidir.hdf5", "gru_1",
         ["W_z", "U_z", "b_z", "W_r", "U_r", "b_r", "W_h", "U_h", "b_h"]),
        ("made/keras-2.0.8/rnn_bidir_td.hdf5", "bidirectional_1/lstm_1",
         [f"{side}/{name}" for side in ("forward", "backward")
          for name in ("kernel", "recurrent_kernel", "bias")]),
        ("made/tf-2.4.4/rnn_bidir_td.hdf5", "gru", ["kernel", "recurrent_kernel", "bias"]),
        ("made/tf-2.13.1/mha.h5", "multi_head_attention",
         [f"{part}/{name}" for part in ("query", "key", "value", "attention_output")
          for name in ("kernel", "bias")]),
        ("made/tf-2.13.1/v3fmt.keras", "dense_1", ["kernel", "bias"]),
        ("made/keras-1.2.2-tf/cnn_prf.hdf5", "batchnormalization_1",
         ["gamma", "beta", "running_mean", "running_std"]),
    ],
)  # fmt: skip
def test_weights_have_readable_names(
    file: str, layer: str, names: list[str], models_dir: Path
) -> None:
    found = open_model(models_dir / file)[layer].weights
    assert [weight.name for weight in found] == names
    never = {"moving_mean", "moving_variance", "running_mean", "running_std"}
    assert all(weight.trainable is (weight.name not in never) for weight in found)


def test_a_nested_models_weights_go_to_the_right_layers(models_dir: Path) -> None:
    model = open_model(models_dir / "made/tf-2.13.1/finetune_nested_partfrozen.hdf5")
    for path in ("vggish/b1c1", "vggish/bn1", "vggish/b1c2", "top/fc1", "top/fc2"):
        name = path.rpartition("/")[2]
        assert model[path].weights
        assert all(w.stored_name.startswith(f"{name}/") for w in model[path].weights)
    assert [model[f"vggish/{n}"].trainable for n in ("b1c1", "bn1", "b1c2")] == [False, True, False]
    assert model["vggish"].weights == ()
    assert model["vggish"].kind == "model"


def test_layers_in_a_merge(models_dir: Path) -> None:
    model = open_model(models_dir / "made/keras-1.2.2-tf/seq_merge.hdf5")
    assert [(layer.depth, layer.class_name) for layer in model.layers] == [
        (0, "Merge"), (1, "Sequential"), (2, "Dense"),
        (1, "Sequential"), (2, "Dense"), (0, "Dense"),
    ]  # fmt: skip
    assert model.layers[0].output_shape == (None, 8)
    assert [len(layer.weights) for layer in model.layers] == [0, 0, 2, 0, 2, 2]


def test_what_feeds_an_operator(models_dir: Path) -> None:
    model = open_model(models_dir / "made/tf-2.13.1/mha.h5")
    assert model["tf.__operators__.add_1"].inbound == ("multi_head_attention", "input_4")
    assert model["dense_8"].inbound == ("global_average_pooling1d",)

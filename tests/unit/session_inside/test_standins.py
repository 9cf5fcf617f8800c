"""Stand-ins hold the file's weights under their names and refuse to compute."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from real_files import config_of

from kerastui.files.open import open_model
from kerastui.session import tables
from kerastui.session.inside import custom, leaving, needs, standin_shapes, standins

pytestmark = pytest.mark.keras


def stand_in(era: Any, path: Path) -> Any:
    """Answer all that is missing with stand-ins, and load."""
    config, training = config_of(path)
    rows = needs.find(config, training, era.keras, flavour=era.flavour)
    described = open_model(path)
    known = tables.instances_of(described)
    shapes = {e.name: e.weights[0].shape for e in described.layers if e.weights}
    sizes = standin_shapes.channels(config, shapes)
    layers: dict[str, Any] = {}
    for row in rows:
        found = known.get(row["name"]) or known.get(row["plain_name"]) or {}
        layers[row["name"]] = {n: {**about, "channels": sizes.get(n)} for n, about in found.items()}
    answers = [
        {"name": row["name"], "kind": row["kind"], "how": "standin"}
        for row in rows
        if not row["own"]
    ]
    resolved = custom.resolve(answers, era.keras, era.tf, era.K, layers)
    assert not resolved.problems
    model = era.keras.models.load_model(path, custom_objects=resolved.objects, compile=False)
    return model, resolved


def layers_of(model: Any) -> list[Any]:
    return [layer for layer in model._flatten_layers() if standins.is_standin(layer)]


FILES = [
    ("found/pypi_mmsplice-2.4.0/Acceptor.h5", "ConvDNA", ["kernel", "bias"], True),
    ("found/pypi_mmsplice-2.4.0/mtsplice_deep0.h5", "SplineWeight1D", ["kernel"], True),
    ("found/gh_fastmachinelearning+example-models/garnet_3layer_weights.h5", "GarNetStack",
     ["FLR0_kernel"], True),
    ("made/tf-2.4.4/custom_layer_act_loss.hdf5", "Scale", ["gamma"], True),
    ("found/gh_fastmachinelearning+example-models/qkeras-v3_3layer.keras", "QDense", None, False),
]  # fmt: skip


@pytest.mark.parametrize(("file", "name", "weights", "both"), FILES)
def test_real_files_load_with_their_weights(
    era: Any, models_dir: Path, file: str, name: str, weights: list[str] | None, both: bool
) -> None:
    if not both and not era.new:
        pytest.skip("tf_keras does not read this file at all")
    path = models_dir / file
    model, _resolved = stand_in(era, path)
    found = [layer for layer in layers_of(model) if standins.stands_for(layer) == name]
    assert found
    for layer in found:
        here = [w.name.rsplit(":", 1)[0].rsplit("/", 1)[-1] for w in layer.weights]
        assert weights is None or here[: len(weights)] == weights
        stored = stored_weights(path, layer.name)
        assert len(stored) == len(layer.weights)
        for weight, array in zip(layer.weights, stored, strict=True):
            np.testing.assert_array_equal(np.asarray(weight), array)
    data = [np.ones([1, *[n or 5 for n in t.shape[1:]]], "float32") for t in model.inputs]
    with pytest.raises(Exception) as caught:
        model.predict(data if len(data) > 1 else data[0], verbose=0)
    why = standins.reason(caught.value)
    assert "stand-in for" in why
    assert "to evaluate" in why


def stored_weights(path: Path, layer: str) -> list[Any]:
    if zipfile.is_zipfile(path):
        with (
            zipfile.ZipFile(path) as archive,
            archive.open("model.weights.h5") as inner,
            h5py.File(inner) as file,
        ):
            groups = [g for g in file["layers"].values() if g["vars"].attrs["name"] == layer]
            return [groups[0]["vars"][str(i)][()] for i in range(len(groups[0]["vars"]))]
    with h5py.File(path) as file:
        group = file["model_weights"][layer]
        return [group[n][()] for n in group.attrs["weight_names"]]


def test_inner_layers_of_an_archive_find_their_holders(keras3: Any, tmp_path: Path) -> None:
    keras = keras3.keras

    class Block(keras.layers.Layer):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self._dense = keras.layers.Dense(3)
            self.more = [keras.layers.Dense(3), keras.layers.Dense(3)]
            self.scale = self.add_weight(shape=(3,), name="scale")

        def build(self, shape: Any) -> None:
            for layer in (self._dense, *self.more):
                layer.build(shape)
            self.built = True

        def call(self, x: Any) -> Any:
            x = self._dense(x) * self.scale
            for layer in self.more:
                x = layer(x)
            return x

    inputs = keras.Input((3,))
    model = keras.Model(inputs, keras.layers.Dense(2)(Block(name="block")(inputs)))
    path = tmp_path / "block.keras"
    model.save(path)
    again, _resolved = stand_in(keras3, path)
    (layer,) = layers_of(again)
    assert len(layer.weights) == 7
    wanted = sorted(np.asarray(w).sum() for w in model.get_layer("block").weights)
    assert sorted(np.asarray(w).sum() for w in layer.weights) == pytest.approx(wanted)
    again.save(tmp_path / "kept.keras")  # and what was read can be written
    config, _ = config_of(tmp_path / "kept.keras")
    assert "Block" in str(config)


def test_a_model_class_stands_in_too(era: Any, models_dir: Path) -> None:
    (path,) = models_dir.glob("found/gh_AlgoDM*/model.keras")
    config, training = config_of(path)
    (row,) = needs.find(config, training, era.keras, flavour=era.flavour)
    answers = [{"name": row["name"], "kind": row["kind"], "how": "standin"}]
    model = custom.resolve(answers, era.keras).objects["VAE"].from_config({})
    assert isinstance(model, era.keras.Model)
    assert standins.is_standin(model)
    with pytest.raises(Exception, match="stand-in for VAE"):
        model(np.ones((1, 2), "float32"))


def test_metrics_and_losses_are_left_out(era: Any) -> None:
    answers = [
        {"name": "f1", "kind": "metric", "how": "standin"},
        {"name": "my_loss", "kind": "loss", "how": "standin"},
    ]
    resolved = custom.resolve(answers, era.keras)
    assert not resolved.objects
    assert resolved.left_out == ["f1", "my_loss"]


def test_leaving_out_keeps_the_rest() -> None:
    training = {
        "optimizer_config": {"class_name": "Adam", "config": {"learning_rate": 0.1}},
        "loss": {"a": "mse", "b": "mae"},
        "metrics": [
            ["accuracy", {"class_name": "MeanMetricWrapper", "config": {"name": "f", "fn": "f1"}}],
            ["f1"],
        ],
        "loss_weights": None,
    }
    kept = leaving.without(training, ["f1"])
    assert kept["metrics"] == [["accuracy"], []]
    assert kept["loss"] == training["loss"]
    assert len(training["metrics"][0]) == 2
    assert leaving.without(training, ["mse"]) is None
    assert leaving.without(training, ["Adam"]) is None
    assert leaving.without(training, []) == training


def test_other_stand_ins_do_no_harm(era: Any) -> None:
    keras = era.keras
    inputs = keras.Input((3,))
    x = keras.layers.Dense(
        2,
        kernel_initializer=standins.instead_of(keras, "i", "initializer")(),
        kernel_regularizer=standins.instead_of(keras, "r", "regularizer")(),
        bias_constraint=standins.instead_of(keras, "c", "constraint")(),
        activation=standins.instead_of(keras, "pkg>act", "activation"),
    )(inputs)
    model = keras.Model(inputs, x)
    assert not np.asarray(model.weights[0]).any()
    with pytest.raises(Exception, match="stand-in for act"):
        model(np.ones((1, 3), "float32"))


def test_weights_with_odd_names(era: Any) -> None:
    about = {
        "weights": [
            {"name": "a/b:0", "shape": [2], "dtype": "float32"},
            {"name": "a/b:0", "shape": [], "dtype": "int64"},
            {"name": "\x1b[2J", "shape": [1, 2], "dtype": "float16"},
            {"name": "", "shape": [0], "dtype": "float32"},
        ]
    }
    layer = standins.make(era.keras, "Odd", {"odd": about}).from_config({"name": "odd"})
    assert [tuple(w.shape) for w in layer.weights] == [(2,), (), (1, 2), (0,)]
    assert len({w.name for w in layer.weights}) == 4
    assert not any("\x1b" in w.name for w in layer.weights)

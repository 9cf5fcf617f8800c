"""Real files: every weight of a standard layer has its axes, every layer can be shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kerastui.files import open_model
from kerastui.model import Layer, Model
from kerastui.model.axes import axes
from kerastui.model.explain import explain
from kerastui.model.figures import kernel_summary
from kerastui.model.known_layers import is_known
from kerastui.model.readable import config_lines

KERAS_1 = {"Highway", "MaxoutDense", "Deconvolution2D", "Convolution2D"}


@pytest.fixture(scope="module")
def models(models_dir: Path) -> dict[str, Model]:
    rows = json.loads((models_dir / "models.json").read_text("utf-8"))
    opened: dict[str, Model] = {}
    for row in rows:
        path = models_dir / row["file"]
        if path.is_file():
            opened[row["file"]] = open_model(path)
    assert len(opened) > 50
    return opened


def named_layers(models: dict[str, Model]) -> list[tuple[str, Layer]]:
    return [(file, layer) for file, model in models.items() for layer in model.layers]


def test_all_axes_of_standard_layers(models: dict[str, Model]) -> None:
    checked = 0
    for file, layer in named_layers(models):
        if is_known(layer.class_name) or layer.class_name in KERAS_1:
            for weight in layer.weights:
                found = axes(layer, weight)
                assert len(found) == len(weight.shape), (file, layer.path, weight.name)
                checked += 1
    assert checked > 400


def test_every_standard_layer_is_explained(models: dict[str, Model]) -> None:
    for file, layer in named_layers(models):
        if is_known(layer.class_name):
            assert explain(layer), (file, layer.path, layer.class_name)


def test_sizes_that_the_configuration_states_are_on_the_axes(models: dict[str, Model]) -> None:
    checked = 0
    for file, layer in named_layers(models):
        wanted = {"filters": layer.config.get("filters", layer.config.get("nb_filter")),
                  "vocabulary": layer.config.get("input_dim")}  # fmt: skip
        if layer.class_name == "Dense":
            wanted["units"] = layer.config.get("units", layer.config.get("output_dim"))
        for weight in layer.weights:
            for name, size in zip(axes(layer, weight), weight.shape, strict=False):
                if wanted.get(name) is not None:
                    assert size == wanted[name], (file, layer.path, weight.name)
                    checked += 1
    assert checked > 300


def test_summaries_and_configurations(models: dict[str, Model]) -> None:
    for file, layer in named_layers(models):
        assert bool(kernel_summary(layer)) == bool(layer.weights), (file, layer.path)
        labels = [line.label for line in config_lines(layer)]
        assert len(labels) == len(set(labels)), (file, layer.path)


def test_convolutions_are_summed_up_the_usual_way(models: dict[str, Model]) -> None:
    model = models["found/gh_1524045patrick+CarND-BehavioiurCloning-P3/model.h5"]
    by_name = {layer.name: kernel_summary(layer) for layer in model.layers}
    assert by_name["conv2d_1"] == "5×5 · 3 → 24"
    assert by_name["dense_1"] == "1,728 → 60"


def test_metrics_that_users_must_bring_are_marked(models: dict[str, Model]) -> None:
    for file in ("made/keras-1.2.2-tf/cnn_prf.hdf5", "made/tf-2.4.4/cnn_custom_metrics.hdf5"):
        compiled = models[file].compile
        assert compiled is not None
        custom = {m.name: m.custom for m in compiled.outputs[0].metrics}
        assert custom["accuracy"] is False
        assert custom["precision"] is custom["recall"] is True


def test_settings_are_those_people_wrote(models: dict[str, Model]) -> None:
    rates: set[str] = set()
    for model in models.values():
        if model.compile and model.compile.optimizer:
            settings = dict(model.compile.optimizer.settings)
            rates.add(settings.get("lr", settings.get("learning_rate", "")))
    assert {"0.001", "0.0001", "0.01", "1", "0.002"} <= rates
    assert not any(len(rate) > 14 for rate in rates if rate[:1].isdigit())

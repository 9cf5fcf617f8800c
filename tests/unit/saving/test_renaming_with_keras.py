"""Renamed files in real Keras: they load where they did, predict the same, train on."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from unit.saving.test_real_files import files
from unit.saving.test_real_files_with_keras import load, predict
from unit.saving.test_renaming import new_names

from kerastui import Document, open_model, save
from kerastui.edits import Rename
from kerastui.edits.proposals import propose_names

pytestmark = pytest.mark.keras

SMALL = 400_000
"""Bytes of the real files that are tried: the larger ones say nothing new."""
TWINS = ("opt_", "weights-0", "floatx", "stateful")
"""Beginnings of files that are like others in what renaming touches."""


def renamed(source: Path, target: Path, pattern: str = "new_{}") -> dict[str, str]:
    document = Document(open_model(source))
    names = new_names(document.model, pattern)
    document.apply(Rename(tuple(names.items())))
    save(document, target)
    return names


@pytest.mark.parametrize("world", ["keras", "tf_keras"])
def test_every_file_that_loads_predicts_the_same(world: str, models_dir: Path, tmp_path: Path):
    warnings.simplefilter("ignore")
    keras = pytest.importorskip(world)
    loaded = 0
    for source in files(models_dir):
        if source.stat().st_size > SMALL or source.name.startswith(TWINS):
            continue
        keras.backend.clear_session()
        try:
            expected = predict(load(keras, source), source)
        except Exception:  # this Keras does not load the original
            continue
        target = tmp_path / f"saved{source.suffix}"
        names = renamed(source, target)
        keras.backend.clear_session()
        model = load(keras, target)
        for old, new in zip(expected, predict(model, source), strict=True):
            np.testing.assert_array_equal(new, old, err_msg=str(source))
        described = open_model(target).layers
        # Keras does not list the inputs of a Sequential, and up to 2.2.2 wrote no name of one.
        listed = [x for x in described if x.class_name != "InputLayer" and "name" in x.config]
        top = {x.name for x in listed if x.parent < 0}
        assert top <= {layer.name for layer in model.layers}, source
        assert top <= set(names.values()), source
        loaded += 1
    assert loaded >= {"keras": 8, "tf_keras": 18}[world]


def two_outputs(keras: Any) -> Any:
    """Two inputs, a nested model, a Bidirectional in a wrapper's company, two outputs."""
    layers = keras.layers
    x = layers.Input((4, 5), name="seen")
    y = layers.Bidirectional(layers.SimpleRNN(3, return_sequences=True, name="cells"), name="both")(
        x
    )
    y = layers.TimeDistributed(layers.Dense(4, name="step"), name="steps")(y)
    inside = layers.Input((4, 4), name="inside")
    inner = layers.Conv1D(3, 2, name="conv")(inside)
    inner = layers.BatchNormalization(name="bn")(inner)
    base = keras.Model(inside, inner, name="base")
    y = layers.Flatten(name="flat")(base(y))
    one = layers.Dense(2, name="one")(y)
    two = layers.Dense(1, name="two")(layers.Concatenate(name="join")([y, one]))
    return keras.Model(x, [one, two], name="whole")


def compiled(keras: Any) -> Any:
    model = two_outputs(keras)
    model.compile(
        optimizer=keras.optimizers.Adam(0.01),
        loss={"one": "mean_squared_error", "two": "mean_absolute_error"},
        loss_weights={"one": 1.0, "two": 0.5},
        metrics={"one": ["mean_absolute_error"], "two": ["mean_squared_error"]},
    )
    return model


def data() -> tuple[np.ndarray, list[np.ndarray]]:
    draw = np.random.default_rng(0)
    x = draw.normal(size=(8, 4, 5)).astype("float32")
    return x, [draw.normal(size=(8, n)).astype("float32") for n in (2, 1)]


@pytest.mark.parametrize("kind", ["h5", "keras"])
@pytest.mark.parametrize("world", ["keras", "tf_keras"])
def test_compiled_models_evaluate_and_train_on(world: str, kind: str, tmp_path: Path):
    warnings.simplefilter("ignore")
    keras = pytest.importorskip(world)
    x, y = data()
    keras.utils.set_random_seed(1)
    model = compiled(keras)
    model.run_eagerly = True  # tracing graphs would take most of the time
    model.fit(x, y, epochs=2, batch_size=8, shuffle=False, verbose=0)
    source, target = tmp_path / f"m.{kind}", tmp_path / f"n.{kind}"
    model.save(source)
    renamed(source, target, "r{}")

    results: list[Any] = []
    for path in (source, target):
        keras.backend.clear_session()
        found = keras.models.load_model(path)
        found.run_eagerly = True
        scores = found.evaluate(x, y, verbose=0)
        if world == "keras" and kind == "h5":
            # Keras 3 never restores slots from legacy files, and cannot go on training them.
            results.append((scores, [w.numpy() for w in found.weights]))
            continue
        found.fit(x, y, epochs=1, batch_size=8, shuffle=False, verbose=0)
        results.append((scores, found.get_weights()))
    (old_scores, old), (new_scores, new) = results
    assert new_scores == old_scores
    for a, b in zip(old, new, strict=True):
        np.testing.assert_array_equal(a, b)
    names = {layer.name for layer in found.layers}
    assert not names & {"both", "steps", "base", "one", "two", "flat", "join"}


def test_weights_load_by_name_from_a_renamed_file(tmp_path: Path):
    keras = pytest.importorskip("tf_keras")
    source, target = tmp_path / "w.h5", tmp_path / "r.h5"
    model = two_outputs(keras)
    model.save_weights(source)
    document = Document(open_model(source))
    document.apply(Rename((("one", "first"), ("base", "body"))))
    save(document, target)
    keras.backend.clear_session()
    fresh = two_outputs(keras)
    for layer in fresh.layers:
        layer._name = {"one": "first", "base": "body"}.get(layer.name, layer.name)
    fresh.load_weights(target, by_name=True)
    for a, b in zip(model.get_weights(), fresh.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_names_for_the_unnamed_load(models_dir: Path, tmp_path: Path):
    keras = pytest.importorskip("tf_keras")
    source = models_dir / "made/tf-2.4.4/rnn_bidir_td.hdf5"
    target = tmp_path / "named.h5"
    document = Document(open_model(source))
    document.apply(Rename(tuple(propose_names(document.model).items())))
    save(document, target)
    model = load(keras, target)
    assert [x.name for x in model.layers][:2] == ["embedding1", "bilstm1"]
    assert model.layers[1].forward_layer.name == "forward_inner_lstm"

"""Converted files in the real Keras 3 and tf_keras: they load, predict and train the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import MODELS_DIR

from kerastui.convert import convert

pytestmark = pytest.mark.keras

MADE = (
    "keras-1.2.2-tf/cnn_prf.hdf5",  # old words, channels, custom metrics
    "keras-1.2.2-tf/sepconv_deconv_prelu.hdf5",  # a kernel that is laid out anew
    "keras-1.2.2-tf/seq_merge.hdf5",  # Merge inside a Sequential
    "keras-2.0.8/finetune_nested_partfrozen.hdf5",  # nested, frozen in part
    "keras-2.0.8/rnn_bidir_td.hdf5",  # wrappers, the old hard_sigmoid, GRU
    "keras-2.0.8/stateful_lstm.hdf5",
    "keras-2.2.4/misc_layers.hdf5",
    "keras-2.2.4/multi_output_shared.hdf5",  # a shared layer, two outputs
    "tf-2.4.4/convlstm.hdf5",
    "tf-2.11.1/mixed_float16.h5",  # dtype policies, loss scaling
    "tf-2.11.1/seq_of_models_frozen.hdf5",
    "tf-2.11.1/v3fmt.keras",  # HDF5, whatever its name says
    "tf-2.13.1/finetune_top_seq_in_model.hdf5",
    "tf-2.13.1/mha.h5",  # attention, an operator between tensors
    "tf-2.13.1/tfops_schedule_auc.h5",  # operators, a schedule, metric objects
    "tf-2.13.1/v3fmt.keras",  # the first archives
)
FOUND = ("gh_15louafi+EnglishToKatakanaSeq2Seq/model.h5", "pypi_ethnicolr-0.9.8/fl_all_ln_lstm.h5")
FILES = (*(f"made/{name}" for name in MADE), *(f"found/{name}" for name in FOUND))


def anything(truth: Any, guess: Any) -> Any:
    """Stand for the metrics of other people's files."""
    return guess - guess


CUSTOM = dict.fromkeys(("precision", "recall", "fmeasure", "f1", "fbeta"), anything)


def predictions(model: Any, source: Path) -> tuple[list[Any], list[Any]]:
    """Return what a model predicts on the reference inputs, and what it should."""
    reference = np.load(f"{source}.npz")
    names = sorted(reference.files)
    inputs = [reference[name] for name in names if name.startswith("x")]
    found = model(inputs if len(inputs) > 1 else inputs[0], training=False)
    found = found if isinstance(found, (list, tuple)) else [found]
    return [np.asarray(value) for value in found], [
        reference[name] for name in names if name.startswith("y")
    ]


def tolerance(values: Any) -> float:
    """Half precision is worth three digits, whoever computes."""
    return 2e-3 if values.dtype == np.float16 else 1e-5


@pytest.mark.skipif(MODELS_DIR is None, reason="no real model files")
@pytest.mark.parametrize("name", FILES)
def test_real_files_predict_the_same(name: str, tmp_path: Path) -> None:
    import keras
    import tf_keras

    assert MODELS_DIR is not None
    source = MODELS_DIR / name
    convert(source, tmp_path / "a.keras")
    convert(tmp_path / "a.keras", tmp_path / "b.h5")
    convert(tmp_path / "a.keras", tmp_path / "c.h5", dialect="tf_keras")
    first = keras.models.load_model(tmp_path / "a.keras", custom_objects=CUSTOM)
    second = keras.models.load_model(tmp_path / "b.h5", custom_objects=CUSTOM)
    third = tf_keras.models.load_model(tmp_path / "c.h5", custom_objects=CUSTOM)
    found, expected = predictions(first, source)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=tolerance(other), rtol=1e-5)
    for one, other in zip(predictions(second, source)[0], found, strict=True):
        np.testing.assert_array_equal(one, other)  # the same Keras: the same numbers
    for one, other in zip(predictions(third, source)[0], expected, strict=True):
        np.testing.assert_allclose(one, other, atol=tolerance(other), rtol=1e-5)
    keras.backend.clear_session()
    tf_keras.backend.clear_session()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """A model of today's Keras with all that is hard to carry over, trained one step."""
    import keras

    layers = keras.layers
    keras.utils.set_random_seed(5)
    inner_in = keras.Input((6, 4), name="inner_in")
    inner_out = layers.Conv1D(4, 3, padding="same", activation="relu", name="conv")(inner_in)
    inner = keras.Model(inner_in, layers.BatchNormalization(name="bn")(inner_out), name="inner")
    inner.get_layer("conv").trainable = False
    one, two = keras.Input((6, 4), name="one"), keras.Input((6, 4), name="two")
    shared = layers.Bidirectional(layers.GRU(3, return_sequences=True), name="shared")
    left, right = shared(inner(one)), shared(inner(two))
    both = layers.Concatenate(name="both")([left, right]) * 0.5
    both = layers.MultiHeadAttention(2, 3, name="mha")(both, both)
    both = layers.TimeDistributed(layers.Dense(4, name="each"), name="td")(both)
    both = layers.Flatten(name="flat")(layers.Dropout(0.0, name="drop")(both))
    outs = [
        layers.Dense(2, name="price")(both),
        layers.Dense(3, activation="softmax", name="cls")(both),
    ]
    model = keras.Model([one, two], outs, name="hard")
    model.compile(
        keras.optimizers.Adam(1e-2),
        loss={"price": "mse", "cls": keras.losses.CategoricalCrossentropy(label_smoothing=0.1)},
        loss_weights={"price": 2.0, "cls": 1.0},
        metrics={"price": ["mae"], "cls": ["accuracy"]},
    )
    step(model)
    path = tmp_path_factory.mktemp("trained") / "hard.keras"
    model.save(path)
    return model, path


def batch() -> tuple[list[Any], list[Any]]:
    rng = np.random.default_rng(3)
    inputs = [rng.random((8, 6, 4), dtype="f4") for _ in range(2)]
    return inputs, [rng.random((8, 2), dtype="f4"), np.eye(3, dtype="f4")[rng.integers(0, 3, 8)]]


def step(model: Any) -> list[Any]:
    """Train one step, eagerly (tracing would take most of the time); return all weights."""
    model.run_eagerly = True
    model.fit(*batch(), batch_size=8, shuffle=False, verbose=0)
    return model.get_weights()


def test_there_and_back_trains_on_as_if_nothing_had_been(
    trained: tuple[Any, Path], tmp_path: Path
) -> None:
    import keras

    _, path = trained
    assert convert(path, tmp_path / "there.h5").lost == ()
    assert convert(tmp_path / "there.h5", tmp_path / "back.keras").lost == ()
    before = keras.models.load_model(path)
    after = keras.models.load_model(tmp_path / "back.keras")
    assert int(after.optimizer.iterations) == 1
    for old, new in zip(before.optimizer.variables, after.optimizer.variables, strict=True):
        np.testing.assert_array_equal(new, old)
    for old, new in zip(step(before), step(after), strict=True):
        np.testing.assert_array_equal(new, old)
    middle = keras.models.load_model(tmp_path / "there.h5", compile=False)
    again = keras.models.load_model(path, compile=False)
    for old, new in zip(again(batch()[0]), middle(batch()[0]), strict=True):
        np.testing.assert_array_equal(new, old)


def test_tf_keras_trains_on_from_the_same_state(trained: tuple[Any, Path], tmp_path: Path) -> None:
    import keras
    import tf_keras

    _, path = trained
    assert convert(path, tmp_path / "there.h5", dialect="tf_keras").lost == ()
    before = keras.models.load_model(path)
    after = tf_keras.models.load_model(tmp_path / "there.h5")
    assert int(after.optimizer.iterations) == 1
    assert [w.shape for w in after.trainable_weights] == [w.shape for w in before.trainable_weights]
    step(before)
    step(after)
    for one, other in zip(before.trainable_weights, after.trainable_weights, strict=True):
        np.testing.assert_allclose(other.numpy(), one.numpy(), atol=2e-5)


def test_weights_alone_load_into_the_model(trained: tuple[Any, Path], tmp_path: Path) -> None:
    import keras

    model, path = trained
    convert(path, tmp_path / "w.weights.h5")
    convert(path, tmp_path / "w.h5", form="hdf5-weights")
    expected = keras.models.load_model(path, compile=False).get_weights()
    for name, options in (("w.weights.h5", {}), ("w.h5", {}), ("w.h5", {"by_name": True})):
        fresh = keras.models.clone_model(model)
        fresh.load_weights(tmp_path / name, **options)
        for old, new in zip(expected, fresh.get_weights(), strict=True):
            np.testing.assert_array_equal(new, old)

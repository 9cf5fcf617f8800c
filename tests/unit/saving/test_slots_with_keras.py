"""Optimizer state after a change of flags: the same as if the flags were set in memory.

The reference is made by Keras alone: the unedited file is loaded, the flags are set, a fresh
optimizer of the same settings is built on what is trained now, and gets the old slots of the
weights that were trained before. File and reference must agree on every variable of the
optimizer, and on every weight after one more step of training.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from unit.saving.keras_models import inputs, leaves, randomize

from kerastui import Document, open_model, save

pytestmark = pytest.mark.keras

# What each world has, with settings that bring in every kind of slot.
KERAS3 = {
    "SGD": {"momentum": 0.9},
    "RMSprop": {"momentum": 0.5, "centered": True},
    "Adam": {"amsgrad": True},
    "AdamW": {"use_ema": True},
    "Adagrad": {"initial_accumulator_value": 0.3},
    "Adadelta": {},
    "Adamax": {"gradient_accumulation_steps": 2},
    "Nadam": {},
    "Ftrl": {"initial_accumulator_value": 0.2},
    "Lion": {},
    "Lamb": {},
    "Adafactor": {},
}
TF_KERAS = {
    "SGD": {"momentum": 0.9},
    "RMSprop": {"momentum": 0.5, "centered": True},
    "Adam": {"amsgrad": True},
    "AdamW": {"use_ema": True},
    "Adagrad": {"initial_accumulator_value": 0.3},
    "Adadelta": {},
    "Adamax": {},
    "Ftrl": {"initial_accumulator_value": 0.2},
    "Lion": {},
    "Adafactor": {},
}
LEGACY = {
    "SGD": {"momentum": 0.9},
    "RMSprop": {"momentum": 0.5, "centered": True},
    "Adam": {"amsgrad": True},
    "Adagrad": {"initial_accumulator_value": 0.3},
    "Adadelta": {},
    "Adamax": {},
    "Nadam": {},
    "Ftrl": {"initial_accumulator_value": 0.2},
}


def build(keras: Any) -> Any:
    """A model with a nested one; weights of equal shapes, so that swapped slots show."""
    layers = keras.layers
    x = layers.Input((4,))
    y = layers.Dense(4, name="d1")(x)
    y = layers.BatchNormalization(name="bn")(y)
    y = layers.Dense(4, name="d2", trainable=False)(y)
    inner = keras.Model(x, layers.Dense(4, name="d3")(y), name="base")
    x = layers.Input((4,))
    y = layers.Dense(4, name="fc", activation="tanh")(inner(x))
    model = keras.Model(x, layers.Dense(4, name="head")(y))
    randomize(model)
    return model


WANTED = [
    {"d1": False, "bn": True, "d2": True, "d3": False, "fc": True, "head": True},
    {"d1": True, "bn": False, "d2": True, "d3": True, "fc": False, "head": True},
    {"d1": False, "bn": False, "d2": False, "d3": False, "fc": False, "head": True},
]


def batch(model: Any) -> tuple[np.ndarray, np.ndarray]:
    x = inputs(model)[0]
    return x, np.tanh(x[:, ::-1])


def edited(path: Path, target: Path, flags: dict[str, bool]) -> Any:
    document = Document(open_model(path))
    wanted = [flags.get(layer.name, True) for layer in document.model.layers]
    document.set_states(wanted)
    return save(document, target)


def slot_lists(optimizer: Any, count: int) -> dict[str, list[Any]]:
    """Return the optimizer's attributes that hold one variable a trained weight."""
    return {
        name: list(value)
        for name, value in vars(optimizer).items()
        if isinstance(value, list)
        and len(value) == count
        and all(v is None or hasattr(v, "assign") for v in value)
        and name not in ("_variables", "_trainable_variables")
    }


def reference(keras: Any, path: Path, flags: dict[str, bool]) -> Any:
    """Return the unedited model with flags set and slots carried over, in memory."""
    model = keras.models.load_model(path)
    old = model.optimizer
    before = {id(v): i for i, v in enumerate(model.trainable_variables)}
    olds = slot_lists(old, len(before))
    for layer in leaves(model).values():
        if layer.name in flags:
            layer.trainable = flags[layer.name]
    fresh = type(old).from_config(old.get_config())
    model.compile(fresh, "mse")
    trained = model.trainable_variables
    legacy = hasattr(old, "get_slot_names")
    if legacy:
        fresh._create_all_weights(trained)
        for variable in trained:
            for name in old.get_slot_names() if id(variable) in before else ():
                fresh.get_slot(variable, name).assign(old.get_slot(variable, name))
    else:
        fresh.build(trained)
        for name, values in slot_lists(fresh, len(trained)).items():
            for value, variable in zip(values, trained, strict=True):
                if id(variable) in before and value is not None:
                    value.assign(olds[name][before[id(variable)]])
                elif name == "_model_variables_moving_average":
                    value.assign(variable)
    # not the property: with accumulated gradients it is a quotient
    for name in ("_iterations", "_u_product", "_m_cache"):
        if getattr(old, name, None) is not None:
            getattr(fresh, name).assign(getattr(old, name))
    return model


def state(optimizer: Any) -> list[np.ndarray]:
    variables = optimizer.variables() if callable(optimizer.variables) else optimizer.variables
    return [np.asarray(v) for v in variables]


def check(keras: Any, optimizer: Any, path: Path, tmp_path: Path, wanted: list[dict]) -> None:
    model = build(keras)
    model.compile(optimizer, "mse")
    for _ in range(3):
        model.train_on_batch(*batch(model))
    model.save(path)
    for number, flags in enumerate(wanted):
        target = tmp_path / f"{number}{path.suffix}"
        saved = edited(path, target, flags)
        keras.backend.clear_session()
        loaded = keras.models.load_model(target)
        expected = reference(keras, path, flags)
        assert saved.slots.touched, saved.slots
        for new, old in zip(state(loaded.optimizer), state(expected.optimizer), strict=True):
            np.testing.assert_array_equal(new, old)
        for each in (loaded, expected):
            each.train_on_batch(*batch(each))
        for new, old in zip(loaded.get_weights(), expected.get_weights(), strict=True):
            np.testing.assert_array_equal(new, old)


@pytest.fixture(autouse=True)
def quick_and_quiet() -> Iterator[None]:
    """Step by step: for a few steps of tiny models, tracing would take most of the time."""
    import tensorflow as tf

    warnings.simplefilter("ignore")
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.mark.parametrize("name", KERAS3)
def test_keras3_archives(name: str, tmp_path: Path):
    import keras

    warnings.filterwarnings("error", message="Skipping variable loading")
    optimizer = getattr(keras.optimizers, name)(0.05, **KERAS3[name])
    check(
        keras, optimizer, tmp_path / "m.keras", tmp_path, WANTED[:1] if name != "Adam" else WANTED
    )


def test_keras3_loss_scaling_keeps_the_state_twice(tmp_path: Path):
    import keras

    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.05))
    model = build(keras)
    model.compile(optimizer, "mse")
    model.train_on_batch(*batch(model))
    model.save(tmp_path / "m.keras")
    edited(tmp_path / "m.keras", tmp_path / "new.keras", WANTED[0])
    was = keras.models.load_model(tmp_path / "m.keras")
    now = keras.models.load_model(tmp_path / "new.keras")
    old, new = was.optimizer.inner_optimizer, now.optimizer.inner_optimizer
    assert int(new.iterations) == int(old.iterations) == 1
    names = [v.path for v in was.trainable_variables]
    for variable, m in zip(now.trainable_variables, new._momentums, strict=True):
        before = old._momentums[names.index(variable.path)] if variable.path in names else m * 0
        np.testing.assert_array_equal(np.asarray(m), np.asarray(before))


@pytest.mark.parametrize("name", ["Adam", "RMSprop"])
def test_tf_keras_archives(name: str, tmp_path: Path):
    import tf_keras

    optimizer = getattr(tf_keras.optimizers, name)(0.05, **TF_KERAS[name])
    check(tf_keras, optimizer, tmp_path / "m.keras", tmp_path, WANTED[:1])


def test_a_compressed_archive_keeps_its_compression(tmp_path: Path):
    import keras

    model = build(keras)
    model.compile(keras.optimizers.Adam(0.05), "mse")
    model.train_on_batch(*batch(model))
    model.save(tmp_path / "m.keras")
    with (
        zipfile.ZipFile(tmp_path / "m.keras") as old,
        zipfile.ZipFile(tmp_path / "packed.keras", "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
    edited(tmp_path / "packed.keras", tmp_path / "new.keras", WANTED[0])
    edited(tmp_path / "m.keras", tmp_path / "plain.keras", WANTED[0])
    with zipfile.ZipFile(tmp_path / "new.keras") as archive:
        assert archive.testzip() is None
        assert {i.compress_type for i in archive.infolist()} == {zipfile.ZIP_DEFLATED}
    loaded = [keras.models.load_model(tmp_path / f"{n}.keras") for n in ("new", "plain")]
    for new, plain in zip(*(state(m.optimizer) for m in loaded), strict=True):
        np.testing.assert_array_equal(new, plain)


@pytest.mark.parametrize("name", TF_KERAS)
def test_tf_keras_hdf5(name: str, tmp_path: Path):
    import tf_keras

    optimizer = getattr(tf_keras.optimizers, name)(0.05, **TF_KERAS[name])
    check(
        tf_keras, optimizer, tmp_path / "m.h5", tmp_path, WANTED[:1] if name != "Adam" else WANTED
    )


@pytest.mark.parametrize("name", LEGACY)
def test_optimizers_of_tensorflow_2_0_to_2_10(name: str, tmp_path: Path):
    import tf_keras

    optimizer = getattr(tf_keras.optimizers.legacy, name)(0.05, **LEGACY[name])
    check(
        tf_keras, optimizer, tmp_path / "m.h5", tmp_path, WANTED[:1] if name != "Adam" else WANTED
    )


def test_freezing_all_and_unfreezing_again(tmp_path: Path):
    import tf_keras

    legacy = tf_keras.optimizers.legacy
    for name, optimizers in [
        *((n, tf_keras.optimizers) for n in ("SGD", "Adam", "Nadam")),
        *((n, legacy) for n in ("Adagrad", "Nadam", "RMSprop")),
    ]:
        tf_keras.backend.clear_session()
        model = build(tf_keras)
        model.compile(getattr(optimizers, name)(0.05), "mse")
        model.train_on_batch(*batch(model))
        model.save(tmp_path / "m.h5")
        edited(tmp_path / "m.h5", tmp_path / "off.h5", dict.fromkeys(WANTED[0], False))
        frozen = tf_keras.models.load_model(tmp_path / "off.h5")
        assert not frozen.trainable_variables
        edited(tmp_path / "off.h5", tmp_path / "on.h5", dict.fromkeys(WANTED[0], True))
        loaded = tf_keras.models.load_model(tmp_path / "on.h5")
        loaded.train_on_batch(*batch(loaded))
        steps = 1 if name == "Nadam" else 2  # Keras cannot load its state with nothing to train
        assert int(loaded.optimizer.iterations) == steps, (name, optimizers)


def test_keras3_hdf5_is_aligned_though_keras_does_not_read_it(tmp_path: Path):
    import keras

    model = build(keras)
    model.compile(keras.optimizers.Adam(0.05), "mse")
    model.train_on_batch(*batch(model))
    model.save(tmp_path / "m.h5")
    edited(tmp_path / "m.h5", tmp_path / "new.h5", WANTED[0])
    with h5py.File(tmp_path / "m.h5") as old, h5py.File(tmp_path / "new.h5") as new:
        before, after = old["optimizer_weights"], new["optimizer_weights"]
        names = [n if isinstance(n, str) else n.decode() for n in after.attrs["weight_names"]]
        assert len(names) == len(set(names)) == 2 + 2 * (2 + 2 + 2 + 2)
        shared = [n for n in names if n in before]
        assert len(shared) == 2 + 2 * (2 + 2 + 2)
        for name in names:
            value = before[name][()] if name in before else 0.0
            np.testing.assert_array_equal(after[name][()], value)
        assert any("d2_kernel" in n for n in set(names) - set(shared))

"""Edited compile sections, loaded by both Keras: the optimizer, its state, losses, metrics."""

from __future__ import annotations

import importlib
import logging
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kerastui import Document, open_model, save
from kerastui.edits import (
    SetCompile,
    SetLoss,
    SetLossWeight,
    SetMetrics,
    SetOptimizer,
    SetOptimizerState,
)
from kerastui.edits.changes import Edit

pytestmark = pytest.mark.keras
X = np.linspace(-1, 1, 12, dtype="float32").reshape(4, 3)
Y = [X[:, :2], X[:, :1]]


def trained(keras: Any, optimizer: Any, path: Path, loss: Any = "mse") -> Path:
    inputs = keras.layers.Input((3,))
    outputs = [keras.layers.Dense(units, name=f"o{units}")(inputs) for units in (2, 1)]
    model = keras.Model(inputs, outputs)
    model.compile(optimizer, loss=loss, metrics=[["mae"], ["mae"]], run_eagerly=True)
    for _ in range(2):
        model.train_on_batch(X, Y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the HDF5 format
        model.save(path)
    return path


def edited(path: Path, *edits: Edit) -> Path:
    target = path.with_stem("edited")
    document = Document(open_model(path))
    document.apply(*edits)
    save(document, target)
    return target


def load(keras: Any, path: Path) -> tuple[Any, list[str]]:
    """Return the model, and what Keras says about its optimizer's variables."""
    said: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())
    logger = logging.getLogger("absl")
    logger.addHandler(handler)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model = keras.models.load_model(path)
    finally:
        logger.removeHandler(handler)
    said += [str(warning.message) for warning in caught]
    return model, [text for text in said if "ptimizer" in text and "Skipping" in text]


def state(model: Any) -> list[np.ndarray]:
    found = model.optimizer.variables
    return [np.asarray(v) for v in (found() if callable(found) else found)]


def rate(model: Any) -> float:
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    return float(np.asarray(optimizer.learning_rate))


def steps(model: Any) -> int:
    return int(np.asarray(model.optimizer.iterations))


def slots(model: Any) -> list[np.ndarray]:
    return [array for array in state(model) if array.shape]


WORLDS = [("keras", "keras"), ("tf_keras", "keras"), ("tf_keras", "h5")]


@pytest.mark.parametrize(("world", "suffix"), WORLDS)
def test_learning_rate_losses_and_metrics_with_the_state_kept(
    world: str, suffix: str, tmp_path: Path
) -> None:
    keras = importlib.import_module(world)
    path = trained(keras, keras.optimizers.Adam(0.01), tmp_path / f"m.{suffix}")
    before, _ = load(keras, path)
    target = edited(
        path,
        SetOptimizer.of(learning_rate=0.25, beta_1=0.5),
        SetLoss.named("o1", "huber"),
        SetLossWeight("o2", 3.0),
        SetMetrics.named("o1", "mean_squared_error"),
    )
    after, said = load(keras, target)
    assert not said
    assert rate(after) == 0.25
    assert after.optimizer.get_config()["beta_1"] == 0.5
    assert steps(after) == 2
    for old, new in zip(slots(before), slots(after), strict=True):
        np.testing.assert_array_equal(old, new)
    predicted = [np.asarray(p) for p in after.predict(X, verbose=0)]
    mse = float(np.mean((predicted[0] - Y[0]) ** 2))
    error = np.abs(predicted[1] - Y[1])
    huber = float(np.mean(np.where(error <= 1, error**2 / 2, error - 0.5)))
    found = after.evaluate(X, Y, verbose=0, return_dict=True)
    assert found["loss"] == pytest.approx(3 * mse + huber, rel=1e-5)
    assert found["o1_mean_squared_error"] == pytest.approx(float(np.mean(error**2)), rel=1e-5)


KERAS3, TF_ARCHIVE, TF_LEGACY = WORLDS
OTHER_SLOTS: list[tuple[tuple[str, str], Callable[[Any], Any], SetOptimizer]] = [
    *(
        (world, lambda k: k.optimizers.Adam(0.01), SetOptimizer.of(amsgrad=True))
        for world in WORLDS
    ),
    (KERAS3, lambda k: k.optimizers.Adam(0.01, amsgrad=True), SetOptimizer.of(amsgrad=False)),
    (KERAS3, lambda k: k.optimizers.SGD(0.01), SetOptimizer.of(momentum=0.9)),
    (
        TF_LEGACY,
        lambda k: k.optimizers.RMSprop(0.01),
        SetOptimizer.of(momentum=0.5, centered=True),
    ),
]


def test_settings_that_bring_slots_or_take_them_keep_the_others(tmp_path: Path) -> None:
    """The state is the one that the optimizer would have with the new slots fresh."""
    for (world, suffix), make, edit in OTHER_SLOTS:
        keras = importlib.import_module(world)
        path = trained(keras, make(keras), tmp_path / f"m.{suffix}")
        before, _ = load(keras, path)
        after, said = load(keras, edited(path, edit))
        assert not said, (world, suffix, edit)
        assert steps(after) == 2
        kept = {array.tobytes() for array in slots(before)}
        fresh = [a for a in slots(after) if a.tobytes() not in kept]
        assert all(not array.any() for array in fresh), (world, suffix, edit)
        found = {array.tobytes() for array in slots(after) if array.any()}
        gone = [a for a in slots(before) if a.any() and a.tobytes() not in found]
        # amsgrad's own slots may go; nothing else does.
        assert len(gone) <= (4 if edit == SetOptimizer.of(amsgrad=False) else 0)
        after.train_on_batch(X, Y)
        assert steps(after) == 3


def test_schedules_and_scaled_losses_in_keras_3(tmp_path: Path) -> None:
    import keras

    schedule = keras.optimizers.schedules.ExponentialDecay(0.01, 100, 0.9)
    path = trained(keras, keras.optimizers.Adam(schedule), tmp_path / "m.keras")
    before, _ = load(keras, path)
    after, said = load(keras, edited(path, SetOptimizer.of(learning_rate=0.25)))
    assert (said, rate(after), steps(after)) == ([], 0.25, 2)
    for old, new in zip(slots(before), slots(after), strict=True):
        np.testing.assert_array_equal(old, new)
    edit = SetOptimizer((("learning_rate.decay_steps", "7"),))
    after, said = load(keras, edited(path, edit))
    assert (said, steps(after)) == ([], 2)
    assert after.optimizer.get_config()["learning_rate"]["config"]["decay_steps"] == 7
    scaled = keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.01))
    path = trained(keras, scaled, tmp_path / "l.keras")
    after, said = load(keras, edited(path, SetOptimizer.of(learning_rate=0.25)))
    assert (said, rate(after), steps(after)) == ([], 0.25, 2)


def test_without_state_training_begins_afresh_and_without_section_not_at_all(
    tmp_path: Path,
) -> None:
    for world, suffix in (*WORLDS, ("keras", "h5")):
        keras = importlib.import_module(world)
        loss = "mean_squared_error"
        optimizer = keras.optimizers.Adam(0.01)
        path = trained(keras, optimizer, tmp_path / f"m.{suffix}", loss)
        after, _ = load(keras, edited(path, SetOptimizerState(kept=False)))
        assert steps(after) == 0
        assert rate(after) == pytest.approx(0.01)
        assert not any(array.any() for array in slots(after))
        after.train_on_batch(X, Y)  # in Keras 3's HDF5 this fails with the state there
        assert steps(after) == 1
        bare, said = load(keras, edited(path, SetCompile()))
        assert not said
        assert getattr(bare, "optimizer", None) is None


def test_keras_3_reads_its_own_hdf5_once_the_losses_are_set(tmp_path: Path) -> None:
    import keras

    path = trained(keras, keras.optimizers.Adam(0.01), tmp_path / "m.h5")
    with pytest.raises((ValueError, TypeError)):
        keras.models.load_model(path)
    mended = edited(
        path,
        SetLoss.named("o2", "mse"),
        SetLoss.named("o1", "mae"),
        SetOptimizer.of(learning_rate=0.25),
    )
    model, _ = load(keras, mended)
    assert rate(model) == 0.25
    predicted = [np.asarray(p) for p in model.predict(X, verbose=0)]
    expected = np.mean((predicted[0] - Y[0]) ** 2) + np.mean(np.abs(predicted[1] - Y[1]))
    found = model.evaluate(X, Y, verbose=0, return_dict=True)
    assert found["loss"] == pytest.approx(float(expected), rel=1e-5)

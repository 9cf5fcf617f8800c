"""Cut and appended heads in real Keras: the cut model gives what the layer gave, the new head
what NumPy says, and training goes on."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from unit.saving.test_real_files_with_keras import load, predict
from unit.saving.test_structure import cuts, models

from kerastui import Document, open_model, save
from kerastui.draws import draw
from kerastui.edits import AppendDense, CutHead, SetTrainable
from kerastui.edits.initializers import named
from kerastui.errors import BadEdit

pytestmark = pytest.mark.keras

SMALL = 120_000
TWINS = ("opt_ada", "opt_rms", "opt_sgd", "weights-0", "floatx", "stateful")
"""Beginnings of files that are like others here; what keeps state predicts otherwise each time."""
HEAD = AppendDense("new_head", 3, "softmax", 7)


def given_by(model: Any, path: str, source: Path) -> np.ndarray | None:
    """Return what the layer at `path` gives while the model predicts; None if it is not told.

    Early Keras wrote no names for Sequential models; today's makes others up for them.
    """
    layer = model
    try:
        for name in path.split("/"):
            layer = layer.get_layer(name)
    except ValueError:
        return None
    seen: list[Any] = []
    call = layer.call

    def watched(*args: Any, **kwargs: Any) -> Any:
        seen.append(call(*args, **kwargs))
        return seen[-1]

    layer.call = watched
    try:
        predict(model, source)
    finally:
        layer.call = call
    return np.asarray(seen[-1])


def softmax(x: Any) -> Any:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


@pytest.mark.parametrize("world", ["keras", "tf_keras"])
def test_every_file_that_loads(world: str, models_dir: Path, tmp_path: Path):
    warnings.simplefilter("ignore")
    keras = pytest.importorskip(world)
    done = 0
    for source, model in models(models_dir):
        if source.stat().st_size > SMALL or source.name.startswith(TWINS):
            continue
        keras.backend.clear_session()
        try:
            live = load(keras, source)
            predict(live, source)
        except Exception:  # this Keras does not load the original
            continue
        for place in cuts(model)[-1:]:
            done += check_cut(keras, live, source, place, tmp_path)
    assert done >= {"keras": 5, "tf_keras": 16}[world]


def check_cut(keras: Any, live: Any, source: Path, place: str, folder: Path) -> bool:
    document = Document(open_model(source))
    try:
        document.apply(CutHead(place))
    except BadEdit:
        return False
    if document.model is document.original:
        return False
    target = folder / f"cut{source.suffix}"
    save(document, target)
    expected = given_by(live, place, source)
    if expected is None:
        return False
    (found,) = predict(load(keras, target), source)
    np.testing.assert_array_equal(found, expected, err_msg=f"{source} {place}")
    ends_nested = document.model.layers[-1].parent >= 0
    if keras.__name__ == "keras" and ends_nested and document.model.keras_version < "3":
        return True  # Keras 3 takes an old nested model's output for a list (FORMATS.md, 10)
    try:
        document.apply(HEAD)
    except BadEdit:
        return True
    save(document, target)
    initializer = named(HEAD.initializer)
    assert initializer is not None
    kernel = draw(initializer, (found.shape[-1], HEAD.units), HEAD.seed)
    (headed,) = predict(load(keras, target), source)
    tolerance = 2e-3 if headed.dtype == np.float16 else 1e-6
    np.testing.assert_allclose(
        headed, softmax(found.astype("float32") @ kernel), atol=tolerance, err_msg=str(source)
    )
    return True


def made(keras: Any) -> Any:
    layers = keras.layers
    x = layers.Input((6,), name="x")
    inner = layers.Input((5,), name="inside")
    y = layers.Dense(4, activation="relu", name="one")(inner)
    y = layers.BatchNormalization(name="bn")(y)
    y = layers.Dense(4, name="two")(y)
    base = keras.Model(inner, y, name="base")
    y = layers.Dense(5, name="stem")(x)
    y = layers.Dropout(0.0, name="drop")(base(y))
    return keras.Model(x, layers.Dense(2, name="head")(y), name="whole")


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("world", ["keras", "tf_keras"])
def test_training_goes_on_from_the_saved_state(world: str, suffix: str, tmp_path: Path):
    """One step from the edited file is one step of the model in memory, put together alike.

    The slots of what stays are the old ones, those of the new head zeros, and the iteration
    goes on.
    """
    warnings.simplefilter("ignore")
    keras = pytest.importorskip(world)
    keras.utils.set_random_seed(1)
    draws = np.random.default_rng(0)
    x = draws.normal(size=(8, 6)).astype("float32")
    model = made(keras)
    model.compile(keras.optimizers.Adam(0.01), "mean_squared_error")
    model.fit(x, draws.normal(size=(8, 2)).astype("float32"), epochs=3, verbose=0)
    source, target = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    model.save(source)
    document = Document(open_model(source))
    document.apply(CutHead("base/bn"), AppendDense("cls", 3, seed=5))
    document.apply(SetTrainable(("stem",), False))
    saved = save(document, target)
    # stem, two and head had 12 of the 16 slots; one and bn keep theirs, cls is new.
    assert (saved.slots.kept, saved.slots.dropped) == (8, 4)
    assert (saved.slots.removed, saved.slots.added) == (8, 4)
    again = keras.models.load_model(target)
    assert [layer.name for layer in again.layers] == ["x", "stem", "base", "cls"]
    labels = draws.normal(size=(8, 3)).astype("float32")
    if suffix == ".keras" or world == "tf_keras":
        assert int(np.asarray(again.optimizer.iterations)) == 3
        check_state(model, again)
    before = [np.asarray(w) for w in again.get_layer("stem").weights]
    kernel = np.asarray(again.get_layer("cls").kernel)
    if suffix == ".keras" or world == "tf_keras":  # Keras 3 cannot go on from legacy files
        again.fit(x, labels, verbose=0)
        assert int(np.asarray(again.optimizer.iterations)) == 4
        assert not np.array_equal(kernel, np.asarray(again.get_layer("cls").kernel))
        for old, new in zip(before, again.get_layer("stem").weights, strict=True):
            np.testing.assert_array_equal(old, np.asarray(new))


def check_state(model: Any, again: Any) -> None:
    """The new optimizer's moments are the old one's for what stays, and zero for the head."""
    old, new = (moments(m) for m in (model, again))
    shapes = {v.shape for pair in new.values() for v in pair}
    assert shapes
    for key, pair in new.items():
        for number, moment in enumerate(pair):
            if key[0] == "cls":
                assert not moment.any()
            else:
                np.testing.assert_array_equal(moment, old[key][number])


def moments(model: Any) -> dict[tuple[str, int], tuple[Any, Any]]:
    """Return Adam's two moments of each trained weight; scalars stand before them."""
    values = [np.asarray(v) for v in model.optimizer.variables]
    owners = owner_keys(model)
    slots = values[len(values) - 2 * len(owners) :]
    assert all(v.shape == () for v in values[: len(values) - len(slots)])
    return {key: (slots[2 * i], slots[2 * i + 1]) for i, key in enumerate(owners)}


def owner_keys(model: Any) -> list[tuple[str, int]]:
    """Return layer name and number of each trained weight, in the model's order."""
    owners: dict[int, tuple[str, int]] = {}
    stack = list(model.layers)
    while stack:
        layer = stack.pop()
        if getattr(layer, "layers", None):
            stack += layer.layers
            continue
        for number, weight in enumerate(layer.weights):
            owners[id(weight)] = (layer.name, number)
    return [owners[id(w)] for w in model.trainable_weights]

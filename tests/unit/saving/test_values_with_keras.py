"""The proof: what Keras loads has the new values, in the right weights, whatever the flags.

Flags of layers inside a nested model move its list of weights in legacy HDF5 (FORMATS.md), so
flags and values are changed together, and the live model is given the same by hand.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from unit.saving.keras_models import leaves
from unit.saving.test_with_keras import MODELS, WORLDS, load, originals, predict, worlds

from kerastui import ArraySource, Document, SetWeight, open_model, save

pytestmark = pytest.mark.keras

__all__ = ["originals", "worlds"]  # fixtures


def variables(layer: Any) -> dict[str, Any]:
    """Return the variables of a plain layer by their short names."""
    return {w.name.split("/")[-1].split(":")[0]: w for w in layer.weights}


def new_values(document: Document, seed: int, folder: Path) -> dict[tuple[str, str], np.ndarray]:
    """Replace about half of the weights; return what they get."""
    draw, numbers = random.Random(seed), np.random.default_rng(seed)
    found: dict[tuple[str, str], np.ndarray] = {}
    edits: list[SetWeight] = []
    for layer in document.model.layers:
        for weight in layer.weights:
            if weight.dtype != "float32" or draw.random() < 0.5:
                continue
            array = numbers.uniform(0.1, 1.0, weight.shape).astype("float32")
            path = folder / f"{seed}-{len(found)}.npy"
            np.save(path, array)
            found[layer.path, weight.name] = array
            source = ArraySource(str(path), "", array.shape, "float32", "console")
            edits.append(SetWeight(layer.path, weight.name, source))
    document.apply(*edits)
    return found


@pytest.mark.parametrize("name", [m for m in MODELS if m in (
    "functional in functional", "sequential in functional", "two levels and a model twice"
)])  # fmt: skip
@pytest.mark.parametrize("world", WORLDS)
def test_values_and_flags_together(world: str, name: str, worlds, originals, tmp_path: Path):
    """The loaded model predicts what the model predicts that was given the values by hand."""
    keras = worlds[world.split()[0]]
    _, path = originals(world, name)
    keras.backend.clear_session()
    by_hand = load(keras, path)
    document = Document(open_model(path))
    draw = random.Random(name)
    document.set_states([draw.random() < 0.5 for _ in document.model.layers])
    given = new_values(document, 11, tmp_path)
    assert given
    target = tmp_path / f"saved{path.suffix}"
    save(document, target)
    found = leaves(by_hand)
    for (layer, weight), array in given.items():
        variables(found[layer])[weight].assign(array)
    expected = predict(by_hand)
    keras.backend.clear_session()
    loaded = load(keras, target)
    for (layer, weight), array in given.items():
        got = variables(leaves(loaded)[layer])[weight]
        np.testing.assert_array_equal(np.asarray(got), array, err_msg=f"{layer}/{weight}")
    for old, new in zip(expected, predict(loaded), strict=True):
        np.testing.assert_array_equal(new, old)

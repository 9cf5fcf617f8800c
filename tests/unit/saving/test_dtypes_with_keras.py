"""What Keras loads from a file with float16 weights: the rounded values, as float32 variables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from unit.saving.test_with_keras import WORLDS, load, originals, predict, worlds

from kerastui import Document, open_model, save
from kerastui.edits import ConvertDtype
from kerastui.edits.dtypes import convertible

pytestmark = pytest.mark.keras

__all__ = ["originals", "worlds"]  # fixtures


@pytest.mark.parametrize("world", WORLDS)
def test_the_loaded_model_is_the_rounded_one(world: str, worlds, originals, tmp_path: Path):
    keras = worlds[world.split()[0]]
    _, path = originals(world, "functional in functional")
    keras.backend.clear_session()
    model = load(keras, path)
    model.set_weights([
        w.astype("float16").astype(w.dtype) if w.dtype.kind == "f" else w
        for w in model.get_weights()
    ])  # fmt: skip
    expected, dtypes = predict(model), [str(w.dtype) for w in model.weights]
    document = Document(open_model(path))
    names = convertible(document.model, range(len(document.model.layers)))
    document.apply(ConvertDtype(names, "float16"))
    target = tmp_path / f"half{path.suffix}"
    save(document, target)
    keras.backend.clear_session()
    loaded = load(keras, target)
    assert [str(w.dtype) for w in loaded.weights] == dtypes
    for old, new in zip(expected, predict(loaded), strict=True):
        np.testing.assert_array_equal(new, old)

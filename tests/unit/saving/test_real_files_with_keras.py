"""Every real file that a Keras of today loads: it loads what was saved as the same model."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from unit.saving.keras_models import leaves
from unit.saving.test_real_files import files, patterns

from kerastui import Document, open_model, save
from kerastui.model import Model

pytestmark = pytest.mark.keras


def dummies(keras: Any) -> dict[str, Any]:
    """Stand-ins for the custom objects that the files need to be built."""

    class Scale(keras.layers.Layer):
        def __init__(self, init: float = 1.0, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.init = init

        def build(self, shape: Any) -> None:
            self.scale = self.add_weight(name="scale", shape=(shape[-1],), initializer="ones")

        def call(self, x: Any) -> Any:
            return x * self.scale

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "init": self.init}

    def activation(x: Any) -> Any:
        return keras.activations.relu(x) * 0.5

    names = ("swish", "my_act", "mish", "custom_activation", "my_activation")
    return {"<lambda>": activation, "Scale": Scale, **dict.fromkeys(names, activation)}


def load(keras: Any, path: Path) -> Any:
    options = {"compile": False, "custom_objects": dummies(keras)}
    try:
        return keras.models.load_model(path, safe_mode=False, **options)
    except TypeError as error:
        if "safe_mode" not in str(error):
            raise
        return keras.models.load_model(path, **options)


def predict(model: Any, source: Path) -> list[np.ndarray]:
    given = Path(f"{source}.npz")
    if given.exists():
        with np.load(given) as arrays:
            xs = [arrays[name] for name in sorted(arrays.files) if name.startswith("x")]
    else:
        draw = np.random.default_rng(0)
        xs = [
            draw.integers(0, 2, size=(2, *(n or 8 for n in x.shape[1:]))).astype("float32")
            for x in model.inputs
        ]
    result = model(xs if len(xs) > 1 else xs[0], training=False)
    return [np.asarray(y) for y in (result if isinstance(result, (list, tuple)) else [result])]


def check_flags(loaded: Any, model: Model) -> None:
    found = leaves(loaded)
    for layer in model.layers:
        if layer.weights and layer.path in found:
            assert found[layer.path].trainable is layer.trainable, layer.path
    trained = sum(int(np.prod(w.shape)) for w in loaded.trainable_weights)
    assert trained == model.parameters.trainable


@pytest.mark.parametrize("world", ["keras", "tf_keras"])
def test_every_file_that_loads(world: str, models_dir: Path, tmp_path: Path):
    warnings.simplefilter("ignore")
    keras = pytest.importorskip(world)
    loaded_files = 0
    failures: list[str] = []
    for source in files(models_dir):
        keras.backend.clear_session()
        try:
            expected = predict(load(keras, source), source)
        except Exception:  # this Keras does not load the original
            continue
        opened = open_model(source)
        loaded_files += bool(opened.layers)
        chosen = patterns(opened)
        if source.stat().st_size > 1_000_000 or not any("/" in x.path for x in opened.layers):
            chosen = {k: v for k, v in chosen.items() if k == "alternately"}
        for name, wanted in chosen.items():
            document = Document(opened)
            document.set_states(wanted)
            target = tmp_path / f"saved{source.suffix}"
            saved = save(document, target)
            keras.backend.clear_session()
            try:
                loaded = load(keras, target)
                for old, new in zip(expected, predict(loaded, source), strict=True):
                    np.testing.assert_array_equal(new, old)
                if not any("goes on training" in w for w in saved.warnings):
                    check_flags(loaded, saved.model)
            except (AssertionError, ValueError, KeyError, TypeError) as error:
                failures.append(f"{source.relative_to(models_dir)} {name}: {str(error)[:300]}")
    assert not failures, json.dumps(failures, indent=1)
    assert loaded_files >= {"keras": 18, "tf_keras": 40}[world]

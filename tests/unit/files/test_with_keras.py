"""Descriptions against the live models of Keras 3 and tf_keras: rows, weights by value, shapes.

One module and one process: TensorFlow is imported once.
"""

from __future__ import annotations

import importlib
import io
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from conftest import MODELS_DIR

from kerastui.files import open_model
from kerastui.model import Layer, Model

from .test_real_models import FULL
from .truth import Row, rows
from .zoo import BUILDERS

pytestmark = pytest.mark.keras

_made: dict[tuple[str, str], Any] = {}


@pytest.fixture(params=["keras", "tf_keras"])
def k(request: pytest.FixtureRequest) -> Any:
    return importlib.import_module(request.param)


def live(k: Any, name: str) -> Any:
    """The zoo's model `name` with random weights, made once for each Keras."""
    key = (k.__name__, name)
    if key not in _made:
        k.backend.clear_session()
        try:
            model = BUILDERS[name](k)
        except TypeError as error:
            # tf_keras 2.21 cannot build its own SpectralNormalization
            assert name == "spectral" and "InputSpec" in str(error)
            model = None
        else:
            random = np.random.default_rng(0)
            model.set_weights([random.random(w.shape).astype(w.dtype) for w in model.get_weights()])
        _made[key] = model
    if _made[key] is None:
        pytest.skip("this Keras cannot build it")
    return _made[key]


def values(path: Path, model: Model) -> dict[str, Any]:
    """Dataset path → values, for every weight of a description."""
    source: Any = path
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            source = io.BytesIO(archive.read("model.weights.h5"))
    with h5py.File(source) as file:
        return {w.dataset: file[w.dataset][()] for layer in model.layers for w in layer.weights}


def paired(truth: list[Row], described: tuple[Layer, ...]) -> list[tuple[list[Row], Layer]]:
    """Pair rows; a Bidirectional of tf_keras has two layers live and one in its configuration."""
    pairs: list[tuple[list[Row], Layer]] = []
    at = 0
    for i, layer in enumerate(described):
        mine = [truth[at]]
        at += 1
        outer = described[layer.parent] if layer.parent >= 0 else None
        if outer and outer.class_name == "Bidirectional" and outer.end - layer.parent == 2:
            mine.append(truth[at])
            at += 1
        assert mine[0].depth == layer.depth, (i, mine[0].name, layer.path)
        pairs.append((mine, layer))
    assert at == len(truth)
    return pairs


def short_name(variable: Any) -> str:
    return variable.name.rpartition("/")[2].partition(":")[0]


@pytest.mark.parametrize("ending", [".h5", ".keras"])
@pytest.mark.parametrize("name", list(BUILDERS))
def test_every_layer_and_every_value(k: Any, name: str, ending: str, tmp_path: Path) -> None:
    model = live(k, name)
    path = tmp_path / f"m{ending}"
    model.save(path)
    seen = open_model(path)
    assert seen.notes == () and seen.extra == ()
    assert seen.parameters.total == model.count_params()
    assert seen.class_name == type(model).__name__ and seen.name == model.name
    compare(rows(model), seen, values(path, seen))
    trained = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    if name == "part_frozen" and k.__name__ == "keras":
        # Keras 3 does not pass on a flag that a Bidirectional got when it was made: it trains
        # the layers inside. We count them as frozen, as their wrapper says and tf_keras does.
        trained -= sum(int(np.prod(w.shape)) for w in model.get_layer("bi").weights)
    assert seen.parameters.trainable == trained


def compare(truth: list[Row], seen: Model, stored: dict[str, Any]) -> None:
    for mine, layer in paired(truth, seen.layers):
        if len(mine) == 1 and layer.class_name not in ("TFOpLambda", "SlicingOpLambda"):
            # tf_keras names a Bidirectional's layers anew when it makes them
            side = "forward_" if layer.name == "gru" else "backward_"
            assert mine[0].name in (layer.name, side + layer.name)
            assert mine[0].class_name == layer.class_name
        variables = [w for row in mine for w in row.weights]
        names = [w.name.rpartition("/")[2] for w in layer.weights]
        # Keras 3 calls a depthwise kernel just kernel; its archives hold numbers instead
        names = [short_name(v) if n == "depthwise_kernel" else n
                 for n, v in zip(names, variables, strict=True)]  # fmt: skip
        assert [short_name(v) for v in variables] == names, layer.path
        for variable, weight in zip(variables, layer.weights, strict=True):
            assert tuple(variable.shape) == weight.shape
            assert np.array_equal(np.asarray(variable), stored[weight.dataset]), weight
        shape = mine[0].output_shape
        if layer.output_shape is not None and shape is not None and len(mine) == 1:
            assert layer.output_shape == shape, layer.path


@pytest.mark.parametrize("name", list(BUILDERS))
def test_most_output_shapes_are_known(k: Any, name: str, tmp_path: Path) -> None:
    if name == "operators":
        pytest.skip("operators have no rule")
    model = live(k, name)
    model.save(tmp_path / "m.keras")
    seen = open_model(tmp_path / "m.keras")
    pairs = [p for p in paired(rows(model), seen.layers) if p[0][0].output_shape and len(p[0]) == 1]
    known = sum(1 for _, layer in pairs if layer.output_shape is not None)
    assert known >= 0.9 * len(pairs)


@pytest.mark.parametrize("name", list(BUILDERS))
def test_weights_files_hold_all_weights(k: Any, name: str, tmp_path: Path) -> None:
    model = live(k, name)
    path = tmp_path / "m.weights.h5"
    model.save_weights(path)
    seen = open_model(path)
    assert seen.format == "keras-weights"
    assert seen.parameters.total == model.count_params()
    assert not seen.notes and not seen.extra
    if k.__name__ == "keras":  # from 3.9 on the file knows the layers' own names
        names = [layer.name for layer in seen.layers if layer.depth == 0 and layer.weights]
        wanted = [layer.name for layer in model.layers if layer.weights and hasattr(layer, "name")]
        flat = [n for n in wanted if n in names]
        assert names == flat and set(names) <= set(wanted)


@pytest.mark.parametrize("name", ["part_frozen", "recurrent", "convolutions"])
def test_legacy_weights_files(name: str, tmp_path: Path) -> None:
    import tf_keras

    model = live(tf_keras, name)
    path = tmp_path / "weights.h5"
    model.save_weights(path, save_format="h5")
    seen = open_model(path)
    assert seen.format == "hdf5-weights" and not seen.has_flags
    assert [layer.name for layer in seen.layers if layer.depth == 0] == [
        layer.name for layer in model.layers
    ]
    assert seen.parameters.total == model.count_params()


@pytest.mark.parametrize("row", FULL, ids=[row["file"] for row in FULL])
def test_real_files_as_keras_loads_them(row: dict[str, Any], k: Any) -> None:
    assert MODELS_DIR is not None
    path = MODELS_DIR / row["file"]
    lambdas = '"class_name": "Lambda"' in config_text(path)
    if lambdas and k.__name__ == "tf_keras":
        pytest.skip("tf_keras would run the bytecode in the file")
    k.backend.clear_session()
    try:
        model = k.models.load_model(path, compile=False)
    except Exception as error:  # whatever Keras cannot load is no reference
        pytest.skip(f"{k.__name__} does not load it: {type(error).__name__}")
    seen = open_model(path)
    truth = rows(model)
    if k.__name__ == "keras" and len(truth) != len(seen.layers):
        pytest.skip("Keras 3 rebuilds what was written by another Keras with other rows")
    pairs = paired_leniently(truth, seen)
    for mine, layer in pairs:
        assert mine.name == layer.name or layer.class_name in ("LSTM", "GRU", "Dense"), layer.path
        count = sum(w.size for w in layer.weights)
        assert count == sum(int(np.prod(w.shape)) for w in mine.weights), layer.path
        own = sum(w.size for w in layer.weights if w.trainable)
        if mine.trainable and seen.effective[seen.index[layer.path]]:
            assert own == mine.trained, layer.path


def paired_leniently(truth: list[Row], seen: Model) -> list[tuple[Row, Layer]]:
    """Pair rows one to one where they are, leaving out what only one side has."""
    known: dict[str, list[Row]] = {}
    for row in truth:
        known.setdefault(row.name, []).append(row)
    pairs = [(known[layer.name].pop(0), layer) for layer in seen.layers if known.get(layer.name)]
    assert len(pairs) >= 0.6 * len(seen.layers)
    return pairs


def config_text(path: Path) -> str:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return archive.read("config.json").decode()
    with h5py.File(path) as file:
        text = file.attrs["model_config"]
        return text.decode() if isinstance(text, bytes) else str(text)

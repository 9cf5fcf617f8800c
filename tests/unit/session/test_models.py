"""Every real file: what loads, loads through a session and predicts what bare Keras does."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kerastui.edits.document import Document
from kerastui.errors import LoadFailed
from kerastui.files import open_model
from kerastui.model import Model
from kerastui.session.protocol import Loaded
from kerastui.session.tables import flags_of

pytestmark = pytest.mark.keras

STATED = {"keras": "keras_3_15", "tf_keras": "tf_keras"}
LEAKY = {
    "keras": "lambda x: keras.activations.relu(x, negative_slope=0.1, max_value=20.0)",
    "tf_keras": "lambda x: K.relu(x, alpha=0.1, max_value=20.0)",
}


# Its 300 layers take Keras eight seconds; a broken name; metrics that nobody ships.
LONG, MISNAMED, METRICS = "chunked_layer_names", "tf-2.11.1/v3fmt", "Unknown metric function"


def rows(folder: Path, module: str) -> list[tuple[Path, bool, bool]]:
    """Each whole model, whether it loads, and whether it does so with its compile section."""
    found: list[tuple[Path, bool, bool]] = []
    for row in json.loads((folder / "models.json").read_text("utf-8")):
        if row["kind"] == "full":
            stated = row.get(STATED[module]) or {}
            whole = stated.get("default") == "ok"
            loads = "ok" in stated.values() or METRICS in str(stated.get("default"))
            found.append((folder / row["file"], loads, whole))
    return found


def predict(model: Any, inputs: list[np.ndarray[Any, Any]]) -> list[np.ndarray[Any, Any]]:
    outputs = model(inputs if len(inputs) > 1 else inputs[0], training=False)
    if isinstance(outputs, dict):
        outputs = [outputs[key] for key in sorted(outputs)]
    outputs = outputs if isinstance(outputs, list | tuple) else [outputs]
    return [np.asarray(output) for output in outputs]


PREDICT = """
def _predict(x):
    y = model(x, training=False)
    y = [y[k] for k in sorted(y)] if isinstance(y, dict) else y
    return [np.asarray(v) for v in (y if isinstance(y, (list, tuple)) else [y])]
with np.load({file!r}) as _f:
    _x = [_f[f"x{{i}}"] for i in range(len(_f.files)) if f"x{{i}}" in _f.files]
    np.savez({out!r}, *_predict(_x if len(_x) > 1 else _x[0]))
"""


def inputs_for(path: Path, loaded: Loaded, folder: Path) -> Path:
    """Return a file of inputs x0, x1 …: the first of those that lie there, else made ones."""
    reference = path.with_name(path.name + ".npz")
    rng = np.random.default_rng(0)
    arrays: dict[str, Any] = {}
    if reference.is_file():
        with np.load(reference) as given:
            arrays = {name: given[name] for name in given.files if name.startswith("x")}
    for i, tensor in enumerate(loaded.inputs):
        free = [n or 2 for n in tensor.shape]
        array = arrays.get(f"x{i}", rng.random(free).astype(tensor.dtype))
        arrays[f"x{i}"] = array[:1] if tensor.shape[0] is None else array
    np.savez(folder / "inputs.npz", **arrays)
    return folder / "inputs.npz"


def same_numbers(one: Any, given: Path, bare: Any, folder: Path) -> bool:
    """Compare predictions to the last bit; False where bare Keras itself refuses the input."""
    with np.load(given) as arrays:
        inputs = [arrays[f"x{i}"] for i in range(len(arrays.files)) if f"x{i}" in arrays.files]
    out = folder / "out.npz"
    result = one.run(PREDICT.format(file=str(given), out=str(out)))
    try:
        expected = predict(bare, inputs)
    except ValueError:
        assert result.trouble.type == "ValueError"
        return False
    assert result.trouble is None, f"{given}: {result.trouble.traceback}"
    with np.load(out) as arrays:
        for i, wanted in enumerate(expected):
            np.testing.assert_array_equal(arrays[f"arr_{i}"], wanted, str(given))
    return True


def test_what_loads_predicts_as_bare_keras(either: Any, models_dir: Path, tmp_path: Path) -> None:
    bare = importlib.import_module(either.module)
    tried = compared = 0
    for path, loads, whole in rows(models_dir, either.module):
        if not loads or LONG in path.name:
            continue
        assert not whole or either.session.needs(str(path)).result(30) == (), path
        document = Document(open_model(path))
        loading = either.loading(path, document.model, compile=whole)
        model = bare.models.load_model(str(path), compile=False)  # meanwhile, in this process
        loaded = loading.result(60)
        has_all_of(either, document.model, loaded)
        toggles_agree(either, document)
        tried += 1
        compared += same_numbers(either, inputs_for(path, loaded, tmp_path), model, tmp_path)
    assert tried >= 15
    assert compared >= tried - 3


def has_all_of(one: Any, table: Model, loaded: Loaded) -> None:
    """The live model has the table's layers and weights, by the same paths."""
    assert loaded.missing == (), table.file
    paths = [f"{layer.path}/{w.name}" for layer in table.layers for w in layer.weights]
    live = one.session.plain(one.run("list(W)").value.id).result(60)["value"]
    assert sorted(live) == sorted(paths), table.file
    assert loaded.weights == len(paths), table.file
    assert loaded.trainable_weights == trainable(table), table.file


def toggles_agree(one: Any, document: Document) -> None:
    """Freeze the first half of the layers, and one more."""
    half = len(document.model.layers) // 2
    for wanted in (range(half), [half]):
        model = document.set_trainable(wanted, False)
        told = one.session.set_trainable(flags_of(model)).result(60)
        assert told in (-1, trainable(model)), model.file
        assert int(one.text("len(model.trainable_weights)")) == trainable(model), model.file


def trainable(model: Model) -> int:
    """``len(model.trainable_weights)`` as the table has it."""
    pairs = zip(model.layers, model.effective, strict=True)
    return sum(w.trainable for layer, on in pairs if on for w in layer.weights)


def test_what_does_not_load_says_why_in_a_sentence(either: Any, models_dir: Path) -> None:
    tried = 0
    for path, loads, _ in rows(models_dir, either.module):
        if loads or MISNAMED in str(path):
            continue
        with pytest.raises(LoadFailed) as caught:
            either.session.load(str(path), compile=False).result(60)
        said, why = str(caught.value), caught.value.fields["why"]
        assert said.endswith("."), said
        assert len(said) < 400, said
        assert "\n" not in said, said
        assert path.name in said or why == "code", said
        assert why in ("keras", "python", "code"), said
        if why == "code":
            assert caught.value.fields["places"], path
        else:
            assert len(str(caught.value.fields["details"])) > 10
        tried += 1
    assert tried >= 10


def test_code_runs_only_with_trust(either: Any, models_dir: Path) -> None:
    """Its bytecode is of another Python: that Keras says so shows that it came that far."""
    path = models_dir / "made/tf-2.4.4/lambda_cropping.hdf5"
    with pytest.raises(LoadFailed, match="lambda") as caught:
        either.session.load(str(path)).result(60)
    assert caught.value.fields["why"] == "code"
    with pytest.raises(LoadFailed, match="has changed since"):
        either.session.load(str(path), trust=True, sha256="0" * 64).result(60)
    with pytest.raises(LoadFailed, match="bytecode of another Python"):
        either.session.load(str(path), trust=True, compile=False).result(60)


def test_an_expression_stands_for_a_lambda(either: Any, models_dir: Path, tmp_path: Path) -> None:
    """DeepLC's activation is literally named ``<lambda>``."""
    path = next(models_dir.glob("found/*/full_hc_PXD005573_mcp_8c*.hdf5"))
    needs = either.session.needs(str(path)).result(30)
    assert [(n.name, n.kind) for n in needs] == [("<lambda>", "activation")]
    assert len(needs[0].uses) + needs[0].more_uses > 5
    assert "and" in needs[0].describe()
    answer = {"name": "<lambda>", "kind": "activation", "how": "expression"}
    loaded = either.load(path, answers=[{**answer, "value": LEAKY[either.module]}])
    bare = importlib.import_module(either.module)

    def leaky(x: Any) -> Any:
        if either.module == "keras":
            return bare.activations.relu(x, negative_slope=0.1, max_value=20.0)
        return bare.backend.relu(x, alpha=0.1, max_value=20.0)

    model = bare.models.load_model(str(path), custom_objects={"<lambda>": leaky}, compile=False)
    assert same_numbers(either, inputs_for(path, loaded, tmp_path), model, tmp_path)


def test_files_that_are_no_models(keras3: Any, models_dir: Path, tmp_path: Path) -> None:
    weights = next(models_dir.glob("made/keras-2.0.8/misc_weights.h5"))
    text = tmp_path / "notes.h5"
    text.write_text("hello")
    for path, says in (
        (weights, "weights only"),
        (text, "neither an HDF5 file"),
        (tmp_path, "folder"),
        (tmp_path / "absent.h5", "No such file"),
    ):
        for ask in (keras3.session.needs, keras3.session.load):
            with pytest.raises(LoadFailed, match=says) as caught:
                ask(str(path)).result(60)
            assert caught.value.fields["why"] == "file"

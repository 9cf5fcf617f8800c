"""Table and live model agree: toggles go there, and what code changes comes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from real_files import full_models

from kerastui.edits.document import Document
from kerastui.errors import SessionError
from kerastui.files import open_model
from kerastui.model import Model
from kerastui.session.protocol import WeightChange
from kerastui.session.tables import flags_of

pytestmark = pytest.mark.keras

# Of each shape: nested models, models in Sequential, wrappers, shared layers, mixed precision.
FILES = {
    "keras": [
        "found/pypi_inaSpeechSegmenter-0.6.0/keras_speech_music_noise_cnn.hdf5",
        "made/keras-2.0.8/multi_output_shared.hdf5",
        "made/tf-2.11.1/seq_of_models_frozen.hdf5",
        "made/keras-2.2.4/misc_layers.hdf5",
    ],
    "tf_keras": [
        "made/keras-2.0.8/finetune_nested_partfrozen.hdf5",
        "made/keras-2.0.8/finetune_top_seq_in_model.hdf5",
        "made/tf-2.4.4/rnn_bidir_td.hdf5",
        "made/tf-2.11.1/mixed_float16.h5",
        "made/tf-2.11.1/seq_of_models_frozen.hdf5",
        "made/tf-2.13.1/mha.h5",
    ],
}


def trainable(model: Model) -> int:
    """``len(model.trainable_weights)`` as the table has it."""
    pairs = zip(model.layers, model.effective, strict=True)
    return sum(w.trainable for layer, on in pairs if on for w in layer.weights)


def toggles(document: Document) -> Iterator[Model]:
    """Toggle this and that, whole subtrees and single layers, then take all back."""
    count = len(document.model.layers)
    yield document.set_trainable(range(count), False)
    yield document.set_trainable(range(count), True)
    for i in range(0, count, max(1, count // 4)):
        yield document.set_trainable([i], False)
    for i in range(1, count, max(1, count // 3)):
        yield document.set_trainable([i], True)
    while document.undo():
        yield document.model


def agree(one: Any, path: Path) -> None:
    document = Document(open_model(path))
    loaded = one.load(path, document.model, compile=False)
    assert loaded.missing == ()
    assert loaded.trainable_weights == trainable(document.model)
    for model in toggles(document):
        told = one.session.set_trainable(flags_of(model)).result(60)
        assert told in (-1, trainable(model))
        assert one.text("len(model.trainable_weights)") == str(trainable(model))


def test_toggles_reach_the_live_model(either: Any, models_dir: Path) -> None:
    known = {str(p.relative_to(models_dir)) for p in full_models(models_dir)}
    names = [name for name in FILES[either.module] if name in known]
    assert names
    for name in names:
        agree(either, models_dir / name)


def test_toggles_of_sample_models(keras3: Any, sample_dir: Path) -> None:
    for name in ("transfer.h5", "recurrent.keras"):
        agree(keras3, sample_dir / name)


def test_flags_that_code_sets(keras3: Any, sample_dir: Path) -> None:
    path = sample_dir / "transfer.h5"
    keras3.load(path)
    document = Document(open_model(path))
    result = keras3.run("L['digits_base/block2_conv1'].trainable = False")
    assert [(f.path, f.trainable) for f in result.flags] == [("digits_base/block2_conv1", False)]
    assert not result.flags[0].as_loaded
    # Nothing of the table has changed: it is told again all the same, and wins.
    told = keras3.session.set_trainable(flags_of(document.model)).result(60)
    assert told == trainable(document.model)
    assert keras3.text("L['digits_base/block2_conv1'].trainable") == "True"
    result = keras3.run("model.trainable = False")
    assert {f.path for f in result.flags} == {
        layer.path
        for layer, on in zip(document.model.layers, document.model.effective, strict=True)
        if on
    }
    assert keras3.run("model.trainable").flags == ()


def test_a_locked_layer_is_not_told_as_trained(keras2: Any, models_dir: Path) -> None:
    """In Keras 2 a frozen model's layers keep flags of their own, which count for nothing."""
    path = models_dir / "made/keras-2.0.8/finetune_nested_partfrozen.hdf5"
    document = Document(open_model(path))
    keras2.load(path, compile=False)
    outer = next(layer for layer in document.model.layers if layer.kind == "model")
    inner = next(i for i in document.model.children(document.model.index[outer.path]))
    place = document.model.layers[inner].path
    keras2.run(f"L[{outer.path!r}].trainable = False")
    result = keras2.run(f"L[{place!r}].trainable = True")
    assert result.flags == ()
    lost = [w for layer in document.model.layers if layer.path.startswith(outer.path + "/")
            for w in layer.weights]  # fmt: skip
    assert lost
    wanted = {p: f and not p.startswith(outer.path) for p, f in flags_of(document.model).items()}
    told = keras2.session.set_trainable(wanted).result(60)
    assert told == int(keras2.text("len(model.trainable_weights)"))


def test_weights_that_code_assigns(keras3: Any, sample_dir: Path, tmp_path: Path) -> None:
    keras3.load(sample_dir / "recurrent.keras")
    table = {(layer.path, w.name): w for layer in open_model(sample_dir / "recurrent.keras").layers
             for w in layer.weights}  # fmt: skip
    bi = "both_ways"
    everything = [(path, name) for path, name in table if path.startswith(bi)]
    keras3.run(f"layer = L[{bi!r}]\nlayer.set_weights([w + 1 for w in layer.get_weights()])")
    assert sorted((c.path, c.name) for c in keras3.changed()) == sorted(everything)
    path, name = everything[0]
    keras3.run(f"W[{path + '/' + name!r}] = np.zeros({table[path, name].shape})")
    assert [(c.path, c.name) for c in keras3.changed()] == [(path, name)]
    # The file that the edit is made of, and the way back by undo.
    file = keras3.session.export_weight(path, name).result(60)
    np.testing.assert_array_equal(np.load(file), np.zeros(table[path, name].shape))
    np.save(tmp_path / "old.npy", np.ones(table[path, name].shape, "f4"))
    keras3.session.set_weight(path, name, str(tmp_path / "old.npy")).result(60)
    assert keras3.session.diff().result(60).weights == ()
    assert keras3.text(f"float(W[{path + '/' + name!r}].min())") == "1.0"


def test_changes_carry_what_an_edit_needs(either: Any, models_dir: Path) -> None:
    path = models_dir / "found/gh_iceman67+Keras_Example/weights.best.hdf5"
    either.load(path, compile=False)
    layer = next(layer for layer in open_model(path).layers if len(layer.weights) == 2)
    before = either.text(f"W[{layer.path + '/bias'!r}].tolist()")
    either.run(f"L[{layer.path!r}].bias.assign_add(np.ones({layer.weights[1].shape}))")
    (change,) = either.changed()
    assert change == WeightChange(layer.path, "bias", 1, layer.weights[1].shape, "float32", False)
    either.run(f"W[{layer.path + '/bias'!r}] = {before}")
    (change,) = either.changed()
    assert change.as_loaded


def test_wrong_shapes_are_refused(keras3: Any, sample_dir: Path, tmp_path: Path) -> None:
    keras3.load(sample_dir / "two_outputs.keras")
    weight = keras3.text("list(W)[0]")
    for code in (
        f"W[{weight!r}] = np.zeros((1, 2))",
        "model.weights[0].assign(np.zeros((1, 2)))",
        "next(x for x in model.layers if x.weights).set_weights([np.zeros(3)])",
    ):
        result = keras3.run(code)
        assert (result.status, result.trouble.type, result.trouble.line) == (
            "error",
            "ValueError",
            1,
        )
    assert keras3.session.diff().result(60).weights == ()
    np.save(tmp_path / "w.npy", np.zeros((1, 2)))
    path, _, name = weight.rpartition("/")
    with pytest.raises(SessionError, match=r"has shape .*the file \(1, 2\)"):
        keras3.session.set_weight(path, name, str(tmp_path / "w.npy")).result(60)
    with pytest.raises(SessionError, match="no weight nothing/kernel"):
        keras3.session.set_weight("nothing", "kernel", str(tmp_path / "w.npy")).result(60)

"""Cutting and appending in a description: what can be cut, why not, and what it becomes."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import h5py
import pytest

from kerastui.edits import (
    AppendDense,
    CutChange,
    CutHead,
    Document,
    NewLayerChange,
    Rename,
    RestoreHead,
    SetLoss,
    SetTrainable,
)
from kerastui.edits.codec import edits_from_json, edits_to_json
from kerastui.edits.dense import era_of
from kerastui.edits.head_hints import head_warnings, matching_loss
from kerastui.errors import BadEdit
from kerastui.files import open_model
from kerastui.model import FileIdentity, Layer, Model, Reference, Weight
from kerastui.saving import save

SAMPLES = Path(__file__).parents[3] / "sample_models"
HEAD = AppendDense("top", 3, "softmax")


def weights(name: str) -> tuple[Weight, ...]:
    stored = f"{name}/kernel:0"
    return (Weight("kernel", stored, f"/model_weights/{name}/{stored}", (4, 4), "float32"),)


def functional(calls: dict[str, list[str]], outputs: list[str], **classes: str) -> Model:
    """A Functional model in which each layer is called once for each text ("a b": on both)."""
    layers: list[Layer] = []
    for index, (name, fed) in enumerate(calls.items()):
        class_name = classes.get(name, "Dense" if fed else "InputLayer")
        layers.append(
            Layer(
                name, name, class_name, True, end=index + 1, output_shape=(None, 4),
                calls=tuple(tuple(Reference(s, 0, 0) for s in call.split()) for call in fed),
                outputs=tuple((0, 0) for out in outputs if out == name),
                config={"name": name}, config_at=("config", "layers", index),
                weights=weights(name) if fed else (),
            )
        )  # fmt: skip
    identity = FileIdentity("m.h5", 1, 1, 1, 1)
    return Model(identity, "hdf5", "m", "Functional", "2.4.0", "tensorflow", tuple(layers))


CHAIN = {"in": [], "a": ["in"], "b": ["a"], "c": ["b"]}
SKIP = {"in": [], "a": ["in"], "b": ["a"], "add": ["a b"], "c": ["add"]}
BRANCHES = {"in": [], "a": ["in"], "left": ["a"], "right": ["a"], "cat": ["left right"]}
SHARED = {"in": [], "a": ["in"], "twice": ["a", "b"], "b": ["twice"], "c": ["twice"]}
TWO_INPUTS = {"in": [], "other": [], "a": ["in"], "cat": ["a other"], "c": ["cat"]}


@pytest.mark.parametrize(
    ("calls", "at", "left"),
    [(CHAIN, "a", ["in", "a"]), (CHAIN, "b", ["in", "a", "b"]), (SKIP, "b", ["in", "a", "b"]),
     (SKIP, "add", ["in", "a", "b", "add"]), (BRANCHES, "a", ["in", "a"]),
     (TWO_INPUTS, "cat", ["in", "other", "a", "cat"]), (SHARED, "a", ["in", "a"])],
)  # fmt: skip
def test_what_lies_behind_goes(calls: dict[str, list[str]], at: str, left: list[str]):
    model = functional(calls, [list(calls)[-1]])
    cut = CutHead(at).apply(model)
    assert [x.name for x in cut.layers] == left
    assert [x.name for x in cut.layers if x.outputs] == [at]
    assert [x.end for x in cut.layers] == list(range(1, len(left) + 1))
    assert cut.parameters.total == 16 * sum(bool(calls[name]) for name in left)
    assert CutHead(list(calls)[-1]).apply(model) is model


@pytest.mark.parametrize(
    ("calls", "outputs", "at", "problem"),
    [
        (CHAIN, ["c"], "in", "is an input"),
        (CHAIN, ["b", "c"], "a", "2 outputs"),
        (CHAIN, ["c"], "nothing", "There is no layer"),
        (BRANCHES, ["cat"], "left", "another path"),
        (TWO_INPUTS, ["c"], "a", "other is on another path"),
        (SHARED, ["c"], "twice", "shared"),
    ],
)
def test_what_cannot_be_cut_says_why(
    calls: dict[str, list[str]], outputs: list[str], at: str, problem: str
):
    with pytest.raises(BadEdit, match=problem):
        CutHead(at).apply(functional(calls, outputs))


def test_a_layer_of_several_results_is_no_end():
    model = functional(CHAIN, ["c"], a="LSTM")
    both = (Reference("a", 0, 0), Reference("a", 0, 1))
    model = model.with_layer(2, model.layers[2].with_fields(calls=(both,)))
    with pytest.raises(BadEdit, match="gives 2 results"):
        CutHead("a").apply(model)


def test_the_nodes_of_a_nested_model_may_be_counted_from_one():
    model = functional(CHAIN, ["c"])
    fed = ((Reference("b", 1, 0),),)
    model = model.with_layer(3, model.layers[3].with_fields(calls=fed))
    cut = CutHead("b").apply(model)
    assert cut.layers[-1].outputs == ((1, 0),)
    assert HEAD.apply(cut).layers[-1].calls == fed


def test_a_new_layer_is_like_the_others_of_its_era():
    model = HEAD.apply(CutHead("b").apply(functional(CHAIN, ["c"])))
    layer = model.layers[-1]
    assert layer.config_at == ("config", "layers", 3)
    assert [w.stored_name for w in layer.weights] == ["top/kernel:0", "top/bias:0"]
    assert [w.shape for w in layer.weights] == [(4, 3), (3,)]
    assert layer.output_shape == (None, 3)
    assert layer.config["kernel_initializer"] == {
        "class_name": "GlorotUniform", "config": {"seed": None}
    }  # fmt: skip
    old = replace(functional(CHAIN, ["c"]), keras_version="1.2.2")
    assert HEAD.apply(old).layers[-1].config["output_dim"] == 3
    with pytest.raises(BadEdit, match="no activation"):
        AppendDense("top", 3, "gelu").apply(old)


@pytest.mark.parametrize(
    ("version", "era"),
    [("1.2.2", "keras1"), ("2.0.8", "keras2"), ("2.3.1", "keras2"), ("2.2.4-tf", "tf.keras"),
     ("2.4.0", "tf.keras"), ("2.11.0", "tf.keras"), ("2.13.1", "modules"), ("3.15.1", "keras3"),
     ("", "keras2"), ("odd", "keras2")],
)  # fmt: skip
def test_eras(version: str, era: str):
    assert era_of(replace(functional(CHAIN, ["c"]), keras_version=version)) == era


def test_names_of_cut_layers_are_free_again():
    document = Document(functional(CHAIN, ["c"]))
    document.apply(CutHead("a"), Rename((("a", "b"),)), AppendDense("c", 2))
    assert [x.name for x in document.model.layers] == ["in", "b", "c"]
    again = Document(document.original)
    again.apply(*document.edits)
    assert again.model == document.model
    kinds = [type(change) for change in document.changes]
    assert kinds[:2] == [CutChange, NewLayerChange]
    document.revert_changes(document.changes)
    assert not document.changes
    assert document.model.structure is None


def test_single_changes_are_reverted():
    document = Document(functional(CHAIN, ["c"]))
    document.apply(CutHead("b"), HEAD, SetTrainable(("a", "top"), False))
    new = next(c for c in document.changes if isinstance(c, NewLayerChange))
    document.revert_changes(c for c in document.changes if c.path == "top")
    assert new not in document.changes
    assert [x.name for x in document.model.layers] == ["in", "a", "b"]
    document.revert(["b"])
    assert [x.name for x in document.model.layers] == ["in", "a", "b", "c"]
    assert not document.model["a"].trainable


def test_a_step_in_the_middle_is_undone():
    document = Document(functional(CHAIN, ["c"]))
    document.apply(SetTrainable(("a",), False))
    document.apply(CutHead("b"))
    document.apply(SetTrainable(("b",), False))
    document.undo_step(1)
    assert [x.name for x in document.model.layers] == ["in", "a", "b", "c"]
    assert [x.trainable for x in document.model.layers] == [True, False, False, True]


def test_the_head_comes_back_only_where_its_name_is_free():
    document = Document(functional(CHAIN, ["c"]))
    document.apply(CutHead("b"), Rename((("b", "c"),)))
    with pytest.raises(BadEdit):
        document.apply(RestoreHead())
    assert document.undo() is not None
    assert document.model is document.original


def test_edits_as_json():
    edits = (CutHead("a/b"), replace(HEAD, seed=5, initializer="he_normal"), RestoreHead(True))
    assert edits_from_json(edits_to_json(edits)) == edits
    for broken in (
        '{"edit": "append_dense", "name": "x", "units": 1.5}',
        '{"edit": "append_dense", "name": "x", "units": true}',
        '{"edit": "cut_head"}',
    ):
        with pytest.raises(BadEdit):
            edits_from_json(f'{{"kerastui_edits": 1, "edits": [{broken}]}}')


def test_hints_and_warnings():
    assert "always 1" in matching_loss(1, "softmax")
    assert "binary_crossentropy" in matching_loss(1, "sigmoid")
    model = open_model(SAMPLES / "digits_cnn.keras")
    cut = CutHead("dense").apply(model)
    assert "compile it anew" in head_warnings(model, cut)[0]
    one = AppendDense("top", 1, "sigmoid").apply(cut)
    assert "does not fit" in head_warnings(model, one)[0]
    same = AppendDense("top", 10, "softmax").apply(cut)
    assert head_warnings(model, same) == ()
    fewer = AppendDense("top", 7, "softmax")
    (said,) = head_warnings(model, fewer.apply(cut))
    assert "(None, 7) where (None, 10) was; the labels have to be of that shape" in said
    sparse = SetLoss.named("digit", "sparse_categorical_crossentropy").apply(model)
    (said,) = head_warnings(sparse, fewer.apply(CutHead("dense").apply(sparse)))
    assert "the labels have to be numbers below 7" in said
    assert head_warnings(model, model) == ()


def test_groups_that_are_counted_by_class_move_up(tmp_path: Path):
    """Nobody's Keras lists a layer before what feeds it; a file may."""
    archive = swapped(tmp_path)
    model = open_model(archive)
    assert model["dense"].weights[0].dataset == "/layers/dense_1/vars/0"
    document = Document(model)
    document.apply(CutHead("dense"))
    assert document.model["dense"].weights[0].dataset == "/layers/dense/vars/0"
    save(document, tmp_path / "out.keras")
    with h5py.File(inner(archive)) as old, h5py.File(inner(tmp_path / "out.keras")) as new:
        assert (old["/layers/dense_1/vars/0"][()] == new["/layers/dense/vars/0"][()]).all()
        assert "dense_1" not in new["layers"]


def swapped(folder: Path) -> Path:
    """Return a Functional archive of Keras 3's form in which the head is listed first."""
    tensor = lambda name: {  # noqa: E731
        "class_name": "__keras_tensor__",
        "config": {"shape": [None, 4], "dtype": "float32", "keras_history": [name, 0, 0]},
    }

    def entry(name: str, fed: str, units: int) -> dict[str, object]:
        return {
            "module": "keras.layers", "class_name": "Dense", "name": name,
            "config": {"name": name, "trainable": True, "units": units, "activation": "linear"},
            "registered_name": None, "build_config": {"input_shape": [None, 4]},
            "inbound_nodes": [{"args": [tensor(fed)], "kwargs": {}}],
        }  # fmt: skip

    first = {
        "module": "keras.layers", "class_name": "InputLayer", "name": "x", "inbound_nodes": [],
        "config": {"name": "x", "batch_shape": [None, 4], "dtype": "float32"},
        "registered_name": None,
    }  # fmt: skip
    layers = [first, entry("head", "dense", 2), entry("dense", "x", 4)]
    config = {
        "module": "keras.src.models.functional", "class_name": "Functional",
        "config": {"name": "m", "trainable": True, "layers": layers,
                   "input_layers": ["x", 0, 0], "output_layers": ["head", 0, 0]},
        "registered_name": "Functional",
    }  # fmt: skip
    weights = folder / "weights.h5"
    with h5py.File(weights, "w") as file:
        for name, units in (("dense", 2), ("dense_1", 4)):
            file[f"layers/{name}/vars/0"] = [[float(units)] * units] * 4
            file[f"layers/{name}/vars/1"] = [0.0] * units
    target = folder / "swapped.keras"
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.15.1"}))
        archive.writestr("config.json", json.dumps(config))
        archive.write(weights, "model.weights.h5")
    return target


def inner(archive: Path) -> Path:
    target = archive.with_suffix(".inner.h5")
    with zipfile.ZipFile(archive) as opened:
        target.write_bytes(opened.read("model.weights.h5"))
    return target

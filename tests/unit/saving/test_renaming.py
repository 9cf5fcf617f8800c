"""Renames, saved: texts of every era, groups and weights, slots; every real file."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from unit.saving.h5_compare import differences, outline

from kerastui import Document, open_model, save
from kerastui.edits import Rename, SetTrainable, name_problems
from kerastui.edits.references import find_references, with_references
from kerastui.errors import SaveFailed
from kerastui.model import Model
from kerastui.saving import plan_save
from kerastui.saving.jsontext import set_values
from kerastui.saving.relink import move_links, parts
from kerastui.saving.stored_names import new_slot_names

# -- references of every era -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "new"),
    [
        ([[["a", 0, 0, {}]]], [[["A", 0, 0, {}]]]),  # Keras 2, tf.keras
        ([[["a", 0, 0], ["b", 1, 0]]], [[["A", 0, 0], ["b", 1, 0]]]),  # Keras 1
        ([["a", 0, 0, {"y": ["a", 0, 1]}]], [["A", 0, 0, {"y": ["A", 0, 1]}]]),  # TFOpLambda
        (
            [[["b", 0, 0, {"initial_state": [["a", 0, 1], ["a", 0, 2]]}]]],
            [[["b", 0, 0, {"initial_state": [["A", 0, 1], ["A", 0, 2]]}]]],
        ),
        ([[["_CONSTANT_VALUE", -1, 3.0, {}]]], [[["_CONSTANT_VALUE", -1, 3.0, {}]]]),
        (["a", 0, 0], ["A", 0, 0]),  # output_layers with one plain reference
        ({"a": ["a", 0, 0]}, {"a": ["A", 0, 0]}),  # a dictionary of outputs keeps its keys
        (
            [{"args": [{"class_name": "__keras_tensor__", "config": {
                "shape": [None, 3], "keras_history": ["a", 0, 0]}}], "kwargs": {"mask": None}}],
            [{"args": [{"class_name": "__keras_tensor__", "config": {
                "shape": [None, 3], "keras_history": ["A", 0, 0]}}], "kwargs": {"mask": None}}],
        ),
        ([["a", "b"], "a", ["a", 1.0, 0], ["a", 0]], [["a", "b"], "a", ["a", 1.0, 0], ["a", 0]]),
    ],
)  # fmt: skip
def test_references(value: Any, new: Any):
    before = json.dumps(value)
    assert with_references(value, {"a": "A"}) == new
    assert json.dumps(value) == before
    for place, name in find_references(value, {"a"}):
        found = value
        for step in place:
            found = found[step]
        assert found == name == "a"


def test_keys_are_renamed_where_they_stand():
    text = '{ "loss" : {"a": "mse",\n"b":"mae"}, "metrics": {"a": [{"name": "a_acc"}]} }'
    values = {("metrics", "a", 0, "name"): '"z_acc"'}
    keys = {("loss", "a"): "z", ("metrics", "a"): "z"}
    assert set_values(text, values, keys) == (
        '{ "loss" : {"z": "mse",\n"b":"mae"}, "metrics": {"z": [{"name": "z_acc"}]} }'
    )
    with pytest.raises(SaveFailed):
        set_values(text, {}, {("loss", "c"): "z"})


# -- slots and links -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "new"),
    [
        ("Adam/conv/kernel/m:0", "Adam/stem/kernel/m:0"),
        ("Adam/m/conv/kernel:0", "Adam/m/stem/kernel:0"),
        ("training/Adam/conv/kernel/m:0", "training/Adam/stem/kernel/m:0"),
        ("conv/kernel/m:0", "stem/kernel/m:0"),
        ("adam/conv_kernel_momentum", "adam/stem_kernel_momentum"),
        ("adam/conv_kernel_2_momentum", "adam/conv_kernel_2_momentum"),
        ("training/Adam/Variable_3:0", "training/Adam/Variable_3:0"),
        ("Adam/iter:0", "Adam/iter:0"),
        ("Adam/conv_2/kernel/m:0", "Adam/conv_2/kernel/m:0"),
    ],
)
def test_names_of_slots(name: str, new: str):
    cores = {"conv/kernel": "stem/kernel", "conv_2/kernel": "conv_2/kernel",
             "conv/kernel_2": "conv/kernel_2"}  # fmt: skip
    assert new_slot_names([name], cores) == [new]


def moved(path: Path, moves: list[tuple[str, str]]) -> dict[str, Any]:
    with h5py.File(path, "r+") as file:
        move_links(file["/"].id, [(parts(old), parts(new)) for old, new in moves])
        return outline(file)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    path = tmp_path / "t.h5"
    with h5py.File(path, "w") as file:
        for number, name in enumerate(("a/a/k", "a/a/b", "b/k", "c/x/k")):
            file[name] = np.full(3, number)
        file["a"].attrs["note"] = "kept"
        file["soft"] = h5py.SoftLink("/a")
    return path


@pytest.mark.parametrize(
    ("moves", "found"),
    [
        ([("a", "n")], {"/n/a/k": 0, "/b/k": 2}),
        ([("a", "b"), ("b", "a")], {"/b/a/k": 0, "/a/k": 2}),
        ([("a/a/k", "n/n/k"), ("a/a/b", "n/n/b")], {"/n/n/k": 0, "/n/n/b": 1}),
        ([("a/a/k", "a/n/k"), ("a/a/b", "a/a/b")], {"/a/n/k": 0, "/a/a/b": 1}),
        ([("c/x/k", "c/k")], {"/c/k": 3}),
        ([("b/k", "b/y/z/k")], {"/b/y/z/k": 2}),
        ([("c/x/k", "d/x/k"), ("b/k", "d/k")], {"/d/x/k": 3, "/d/k": 2}),
    ],
)
def test_links_move(tree: Path, moves: list[tuple[str, str]], found: dict[str, int]):
    after = moved(tree, moves)
    for path, number in found.items():
        assert after[path][-1] == np.full(3, number).tobytes()
    groups = [p for p, what in after.items() if what[0] == "group" and not what[1]]
    assert not groups, "an empty folder was left"
    assert not any("kerastui" in path for path in after)
    assert any(path.endswith("@note") for path in after)


@pytest.mark.parametrize(
    "moves", [[("a", "b")], [("a/a/k", "a/a/b")], [("zz", "y")], [("soft/a/k", "soft/n/k")],
              [("b/k", "soft/k")], [("c/x/k", "b/k/k")]],
)  # fmt: skip
def test_what_is_in_the_way_stops_it(tree: Path, moves: list[tuple[str, str]]):
    with pytest.raises(SaveFailed):
        moved(tree, moves)


# -- files -----------------------------------------------------------------------------------


def texts(path: Path) -> tuple[Any, Any]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            config = json.loads(archive.read("config.json"))
        return config, config.get("compile_config")
    with h5py.File(path) as file:
        found = [file.attrs.get(k) for k in ("model_config", "training_config")]
    return tuple(
        None if t is None else json.loads(t.decode() if isinstance(t, bytes) else t) for t in found
    )  # type: ignore[return-value]


def renamed(source: Path, target: Path, names: dict[str, str]) -> Model:
    document = Document(open_model(source))
    document.apply(Rename(tuple(names.items())))
    saved = save(document, target)
    for old, meant, found in zip(
        document.original.layers, document.model.layers, saved.model.layers, strict=True
    ):
        for part in ("path", "name", "calls", "outputs", "config", "auto_named", "end"):
            assert getattr(found, part) == getattr(meant, part), (source, old.path, part)
        described = [(w.name, w.shape, w.dtype, w.trainable) for w in old.weights]
        assert [(w.name, w.shape, w.dtype, w.trainable) for w in found.weights] == described
    assert saved.model.compile == document.model.compile
    assert saved.model.name == document.model.name
    return saved.model


def new_names(model: Model, pattern: str = "new_{}") -> dict[str, str]:
    names = {layer.path: pattern.format(i) for i, layer in enumerate(model.layers)}
    if model.name:
        names[""] = "whole"
    problems = name_problems(model, names)
    return {path: name for path, name in names.items() if path not in problems}


def test_every_real_file_there_and_back(models_dir: Path, tmp_path: Path):
    rows = json.loads((models_dir / "models.json").read_text("utf-8"))
    saved_files = 0
    for row in rows:
        source = models_dir / row["file"]
        opened = open_model(source)
        names = new_names(opened)
        if not names:
            continue
        target = tmp_path / f"there{source.suffix}"
        there = renamed(source, target, names)
        back = {
            new.path: old.name
            for old, new in zip(opened.layers, there.layers, strict=True)
            if old.path in names
        }
        if "" in names:
            back[""] = opened.name
        assert_nothing_is_called_as_before(opened, names, target)
        renamed(target, target, back)
        if opened.format == "keras":
            with zipfile.ZipFile(source) as old, zipfile.ZipFile(target) as new:
                assert [old.read(n) for n in old.namelist()] == [
                    new.read(n) for n in new.namelist()
                ]
        else:
            assert not differences(source, target), source
        saved_files += 1
    assert saved_files >= 80


def assert_nothing_is_called_as_before(model: Model, names: dict[str, str], path: Path) -> None:
    """No group, weight or reference goes by a name that only a renamed layer had."""
    if model.format == "keras":
        return
    old = {model[p].name for p in names if p and model[p].parent < 0}
    old -= {layer.name for layer in model.layers if layer.path not in names}
    with h5py.File(path) as file:
        weights = file.get("model_weights", file)
        assert not old & set(weights), path
        for group in weights.values():
            for name in group.attrs.get("weight_names", ()):
                name = name.decode() if isinstance(name, bytes) else name
                assert not old & set(name.split("/")[:-1]), (path, name)
                assert name in group


def test_each_layer_by_itself(models_dir: Path, tmp_path: Path):
    for name in (
        "tf-2.4.4/multi_output_dict.hdf5", "tf-2.4.4/rnn_bidir_td.hdf5", "keras-3.15/adam.keras",
        "keras-2.0.8/finetune_nested_partfrozen.hdf5", "tf-2.13.1/tfops_schedule_auc.h5",
    ):  # fmt: skip
        source = models_dir / "made" / name
        opened = open_model(source)
        for path in new_names(opened):
            target = tmp_path / f"one{source.suffix}"
            renamed(source, target, {path: "another"})
            if opened.format == "keras" or not path or "/" in path:
                continue
            with h5py.File(source) as old, h5py.File(target) as new:
                listed = [f["model_weights"].attrs["layer_names"].tolist() for f in (old, new)]
            was, now = (
                [n.decode() if isinstance(n, bytes) else n for n in names] for names in listed
            )
            assert now == ["another" if name == path else name for name in was]


def hand_made(path: Path, training: Any, *, outputs: Any = None, version: str = "2.4.0") -> Path:
    """A legacy file of three layers without weights, its compile section as given."""
    nodes = {"a": [], "b": [[["a", 0, 0, {}]]], "c": [[["a", 0, 0, {}]]]}
    layers = [
        {"name": n, "class_name": "InputLayer" if n == "a" else "Activation",
         "config": {"name": n}, "inbound_nodes": nodes[n]}
        for n in nodes
    ]  # fmt: skip
    ends = [["b", 0, 0], ["c", 0, 0]] if outputs is None else outputs
    config = {"name": "m", "layers": layers, "input_layers": [["a", 0, 0]], "output_layers": ends}
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Functional", "config": config})
        file.attrs["training_config"] = json.dumps(training)
        file.attrs["keras_version"] = version
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [n.encode() for n in nodes]
        for n in nodes:
            group.create_group(n).attrs["weight_names"] = np.array([], dtype="S1")
    return path


def metric(name: str) -> dict[str, Any]:
    return {"class_name": "MeanMetricWrapper", "config": {"name": name, "fn": "b_x"}}


@pytest.mark.parametrize(
    ("training", "after"),
    [
        (
            {"loss": {"b": "mse", "c": "mae"}, "loss_weights": {"b": 1.0, "c": 2.0}},
            {"loss": {"z": "mse", "c": "mae"}, "loss_weights": {"z": 1.0, "c": 2.0}},
        ),
        (
            {"loss": "mse", "metrics": {"b": [metric("b_acc")], "c": [metric("c_acc")]}},
            {"loss": "mse", "metrics": {"z": [metric("z_acc")], "c": [metric("c_acc")]}},
        ),
        (
            {"loss": "mse", "weighted_metrics": [[metric("b_acc")], [metric("c_b_acc")]]},
            {"loss": "mse", "weighted_metrics": [[metric("z_acc")], [metric("c_b_acc")]]},
        ),
        (
            {"loss": {"class_name": "MSE", "config": {"name": "b"}}, "metrics": ["b", "accuracy"]},
            {"loss": {"class_name": "MSE", "config": {"name": "b"}}, "metrics": ["b", "accuracy"]},
        ),
    ],
)
def test_compile_sections(training: Any, after: Any, tmp_path: Path):
    source = hand_made(tmp_path / "m.h5", {"optimizer_config": None, **training})
    renamed(source, tmp_path / "n.h5", {"b": "z"})
    assert texts(tmp_path / "n.h5")[1] == {"optimizer_config": None, **after}


def test_an_output_that_is_used_twice_is_numbered_by_tf_keras(tmp_path: Path):
    training = {"optimizer_config": None, "loss": {"b": "mse", "b_1": "mae"}}
    twice = [["b", 0, 0], ["b", 1, 0]]
    for version, keys in (("2.4.0", ["z", "z_1"]), ("3.1.0", ["z", "b_1"])):
        source = hand_made(tmp_path / "m.h5", training, outputs=twice, version=version)
        document = Document(open_model(source))
        document.apply(Rename((("b", "z"),)))
        save(document, tmp_path / "n.h5")
        assert list(texts(tmp_path / "n.h5")[1]["loss"]) == keys


def test_a_dictionary_of_outputs_keeps_its_keys(tmp_path: Path):
    training = {"optimizer_config": None, "loss": {"b": "mse", "c": "mae"}}
    outputs = {"b": ["b", 0, 0], "c": ["c", 0, 0]}
    source = hand_made(tmp_path / "m.h5", training, outputs=outputs)
    document = Document(open_model(source))
    document.apply(Rename((("b", "z"),)))
    saved = save(document, tmp_path / "n.h5")
    config, section = texts(tmp_path / "n.h5")
    assert section == training
    assert [row.loss.name for row in saved.model.compile.outputs] == ["mse", "mae"]
    assert config["config"]["output_layers"] == {"b": ["z", 0, 0], "c": ["c", 0, 0]}


# -- together with other edits, and what stops a save ----------------------------------------


def test_names_flags_and_slots_in_one_save(models_dir: Path, tmp_path: Path):
    source = models_dir / "made/tf-2.4.4/finetune_nested_partfrozen.hdf5"
    opened = open_model(source)
    both, flags = Document(opened), Document(opened)
    path = next(x.path for x in opened.layers if x.weights and x.trainable)
    flags.apply(SetTrainable((path,), False))
    both.apply(SetTrainable((path,), False))
    both.apply(Rename(tuple(new_names(opened).items())))
    saved = save(both, tmp_path / "both.h5")
    plain = save(flags, tmp_path / "flags.h5")
    assert saved.slots == plain.slots
    assert saved.slots.touched
    assert any("by_name" in sentence for sentence in saved.warnings)
    back = Document(saved.model)
    names = {n.path: o.name for o, n in zip(opened.layers, saved.model.layers, strict=True)}
    back.apply(Rename(tuple({**names, "": opened.name}.items())))
    save(back)
    assert not differences(tmp_path / "both.h5", tmp_path / "flags.h5")


def test_after_a_save_names_can_be_undone(models_dir: Path, tmp_path: Path):
    source = models_dir / "made/tf-2.4.4/rnn_bidir_td.hdf5"
    target = tmp_path / "m.h5"
    target.write_bytes(source.read_bytes())
    document = Document(open_model(target))
    document.apply(Rename(tuple(new_names(document.model).items())))
    save(document)
    assert not document.changed
    assert plan_save(document).names == ()
    document.undo()
    assert document.changed
    assert len(plan_save(document).names) == len(document.changes)
    save(document)
    assert not differences(source, target)


def test_a_group_that_nobody_lists_is_not_overwritten(models_dir: Path, tmp_path: Path):
    target = tmp_path / "m.h5"
    target.write_bytes((models_dir / "made/tf-2.4.4/stateful_lstm.hdf5").read_bytes())
    with h5py.File(target, "r+") as file:
        file["model_weights/taken/x"] = np.arange(3)
    before = target.read_bytes()
    document = Document(open_model(target))
    document.apply(Rename((("dense_2", "taken"),)))
    with pytest.raises(SaveFailed, match="taken"):
        save(document)
    assert target.read_bytes() == before


def test_a_list_of_names_that_outgrows_an_attribute_is_split(tmp_path: Path, models_dir: Path):
    target = tmp_path / "m.h5"
    document = Document(open_model(models_dir / "found/pypi_spliceai-1.3.1/spliceai1.h5"))
    long = {x.path: f"{'x' * 700}_{i}" for i, x in enumerate(document.model.layers)}
    document.apply(Rename(tuple(long.items())))
    saved = save(document, target)
    with h5py.File(target) as file:
        assert "layer_names0" in file["model_weights"].attrs
        assert "layer_names" not in file["model_weights"].attrs
    assert [x.name for x in saved.model.layers] == list(long.values())


def test_weights_of_keras_3_are_labelled(sample_dir: Path, tmp_path: Path):
    source, target = sample_dir / "digits_cnn.weights.h5", tmp_path / "w.weights.h5"
    opened = open_model(source)
    names = new_names(opened)
    assert names
    renamed(source, target, names)
    differ = differences(source, target)
    assert all(path.endswith("/vars@name") for path in differ)
    assert len(differ) == len(names)

"""Renaming in a description: rules of names, the edit, its history."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from statistics import median
from time import process_time
from typing import Any

import pytest

from kerastui.edits import Document, Rename, RenameChange, SetTrainable, consequences, name_problems
from kerastui.edits.naming import MAX_NAME, spelling_problem
from kerastui.edits.rename import name_mapping, names_between
from kerastui.errors import BadEdit
from kerastui.model import Compile, FileIdentity, Layer, Model, OutputCompile, Reference, Weight


def kernel(name: str) -> tuple[Weight, ...]:
    return (Weight("kernel", f"{name}/kernel:0", f"/model_weights/{name}/k", (3, 4), "float32"),)


def layer(
    path: str, class_name: str = "Dense", inbound: tuple[str, ...] = (), **more: Any
) -> Layer:
    name = path.rpartition("/")[2]
    more.setdefault("config", {"name": name})
    calls = (tuple(Reference(source, 0, 0) for source in inbound),) if inbound else ()
    return Layer(path, name, class_name, True, calls=calls, **more)


def transfer(**changes: Any) -> Model:
    """An input, a nested model of two layers, a head; connected by name."""
    ends = {"input_layers": [["x", 0, 0]], "output_layers": [["c2", 0, 0]]}
    layers = (
        layer("in", "InputLayer", end=1),
        layer("vgg", "Functional", ("in",), kind="model", end=5, config={"name": "vgg", **ends}),
        layer("vgg/x", "InputLayer", parent=1, depth=1, end=3),
        layer("vgg/c1", "Conv2D", ("x",), parent=1, depth=1, end=4, weights=kernel("c1")),
        layer("vgg/c2", "Conv2D", ("c1",), parent=1, depth=1, end=5, weights=kernel("c2")),
        layer("head", inbound=("vgg",), end=6, weights=kernel("head")),
        layer("aux", inbound=("vgg", "in"), end=7, weights=kernel("aux")),
    )
    outputs = tuple(OutputCompile(name, None, None, ()) for name in ("head", "aux"))
    model = Model(
        FileIdentity("m.h5", 1, 1, 1, 1), "hdf5", "m", "Functional", "2.4.0", "tensorflow",
        layers, compile=Compile(None, outputs),
    )  # fmt: skip
    return replace(model, **changes)


def rename(model: Model, **names: str) -> Model:
    return Rename(tuple((k.replace("__", "/"), v) for k, v in names.items())).apply(model)


# -- the edit --------------------------------------------------------------------------------


def test_what_refers_to_a_layer_follows():
    model = transfer()
    after = rename(model, vgg="base", vgg__c2="top", head="out")
    assert [x.path for x in after.layers] == [
        "in", "base", "base/x", "base/c1", "base/top", "out", "aux",
    ]  # fmt: skip
    assert after["base/top"].inbound == ("c1",)
    assert after["out"].inbound == ("base",)
    assert after["aux"].inbound == ("base", "in")
    assert after["base"].config["output_layers"] == [["top", 0, 0]]
    assert after["base"].config["name"] == "base"
    assert [row.output for row in after.compile.outputs] == ["out", "aux"]
    # what lies in the file is where it was until it is saved
    assert after["out"].weights == model["head"].weights
    assert after["aux"] is not model["aux"]
    assert after["in"] is model["in"]


def test_two_names_can_change_places():
    after = rename(transfer(), head="aux", aux="head")
    assert [x.name for x in after.layers[-2:]] == ["aux", "head"]
    assert [row.output for row in after.compile.outputs] == ["aux", "head"]
    assert after.index["aux"] == 5


def test_the_model_itself():
    after = Rename((("", "big"),)).apply(transfer())
    assert after.name == "big"
    assert after.layers == transfer().layers


def test_nothing_new_changes_nothing():
    model = transfer()
    assert rename(model, head="head") is model


def test_derived_values_do_not_change_with_names():
    model = transfer()
    values = model.effective, model.parameters, model.boxes, model.tree
    after = rename(model, vgg="base")
    assert (after.effective, after.parameters, after.boxes, after.tree) == values
    assert after.index == {x.path: i for i, x in enumerate(after.layers)}


def test_auto_named_follows_the_name():
    after = rename(transfer(), head="dense_7")
    assert after["dense_7"].auto_named
    assert not rename(after, dense_7="head")["head"].auto_named


def test_repeated_names_get_numbers_and_can_be_mended():
    layers = [layer("a", end=1), layer("a@2", end=2), layer("a@3", end=3)]
    model = transfer(layers=tuple(replace(x, name="a") for x in layers), compile=None)
    after = Rename((("a@2", "b"),)).apply(model)
    assert [(x.path, x.name) for x in after.layers] == [("a", "a"), ("b", "b"), ("a@2", "a")]


def test_repeated_names_that_are_referred_to_are_left_alone():
    layers = [
        layer("a", end=1),
        replace(layer("a@2", end=2), name="a"),
        layer("b", inbound=("a",), end=3),
    ]
    model = transfer(layers=tuple(layers), compile=None)
    with pytest.raises(BadEdit, match="cannot be told"):
        rename(model, a="c")


# -- names -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "empty"),
        ("a/b", "/"),
        (".", "HDF5"),
        ("a\x00b", "HDF5"),
        ("a\x1b[2J", "HDF5"),
        ("my layer", "a space"),
        ("é", "é"),
        ("a\\b", r"\\"),
        ("a:0", ":"),
        ("_hidden", "begins with"),
        ("-x", "begins with"),
        ("x" * (MAX_NAME + 1), "too long"),
        ("top_level_model_weights", "own weights"),
    ],
)
def test_names_that_cannot_be(name: str, reason: str):
    model = transfer()
    assert reason.strip("\\") in spelling_problem(name, model)
    with pytest.raises(BadEdit) as error:
        rename(model, head=name)
    assert "\x1b" not in str(error.value)
    assert "\x00" not in str(error.value)


@pytest.mark.parametrize("name", ["conv1", "Block_1.conv-2", "1x", "..", "a>b", "x" * MAX_NAME])
def test_names_that_can_be(name: str):
    assert spelling_problem(name, transfer()) == ""


def test_what_matters_to_tensorflow_does_not_to_others():
    assert spelling_problem("my layer", transfer(backend="jax")) == ""
    assert spelling_problem("_x", transfer(keras_version="3.5.0")) == ""
    assert spelling_problem("a/b", transfer(backend="torch"))


def test_names_are_unique_within_a_model_only():
    model = transfer()
    assert name_problems(model, {"head": "aux"}) == {
        "head": "aux is the name of a layer here already; names are unique."
    }
    assert not name_problems(model, {"head": "aux", "aux": "other"})
    assert not name_problems(model, {"head": "c1"})
    assert set(name_problems(model, {"head": "same", "aux": "same"})) == {"head", "aux"}


@pytest.mark.parametrize(
    ("changes", "path"),
    [({"format": "hdf5-other"}, "head"), ({"name": ""}, ""), ({}, "nope"),
     ({"format": "keras-weights"}, "in")],
)  # fmt: skip
def test_what_has_no_name(changes: dict[str, Any], path: str):
    with pytest.raises(BadEdit):
        Rename(((path, "x"),)).apply(transfer(**changes))


# -- history ---------------------------------------------------------------------------------


def test_changes_and_net_edits():
    document = Document(transfer())
    document.apply(Rename((("vgg", "base"), ("vgg/c1", "first"))))
    document.apply(SetTrainable(("base/first",), False))
    document.apply(Rename((("base/first", "one"), ("", "big"))))
    assert [c for c in document.changes if isinstance(c, RenameChange)] == [
        RenameChange("", "", "m", "big"),
        RenameChange("base", "vgg", "vgg", "base"),
        RenameChange("base/one", "vgg/c1", "c1", "one"),
    ]
    again = Document(transfer())
    again.apply(*document.edits)
    assert again.model == document.model


def test_undo_and_redo():
    document = Document(transfer())
    original = document.model
    renamed = document.apply(Rename((("head", "out"),)))
    document.undo()
    assert document.model is original
    assert not document.changed
    document.redo()
    assert document.model is renamed


def test_single_renames_can_be_reverted():
    document = Document(transfer())
    document.apply(Rename((("vgg", "base"), ("vgg/c1", "first"), ("head", "out"))))
    document.apply(SetTrainable(("base/first",), False))
    document.revert(["base"])
    assert document.model["vgg/first"].trainable is False
    document.revert(["vgg/first", "out"])
    assert not document.changed
    assert document.model.layers == transfer().layers


def test_reverting_into_a_name_that_is_taken_changes_nothing():
    document = Document(transfer())
    document.apply(Rename((("head", "aux"), ("aux", "head"))))
    before = document.model
    with pytest.raises(BadEdit):
        document.revert(["aux"])
    assert document.model is before
    document.revert(["aux", "head"])
    assert not document.changed


def test_mapping_and_what_is_lost():
    model = transfer()
    after = rename(model, vgg="base", head="out", **{"in": "image"})
    assert name_mapping(model, after) == {
        "layers": {
            "in": "image", "vgg": "base", "vgg/x": "base/x", "vgg/c1": "base/c1",
            "vgg/c2": "base/c2", "head": "out",
        }
    }  # fmt: skip
    assert names_between(model, after).apply(model) == after
    assert names_between(model, model) is None
    said = consequences(model, after)
    assert "by_name" in said[0]
    assert any("inputs in" in s for s in said)
    assert any("outputs head" in s for s in said)
    assert consequences(model, rename(model, vgg__c1="first")) == ()


# -- speed -----------------------------------------------------------------------------------


def many(count: int) -> Model:
    layers = [
        layer(f"conv2d_{i}", "Conv2D", (f"conv2d_{i - 1}",) if i else (), end=i + 1,
              weights=kernel(f"conv2d_{i}"))
        for i in range(count)
    ]  # fmt: skip
    return transfer(layers=tuple(layers), compile=None)


def best(work: Callable[[], object]) -> float:
    times: list[float] = []
    for _ in range(5):
        begin = process_time()
        work()
        times.append(process_time() - begin)
    return median(times)


def test_a_thousand_of_two_thousand_within_200_ms_and_undone_within_50():
    document = Document(many(2_000))
    edit = Rename(tuple((f"conv2d_{i}", f"enc_{i}") for i in range(0, 2_000, 2)))

    def there() -> None:
        document.apply(edit)
        assert len(document.changes) == 1_000
        document.undo()

    def back() -> None:
        document.redo()
        document.undo()
        assert not document.changes

    assert best(there) < 0.2
    assert best(back) < 0.05


def test_the_compile_section_names_outputs_as_the_description_does():
    metric = {"class_name": "MeanMetricWrapper", "config": {"name": "head_acc"}}
    section = {"loss": {"head": "mse", "aux": None}, "metrics": {"aux": [], "head": [metric]}}
    model = transfer()
    compiled = replace(model.compile, section=json.dumps(section))
    after = rename(replace(model, compile=compiled), head="out").compile
    assert after.section == json.dumps(section).replace("head", "out")
    keyed = replace(model, compile=replace(compiled, keyed=True))
    assert rename(keyed, head="out").compile == keyed.compile
    assert rename(keyed, head="out")["out"].inbound == ("vgg",)

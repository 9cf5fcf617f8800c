"""Weights of another model by matching names: what is found, what differs, what is missing."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from unit.edits.test_trainable import tree_model

from kerastui import open_model
from kerastui.edits import Document, SetWeight
from kerastui.edits.dtypes import convertible
from kerastui.edits.structure import AppendDense
from kerastui.edits.transplant import match, require_matches
from kerastui.edits.weights import match_weights, present_source
from kerastui.errors import BadEdit
from kerastui.model import Layer, Model, Weight


def everything(model: Model) -> range:
    return range(len(model.layers))


def changed(model: Model, path: str, **fields: object) -> Model:
    index = model.index[path]
    layer = model.layers[index]
    weight = replace(layer.weights[0], **fields)  # type: ignore[arg-type]
    return model.with_layer(index, layer.with_fields(weights=(weight,)))


BIG = tree_model([("vgg", True, [("a", True), ("b", True)]), ("head", True)])


def states(found) -> list[tuple[str, str, str]]:
    return [(pair.path, pair.state, pair.other) for pair in found.pairs]


def test_a_part_is_found_in_a_file_of_its_own():
    part = tree_model([("a", True), ("b", True), ("top", True)])
    found = match(BIG, part, range(3), "vgg")
    assert states(found) == [("vgg/a", "match", "a/kernel"), ("vgg/b", "match", "b/kernel")]
    document = Document(BIG)
    document.apply(*found.edits, title="transplant")
    assert len(document.history) == 1
    source = document.model["vgg/a"].weights[0].replaced
    assert source is not None
    assert (source.member, source.label) == ("/a", "m.h5:a/kernel")
    assert source.stamp == (1, 1)


def test_the_path_itself_goes_before_the_path_below_and_the_name():
    other = tree_model([("vgg", True, [("a", True)]), ("a", True), ("x", True, [("head", True)])])
    found = match(BIG, other, everything(BIG), "vgg")
    assert states(found) == [
        ("vgg/a", "match", "vgg/a/kernel"), ("vgg/b", "missing", ""),
        ("head", "match", "x/head/kernel"),
    ]  # fmt: skip


def test_a_name_that_is_there_twice_is_none():
    other = tree_model([("x", True, [("head", True)]), ("y", True, [("head", True)])])
    assert states(match(BIG, other, [3]))[0][1] == "missing"


@pytest.mark.parametrize(
    ("shape", "problem"),
    [((2, 4), "axis 1 is 4, not 3"), ((5000, 3), "axis 0 is 5,000, not 2"),
     ((2, 3, 1), r"3 axes \(2, 3, 1\), not 2")],
)  # fmt: skip
def test_another_shape_is_listed_and_not_taken(shape: tuple[int, ...], problem: str):
    other = changed(BIG, "head", shape=shape)
    found = match(BIG, other, everything(BIG))
    (pair,) = found.of("shape")
    assert re.search(problem, pair.problem)
    assert {edit.path for edit in found.edits} == {"vgg/a", "vgg/b"}


def test_names_of_another_era_go_by_place():
    renamed = changed(BIG, "head", name="0")
    assert states(match(BIG, renamed, [3])) == [("head", "match", "head/0")]
    index = renamed.index["head"]
    alien = renamed.with_layer(index, renamed.layers[index].with_fields(class_name="Other"))
    assert states(match(BIG, alien, [3]))[0][1] == "missing"
    silent = renamed.with_layer(index, renamed.layers[index].with_fields(class_name=""))
    assert states(match(BIG, silent, [3]))[0][1] == "match"


def named_by_keras(model: Model) -> Model:
    layers = tuple(layer.with_fields(auto_named=True) for layer in model.layers)
    return replace(model, layers=layers)


def test_names_that_keras_made_up_go_by_order():
    here = named_by_keras(tree_model([("dense_5", True), ("dense_6", True)]))
    there = tree_model([("dense", True), ("dense_1", True)])
    assert states(match(here, there, everything(here))) == [
        ("dense_5", "match", "dense/kernel"), ("dense_6", "match", "dense_1/kernel"),
    ]  # fmt: skip
    swapped = changed(changed(there, "dense", name="k"), "dense_1", shape=(9, 9))
    shifted = named_by_keras(tree_model([("dense_1", True), ("dense_2", True)]))
    shifted = changed(shifted, "dense_2", shape=(9, 9))
    assert states(match(shifted, swapped, everything(shifted))) == [
        ("dense_1", "match", "dense/k"), ("dense_2", "match", "dense_1/kernel"),
    ]  # fmt: skip
    for other in (
        tree_model([("dense", True)]),
        tree_model([("dense", True), ("dense_1", True), ("dense_2", True)]),
        changed(there, "dense_1", shape=(3, 2)),
    ):
        assert not match(here, other, everything(here)).of("match")
    plain = tree_model([("enc", True), ("dec", True)])  # somebody's own names do mean something
    assert not match(plain, there, everything(plain)).of("match")


def test_nothing_to_take_is_a_sentence():
    other = tree_model([("mine", True)])
    with pytest.raises(BadEdit, match=r"other\.h5 has no weights for these layers \(no layer"):
        require_matches(match(BIG, other, everything(BIG)), "other.h5")
    with pytest.raises(BadEdit, match="1 differ in shape"):
        require_matches(match(BIG, changed(BIG, "head", shape=(9, 9)), [3]), "other.h5")


def test_between_the_eras_of_one_model(sample_dir: Path):
    models = [open_model(sample_dir / f"digits_cnn.{end}") for end in ("h5", "keras", "weights.h5")]
    for one in models[:2]:
        for other in models[:2]:
            found = match(one, other, everything(one))
            assert len(found.of("match")) == len(found.pairs) == 11


def test_every_real_file_matches_itself(models_dir: Path):
    files = 0
    for path in sorted(models_dir.rglob("*")):
        if path.suffix not in (".h5", ".hdf5", ".keras"):
            continue
        model = open_model(path)
        found = match(model, model, everything(model))
        assert len(found.of("match")) == sum(len(layer.weights) for layer in model.layers), path
        for pair in found.pairs:
            assert pair.other == f"{pair.path}/{pair.name}"
        files += 1
    assert files > 60


def test_thousands_of_weights_take_little_time():
    weights = tuple(Weight(n, n, f"/{n}", (3,), "float32") for n in ("kernel", "bias"))
    layers = tuple(
        Layer(f"l{i}", f"l{i}", "Dense", True, end=i + 1, weights=weights) for i in range(5000)
    )
    model = replace(BIG, layers=layers)
    started = time.process_time()
    found = match(model, model, everything(model))
    Document(model).apply(*found.edits, title="all")
    assert time.process_time() - started < 1.0


def test_weights_by_text():
    assert match_weights(BIG, "vgg/a/kernel") == (("vgg/a", "kernel"),)
    assert match_weights(BIG, "vgg/*") == (("vgg/a", "kernel"), ("vgg/b", "kernel"))
    assert match_weights(BIG, "*/bias") == ()
    assert match_weights(changed(BIG, "head", stored_name="head/k:0"), "head/k") == (
        ("head", "kernel"),
    )
    assert present_source(BIG, "head", "kernel").member == "/head"
    with pytest.raises(BadEdit, match="no layer"):
        present_source(BIG, "tail", "kernel")
    edit = SetWeight("head", "kernel", present_source(BIG, "vgg/a", "kernel"))
    assert present_source(edit.apply(BIG), "head", "kernel") == edit.source


def test_a_layer_that_is_not_in_the_file_yet(sample_dir: Path):
    document = Document(open_model(sample_dir / "digits_cnn.h5"))
    document.apply(AppendDense("more", 3))
    with pytest.raises(BadEdit, match="The layer more is new: its values are drawn when"):
        present_source(document.model, "more", "kernel")
    everywhere = range(len(document.model.layers))
    assert "more" not in {path for path, _ in convertible(document.model, everywhere)}
    given = present_source(document.model, "digit", "kernel")
    source = replace(given, shape=(10, 3))
    document.apply(SetWeight("more", "kernel", source))
    assert present_source(document.model, "more", "kernel") == source

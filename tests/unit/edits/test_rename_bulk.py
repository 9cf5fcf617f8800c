"""Many names at once: patterns with a preview, and proposals for what Keras named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from unit.edits.test_rename import layer, transfer

from kerastui import open_model
from kerastui.edits.bulk_rename import preview_names, preview_pattern
from kerastui.edits.proposals import propose_names
from kerastui.edits.rename import Rename
from kerastui.errors import BadEdit
from kerastui.model import Layer, Model


def sequential(*classes: str, **configs: dict[str, object]) -> Model:
    """A Sequential with layers named as Keras names them; `configs` by place: ``_2={…}``."""
    layers = [
        Layer(f"layer_{i}", f"layer_{i}", class_name, True, end=i + 1, auto_named=True,
              config=configs.get(f"_{i}", {}))
        for i, class_name in enumerate(classes)
    ]  # fmt: skip
    return transfer(layers=tuple(layers), compile=None, class_name="Sequential")


# -- patterns --------------------------------------------------------------------------------


def names(*given: str) -> Model:
    layers = tuple(layer(name, end=i + 1) for i, name in enumerate(given))
    return transfer(layers=layers, compile=None)


def test_groups_of_the_pattern():
    preview = preview_pattern(names("conv2d_1", "bn", "conv2d_12"), r"conv2d_(\d+)", r"enc_\1")
    assert [(r.index, r.old, r.new, r.problem) for r in preview.rows] == [
        (0, "conv2d_1", "enc_1", ""),
        (2, "conv2d_12", "enc_12", ""),
    ]
    assert preview.matched == 2
    assert preview.edit == Rename((("conv2d_1", "enc_1"), ("conv2d_12", "enc_12")))


@pytest.mark.parametrize(
    ("pattern", "replacement", "regex", "new"),
    [
        ("^", "a_", True, "a_dense_1"),
        (".*", "x", True, "x"),
        ("dense", "fc", True, "fc_1"),
        (r"(?P<n>\d)", r"<\g<n>>", True, "dense_<1>"),
        (r"_(\d)", r".\1", False, None),
        ("_1", r"\1", False, r"dense\1"),
        ("s", "z", False, "denze_1"),
    ],
)
def test_how_a_pattern_replaces(pattern: str, replacement: str, regex: bool, new: str | None):
    preview = preview_pattern(names("dense_1"), pattern, replacement, regex=regex)
    assert [row.new for row in preview.rows] == ([] if new is None else [new])


@pytest.mark.parametrize(
    ("pattern", "replacement"), [("(", "x"), ("a", r"\1"), ("a", r"\g<"), ("a", "\\")]
)
def test_patterns_that_are_not_valid(pattern: str, replacement: str):
    preview = preview_pattern(names("a"), pattern, replacement)
    assert preview.problem
    assert not preview.rows


def test_collisions_are_listed():
    preview = preview_pattern(names("a1", "a2", "b", "c"), r"\d|b", "")
    assert [bool(row.problem) for row in preview.rows] == [True, True, True]
    assert preview.problems == 3
    assert "empty" in preview.rows[2].problem
    with pytest.raises(BadEdit):
        preview.edit.apply(names("a1", "a2", "b", "c"))


def test_only_some_layers():
    model = names("a1", "a2", "a3")
    preview = preview_pattern(model, "a", "b", indices=(2, 0))
    assert [row.path for row in preview.rows] == ["a1", "a3"]
    assert preview_pattern(model, "", "b").rows == ()


def test_names_by_list():
    preview = preview_names(names("a", "b"), {"b": "a", "a": "a"})
    assert [(row.path, bool(row.problem)) for row in preview.rows] == [("b", True)]
    with pytest.raises(BadEdit):
        preview_names(names("a"), {"x": "y"})


# -- proposals -------------------------------------------------------------------------------


def test_convolutions_in_blocks_and_a_head():
    model = sequential(
        "InputLayer", "Rescaling", "Conv2D", "BatchNormalization", "Conv2D", "MaxPooling2D",
        "Dropout", "Conv2D", "Activation", "GlobalAveragePooling2D", "Dense", "Dropout", "Dense",
        _8={"activation": "relu"},
    )  # fmt: skip
    assert list(propose_names(model).values()) == [
        "input1", "rescaling1", "block1_conv1", "block1_bn1", "block1_conv2", "block1_pool",
        "block1_dropout1", "block2_conv1", "block2_relu1", "head_global_pool", "head_dense1",
        "head_dropout1", "output",
    ]  # fmt: skip


def test_strides_begin_blocks():
    strided = {"strides": [2, 2]}
    model = sequential("Conv2D", "Conv2D", "Conv2D", "Flatten", "Dense", _1=strided)
    assert list(propose_names(model).values()) == [
        "block1_conv1", "block2_conv1", "block2_conv2", "head_flatten", "output",
    ]  # fmt: skip


def test_recurrent_and_dense_stacks_have_no_blocks():
    model = sequential("Embedding", "LSTM", "Dropout", "LSTM", "Dense", "Dense")
    assert list(propose_names(model).values()) == [
        "embedding1", "lstm1", "dropout1", "lstm2", "dense1", "output",
    ]  # fmt: skip


def test_attention_begins_blocks_with_the_normalization_before_it():
    once = ["LayerNormalization", "MultiHeadAttention", "Add", "LayerNormalization", "Dense",
            "Dense", "Add"]  # fmt: skip
    model = sequential("Embedding", *once, *once, "LayerNormalization", "GlobalAveragePooling1D",
                       "Dense")  # fmt: skip
    block = ["ln1", "attention", "add1", "ln2", "dense1", "dense2", "add2"]
    assert list(propose_names(model).values()) == [
        "embedding1",
        *(f"block1_{word}" for word in block),
        *(f"block2_{word}" for word in block),
        "block2_ln3", "head_global_pool", "output",
    ]  # fmt: skip


def test_names_that_people_gave_stay_and_are_not_taken():
    model = sequential("Dense", "Dense", "Dense")
    kept = model.layers[0].with_fields(name="output", path="output", auto_named=False)
    model = transfer(layers=(kept, *model.layers[1:]), compile=None)
    assert propose_names(model) == {"layer_1": "dense2", "layer_2": "output1"}


def test_only_what_was_asked_for():
    model = sequential("Dense", "Dense", "Dense")
    assert propose_names(model, (1,)) == {"layer_1": "dense2"}


def test_every_real_file_gets_names_that_can_be_given(models_dir: Path):
    rows = json.loads((models_dir / "models.json").read_text("utf-8"))
    named = 0
    for row in rows:
        model = open_model(models_dir / row["file"])
        proposed = propose_names(model)
        named += len(proposed)
        if proposed:
            after = Rename(tuple(proposed.items())).apply(model)
            left = [x.path for x in after.layers if x.auto_named]
            assert all(x.endswith(("sequential_1", "sequential_2")) for x in left), row["file"]
    assert named > 600

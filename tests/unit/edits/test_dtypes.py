"""Weights stored in another dtype: the edit, its change, its history, its JSON."""

from __future__ import annotations

from dataclasses import replace

import pytest
from unit.edits.test_trainable import tree_model

from kerastui.edits import ConvertDtype, Document, DtypeChange, Rename, SetWeight
from kerastui.edits.codec import edits_from_json, edits_to_json
from kerastui.edits.dtypes import convertible
from kerastui.errors import BadEdit
from kerastui.model import ArraySource, Model


def model() -> Model:
    return tree_model([("base", True, [("a", True), ("b", False)]), ("head", True)])


KERNEL = (("base/a", "kernel"),)


def written(document: Document) -> Model:
    """Return what would be read back after a save."""
    here = document.model
    return replace(here, file=replace(here.file, mtime_ns=here.file.mtime_ns + 1))


def test_the_description_says_the_new_dtype_and_counts_its_bytes():
    document = Document(model())
    total = document.original.parameters.total_bytes
    document.apply(ConvertDtype(KERNEL, "float16"))
    weight = document.model["base/a"].weights[0]
    assert (weight.dtype, weight.nbytes) == ("float16", 12)
    assert document.model.parameters.total_bytes == total - 12
    assert document.model.parameters.total == document.original.parameters.total
    assert document.changes == (DtypeChange("base/a", "kernel", "float32", "float16"),)
    assert document.model["base/a"].edited_since(document.original["base/a"])
    document.undo()
    assert document.model is document.original


def test_many_at_once_are_one_edit():
    document = Document(model())
    every = convertible(document.model, range(len(document.model.layers)))
    assert len(every) == 3
    document.apply(ConvertDtype(every, "float64"))
    assert document.edits == (ConvertDtype(every, "float64"),)
    document.revert(["base/b"])
    assert len(document.changes) == 2
    document.revert_changes(document.changes)
    assert not document.changed


def test_what_is_so_already_is_no_step():
    document = Document(model())
    document.apply(ConvertDtype(KERNEL, "float32"))
    assert not document.history


def test_with_new_values_and_a_new_name():
    document = Document(model())
    document.apply(ConvertDtype(KERNEL, "float16"))
    source = ArraySource("/x.npy", "", (2, 3), "float64", "x")
    document.apply(SetWeight("base/a", "kernel", source))
    document.apply(Rename((("base/a", "z"),)))
    again = document.original
    for edit in document.edits:
        again = edit.apply(again)
    weight = again["base/z"].weights[0]
    assert (weight.dtype, weight.replaced) == ("float16", source)
    document.revert(["base/z"])
    weight = document.model["base/a"].weights[0]
    assert (weight.dtype, weight.replaced) == ("float32", None)
    assert not document.changed


def test_a_conversion_can_be_undone_past_a_save():
    document = Document(model())
    document.apply(ConvertDtype(KERNEL, "float16"))
    document.saved_as(written(document))
    assert not document.changed
    document.undo()
    assert document.changes == (DtypeChange("base/a", "kernel", "float16", "float32"),)
    document.redo()
    assert not document.changed


@pytest.mark.parametrize(
    ("weights", "dtype", "said"),
    [(KERNEL, "int8", "float16, float32, float64, not to 'int8'"),
     (KERNEL, "x\x1b[2J", "not to"), ((("nowhere", "kernel"),), "float16", "no layer 'nowhere'"),
     ((("base/a", "bias"),), "float16", "no weight 'bias'")],
)  # fmt: skip
def test_what_cannot_be_is_a_sentence(weights, dtype, said):
    with pytest.raises(BadEdit, match=said) as caught:
        ConvertDtype(weights, dtype).apply(model())
    assert "\x1b" not in str(caught.value)


def test_whole_numbers_are_not_converted():
    odd = model()
    layer = odd.layers[1]
    ints = layer.with_fields(weights=(replace(layer.weights[0], dtype="int64"),))
    odd = odd.with_layer(1, ints)
    with pytest.raises(BadEdit, match="base/a/kernel is int64; only floating-point"):
        ConvertDtype(KERNEL, "float16").apply(odd)
    assert len(convertible(odd, range(len(odd.layers)))) == 2


def test_as_json():
    edit = ConvertDtype((("base/a", "forward/kernel"), ("head", "b")), "float16")
    assert edits_from_json(edits_to_json([edit])) == (edit,)
    for odd in ("3", "[3]", '[["a"]]', '[["a", 1]]', "{}", '[["a", "b", "c"]]'):
        text = f'{{"kerastui_edits": 1, "edits": [{{"edit": "convert_dtype", "weights": {odd},'
        with pytest.raises(BadEdit, match="'weights' has to be a list of"):
            edits_from_json(text + ' "dtype": "float16"}]}')


def test_says_what_it_does():
    assert ConvertDtype(KERNEL, "float16").describe() == "base/a/kernel to float16"
    assert ConvertDtype(KERNEL * 1200, "float16").describe() == "1,200 weights to float16"
    assert ConvertDtype(KERNEL, "float16").moved(str.upper).weights == (("BASE/A", "kernel"),)

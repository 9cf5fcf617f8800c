"""New values for weights: the edit, what it changes in a document, and its history."""

from __future__ import annotations

from dataclasses import replace

import pytest
from unit.edits.test_trainable import tree_model

from kerastui.edits import Document, FlagChange, SetTrainable, SetWeight, WeightChange
from kerastui.errors import BadEdit
from kerastui.model import ArraySource, Model


def source(name: str, shape: tuple[int, ...] = (2, 3), dtype: str = "float32") -> ArraySource:
    return ArraySource(f"/values/{name}.npy", "", shape, dtype, name)


def model() -> Model:
    return tree_model([("base", True, [("a", True), ("b", False)]), ("head", True)])


def written(document: Document, number: int = 2) -> Model:
    """Return what would be read back after a save."""
    return saved(document.model, number)


def saved(model: Model, number: int = 2) -> Model:
    layers = [
        replace(layer, weights=tuple(replace(w, replaced=None) for w in layer.weights))
        for layer in model.layers
    ]
    return replace(model, file=replace(model.file, mtime_ns=number), layers=tuple(layers))


def pending(document: Document) -> dict[str, str]:
    return {f"{c.path}": c.after for c in document.changes}


def test_a_weight_gets_other_values_and_its_own_back():
    document = Document(model())
    counted = document.original.tree
    document.apply(SetWeight("base/a", "kernel", source("one")))
    assert document.changes == (WeightChange("base/a", "kernel", source("one")),)
    assert document.model["base/a"].weights[0].replaced == source("one")
    assert document.model.tree is counted  # no count depends on values
    document.apply(SetWeight("base/a", "kernel", None))
    assert not document.changed
    document.undo()
    document.undo()
    assert document.model is document.original
    document.redo()
    assert pending(document) == {"base/a": "one"}


def test_what_changes_nothing_is_no_step():
    document = Document(model())
    document.apply(SetWeight("base/a", "kernel", source("one")))
    document.apply(SetWeight("base/a", "kernel", source("one")))
    document.apply(SetWeight("head", "kernel", None))
    assert len(document.history) == 1


@pytest.mark.parametrize(
    ("shape", "says"),
    [((2, 4), r"axis 1 must be 3, not 4"), ((3, 2), r"axis 0 must be 2, not 3"),
     ((6,), r"2 axes \(2, 3\), but .* 1 axis \(6,\)"), ((), "0 axes")],
)  # fmt: skip
def test_the_shape_must_be_equal(shape: tuple[int, ...], says: str):
    with pytest.raises(BadEdit, match=says):
        SetWeight("head", "kernel", source("x", shape)).apply(model())


@pytest.mark.parametrize("dtype", ["object", "str96", "datetime64", "void48", "complex64"])
def test_what_is_no_numbers_is_refused(dtype: str):
    with pytest.raises(BadEdit):
        SetWeight("head", "kernel", source("x", dtype=dtype)).apply(model())


@pytest.mark.parametrize("dtype", ["float64", "float16", "bfloat16", "void16", "uint8", "bool"])
def test_numbers_of_any_kind_are_taken(dtype: str):
    assert SetWeight("head", "kernel", source("x", dtype=dtype)).apply(model())


def test_unknown_layers_and_weights_are_named():
    with pytest.raises(BadEdit, match="no layer 'nobody'"):
        SetWeight("nobody", "kernel", source("x")).apply(model())
    with pytest.raises(BadEdit, match=r"no weight 'bias'; its weights: kernel"):
        SetWeight("head", "bias", source("x")).apply(model())
    double = model()["head"]
    double = replace(double, weights=double.weights * 2)
    with pytest.raises(BadEdit, match="several weights named 'kernel'"):
        SetWeight("head", "kernel", source("x")).apply(model().with_layer(3, double))


def test_flags_and_weights_are_reverted_one_by_one():
    document = Document(model())
    document.apply(
        SetTrainable(("head", "base/a"), False), SetWeight("head", "kernel", source("x"))
    )
    flag, weight = (c for c in document.changes if c.path == "head")
    assert isinstance(flag, FlagChange)
    document.revert_changes([weight])
    assert [type(c) for c in document.changes] == [FlagChange, FlagChange]
    document.undo()
    document.revert_changes([flag, FlagChange("base/b", False, True)])  # the last is none
    assert document.history[-1].title == "revert head"
    assert [c.path for c in document.changes] == ["base/a", "head"]
    document.revert(["head", "base/a"])
    assert not document.changed


def test_edits_lead_from_the_file_to_the_document():
    document = Document(model())
    document.apply(SetWeight("head", "kernel", source("x")))
    document.set_trainable([0], False)
    document.apply(SetWeight("head", "kernel", source("y")))
    again = document.original
    for edit in document.edits:
        again = edit.apply(again)
    assert again == document.model
    assert len(document.edits) == 2


def test_changes_are_one_tuple_until_something_changes():
    document = Document(model())
    document.apply(SetWeight("head", "kernel", source("x")))
    assert document.changes is document.changes
    first = document.changes
    document.set_trainable([3], False)
    assert document.changes != first


def test_after_a_save_flags_can_be_undone_and_values_cannot():
    document = Document(model())
    document.set_trainable([3], False)
    document.apply(SetWeight("head", "kernel", source("x")))
    document.apply(SetWeight("head", "kernel", source("y")), SetTrainable(("base/a",), False))
    document.apply(SetWeight("head", "kernel", source("z")))
    document.saved_as(written(document))
    assert not document.changed
    assert document.model is document.original
    assert len(document.history) == 2  # the first, and the flag of the third
    document.undo()
    assert [(c.path, c.after) for c in document.changes] == [("base/a", "trainable")]
    document.undo()
    assert [c.path for c in document.changes] == ["base/a", "head"]
    assert document.undo() is None
    document.redo()
    document.redo()
    assert document.model is document.original
    assert document.redo() is None


def test_what_was_undone_before_a_save_can_be_done_again_after_it():
    document = Document(model())
    document.apply(SetWeight("head", "kernel", source("x")))
    document.apply(SetWeight("head", "kernel", source("y")))
    document.undo()
    document.saved_as(written(document))  # with x
    assert document.history == ()
    document.redo()
    assert pending(document) == {"head": "y"}
    document.undo()
    assert not document.changed
    assert document.undo() is None


def test_edits_that_came_during_a_save_stay_on_top():
    document = Document(model())
    document.apply(SetWeight("head", "kernel", source("x")))
    meant = document.model
    document.apply(SetWeight("head", "kernel", source("y")))
    document.apply(SetWeight("base/b", "kernel", source("z")))
    document.saved_as(saved(meant), unchanged_since=meant)
    assert pending(document) == {"head": "y", "base/b": "z"}
    document.undo()
    document.undo()
    assert document.model is document.original
    assert document.undo() is None
    document.redo()
    assert pending(document) == {"head": "y"}


def test_undone_during_a_save_is_saved_all_the_same():
    """The old values are gone from the disk by then: what the file has is what there is."""
    document = Document(model())
    document.apply(SetWeight("head", "kernel", source("x")))
    document.apply(SetTrainable(("head",), False))
    meant = document.model
    document.undo()
    document.undo()
    document.saved_as(saved(meant), unchanged_since=meant)
    assert [(c.path, c.after) for c in document.changes] == [("head", "trainable")]
    document.redo()
    assert document.model is document.original
    assert document.redo() is None


def test_places_of_weights_follow_the_file_that_was_written():
    document = Document(model())
    document.apply(SetWeight("base/b", "kernel", source("z")))
    document.undo()
    document.set_trainable([3], False)
    elsewhere = written(document)
    moved = replace(elsewhere["base/b"].weights[0], dataset="/elsewhere")
    elsewhere = elsewhere.with_layer(2, elsewhere["base/b"].with_fields(weights=(moved,)))
    document.saved_as(elsewhere)
    document.undo()
    assert document.model["base/b"].weights[0].dataset == "/elsewhere"
    assert [c.path for c in document.changes] == ["head"]

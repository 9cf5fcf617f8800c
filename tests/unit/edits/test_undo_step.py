"""Undoing single steps: what depends on what, and random histories against a plain reference."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.edits.test_trainable import tree_model
from unit.edits.test_weights import saved, source

from kerastui.edits import Document, Rename, SetTrainable, SetWeight
from kerastui.edits.codec import edits_from_json, edits_to_json
from kerastui.edits.effects import effects
from kerastui.edits.replay import repeat
from kerastui.errors import BadEdit
from kerastui.model import Model


def model() -> Model:
    return tree_model([("base", True, [("a", True), ("b", False)]), ("head", True), ("c", True)])


def test_a_step_is_undone_although_others_followed():
    document = Document(model())
    document.apply(SetTrainable(("head",), False), title="freeze head")
    document.apply(SetWeight("base/a", "kernel", source("one")))
    document.apply(Rename((("c", "tail"),)))
    document.undo_step(0)
    assert {type(change).__name__ for change in document.changes} == {
        "WeightChange", "RenameChange",
    }  # fmt: skip
    assert document.history[-1].title == "take back: freeze head"
    document.undo()  # which can be undone like any other
    assert len(document.changes) == 3
    document.redo()
    document.undo_step(3)  # and taken back itself: this is the last, so a plain undo
    assert not document.model["head"].trainable
    assert len(document.history) == 3


def test_layers_are_meant_not_their_paths():
    document = Document(model())
    document.apply(Rename((("base", "vgg"),)))
    document.apply(SetTrainable(("vgg/a",), False))
    document.apply(SetWeight("vgg/b", "kernel", source("one")))
    document.apply(Rename((("vgg/a", "first"),)))
    document.undo_step(0)
    assert [layer.path for layer in document.model.layers[:3]] == ["base", "base/first", "base/b"]
    assert not document.model["base/first"].trainable
    assert document.model["base/b"].weights[0].replaced == source("one")


def refused(document: Document, index: int, says: str) -> None:
    before, steps = document.model, document.history
    with pytest.raises(BadEdit, match=says):
        document.undo_step(index)
    assert document.model is before
    assert document.history == steps


def test_the_step_that_depends_is_named():
    document = Document(model())
    document.apply(Rename((("c", "tail"),)), title="rename c")
    document.apply(Rename((("head", "c"),)), title="rename head")
    refused(document, 0, r"Step 1 \(rename c\) .* step 2 \(rename head\) depends on it")
    document.apply(SetTrainable(("base",), False), title="freeze")
    document.apply(SetTrainable(("base",), True), title="thaw")
    refused(document, 2, r"Step 3 \(freeze\).* step 4 \(thaw\) depends on it")


def test_what_was_overwritten_cannot_be_undone_alone():
    document = Document(model())
    document.apply(SetWeight("head", "kernel", source("one")), title="one")
    document.apply(SetWeight("head", "kernel", source("two")), title="two")
    refused(document, 0, r"step 2 \(two\) depends on it")


def test_a_step_that_did_nothing_cannot_be_undone_alone():
    document = Document(model())
    document.apply(SetTrainable(("head",), True))
    assert document.history == ()  # it is so already
    there_and_back = SetTrainable(("head",), False), SetTrainable(("head",), True)
    document.apply(*there_and_back, title="there and back")
    document.apply(SetTrainable(("c",), False))
    refused(document, 0, r"Step 1 \(there and back\) changed nothing")


def test_a_weight_goes_back_to_the_values_that_it_had_before_the_step():
    document = Document(model())
    document.apply(SetWeight("head", "kernel", source("one")))
    document.apply(SetWeight("head", "kernel", source("two")))
    document.apply(SetTrainable(("c",), False))
    document.undo_step(1)
    assert document.model["head"].weights[0].replaced == source("one")


def test_steps_before_a_save_can_be_undone_alone():
    document = Document(model())
    document.apply(SetTrainable(("head",), False))
    document.apply(SetTrainable(("c",), False), SetWeight("c", "kernel", source("one")))
    assert document.saved_steps == 0
    document.saved_as(saved(document.model))
    assert document.saved_steps == 2
    document.apply(SetTrainable(("base/a",), False))
    assert document.saved_steps == 2
    document.undo_step(0)
    assert document.model["head"].trainable
    document.undo_step(1)
    assert document.model["c"].trainable
    assert document.model["c"].weights[0].replaced is None  # its values are in the file
    document.undo()
    document.undo()
    document.undo()
    assert document.saved_steps == 2
    document.undo()
    assert document.saved_steps == -1


# -- random histories ---------------------------------------------------------------------------


def cells(described: Model) -> dict[tuple[object, ...], object]:
    """What a description is, by place: the reference knows no paths and no edits."""
    found: dict[tuple[object, ...], object] = {("trainable",): described.trainable}
    for i, layer in enumerate(described.layers):
        found[i, "name"], found[i, "trainable"] = layer.name, layer.trainable
        for number, weight in enumerate(layer.weights):
            found[i, number] = weight.replaced
    return found


def delta(before: Model, after: Model) -> dict[tuple[object, ...], object]:
    old, new = cells(before), cells(after)
    return {cell: value for cell, value in new.items() if old[cell] != value}


def act(document: Document, data: st.DataObject, number: int) -> None:
    kind = data.draw(st.sampled_from(["flag", "name", "weight", "undo", "redo", "step", "save"]))
    place = data.draw(st.integers(0, len(document.model.layers) - 1))
    layer = document.model.layers[place]
    if kind == "flag":
        document.set_trainable([place], data.draw(st.booleans()))
    elif kind == "name":
        name = data.draw(st.sampled_from(["x", "y", "z", f"n{number}", "base", "head"]))
        with_names = Rename(((layer.path, name),))
        try_to(lambda: document.apply(with_names))
    elif kind == "weight" and layer.weights:
        values = data.draw(st.sampled_from([source("one"), source("two"), None]))
        document.apply(SetWeight(layer.path, layer.weights[0].name, values))
    elif kind == "undo":
        document.undo()
    elif kind == "redo":
        document.redo()
    elif kind == "save":
        document.saved_as(saved(document.model, number + 2))
    elif kind == "step" and document.history:
        undo_one(document, data.draw(st.integers(0, len(document.history) - 1)))


def try_to(what: Callable[[], object]) -> bool:
    try:
        what()
    except BadEdit:
        return False
    return True


def undo_one(document: Document, index: int) -> None:
    steps, before = document.history, document.model
    expected = cells(steps[index].before)
    for step in steps[index + 1 :]:
        expected |= delta(step.before, step.after)
    if try_to(lambda: document.undo_step(index)):
        assert cells(document.model) == expected
        assert document.model is not before
    else:
        assert document.model is before
        assert document.history == steps


@settings(max_examples=150)
@given(st.data())
def test_the_description_is_what_its_history_gives(data: st.DataObject):
    document = Document(model())
    for number in range(data.draw(st.integers(1, 14))):
        act(document, data, number)
        steps = document.history
        state = steps[0].before if steps else document.model
        for step in steps:
            assert not effects(state, step.before)
            # The edits are what the step did, also after a trip through JSON.
            edits = edits_from_json(edits_to_json(step.edits))
            state = repeat(replace(step, edits=edits), state)
            assert not effects(state, step.after)
        assert cells(state) == cells(document.model)
        again = document.original
        for edit in document.edits:
            again = edit.apply(again)
        assert [layer.path for layer in again.layers] == [x.path for x in document.model.layers]
        assert cells(again) == cells(document.model)


def test_undoing_a_thousand_renames_takes_no_time():
    wide = tree_model([(f"conv2d_{i}", True) for i in range(2000)])
    document = Document(wide)
    renames = Rename(tuple((f"conv2d_{i}", f"enc_{i}") for i in range(1000)))
    times: list[float] = []
    for _ in range(5):
        document.apply(renames)
        document.apply(SetTrainable(("enc_0", "conv2d_1999"), False))
        start = time.process_time()  # two cores are shared with other work
        document.undo_step(len(document.history) - 2)
        assert len(document.changes) == 2
        times.append(time.process_time() - start)
        document.undo_step(len(document.history) - 2)
        assert not document.changed
    assert min(times) < 0.05, times

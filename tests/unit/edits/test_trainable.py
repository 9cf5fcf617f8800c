"""Flags: what a toggle makes of own flags, whatever encloses what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerastui.edits import Document, choices, plan
from kerastui.errors import BadEdit
from kerastui.model import FileIdentity, Layer, Model, Weight

FILE = FileIdentity("m.h5", 1, 1, 1, 1)


def tree_model(spec: list, trainable: bool = True, fmt: str = "hdf5") -> Model:
    """Build a model from nested lists: (name, flag) leaf, (name, flag, [children]) container."""
    layers: list[Layer] = []

    def add(items: list, parent: int, depth: int, prefix: str) -> None:
        for name, flag, *inside in items:
            i = len(layers)
            layers.append(None)  # type: ignore[arg-type]
            path = f"{prefix}{name}"
            if inside:
                add(inside[0], i, depth + 1, path + "/")
            kind = "layer" if not inside else ("wrapper" if name.startswith("w") else "model")
            weights = () if inside else (Weight("kernel", name, f"/{path}", (2, 3), "float32"),)
            layers[i] = Layer(
                path, name, "Dense", flag, kind=kind, depth=depth, parent=parent,
                end=len(layers), weights=weights,
            )  # fmt: skip

    add(spec, -1, 0, "")
    return Model(FILE, fmt, "m", "Functional", layers=tuple(layers), trainable=trainable)  # type: ignore[arg-type]


def reference_effective(model: Model) -> list[bool]:
    result = []
    for layer in model.layers:
        on, parent = layer.trainable, layer.parent
        while parent >= 0:
            on, parent = on and model.layers[parent].trainable, model.layers[parent].parent
        result.append(on and model.trainable)
    return result


names = st.integers(0, 10**6)
leaf = st.tuples(st.just("d"), st.booleans())
nodes = st.recursive(
    st.lists(leaf, min_size=1, max_size=4),
    lambda inner: st.lists(
        st.one_of(leaf, st.tuples(st.sampled_from(["m", "w"]), st.booleans(), inner)),
        min_size=1, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


def named(spec: list, counter: list[int]) -> list:
    out = []
    for name, flag, *inside in spec:
        counter[0] += 1
        label = f"{name}{counter[0]}"
        out.append((label, flag, *(named(x, counter) for x in inside)))
    return out


@given(nodes, st.booleans(), st.booleans(), st.data())
def test_a_toggle_changes_exactly_what_was_named(spec, root, trainable, data):
    model = tree_model(named(spec, [0]), root)
    assert list(model.effective) == reference_effective(model)
    picks = data.draw(st.lists(st.integers(0, len(model.layers) - 1), min_size=1, max_size=3))
    inside = {j for i in picks for j in range(i, model.layers[i].end)}
    after = model
    for edit in plan(model, picks, trainable):
        after = edit.apply(after)
    for i, layer in enumerate(model.layers):
        if layer.weights:
            expected = trainable if i in inside else model.effective[i]
            assert after.effective[i] is expected, layer.path
    assert plan(after, picks, trainable) == () or all(
        after.effective[i] is trainable for i in inside if model.layers[i].weights
    )


@given(nodes, st.booleans(), st.data())
def test_states_are_reached_and_undone(spec, root, data):
    model = tree_model(named(spec, [0]), root)
    document = Document(model)
    wanted = [data.draw(st.booleans()) for _ in model.layers]
    document.set_states(wanted)
    for i, layer in enumerate(model.layers):
        if layer.weights:
            assert document.model.effective[i] is wanted[i]
    while document.undo():
        pass
    assert document.model == model
    assert not document.changed


def test_boxes_tell_own_flag_from_parents():
    model = tree_model([("base", False, [("a", True), ("b", False)]), ("head", True)])
    assert model.boxes == ("none", "locked", "none", "all")
    assert model.parameters.trainable == 6
    assert model.parameters.frozen == 12


def test_unfreezing_one_layer_of_a_frozen_base_leaves_its_siblings_frozen():
    model = tree_model([("base", False, [("a", True), ("b", True)]), ("head", True)])
    document = Document(model)
    document.set_trainable([2], True)
    assert document.model.boxes == ("some", "none", "all", "all")
    assert {c.path: c.new for c in document.changes} == {"base": True, "base/a": False}


def test_a_model_frozen_as_a_whole_can_be_opened():
    model = tree_model([("a", True), ("b", True)], trainable=False)
    document = Document(model)
    document.set_trainable(choices.from_here(model, 1), True)
    assert document.model.trainable
    assert [layer.trainable for layer in document.model.layers] == [False, True]


def test_weights_only_files_have_nothing_to_freeze():
    model = tree_model([("a", True)], fmt="hdf5-weights")
    with pytest.raises(BadEdit, match="weights only"):
        Document(model).set_trainable([0], False)
    assert model.boxes == ("absent",)


def test_revert_takes_single_changes_back():
    model = tree_model([("a", True), ("b", True), ("c", True)])
    document = Document(model)
    document.set_trainable([0, 1, 2], False)
    document.revert(["b"])
    assert [c.path for c in document.changes] == ["a", "c"]
    document.undo()
    assert len(document.changes) == 3


def test_edits_lead_from_the_file_to_the_document():
    model = tree_model([("base", True, [("a", True), ("b", True)]), ("head", True)])
    document = Document(model)
    document.set_trainable([0], False)
    document.set_trainable([2], True)
    again = model
    for edit in document.edits:
        again = edit.apply(again)
    assert again == document.model

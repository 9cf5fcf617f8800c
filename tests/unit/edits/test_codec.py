"""Edits as JSON: there and back, and everything that is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.edits.test_trainable import tree_model

from kerastui import edits as all_edits
from kerastui.edits import Edit, Rename, SetTrainable, SetWeight
from kerastui.edits.codec import apply_in_order, edit_to_fields, edits_from_json, edits_to_json
from kerastui.edits.forms import Fields, form, kind_of, kinds
from kerastui.errors import BadEdit
from kerastui.files import open_model
from kerastui.model import ArraySource, Model

texts = st.text(max_size=12)  # escapes and odd planes too
names = st.dictionaries(texts, texts, max_size=5).map(lambda d: Rename(tuple(d.items())))
flags = st.builds(SetTrainable, st.lists(texts, max_size=5).map(tuple), st.booleans())
sizes = st.integers(0, (1 << 63) - 1)
sources = st.builds(
    ArraySource,
    file=texts.map(lambda name: "/values/" + name.replace("\0", "")),
    member=texts,
    shape=st.lists(sizes, max_size=4).map(tuple),
    dtype=st.sampled_from(["float32", "bfloat16", "void16", "int8"]),
    label=texts,
    stamp=st.none() | st.tuples(sizes, sizes),
)
weights = st.builds(SetWeight, texts, texts, st.none() | sources)
edits = st.one_of(flags, names, weights)


@given(st.lists(edits, max_size=6).map(tuple))
def test_edits_come_back_as_they_were(given_edits):
    text = edits_to_json(given_edits)
    assert text.isascii()
    assert edits_from_json(text) == given_edits
    assert edits_to_json(edits_from_json(text)) == text


@given(st.lists(weights, max_size=3).map(tuple))
def test_files_beside_the_json_are_named_relative_to_it(given_edits):
    text = edits_to_json(given_edits, base="/values")
    assert edits_from_json(text, base="/values") == given_edits


def test_files_move_with_the_folder_of_the_json():
    beside = SetWeight("a", "k", ArraySource("/values/in/x.npy", shape=(2,)))
    text = edits_to_json([beside], base="/values")
    assert '"in/x.npy"' in text
    (moved,) = edits_from_json(text, base="/elsewhere")
    assert moved == replace(beside, source=replace(beside.source, file="/elsewhere/in/x.npy"))


def test_every_edit_of_the_package_has_a_form():
    classes = [value for value in vars(all_edits).values() if hasattr(value, "from_fields")]
    assert len(classes) == len(kinds()) >= 3
    for cls in (SetTrainable, SetWeight, Rename):
        assert cls in classes


def test_two_edits_cannot_be_called_the_same():
    with pytest.raises(ValueError, match="two kinds of edit are called 'rename'"):
        form("rename")(SetTrainable)


def document(*inside: object, version: object = 1, **more: object) -> str:
    return json.dumps({"kerastui_edits": version, "edits": list(inside), **more})


FREEZE = {"edit": "set_trainable", "layers": ["a"], "trainable": False}
SET = {"edit": "set_weight", "layer": "a", "weight": "kernel"}
FROM = {"file": "x.npy", "shape": [2, 3], "dtype": "float32"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", r"no valid JSON \(line 1, column 1\)"),
        ('{"kerastui_edits": 1,\n "edits": [}', r"no valid JSON \(line 2, column 12\)"),
        (b"\xff\xfe{}", "no UTF-8"),
        ("[" * 100_000, "nested too deep|no valid JSON"),
        ('{"kerastui_edits": NaN, "edits": []}', "is of version nan"),
        ('{"kerastui_edits": ' + "9" * 5000 + "}", "e.json: "),
        ("[]", "no list of edits of kerastui"),
        ('{"edits": []}', "no list of edits of kerastui"),
        (document(version=2), "is of version 2, and this kerastui reads version 1"),
        (document(version=True), "is of version True"),
        (document(version="1"), "is of version 1"),
        (document(version=[1]), "version"),
        (document(comment="x"), "'comment' is no field"),
        ('{"kerastui_edits": 1}', "'edits' has to be a list"),
        ('{"kerastui_edits": 1, "edits": {}}', "'edits' has to be a list"),
        (document(FREEZE, 3), "edit 2 has to be an object"),
        (document(FREEZE, {"edit": "paint"}), 'edit 2 is of the unknown kind "paint"'),
        (document({"layers": []}), "edit 1 is of the unknown kind null"),
        (document({"edit": ["rename"]}), "unknown kind"),
        (document({**FREEZE, "trainible": True}), "'trainible' is no field"),
        (document({**FREEZE, "trainable": 1}), "'trainable' has to be true or false"),
        (document({**FREEZE, "layers": "a"}), "'layers' has to be a list of texts"),
        (document({**FREEZE, "layers": [None]}), "'layers' has to be a list of texts"),
        (document({"edit": "set_trainable", "trainable": True}), "'layers' is missing"),
        (document({"edit": "rename", "names": {"a": 1}}), "'names' has to be an object of texts"),
        ('{"kerastui_edits": 1, "edits": [{"edit": "rename", "names": {"a": "b", "a": "c"}}]}',
         "'a' is given twice, which contradicts itself"),
        (document(SET), "'from' is missing"),
        (document({**SET, "from": "x.npy"}), "'from' has to be an object that names a file"),
        (document({**SET, "from": {"file": "x.npy"}}), "shape and dtype are missing"),
        (document({**SET, "from": {**FROM, "file": ""}}), "'file' has to be the path"),
        (document({**SET, "from": {**FROM, "file": "a\0b"}}), "'file' has to be the path"),
        (document({**SET, "from": {**FROM, "shape": [2, -3]}}), "'shape' has to be"),
        (document({**SET, "from": {**FROM, "shape": [2, True]}}), "'shape' has to be"),
        (document({**SET, "from": {**FROM, "shape": 6}}), "'shape' has to be"),
        (document({**SET, "from": {**FROM, "stamp": [1]}}), "'stamp' has to be"),
        (document({**SET, "from": {**FROM, "pickle": True}}), "'pickle' is no field"),
    ],
)  # fmt: skip
def test_what_is_refused_is_refused_in_one_sentence(text: str | bytes, says: str):
    with pytest.raises(BadEdit, match=says) as caught:
        edits_from_json(text, "e.json")
    assert str(caught.value).startswith("e.json")
    assert "\n" not in str(caught.value)


TEXT = edits_to_json(
    [SetTrainable(("a",), False), Rename((("a", "b"),)),
     SetWeight("b", "kernel", ArraySource("/v.npy", "", (2, 3), "float32", "v", (1, 2)))]
)  # fmt: skip


def test_a_document_that_is_cut_off_anywhere_gives_no_edit():
    for length in range(len(TEXT.rstrip())):
        with pytest.raises(BadEdit):
            edits_from_json(TEXT[:length])


@given(st.integers(0, len(TEXT) - 1), st.characters())
def test_a_damaged_document_gives_edits_or_one_sentence(place: int, character: str):
    damaged = TEXT[:place] + character + TEXT[place + 1 :]
    try:
        found = edits_from_json(damaged)
    except BadEdit as error:
        assert "\n" not in str(error)
    else:
        assert len(found) == 3


def test_an_array_named_by_its_file_alone_is_completed():
    def complete(source: ArraySource) -> ArraySource:
        assert (source.file, source.shape) == ("/here/x.npy", ())
        return replace(source, shape=(2, 3), dtype="float16")

    text = document({**SET, "from": {"file": "x.npy"}}, {**SET, "from": FROM})
    one, two = edits_from_json(text, base="/here", complete=complete)
    assert one == SetWeight("a", "kernel", ArraySource("/here/x.npy", "", (2, 3), "float16"))
    assert two == SetWeight("a", "kernel", ArraySource("/here/x.npy", "", (2, 3), "float32"))


def test_an_edit_that_cannot_be_applied_is_named():
    wrong = (SetTrainable(("a",), False), Rename((("a", "x"),)), SetTrainable(("a",), True))
    with pytest.raises(BadEdit, match=r"e\.json, edit 3 \(unfreeze a\): There is no layer 'a'"):
        apply_in_order(tree_model([("a", True)]), wrong, "e.json")
    apply_in_order(tree_model([("a", True)]), wrong[:2], "e.json")


def test_a_new_edit_registers_itself_in_one_place():
    from kerastui.edits import forms

    @form("test_only")
    class Nothing:
        def describe(self) -> str:
            return "nothing"

        def apply(self, model: Model) -> Model:
            return model

        def to_fields(self) -> dict[str, object]:
            return {"depth": 3}

        @classmethod
        def from_fields(cls, fields: Fields) -> Nothing:
            assert fields.value("depth") == 3
            return cls()

    try:
        (found,) = edits_from_json(edits_to_json([Nothing()]))
        assert isinstance(found, Nothing)
    finally:
        del forms._KINDS["test_only"], forms._NAMES[Nothing]


EXAMPLES = (
    SetTrainable(("conv1",), False),
    Rename((("conv1", "b"),)),
    SetWeight("digit", "bias", ArraySource("/v.npy", "", (10,), "float32", "v", (1, 2))),
    all_edits.ConvertDtype((("conv1", "kernel"),), "float16"),
    all_edits.SetLoss.named("digit", "mse"),
    all_edits.SetLossWeight("digit", 0.5),
    all_edits.SetMetrics("digit", ('"mae"',), True),
    all_edits.SetOptimizer.of(learning_rate=0.5),
    all_edits.SetOptimizerState(False),
    all_edits.SetCompile('{"loss": "mse"}', ()),
    all_edits.CutHead("conv2"),
    all_edits.AppendDense("b", 3),
    all_edits.RestoreHead(True),
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["file", "shape", "a", "b"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@cache
def digits() -> Model:
    return open_model(Path(__file__).parents[3] / "sample_models" / "digits_cnn.h5")


def test_the_examples_are_of_every_kind():
    assert {kind_of(edit) for edit in EXAMPLES} == set(kinds())
    assert edits_from_json(edits_to_json(EXAMPLES)) == EXAMPLES
    for edit in EXAMPLES:
        edit.apply(digits())


@given(st.sampled_from(EXAMPLES), st.data())
def test_fields_of_any_kind_are_taken_or_refused_in_a_sentence(edit: Edit, data: st.DataObject):
    fields = edit_to_fields(edit)
    for name in data.draw(st.sets(st.sampled_from([*fields, "odd"]), max_size=2)):
        fields[name] = data.draw(values)
    model = digits()
    try:
        (found,) = edits_from_json(json.dumps({"kerastui_edits": 1, "edits": [fields]}))
        assert len(edits_from_json(edits_to_json([found]))) == 1
        assert found.describe()
        found.apply(model)
    except BadEdit as error:
        assert "\n" not in str(error)

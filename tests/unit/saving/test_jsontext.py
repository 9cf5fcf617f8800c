"""Splicing values into JSON: exactly these values change, exactly the other characters stay."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerastui.errors import SaveFailed
from kerastui.saving.jsontext import set_values


def test_everything_but_the_value_stays_as_written():
    text = '{ "a" : [1.50e0,\n {"trainable":true , "x":"\\u00e9\\"}"}],"a2":NaN}'
    new = set_values(text, {("a", 1, "trainable"): "false"})
    assert new == text.replace("true", "false")


def test_a_missing_key_is_put_in_first():
    assert set_values('{"c": {"x": 1}}', {("c", "t"): "false"}) == '{"c": {"t": false, "x": 1}}'
    assert set_values('{"c": { }}', {("c", "t"): "false"}) == '{"c": {"t": false }}'


def test_of_equal_keys_the_last_counts():
    text = '{"t": true, "c": {"t": true}, "c": {"t": true}, "t": true}'
    new = set_values(text, {("t",): "false", ("c", "t"): "false"})
    assert new == '{"t": true, "c": {"t": true}, "c": {"t": false}, "t": false}'
    assert json.loads(new) == {"t": False, "c": {"t": False}}


@pytest.mark.parametrize(
    "text", ["", "3", "[]", '{"a": 3}', '{"a": {"b"}}', '{"a": {', '{"a": {"b": }}', '{"b": {}}']
)
def test_a_path_that_leads_nowhere_is_refused(text: str):
    with pytest.raises(SaveFailed):
        set_values(text, {("a", "b"): "false"})


def test_thousands_of_brackets_deep_on_and_off_the_path():
    depth = 6000
    off = "[" * depth + '"]{"' + "]" * depth
    text = '{"off": ' + off + ', "in": ' + '{"in": ' * depth + '{"t": true}' + "}" * depth + "}"
    new = set_values(text, {("in",) * (depth + 1) + ("t",): "false"})
    assert new == text.replace("true", "false")


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=20,
)


@given(value=json_values, data=st.data())
def test_agrees_with_parsing_and_writing(value: Any, data: st.DataObject):
    value = {"r": value}
    indent = data.draw(st.sampled_from([None, 0, 2]))
    text = json.dumps(value, indent=indent, ensure_ascii=data.draw(st.booleans()))
    place, path = value, ["r"]
    while (
        isinstance(place[path[-1]], (dict, list)) and place[path[-1]] and data.draw(st.booleans())
    ):
        place = place[path[-1]]
        path.append(
            data.draw(
                st.sampled_from(list(place) if isinstance(place, dict) else range(len(place)))
            )
        )
    new = json.loads(set_values(text, {tuple(path): '"new"'}))
    place[path[-1]] = "new"
    assert json.dumps(new) == json.dumps(value)

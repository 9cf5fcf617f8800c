"""Whatever JSON a file holds: nothing raises, and what comes back is safe to show."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kerastui.model import Compile, Layer, Weight
from kerastui.model.axes import axes
from kerastui.model.compile import FunctionName
from kerastui.model.compile_reading import read_compile
from kerastui.model.explain import explain
from kerastui.model.figures import age, count, kernel_summary, number, shape, short_count, size
from kerastui.model.known_layers import class_names, known_weights, never_trained, weight_names
from kerastui.model.names import is_auto_named
from kerastui.model.readable import config_lines

from .strategies import HOSTILE, JSON, OBJECTS, deep, is_safe

CLASSES = st.sampled_from([*sorted(class_names()), "Convolution2D", "Highway", "MaxoutDense"])
SHAPES = st.lists(st.integers(0, 2**40), max_size=7).map(tuple)


@st.composite
def layers(draw: st.DrawFn) -> Layer:
    """A layer of a real or unknown class whose settings and weights are anything at all."""
    class_name = draw(CLASSES | st.text(max_size=12) | HOSTILE)
    known = [name for weight in known_weights(class_name) for name in weight.names]
    names = st.sampled_from(known) if known else st.text(max_size=12)
    weights = tuple(
        Weight(name, name, name, draw(SHAPES), "float32")
        for name in draw(st.lists(names | HOSTILE, max_size=4))
    )
    return Layer("x", "x", class_name, draw(st.booleans()), weights=weights, config=draw(OBJECTS))


@settings(max_examples=50)
@given(layers())
def test_everything_about_a_layer_is_safe_text(layer: Layer) -> None:
    shown = [*explain(layer), kernel_summary(layer)]
    for line in config_lines(layer):
        shown += [line.label, line.value]
        assert isinstance(line.changed, bool)
    for weight in layer.weights:
        names = axes(layer, weight)
        assert len(names) in (0, len(weight.shape))
        shown += names
        never_trained(layer.class_name, weight.name)
    assert all(map(is_safe, shown))
    assert all(len(text) < 3000 for text in shown)


@given(OBJECTS | JSON, st.lists(st.text(max_size=5) | HOSTILE, max_size=4))
@example({"loss": {"class_name": "x", "config": None}, "metrics": {"a": {"b": {}}}}, ["a", "b"])
@example({"loss": [[[]]], "metrics": [None, [None]], "loss_weights": "x"}, ["a", "b"])
def test_any_compile_section_can_be_read(config: Any, outputs: list[str]) -> None:
    found = read_compile(config, outputs)
    if found is not None:
        assert all(map(is_safe, _texts(found)))


@pytest.mark.parametrize("key", ["loss", "metrics", "optimizer", "loss_weights"])
def test_a_deeply_nested_compile_section_is_cut_not_followed(key: str) -> None:
    config = {"optimizer": "adam", "loss": "mse", key: deep(2000)}
    found = read_compile(config, ["a", "b"])
    assert found is not None
    assert all(len(text) < 1000 for text in _texts(found))


def test_a_deeply_nested_setting_is_cut_not_followed() -> None:
    layer = Layer("x", "x", "Dense", True, config={"units": deep(2000), "odd": deep(2000)})
    assert len(config_lines(layer)) == 2


def test_a_million_metrics_take_no_time() -> None:
    start = time.process_time()
    read_compile({"loss": "mse", "metrics": ["m"] * 1_000_000}, [f"o{i}" for i in range(2000)])
    assert time.process_time() - start < 5


def test_a_huge_configuration_is_cut() -> None:
    config = {f"key{i}": "v" * 10_000 for i in range(5000)}
    lines = config_lines(Layer("x", "x", "Mine", True, config=config))
    assert len(lines) < 500
    assert all(len(line.value) < 300 for line in lines)


@given(st.text() | HOSTILE, st.text() | HOSTILE | CLASSES)
def test_names_never_raise(name: str, class_name: str) -> None:
    assert is_auto_named(name, class_name) in (True, False)


@settings(max_examples=50)
@given(CLASSES | st.text(max_size=8), OBJECTS, st.integers(-3, 40))
def test_weight_names_fit_the_number_or_are_none(
    class_name: str, config: dict[str, Any], number_of: int
) -> None:
    names = weight_names(class_name, config, number_of)
    assert names is None or (len(names) == number_of and len(set(names)) == number_of)


@given(st.integers() | st.just(10**4000) | st.just(-(10**4000)))
def test_any_integer_can_be_shown(value: int) -> None:
    for text in (count(value), short_count(value), size(value), number(value), shape((value, 1))):
        assert text and len(text) < 60


def test_an_integer_that_python_refuses_to_print_can_be_shown() -> None:
    value = 10**6000
    assert count(value) == "1e+6000"
    config = {"units": value, "odd": [value, {"class_name": "L2", "config": {"l2": value}}]}
    assert all(line.value for line in config_lines(Layer("x", "x", "Dense", True, config=config)))
    assert read_compile({"loss": "mse", "loss_weights": value, "optimizer": value}, ["a"])


@given(st.floats())
def test_any_float_can_be_shown(value: float) -> None:
    assert number(value)
    assert age(value)


def _texts(found: Compile) -> list[str]:
    functions: list[FunctionName | None] = [found.optimizer]
    texts: list[str] = []
    for row in found.outputs:
        functions += [row.loss, *row.metrics, *row.weighted_metrics]
    for function in functions:
        if function:
            texts += [function.name, *(text for pair in function.settings for text in pair)]
    return texts + [text for pair in found.other for text in pair]

"""The rules of translation, one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerastui.convert.arrays import PIECE, windows
from kerastui.convert.compiling import to_compile_config, to_training_config
from kerastui.convert.entries3 import OLD_HARD_SIGMOID
from kerastui.convert.keras1 import layer_today, merge_today
from kerastui.convert.relayout import Made, plan_layer
from kerastui.convert.report import Report
from kerastui.convert.to_keras2 import to_keras2
from kerastui.convert.to_keras3 import Translator
from kerastui.model import Layer, Weight


def dense(name: str, **settings: Any) -> dict[str, Any]:
    return {"class_name": "Dense", "config": {"name": name, "units": 2, **settings}}


def source(name: str) -> dict[str, Any]:
    settings = {"name": name, "batch_input_shape": [None, 3], "dtype": "float32"}
    return {"class_name": "InputLayer", "name": name, "config": settings, "inbound_nodes": []}


def translated(config: dict[str, Any], major: int = 2, report: Report | None = None) -> Any:
    return Translator(major, {}, report or Report()).model(config, "m")


def functional(*layers: dict[str, Any], outputs: Any) -> dict[str, Any]:
    inputs = [[layer["name"], 0, 0] for layer in layers if layer["class_name"] == "InputLayer"]
    settings = {"name": "m", "layers": layers, "input_layers": inputs, "output_layers": outputs}
    return {"class_name": "Model", "config": {**settings, "layers": list(layers)}}


def call(layer: dict[str, Any], *nodes: Any) -> dict[str, Any]:
    return {**layer, "name": layer["config"]["name"], "inbound_nodes": list(nodes)}


def history(value: Any) -> Any:
    """Return a structure with tensors replaced by what they refer to."""
    if isinstance(value, list):
        return [history(item) for item in value]
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            return tuple(value["config"]["keras_history"])
        return {key: history(item) for key, item in value.items()}
    return value


# --- models --------------------------------------------------------------------------------


def test_a_sequential_that_is_a_list_gets_a_name_and_an_input() -> None:
    made = translated(
        {"class_name": "Sequential", "config": [dense("d", batch_input_shape=[None, 3])]}
    )
    assert made["module"] == "keras"
    assert [layer["class_name"] for layer in made["config"]["layers"]] == ["InputLayer", "Dense"]
    assert made["config"]["layers"][0]["config"]["batch_shape"] == [None, 3]
    assert "batch_input_shape" not in made["config"]["layers"][1]["config"]


def test_a_nested_sequential_that_is_a_list_keeps_its_name() -> None:
    inner = {"class_name": "Sequential", "config": [dense("d")], "name": "top"}
    layer = {**inner, "inbound_nodes": [[["a", 0, 0, {}]]]}
    made = translated(functional(source("a"), layer, outputs=[["top", 1, 0]]))
    assert made["config"]["layers"][1]["config"]["name"] == "top"
    assert made["config"]["output_layers"] == ["top", 0, 0]


def test_calls_of_a_shared_nested_model_count_from_0() -> None:
    inner = {"class_name": "Sequential", "config": [dense("d", batch_input_shape=[None, 3])]}
    shared = {**inner, "name": "s", "inbound_nodes": [[["a", 0, 0, {}]], [["b", 0, 0, {}]]]}
    join = call(
        {"class_name": "Add", "config": {"name": "add"}}, [["s", 1, 0, {}], ["s", 2, 0, {}]]
    )
    made = translated(functional(source("a"), source("b"), shared, join, outputs=[["add", 0, 0]]))
    assert history(made["config"]["layers"][3]["inbound_nodes"]) == [
        {"args": [[("s", 0, 0), ("s", 1, 0)]], "kwargs": {}}
    ]
    assert made["config"]["output_layers"] == ["add", 0, 0]
    back = to_keras2(made, Report())["config"]["layers"][3]["inbound_nodes"]
    assert [[item[:3] for item in node] for node in back] == [[["s", 1, 0], ["s", 2, 0]]]


def test_states_of_a_recurrent_layer_are_named() -> None:
    lstm = {"class_name": "LSTM", "config": {"name": "l", "units": 2}}
    layer = call(lstm, [["a", 0, 0, {}], ["b", 0, 0, {}], ["c", 0, 0, {}]])
    made = translated(
        functional(source("a"), source("b"), source("c"), layer, outputs=[["l", 0, 0]])
    )
    node = made["config"]["layers"][3]["inbound_nodes"]
    assert history(node) == [
        {"args": [("a", 0, 0)], "kwargs": {"initial_state": [("b", 0, 0), ("c", 0, 0)]}}
    ]
    back = to_keras2(made, Report())["config"]["layers"][3]["inbound_nodes"][0]
    assert [item[:3] for item in back] == [["a", 0, 0], ["b", 0, 0], ["c", 0, 0]]


def test_an_operator_becomes_an_operation_and_comes_back() -> None:
    config = {"name": "tf.math.multiply", "function": "math.multiply", "trainable": True}
    layer = {
        "class_name": "TFOpLambda", "name": config["name"], "config": config,
        "inbound_nodes": [["_CONSTANT_VALUE", -1, 2.0, {"y": ["a", 0, 0], "name": None}]],
    }  # fmt: skip
    made = translated(functional(source("a"), layer, outputs=[[config["name"], 0, 0]]))
    operation = made["config"]["layers"][1]
    assert (operation["module"], operation["class_name"]) == ("keras.src.ops.numpy", "Multiply")
    assert history(operation["inbound_nodes"]) == [{"args": [2.0, ("a", 0, 0)], "kwargs": {}}]
    back = to_keras2(made, Report())["config"]["layers"][1]
    assert back["config"]["function"] == "math.multiply"
    assert back["inbound_nodes"] == layer["inbound_nodes"]


def test_brackets_become_an_operation_and_come_back() -> None:
    every = {"start": None, "stop": None, "step": None}
    spec = [every, {"start": 1, "stop": 3, "step": None}, {"class_name": "__ellipsis__"}, None, 0]
    config = {"name": "cut", "trainable": True, "dtype": "float32"}
    layer = {
        "class_name": "SlicingOpLambda", "name": "cut",
        "config": {**config, "function": "__operators__.getitem"},
        "inbound_nodes": [["a", 0, 0, {"slice_spec": spec}]],
    }  # fmt: skip
    made = translated(functional(source("a"), layer, outputs=[["cut", 0, 0]]))
    operation = made["config"]["layers"][1]
    key = operation["inbound_nodes"][0]["args"][1]
    assert operation["class_name"] == "GetItem"
    assert key[1] == {"class_name": "__slice__", "config": spec[1]}
    assert to_keras2(made, Report())["config"]["layers"][1] == layer


def test_classes_that_are_gone_are_named() -> None:
    report = Report()
    layer = {"class_name": "LocallyConnected1D", "config": {"name": "lc", "filters": 2}}
    config = {"class_name": "Sequential", "config": {"name": "m", "layers": [layer]}}
    made = translated(config, report=report)
    assert made["config"]["layers"][0]["class_name"] == "LocallyConnected1D"
    assert "LocallyConnected1D" in report.sentences[0]


def test_an_operator_without_counterpart_is_named() -> None:
    report = Report()
    layer = {
        "class_name": "TFOpLambda", "name": "op",
        "config": {"name": "op", "function": "signal.fft"},
        "inbound_nodes": [["a", 0, 0, {}]],
    }  # fmt: skip
    translated(functional(source("a"), layer, outputs=[["op", 0, 0]]), report=report)
    assert any("signal.fft" in sentence and "op" in sentence for sentence in report.sentences)


# --- settings ------------------------------------------------------------------------------


def test_hard_sigmoid_of_keras_2_stays_the_function_that_it_was() -> None:
    lstm = {
        "class_name": "LSTM",
        "config": {"name": "l", "units": 2, "recurrent_activation": "hard_sigmoid"},
    }
    made = translated({"class_name": "Sequential", "config": {"name": "m", "layers": [lstm]}})
    settings = made["config"]["layers"][0]["config"]
    assert settings["recurrent_activation"] == OLD_HARD_SIGMOID
    back = to_keras2(made, Report())["config"]["layers"][0]["config"]
    assert back["recurrent_activation"] == "hard_sigmoid"


def test_what_has_no_counterpart_is_named_with_its_layer() -> None:
    report = Report()
    config = {"name": "bn", "virtual_batch_size": 8, "fused": None, "axis": [3]}
    layer = {"class_name": "BatchNormalization", "config": config}
    made = translated(
        {"class_name": "Sequential", "config": {"name": "m", "layers": [layer]}}, 2, report
    )
    assert made["config"]["layers"][0]["config"]["axis"] == 3
    assert report.sentences == (
        "bn: the setting virtual_batch_size (8) has no counterpart in Keras 3.",
    )


@pytest.mark.parametrize("registered", ["Custom>Mine", "pkg>Mine"])
def test_custom_classes_keep_their_names(registered: str) -> None:
    layer = {"class_name": registered, "config": {"name": "x", "anything": [1]}}
    made = translated({"class_name": "Sequential", "config": {"name": "m", "layers": [layer]}})
    entry = made["config"]["layers"][0]
    assert (entry["module"], entry["class_name"], entry["registered_name"]) == (
        None,
        "Mine",
        registered,
    )
    assert entry["config"]["anything"] == [1]
    assert to_keras2(made, Report())["config"]["layers"][0]["class_name"] == registered


def test_keras_3_stays_as_it_is() -> None:
    entry = {
        "module": "keras.layers", "class_name": "Dense", "registered_name": None,
        "config": {"name": "d", "units": 2, "dtype": {"module": "keras"}}, "build_config": {"a": 1},
    }  # fmt: skip
    settings = {"name": "m", "trainable": True, "layers": [entry], "build_input_shape": [None, 3]}
    model = {
        "module": "keras", "class_name": "Sequential", "registered_name": None, "config": settings,
        "build_config": {},
    }  # fmt: skip
    assert translated(model, major=3) == model


# --- Keras 1 -------------------------------------------------------------------------------


def test_keras_1_words() -> None:
    config = {
        "name": "c", "nb_filter": 4, "nb_row": 3, "nb_col": 5, "subsample": [2, 2], "bias": False,
        "border_mode": "same", "dim_ordering": "th", "init": "zero",
        "W_regularizer": {"name": "WeightRegularizer", "l1": 0.0, "l2": 0.5},
    }  # fmt: skip
    name, today = layer_today("Convolution2D", config)
    assert name == "Conv2D"
    assert today == {
        "name": "c", "filters": 4, "kernel_size": [3, 5], "strides": [2, 2], "use_bias": False,
        "padding": "same", "data_format": "channels_first", "kernel_initializer": "zeros",
        "kernel_regularizer": {"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.5}},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("mode", "name"), [("concat", "Concatenate"), ("sum", "Add"), ("mul", "Multiply"),
                       ("ave", "Average"), ("max", "Maximum"), ("dot", "Dot"), ("cos", "Dot")],
)  # fmt: skip
def test_merge_modes(mode: str, name: str) -> None:
    made, settings = merge_today({"name": "m", "mode": mode, "concat_axis": 2}, Report(), "m")
    assert made == name
    assert settings.get("normalize", False) == (mode == "cos")
    assert settings.get("axis") == (2 if mode == "concat" else None)


def made_of(class_name: str, arrays: list[Any], config: dict[str, Any], **era: Any) -> list[Any]:
    """Return what a layer's stored arrays become."""
    weights = tuple(
        Weight(str(i), str(i), f"/{i}", array.shape, "float32") for i, array in enumerate(arrays)
    )
    layer = Layer("l", "l", class_name, True, weights=weights, config=config)
    plan = plan_layer(layer, era.get("major", 1), era.get("backend", ""))
    return [_result(made, arrays) for made in plan]


def _result(made: Made, arrays: list[Any]) -> Any:
    parts = [arrays[i] for i in made.parts]
    return made.step(parts) if made.step else parts[0]


def test_gates_of_an_lstm_are_put_in_todays_order() -> None:
    rng = np.random.default_rng(1)
    gates = {g: [rng.random((3, 2)), rng.random((2, 2)), rng.random(2)] for g in "icfo"}
    made = made_of("LSTM", [a for g in "icfo" for a in gates[g]], {"inner_init": "orthogonal"})
    for kind in range(3):
        expected = np.concatenate([gates[g][kind] for g in "ifco"], axis=-1)
        np.testing.assert_array_equal(made[kind], expected)


def test_both_sides_of_a_bidirectional_gru() -> None:
    arrays = [np.full((2, 2) if i % 3 < 2 else 2, i, float) for i in range(18)]
    made = made_of("GRU", arrays, {"inner_init": "orthogonal"})
    assert len(made) == 6
    np.testing.assert_array_equal(made[3][0], [9, 9, 12, 12, 15, 15])


def test_kernels_of_keras_1() -> None:
    rng = np.random.default_rng(2)
    kernel = rng.random((5, 1, 3, 4))
    np.testing.assert_array_equal(made_of("Convolution1D", [kernel], {})[0], kernel[:, 0])
    kernel = rng.random((3, 2, 4, 5))
    channels_first = {"dim_ordering": "th"}
    np.testing.assert_array_equal(
        made_of("Convolution2D", [kernel], channels_first)[0], kernel.transpose(2, 3, 1, 0)
    )
    np.testing.assert_array_equal(
        made_of("Deconvolution2D", [kernel], {"dim_ordering": "tf"})[0], kernel.swapaxes(2, 3)
    )
    flipped = made_of("Conv2D", [kernel, np.zeros(5)], {}, major=2, backend="theano")
    np.testing.assert_array_equal(flipped[0], kernel[::-1, ::-1])
    assert flipped[1].shape == (5,)


def test_plain_weights_are_only_copied() -> None:
    layer = Layer("l", "l", "Dense", True, weights=(Weight("k", "k", "/k", (2, 2), "float32"),))
    assert plan_layer(layer, 2, "tensorflow") == [Made((0,))]


# --- compile section -----------------------------------------------------------------------


def test_a_compile_section_of_keras_1() -> None:
    settings = {"lr": 0.5, "decay": 0.0, "momentum": 0.9}
    old = {
        "optimizer_config": {"class_name": "SGD", "config": settings},
        "loss": "mse", "metrics": ["accuracy", "precision"], "loss_weights": None,
        "sample_weight_mode": None,
    }  # fmt: skip
    report = Report()
    made = to_compile_config(old, 1, ["out"], report)
    assert made is not None
    assert made["optimizer"]["config"] == {"learning_rate": 0.5, "momentum": 0.9}
    assert made["metrics"][0] == "accuracy"
    assert made["metrics"][1]["config"] == "precision"  # somebody's own, not Keras 3's class
    assert not report.sentences
    hdf5 = to_training_config(made, "keras3", report)
    assert hdf5 is not None
    assert hdf5["loss"] == "mean_squared_error"
    assert to_compile_config(hdf5, 3, ["out"], report) == {**made, "loss": "mean_squared_error"}


def test_every_output_keeps_every_metric() -> None:
    old = {
        "optimizer_config": {"class_name": "Adam", "config": {}}, "loss": ["mse", "mse"],
        "metrics": ["mae", "mse"],
    }  # fmt: skip
    made = to_compile_config(old, 2, ["a", "b"], Report())
    assert made is not None
    assert made["metrics"] == [["mae", "mse"], ["mae", "mse"]]


def test_an_unknown_optimizer_is_named_and_takes_the_section_along() -> None:
    report = Report()
    old = {"optimizer_config": {"class_name": "TFOptimizer", "config": {}}, "loss": "mse"}
    assert to_compile_config(old, 2, ["a"], report) is None
    assert any("TFOptimizer" in sentence for sentence in report.sentences)


def test_decay_that_did_something_is_named() -> None:
    report = Report()
    config = {"lr": 0.1, "decay": 0.01}
    old = {"optimizer_config": {"class_name": "SGD", "config": config}, "loss": "mse"}
    to_compile_config(old, 2, ["a"], report)
    assert report.sentences == (
        "optimizer SGD: the setting decay (0.01) has no counterpart in Keras 3.",
    )


# --- arrays --------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 6), max_size=4), st.sampled_from([1, 4, PIECE // 3, PIECE]))
def test_windows_cover_every_element_once(shape: list[int], item_size: int) -> None:
    seen = np.zeros(shape, int)
    for window in windows(tuple(shape), item_size):
        seen[window] += 1
        assert seen[window].size * item_size <= PIECE or seen[window].size == 1
    assert (seen == 1).all()

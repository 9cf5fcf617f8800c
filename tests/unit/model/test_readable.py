"""A layer's configuration as readable lines."""

from __future__ import annotations

from typing import Any

import pytest

from kerastui.model import Layer
from kerastui.model.readable import ConfigLine, config_lines


def lines(class_name: str, **config: Any) -> dict[str, ConfigLine]:
    found = config_lines(Layer("x", "x", class_name, True, config=config))
    return {line.label: line for line in found}


def values(class_name: str, **config: Any) -> dict[str, str]:
    return {label: line.value for label, line in lines(class_name, **config).items()}


def serialized(class_name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": config}


CONV: dict[str, Any] = {
    "name": "c", "trainable": False, "dtype": "float32", "batch_input_shape": [None, 28, 28, 1],
    "kernel_regularizer": None, "filters": 64, "kernel_size": [3, 3], "strides": [1, 1],
    "padding": "same", "activation": "relu", "use_bias": True, "bias_constraint": None,
    "kernel_initializer": serialized("GlorotUniform", seed=None),
}  # fmt: skip


def test_what_matters_comes_first_and_nulls_last_in_one_line() -> None:
    assert list(lines("Conv2D", **CONV)) == [
        "filters", "kernel_size", "strides", "padding", "activation", "use_bias",
        "kernel_initializer", "dtype", "batch_input_shape", "none",
    ]  # fmt: skip
    assert values("Conv2D", **CONV)["none"] == "kernel_regularizer, bias_constraint"


def test_values_are_readable() -> None:
    found = values("Conv2D", **CONV)
    assert found["kernel_size"] == "3×3"
    assert found["kernel_initializer"] == "GlorotUniform"
    assert found["batch_input_shape"] == "(batch, 28, 28, 1)"


def test_what_differs_from_the_defaults_is_marked() -> None:
    changed = {label for label, line in lines("Conv2D", **CONV).items() if line.changed}
    assert changed == {"padding", "activation"}


@pytest.mark.parametrize(
    ("class_name", "key", "value", "changed"),
    [
        ("LSTM", "activation", "tanh", False),
        ("LSTM", "recurrent_activation", "hard_sigmoid", True),
        ("LSTM", "return_sequences", True, True),
        ("BatchNormalization", "momentum", 0.99, False),
        ("BatchNormalization", "momentum", 0.9, True),
        ("BatchNormalization", "axis", [3], False),  # what -1 becomes when it is built
        ("Dense", "kernel_initializer", "glorot_uniform", False),
        ("Dense", "kernel_initializer", serialized("HeNormal", seed=None), True),
        ("Dense", "kernel_initializer", serialized("VarianceScaling", seed=None,
         distribution="uniform", mode="fan_avg", scale=1.0), False),  # Keras 2 for GlorotUniform
        ("Embedding", "embeddings_initializer",
         serialized("RandomUniform", minval=-0.05, maxval=0.05, seed=None), False),
        ("Dense", "kernel_regularizer", serialized("L2", l2=0.001), True),
        ("Dropout", "rate", 0.5, False),  # has no default
        ("Mine", "padding", "same", False),  # who knows what is usual there
    ],
)  # fmt: skip
def test_defaults(class_name: str, key: str, value: Any, changed: bool) -> None:
    assert lines(class_name, **{key: value})[key].changed is changed


def test_strides_of_pooling_follow_the_pool() -> None:
    assert not lines("MaxPooling2D", pool_size=[3, 3], strides=[3, 3])["strides"].changed
    assert lines("MaxPooling2D", pool_size=[3, 3], strides=[1, 1])["strides"].changed


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (serialized("VarianceScaling", distribution="uniform", scale=1.0, mode="fan_avg"),
         "VarianceScaling(scale=1, fan_avg, uniform)"),
        (serialized("L2", l2=9.999999747378752e-05), "L2(0.0001)"),
        (serialized("L1L2", l1=0.0, l2=0.0001), "L1L2(l2=0.0001)"),
        ({"name": "WeightRegularizer", "l1": 0.0, "l2": 0.01}, "WeightRegularizer(l2=0.01)"),
        (serialized("MaxNorm", max_value=2, axis=0), "MaxNorm(max_value=2, axis=0)"),
        (serialized("Constant", value=0.1), "Constant(0.1)"),
        (serialized("Orthogonal", gain=1.0, seed=None), "Orthogonal"),
        ({"module": "keras.initializers", "class_name": "Zeros", "config": {},
          "registered_name": None}, "Zeros"),
        ({"module": "builtins", "class_name": "function", "config": "gelu",
          "registered_name": "function"}, "gelu"),
        ({"class_name": "__lambda__", "config": {"value": ["4wAA" * 100, None, None]}},
         "Python bytecode, 300 bytes"),
    ],
)  # fmt: skip
def test_objects_by_name_with_their_settings(value: Any, expected: str) -> None:
    assert values("Dense", kernel_regularizer=value)["kernel_regularizer"] == expected


def test_a_dtype_policy_is_its_name() -> None:
    policy = {"module": "keras", **serialized("DTypePolicy", name="mixed_float16")}
    assert values("Dense", dtype=policy)["dtype"] == "mixed_float16"
    assert values("Dense", dtype=serialized("Policy", name="float32"))["dtype"] == "float32"


def test_keras_1_keeps_its_words_with_todays_beside_them() -> None:
    config = {
        "nb_filter": 8, "nb_row": 3, "nb_col": 5, "subsample": [1, 1], "border_mode": "valid",
        "dim_ordering": "tf", "bias": True, "init": "glorot_uniform", "W_regularizer": None,
    }  # fmt: skip
    found = lines("Convolution2D", **config)
    assert list(found) == [
        "nb_filter (filters)", "nb_row, nb_col (kernel_size)", "subsample (strides)",
        "border_mode (padding)", "bias (use_bias)", "init (kernel_initializer)",
        "dim_ordering (data_format)", "none",
    ]  # fmt: skip
    assert found["nb_row, nb_col (kernel_size)"].value == "3×5"
    assert found["none"].value == "W_regularizer (kernel_regularizer)"
    assert not any(line.changed for line in found.values())
    assert "output_dim (units)" in lines("Dense", output_dim=5, init="uniform")
    assert "output_dim" in lines("Embedding", input_dim=9, output_dim=5, init="uniform")


def test_words_of_keras_1_that_still_exist_are_left_alone() -> None:
    assert list(lines("UpSampling1D", size=2)) == ["size"]
    assert list(lines("Embedding", input_dim=9, output_dim=5)) == ["input_dim", "output_dim"]
    assert list(lines("Mine", bias=True, length=3)) == ["bias", "length"]


def test_lambda_code_is_measured_not_decoded() -> None:
    found = values("Lambda", function=["4wEA" * 30 + "\n", None, None], function_type="lambda")
    assert found["function"].startswith("Python bytecode, about 90 bytes")
    named = values("Lambda", function="my_function", function_type="function")
    assert named["function"] == "my_function"
    raw = values("Lambda", function="\x1b[31mcode\x00", function_type="lambda")
    assert raw["function"].startswith("Python bytecode")


def test_everything_is_shown_but_name_and_flag() -> None:
    config = {"name": "x", "trainable": True, "zeta": 1, "alpha_beta": "b", "empty": {}}
    assert values("Mine", **config) == {"zeta": "1", "alpha_beta": "b", "none": "empty"}
    assert config_lines(Layer("x", "x", "Flatten", True, config={"name": "f"})) == ()

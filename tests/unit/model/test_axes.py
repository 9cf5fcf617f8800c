"""What the axes of weights mean, for the dialects that no Keras of today can build.

The layers of today are checked against Keras itself in test_with_keras.py. Shapes of Keras 1
are those of ../shared/models/made/keras-1.2.2-tf.
"""

from __future__ import annotations

from typing import Any

import pytest

from kerastui.model import Layer, Weight
from kerastui.model.axes import axes
from kerastui.model.known_layers import is_known, never_trained, weight_names

KERNEL_2D = ("kernel height", "kernel width", "input channels", "filters")
GATES = "4 gates × units (i, f, c, o)"


def axes_of(class_name: str, name: str, shape: tuple[int, ...], **config: Any) -> tuple[str, ...]:
    weight = Weight(name, name, name, shape, "float32")
    return axes(Layer("x", "x", class_name, True, weights=(weight,), config=config), weight)


@pytest.mark.parametrize(
    ("class_name", "name", "shape", "expected"),
    [
        ("Convolution2D", "convolution2d_1_W", (3, 3, 1, 8), KERNEL_2D),
        ("Convolution2D", "convolution2d_1_b", (8,), ("filters",)),
        ("Convolution1D", "W", (3, 1, 4, 8), ("kernel length", "1", "input channels", "filters")),
        ("Deconvolution2D", "deconvolution2d_1_W:0", (3, 3, 4, 2), KERNEL_2D),
        ("Dense", "dense_1_W", (1352, 16), ("input features", "units")),
        ("Embedding", "embedding_1_W", (20, 8), ("vocabulary", "features")),
        ("LSTM", "forward_lstm_1_W_i", (8, 5), ("input features", "units of the input gate")),
        ("LSTM", "forward_lstm_1_U_f", (5, 5), ("units", "units of the forget gate")),
        ("LSTM", "lstm_1_b_c", (5,), ("units of the cell",)),
        ("GRU", "gru_1_U_h", (4, 4), ("units", "units of the candidate")),
        ("Highway", "highway_1_W_carry", (18, 18), ("input features", "units")),
        ("MaxoutDense", "maxoutdense_1_W", (2, 18, 4), ("linear maps", "input features", "units")),
        ("MaxoutDense", "maxoutdense_1_b", (2, 4), ("linear maps", "units")),
        ("BatchNormalization", "batchnormalization_1_running_std", (8,), ("channels",)),
        ("PReLU", "prelu_1_alphas", (10, 10, 2), ("height", "width", "channels")),
        ("TimeDistributedDense", "W", (4, 3), ("input features", "units")),
        ("CuDNNLSTM", "kernel", (8, 20), ("input features", GATES)),
        ("CuDNNLSTM", "bias", (40,), ("input / recurrent bias × " + GATES,)),
        ("LSTM", "lstm/lstm_cell_3/kernel:0", (8, 20), ("input features", GATES)),
        ("MultiHeadAttention", "multi_head_attention/query/kernel:0", (8, 2, 4),
         ("input features", "heads", "size per head")),
        ("MultiHeadAttention", "output_dense/bias", (8,), ("output features",)),
    ],
)  # fmt: skip
def test_older_dialects(
    class_name: str, name: str, shape: tuple[int, ...], expected: tuple[str, ...]
) -> None:
    assert axes_of(class_name, name, shape) == expected


def test_theano_order() -> None:
    found = axes_of("Convolution2D", "W", (8, 3, 5, 5), dim_ordering="th", nb_filter=8)
    assert found == ("filters", "input channels", "kernel height", "kernel width")
    assert axes_of("Convolution2D", "b", (8,), dim_ordering="th") == ("filters",)
    assert axes_of("Convolution2D", "W", (5, 5, 3, 8), dim_ordering="tf") == KERNEL_2D
    # channels_first changes the images, not the kernel, from Keras 2 on
    assert axes_of("Conv2D", "kernel", (5, 5, 3, 8), data_format="channels_first") == KERNEL_2D


def test_layers_inside_a_wrapper_that_keeps_their_settings() -> None:
    inner = {"class_name": "EinsumDense", "config": {"equation": "ab,bc->ac", "bias_axes": "c"}}
    assert axes_of("TimeDistributed", "kernel", (4, 6), layer=inner) == (
        "input features (b)", "output features (c)",
    )  # fmt: skip
    cells = {"class_name": "StackedRNNCells", "config": {"cells": [{"class_name": "LSTMCell"}]}}
    found = axes_of("RNN", "lstm_cell/kernel", (4, 20), cell=cells)
    assert found == ("input features", GATES)


@pytest.mark.parametrize(
    ("class_name", "name", "shape"),
    [
        ("Dense", "kernel", (3, 3, 4)),  # not what a Dense has
        ("Dense", "unheard_of", (3,)),
        ("Mine", "kernel", (3, 4)),
        ("", "kernel", (3, 4)),
        ("Attention", "scale", ()),
        ("Normalization", "count", ()),
        ("EinsumDense", "kernel", (3, 4)),  # without its equation
        ("Bidirectional", "forward_lstm/kernel", (3, 4)),  # without its layer
    ],
)
def test_nothing_is_said_where_it_would_be_a_guess(
    class_name: str, name: str, shape: tuple[int, ...]
) -> None:
    assert axes_of(class_name, name, shape) == ()


def test_never_trained() -> None:
    for name in ("moving_mean", "bn/moving_variance:0", "batchnormalization_1_running_std"):
        assert never_trained("BatchNormalization", name)
    assert never_trained("MyOwnNorm", "moving_mean")
    assert never_trained("Dropout", "seed_generator/seed_generator_state")
    assert never_trained("Normalization", "mean")
    assert not never_trained("BatchNormalization", "gamma")
    assert not never_trained("Dense", "kernel")
    assert not never_trained("MyOwn", "mean")


@pytest.mark.parametrize(
    ("class_name", "config", "count", "expected"),
    [
        ("Dense", {}, 2, ("kernel", "bias")),
        ("Dense", {}, 1, ("kernel",)),
        ("Dense", {"use_bias": False}, 1, ("kernel",)),
        ("Dense", {"use_bias": False}, 2, None),  # the file disagrees with itself
        ("Dense", {}, 3, None),
        ("BatchNormalization", {}, 4, ("gamma", "beta", "moving_mean", "moving_variance")),
        ("BatchNormalization", {}, 3, None),  # gamma or beta? nobody can tell
        ("BatchNormalization", {"scale": False}, 3, ("beta", "moving_mean", "moving_variance")),
        ("BatchNormalization", {}, 2, ("moving_mean", "moving_variance")),
        ("SeparableConv2D", {}, 3, ("depthwise_kernel", "pointwise_kernel", "bias")),
        ("LSTM", {}, 2, ("kernel", "recurrent_kernel")),
        ("LSTM", {}, 12, ("W_i", "U_i", "b_i", "W_c", "U_c", "b_c", "W_f", "U_f", "b_f",
                          "W_o", "U_o", "b_o")),
        ("Convolution2D", {"bias": True}, 2, ("kernel", "bias")),
        ("Attention", {"use_scale": True}, 1, ("scale",)),
        ("Mine", {}, 2, None),
        ("Dense", {}, 0, None),
    ],
)  # fmt: skip
def test_weight_names(
    class_name: str, config: dict[str, Any], count: int, expected: tuple[str, ...] | None
) -> None:
    assert weight_names(class_name, config, count) == expected


def test_known_classes() -> None:
    for name in ("Dense", "LSTM", "TFOpLambda", "Functional", "GroupedQueryAttention", "CuDNNGRU"):
        assert is_known(name)
    for name in ("Highway", "MaxoutDense", "Deconvolution2D", "Merge", "Mine", "", "InputSpec"):
        assert not is_known(name)

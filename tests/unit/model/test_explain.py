"""Sentences for people new to Keras, with the numbers of the layer itself."""

from __future__ import annotations

from typing import Any

from kerastui.model import Layer, Weight
from kerastui.model.explain import explain
from kerastui.model.figures import kernel_summary

Shape = tuple[int, ...]


def layer(class_name: str, *, trainable: bool = True, config: dict[str, Any] | None = None,
          **shapes: Shape) -> Layer:  # fmt: skip
    weights = tuple(Weight(n, n, n, s, "float32") for n, s in shapes.items())
    return Layer("x", "x", class_name, trainable, weights=weights, config=config or {})


VGG = layer("Conv2D", kernel=(3, 3, 256, 512), bias=(512,))


def test_a_convolution() -> None:
    assert explain(VGG) == (
        "512 filters of 3×3 over 256 input channels → 512 feature maps come out (one per filter)",
        "Each filter holds 2,304 numbers and one bias; it slides over the input and gives one "
        "feature map.",
    )
    assert kernel_summary(VGG) == "3×3 · 256 → 512"


def test_one_filter_is_not_many() -> None:
    first = explain(layer("Conv2D", kernel=(5, 5, 1, 1)))[0]
    assert first == (
        "1 filter of 5×5 over 1 input channel → 1 feature map comes out (one per filter)"
    )


def test_groups_strides_and_dilation_are_told_when_they_matter() -> None:
    config = {"groups": 2, "strides": [2, 2], "dilation_rate": [1, 1]}
    told = explain(layer("Conv2D", config=config, kernel=(3, 3, 32, 64)))
    assert told[0].startswith("64 filters of 3×3 over 64 input channels")
    assert "2 groups: each filter sees only 32 of the 64 input channels." in told
    assert any("Strides 2×2" in sentence for sentence in told)
    assert not any("Dilation" in sentence for sentence in told)
    assert len(explain(VGG)) == 2


def test_the_transposed_kernel_has_its_axes_turned() -> None:
    told = explain(layer("Conv2DTranspose", kernel=(3, 3, 8, 16), bias=(8,)))
    assert told[0].startswith("8 filters of 3×3 over 16 input channels → 8 feature maps")
    assert "filters before the input channels" in told[1]


def test_depthwise_and_separable() -> None:
    assert explain(layer("DepthwiseConv2D", depthwise_kernel=(3, 3, 32, 2)))[0] == (
        "Each of the 32 input channels is filtered on its own by 2 filters of 3×3 → 64 channels "
        "come out; channels are not mixed"
    )
    separable = layer(
        "SeparableConv2D", depthwise_kernel=(3, 3, 32, 1), pointwise_kernel=(1, 1, 32, 64)
    )
    assert "then 64 filters of 1×1 mix the 32 results → 64 feature maps" in explain(separable)[0]
    assert kernel_summary(separable) == "3×3 · 32 → 64"


def test_dense_and_embedding() -> None:
    dense = layer("Dense", kernel=(25088, 256), bias=(256,))
    assert explain(dense)[0] == "Dense: 25,088 inputs → 256 units"
    assert kernel_summary(dense) == "25,088 → 256"
    table = layer("Embedding", config={"mask_zero": True}, embeddings=(20000, 128))
    assert explain(table)[0] == (
        "A table of 20,000 rows: each number from 0 to 19,999 is looked up as 128 features"
    )
    assert any("marks padding" in sentence for sentence in explain(table))
    assert kernel_summary(table) == "vocab 20,000 × 128"


def test_gates() -> None:
    lstm = layer("LSTM", kernel=(64, 512), recurrent_kernel=(128, 512), bias=(512,))
    assert (
        "4 gates (input, forget, cell, output) of 128 units side by side in the last axis of the "
        "kernels, in this order"
    ) in explain(lstm)
    assert kernel_summary(lstm) == "64 → 128 units"
    gru = layer("GRU", kernel=(64, 384), recurrent_kernel=(128, 384), bias=(2, 384))
    assert any("3 gates (update z, reset r, candidate h) of 128" in s for s in explain(gru))
    assert any("reset_after" in sentence for sentence in explain(gru))
    single = layer("GRU", kernel=(64, 384), recurrent_kernel=(128, 384), bias=(384,))
    assert not any("reset_after" in sentence for sentence in explain(single))
    assert any("(return_sequences)" in s for s in explain(
        layer("LSTM", config={"return_sequences": True}, kernel=(64, 512))))  # fmt: skip


def test_batch_normalization_says_what_freezing_does() -> None:
    shapes = dict.fromkeys(("gamma", "beta", "moving_mean", "moving_variance"), (64,))
    for trainable in (True, False):
        told = explain(layer("BatchNormalization", trainable=trainable, **shapes))
        assert told[0].startswith("Normalizes each of 64 channels")
        assert any("moving mean and variance are never trained" in s for s in told)
        assert any("inference mode" in s and "stored moving statistics" in s for s in told)
    assert any(s.startswith("Frozen, it runs") for s in told)


def test_attention_activation_and_wrappers() -> None:
    shapes = {"query/kernel": (64, 8, 32), "attention_output/kernel": (8, 32, 64)}
    heads = layer("MultiHeadAttention", **shapes)
    assert explain(heads)[0].startswith("8 heads × 32 numbers each")
    assert "projected back to 64 output features" in explain(heads)[1]
    assert "4 trained slopes, the same at every position" in explain(
        layer("PReLU", config={"shared_axes": [1, 2]}, alpha=(1, 1, 4))
    )[0]  # fmt: skip
    assert "by concat" in explain(layer("Bidirectional", config={"merge_mode": "concat"}))[0]
    assert explain(layer("Dropout", config={"rate": 0.30000001192092896}))[0] == (
        "In training each value is set to 0 with probability 0.3 and the others are scaled up; "
        "in inference it does nothing."
    )
    assert explain(layer("MaxPooling2D", config={"pool_size": [2, 2]})) == explain(
        layer("MaxPool2D", config={"pool_size": [2, 2]})
    )


def test_keras_1() -> None:
    config = {"nb_filter": 8, "nb_row": 3, "nb_col": 3, "subsample": [2, 2], "dim_ordering": "th"}
    told = explain(layer("Convolution2D", config=config, W=(8, 4, 3, 3), b=(8,)))
    assert told[0].startswith("8 filters of 3×3 over 4 input channels → 8 feature maps")
    assert any("Strides 2×2" in sentence for sentence in told)
    gates = layer("LSTM", config={"output_dim": 5}, W_i=(8, 5), U_i=(5, 5), b_i=(5,))
    assert any("one array a gate" in sentence for sentence in explain(gates))
    assert kernel_summary(gates) == "8 → 5 units"


def test_an_unknown_class_is_not_explained() -> None:
    assert explain(layer("Mine", kernel=(3, 3))) == ()
    assert kernel_summary(layer("Mine", bias=(3,), kernel=(3, 3, 64))) == "(3, 3, 64)"
    assert kernel_summary(layer("Mine")) == ""
    assert kernel_summary(layer("Mine", scale=())) == "scalar"

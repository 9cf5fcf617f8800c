"""Models to prove saving on, built with Keras 3 or tf_keras: containers in containers.

Weights are random all over, moving statistics too, so that swapped weights show.
"""

from __future__ import annotations

from typing import Any

import numpy as np

CLASSES = 3


def builders() -> dict[str, Any]:
    """Return the functions that build a model from the module `keras` or `tf_keras`."""
    return {
        "functional in functional": functional_in_functional,
        "sequential in functional": sequential_in_functional,
        "two levels and a model twice": two_levels,
        "wrappers": wrappers,
        "wrapped models": wrapped_models,
        "cells": cells,
        "attention": attention,
    }


def functional_in_functional(keras: Any) -> Any:
    layers = keras.layers
    x = layers.Input((6,))
    y = layers.Dense(4, name="d1")(x)
    y = layers.BatchNormalization(name="bn")(y)
    y = layers.Dense(4, name="d2")(y)
    y = layers.Dense(4, name="d3")(y)
    inner = keras.Model(x, y, name="base")
    x = layers.Input((6,))
    y = layers.Dense(CLASSES, name="head")(inner(x))
    return keras.Model(x, y, name="outer")


def sequential_in_functional(keras: Any) -> Any:
    layers = keras.layers
    inner = keras.Sequential(
        [
            layers.Input((6,)),
            layers.Dense(6, name="d1"),
            layers.BatchNormalization(name="bn1"),
            layers.Dense(6, name="d2"),
            layers.BatchNormalization(name="bn2", center=False),
            layers.Dense(6, name="d3", use_bias=False),
        ],
        name="body",
    )
    return keras.Sequential(
        [
            layers.Input((6,)),
            layers.Dense(6, name="stem"),
            inner,
            layers.BatchNormalization(name="bn_out"),
            layers.Dense(CLASSES, name="head"),
        ]
    )


def two_levels(keras: Any) -> Any:
    layers = keras.layers
    x = layers.Input((5,))
    y = layers.Dense(5, name="deep1")(x)
    y = layers.BatchNormalization(name="deep_bn")(y)
    y = layers.Dense(5, name="deep2")(y)
    deep = keras.Model(x, y, name="deep")
    x = layers.Input((5,))
    y = layers.Dense(5, name="mid1")(x)
    y = layers.LayerNormalization(name="ln")(deep(y))
    y = layers.BatchNormalization(name="mid_bn")(deep(y))
    y = layers.Dense(5, name="mid2")(y)
    mid = keras.Model(x, y, name="mid")
    a, b = layers.Input((5,)), layers.Input((5,))
    y = layers.Concatenate()([mid(a), mid(b)])
    return keras.Model([a, b], layers.Dense(CLASSES, name="head")(y))


def wrappers(keras: Any) -> Any:
    layers = keras.layers
    # unrolled: four steps are built ten times as quickly as the loops of tf_keras for every device
    steps = {"return_sequences": True, "unroll": True}
    x = layers.Input((4, 5))
    y = layers.TimeDistributed(layers.Dense(5, name="inner_dense"), name="td")(x)
    y = layers.Bidirectional(layers.LSTM(3, name="l", **steps), name="bi")(y)
    y = layers.Bidirectional(
        layers.GRU(3, name="f", **steps),
        backward_layer=layers.GRU(3, go_backwards=True, name="b", **steps),
        name="bi_two",
    )(y)
    y = layers.LSTM(4, name="lstm", unroll=True)(y)
    return keras.Model(x, layers.Dense(CLASSES, name="head")(y))


def wrapped_models(keras: Any) -> Any:
    layers = keras.layers
    step = keras.Sequential(
        [
            layers.Input((5,)),
            layers.Dense(5, name="s1"),
            layers.BatchNormalization(name="sbn"),
            layers.Dense(5, name="s2"),
        ],
        name="step",
    )
    x = layers.Input((4, 5))
    y = layers.TimeDistributed(step, name="td_step")(x)
    y = layers.TimeDistributed(layers.BatchNormalization(name="wrapped_bn"), name="td_bn")(y)
    inner = keras.Model(x, y, name="steps")
    x = layers.Input((4, 5))
    y = layers.Dense(5, name="stem")(x)
    y = layers.Bidirectional(layers.SimpleRNN(3, name="r"), name="bi")(inner(y))
    return keras.Model(x, layers.Dense(CLASSES, name="head")(y))


def cells(keras: Any) -> Any:
    layers = keras.layers
    x = layers.Input((4, 5))
    y = layers.RNN(layers.LSTMCell(4, name="cell"), return_sequences=True, name="rnn")(x)
    pair = [layers.GRUCell(3, name="c0"), layers.LSTMCell(3, name="c1")]
    y = layers.RNN(pair, name="stacked")(y)
    return keras.Model(x, layers.Dense(CLASSES, name="head")(y))


def attention(keras: Any) -> Any:
    layers = keras.layers
    x = layers.Input((4, 6))
    y = layers.MultiHeadAttention(2, 3, name="mha")(x, x)
    y = layers.LayerNormalization(name="ln")(y)
    y = layers.Dense(6, name="ff")(y)
    return keras.Model(x, layers.Dense(CLASSES, name="head")(y))


def randomize(model: Any, seed: int = 1) -> None:
    """Give every weight random values (variances positive)."""
    draw = np.random.default_rng(seed)
    model.set_weights(
        [
            (draw.uniform(0.1, 1.0, w.shape)).astype(w.dtype)
            if np.issubdtype(w.dtype, np.floating)
            else w
            for w in model.get_weights()
        ]
    )


def inputs(model: Any, count: int = 6, seed: int = 7) -> list[np.ndarray]:
    """Return random input for the model."""
    draw = np.random.default_rng(seed)
    return [
        draw.normal(size=(count, *(n or 4 for n in x.shape[1:]))).astype("float32")
        for x in model.inputs
    ]


def leaves(model: Any) -> dict[str, Any]:
    """Return path → layer for every layer inside, as kerastui counts paths."""
    found: dict[str, Any] = {}

    def walk(layer: Any, path: str) -> None:
        found[path] = layer
        for inner in _inside(layer):
            walk(inner, f"{path}/{inner.name}" if path else inner.name)

    walk(model, "")
    found.pop("")
    return found


def _inside(layer: Any) -> list[Any]:
    kind = type(layer).__name__
    if kind in ("Functional", "Sequential", "Model"):
        return list(layer.layers)
    if kind == "TimeDistributed":
        return [layer.layer]
    return []

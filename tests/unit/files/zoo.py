"""Models of every kind of layer, built by whichever Keras is handed in.

The same functions run with Keras 3 and with tf_keras; `BUILDERS` maps a name to one. Used by
the tests that compare our description with the live model.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def is_keras3(k: Any) -> bool:
    return k.__version__.startswith("3")


def convolutions(k: Any) -> Any:
    L = k.layers
    return k.Sequential(
        [
            k.Input((24, 24, 3)),
            L.Conv2D(4, 3, padding="same", name="stem"),
            L.BatchNormalization(),
            L.ReLU(),
            L.MaxPooling2D(2),
            L.SeparableConv2D(5, 3, strides=2),
            L.DepthwiseConv2D((3, 2), depth_multiplier=2, padding="same"),
            L.Conv2DTranspose(6, 3, strides=2, padding="same"),
            L.Conv2DTranspose(6, 4, strides=3, padding="valid", use_bias=False),
            L.PReLU(shared_axes=[1, 2]),
            L.LeakyReLU(),
            L.ZeroPadding2D(((1, 2), (3, 4))),
            L.Cropping2D(((0, 2), (1, 1))),
            L.UpSampling2D((2, 3)),
            L.AveragePooling2D((3, 2), strides=2, padding="same"),
            L.SpatialDropout2D(0.1),
            L.BatchNormalization(center=False, scale=True, trainable=False),
            L.Conv2D(4, 3, dilation_rate=2, groups=2),
            L.GlobalAveragePooling2D(),
            L.Dense(3, use_bias=False),
            L.Activation("softmax"),
        ],
        name="convolutions",
    )


def one_and_three_dimensions(k: Any) -> Any:
    L = k.layers
    a = k.Input((20, 4), name="series")
    x = L.Conv1D(6, 5, strides=2, padding="causal")(a)
    x = L.SeparableConv1D(4, 3)(x)
    x = L.MaxPooling1D(2, padding="same")(x)
    x = L.UpSampling1D(2)(x)
    x = L.ZeroPadding1D(2)(x)
    x = L.Cropping1D((1, 1))(x)
    x = L.AveragePooling1D(3, strides=1)(x)
    x = L.Conv1DTranspose(3, 4, strides=2)(x)
    x = L.GlobalMaxPooling1D()(x)
    b = k.Input((8, 9, 10, 2), name="volume")
    y = L.Conv3D(3, (2, 3, 3), padding="valid")(b)
    y = L.MaxPooling3D(2)(y)
    y = L.Conv3DTranspose(2, 2, strides=2)(y)
    y = L.GlobalAveragePooling3D(keepdims=True)(y)
    y = L.Flatten()(y)
    z = L.Concatenate(name="both")([x, y])
    return k.Model([a, b], L.Dense(2)(z), name="dimensions")


def merging(k: Any) -> Any:
    L = k.layers
    a, b = k.Input((6,), name="a"), k.Input((6,), name="b")
    shared = L.Dense(5, activation="relu", name="shared")
    x, y = shared(a), shared(b)
    parts = [
        L.Add()([x, y]),
        L.Subtract()([x, y]),
        L.Multiply()([x, y]),
        L.Average()([x, y]),
        L.Maximum()([x, y]),
        L.Minimum()([x, y]),
    ]
    dot = L.Dot(axes=1)([x, y])
    c = L.Concatenate()([*parts, dot])
    c = L.Reshape((31, 1))(c)
    c = L.Permute((2, 1))(c)
    c = L.Flatten()(c)
    c = L.Dropout(0.2)(c)
    c = L.GaussianNoise(0.1)(c)
    c = L.ActivityRegularization(l2=0.1)(c)
    c = L.RepeatVector(3)(c)
    c = L.Reshape((-1,))(c)
    c = L.UnitNormalization()(c)
    return k.Model([a, b], [L.Dense(1, name="left")(c), L.Dense(2, name="right")(c)], name="merging")


def recurrent(k: Any) -> Any:
    L = k.layers
    a = k.Input((7,), dtype="int32", name="tokens")
    x = L.Embedding(30, 6, mask_zero=False)(a)
    x = L.Bidirectional(L.LSTM(4, return_sequences=True), name="both_ways")(x)
    x = L.Bidirectional(
        L.GRU(3, return_sequences=True),
        merge_mode="sum",
        backward_layer=L.LSTM(3, return_sequences=True, go_backwards=True, name="other"),
    )(x)
    x = L.TimeDistributed(L.Dense(5, name="each"))(x)
    x = L.TimeDistributed(
        k.Sequential([k.Input((5,)), L.Dense(4), L.BatchNormalization(), L.Dense(3)])
    )(x)
    x = L.RNN(
        L.StackedRNNCells([L.LSTMCell(4), L.GRUCell(5, reset_after=False)]), return_sequences=True
    )(x)
    x = L.RNN(L.SimpleRNNCell(3), return_sequences=True)(x)
    x = L.SimpleRNN(4, return_sequences=True, use_bias=False)(x)
    x = L.GRU(4)(x)
    return k.Model(a, L.Dense(1)(x), name="recurrent")


def part_frozen(k: Any) -> Any:
    """Nested models and wrappers with mixed flags: what reorders weights in legacy HDF5."""
    L = k.layers
    i = k.Input((12, 12, 3))
    x = L.Conv2D(4, 3, name="b1c1")(i)
    x = L.BatchNormalization(name="bn1")(x)
    x = L.Conv2D(4, 3, name="b1c2")(x)
    x = L.BatchNormalization(name="bn2")(x)
    base = k.Model(i, L.GlobalMaxPooling2D()(x), name="base")
    base.get_layer("b1c1").trainable = False
    base.get_layer("bn2").trainable = False
    inner = k.Sequential(
        [k.Input((4,)), L.Dense(4, name="d1"), L.BatchNormalization(name="bn"), L.Dense(4)],
        name="inner",
    )
    inner.layers[0].trainable = False
    outer = k.Sequential([k.Input((4,)), inner, L.Dense(4, name="d3")], name="outer")
    frozen = k.Sequential(
        [k.Input((4,)), L.Dense(4), L.BatchNormalization(), L.Dense(4)], name="frozen"
    )
    frozen.trainable = False
    a = k.Input((12, 12, 3), name="picture")
    y = frozen(outer(base(a)))
    y = L.RepeatVector(3)(y)
    seq = k.Sequential([k.Input((4,)), L.Dense(4), L.BatchNormalization(), L.Dense(4)], name="s")
    seq.layers[0].trainable = False
    y = L.TimeDistributed(seq, name="td")(y)
    y = L.Bidirectional(L.LSTM(2), name="bi", trainable=False)(y)
    return k.Model(a, L.Dense(2, name="head")(y), name="part_frozen")


def attention(k: Any) -> Any:
    L = k.layers
    a = k.Input((5, 8), name="x")
    m = L.MultiHeadAttention(2, 4)(a, a)
    x = L.LayerNormalization()(L.Add()([a, m]))
    x = L.MultiHeadAttention(2, 3, value_dim=5, use_bias=False, name="mha2")(x, a, a)
    x = L.GroupNormalization(groups=4)(x)
    x = L.Attention(use_scale=True)([x, a])
    x = L.AdditiveAttention()([x, a])
    x = L.EinsumDense("abc,cd->abd", output_shape=(None, 6), bias_axes="d")(x)
    x = L.GlobalAveragePooling1D()(x)
    return k.Model(a, L.Dense(2)(x), name="attention")


def states(k: Any) -> Any:
    """An encoder and a decoder that hand over their states: layers with several outputs."""
    L = k.layers
    a, b = k.Input((None, 5), name="source"), k.Input((None, 4), name="target")
    _, h, c = L.LSTM(6, return_state=True, name="encoder")(a)
    seq, _, _ = L.LSTM(6, return_sequences=True, return_state=True, name="decoder")(
        b, initial_state=[h, c]
    )
    return k.Model([a, b], L.Dense(4, activation="softmax", name="letters")(seq), name="states")


def preprocessing(k: Any) -> Any:
    L = k.layers
    a = k.Input((10, 10, 3))
    x = L.Rescaling(1 / 255)(a)
    x = L.Normalization(mean=[0.0, 0.0, 0.0], variance=[1.0, 1.0, 1.0])(x)
    norm = L.Normalization(name="adapted")
    import numpy as np

    norm.adapt(np.random.rand(4, 10, 10, 3).astype("float32"))
    x = norm(x)
    x = L.RandomFlip()(x)
    x = L.CenterCrop(8, 8)(x)
    x = L.Resizing(6, 5)(x)
    x = L.GaussianDropout(0.3)(x)
    x = L.Flatten()(x)
    x = L.AlphaDropout(0.2)(x)
    return k.Model(a, L.Dense(2)(x), name="preprocessing")


def operators(k: Any) -> Any:
    """Plain arithmetic on tensors: operator layers between the others."""
    L = k.layers
    a = k.Input((6,), name="a")
    x = L.Dense(4, name="d1")(a)
    y = L.Dense(4, name="d2")(a)
    z = (x + y) * 2.0
    z = z - x
    z = z[:, :3]
    return k.Model(a, L.Dense(1, name="out")(z), name="operators")


def two_sizes(k: Any) -> Any:
    """One convolution called on inputs of two sizes, and a nested model called twice."""
    L = k.layers
    a, b = k.Input((16, 16, 3), name="big"), k.Input((8, 8, 3), name="small")
    conv = L.Conv2D(4, 3, name="conv")
    i = k.Input((4,))
    tower = k.Model(i, L.Dense(3, name="inside")(i), name="tower")
    x = tower(L.GlobalAveragePooling2D(name="pool_a")(conv(a)))
    y = tower(L.GlobalAveragePooling2D(name="pool_b")(conv(b)))
    return k.Model([a, b], L.Dense(1, name="out")(L.Concatenate(name="cat")([x, y])), name="sizes")


def deep(k: Any) -> Any:
    """Models in models, five deep."""
    L = k.layers
    model = k.Sequential([k.Input((4,)), L.Dense(4, name="core")], name="level0")
    for level in range(1, 6):
        i = k.Input((4,))
        model = k.Model(i, L.Dense(4, name=f"after{level}")(model(i)), name=f"level{level}")
    return model


def spectral(k: Any) -> Any:
    L = k.layers
    return k.Sequential(
        [
            k.Input((8, 8, 3)),
            L.SpectralNormalization(L.Conv2D(4, 3, name="normed")),
            L.ConvLSTM2D(3, 2) if False else L.Reshape((6, 6, 4)),
            L.Flatten(),
            L.Dense(2),
        ],
        name="spectral",
    )


def movies(k: Any) -> Any:
    L = k.layers
    return k.Sequential(
        [
            k.Input((3, 8, 8, 2)),
            L.ConvLSTM2D(3, 2, return_sequences=True),
            L.TimeDistributed(L.Conv2D(2, 3)),
            L.ConvLSTM2D(2, 2, padding="same"),
            L.Flatten(),
            L.Dense(2),
        ],
        name="movies",
    )


BUILDERS: dict[str, Callable[[Any], Any]] = {
    f.__name__: f
    for f in (
        convolutions,
        one_and_three_dimensions,
        merging,
        recurrent,
        part_frozen,
        attention,
        states,
        preprocessing,
        operators,
        two_sizes,
        deep,
        spectral,
        movies,
    )
}

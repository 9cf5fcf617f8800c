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
    la = k.layers
    return k.Sequential(
        [
            k.Input((24, 24, 3)),
            la.Conv2D(4, 3, padding="same", name="stem"),
            la.BatchNormalization(),
            la.ReLU(),
            la.MaxPooling2D(2),
            la.SeparableConv2D(5, 3, strides=2),
            la.DepthwiseConv2D((3, 2), depth_multiplier=2, padding="same"),
            la.Conv2DTranspose(6, 3, strides=2, padding="same"),
            la.Conv2DTranspose(6, 4, strides=3, padding="valid", use_bias=False),
            la.PReLU(shared_axes=[1, 2]),
            la.LeakyReLU(),
            la.ZeroPadding2D(((1, 2), (3, 4))),
            la.Cropping2D(((0, 2), (1, 1))),
            la.UpSampling2D((2, 3)),
            la.AveragePooling2D((3, 2), strides=2, padding="same"),
            la.SpatialDropout2D(0.1),
            la.BatchNormalization(center=False, scale=True, trainable=False),
            la.Conv2D(4, 3, dilation_rate=2, groups=2),
            la.GlobalAveragePooling2D(),
            la.Dense(3, use_bias=False),
            la.Activation("softmax"),
        ],
        name="convolutions",
    )


def one_and_three_dimensions(k: Any) -> Any:
    la = k.layers
    a = k.Input((20, 4), name="series")
    x = la.Conv1D(6, 5, strides=2, padding="causal")(a)
    x = la.SeparableConv1D(4, 3)(x)
    x = la.MaxPooling1D(2, padding="same")(x)
    x = la.UpSampling1D(2)(x)
    x = la.ZeroPadding1D(2)(x)
    x = la.Cropping1D((1, 1))(x)
    x = la.AveragePooling1D(3, strides=1)(x)
    x = la.Conv1DTranspose(3, 4, strides=2)(x)
    x = la.GlobalMaxPooling1D()(x)
    b = k.Input((8, 9, 10, 2), name="volume")
    y = la.Conv3D(3, (2, 3, 3), padding="valid")(b)
    y = la.MaxPooling3D(2)(y)
    y = la.Conv3DTranspose(2, 2, strides=2)(y)
    y = la.GlobalAveragePooling3D(keepdims=True)(y)
    y = la.Flatten()(y)
    z = la.Concatenate(name="both")([x, y])
    return k.Model([a, b], la.Dense(2)(z), name="dimensions")


def merging(k: Any) -> Any:
    la = k.layers
    a, b = k.Input((6,), name="a"), k.Input((6,), name="b")
    shared = la.Dense(5, activation="relu", name="shared")
    x, y = shared(a), shared(b)
    parts = [
        la.Add()([x, y]),
        la.Subtract()([x, y]),
        la.Multiply()([x, y]),
        la.Average()([x, y]),
        la.Maximum()([x, y]),
        la.Minimum()([x, y]),
    ]
    dot = la.Dot(axes=1)([x, y])
    c = la.Concatenate()([*parts, dot])
    c = la.Reshape((31, 1))(c)
    c = la.Permute((2, 1))(c)
    c = la.Flatten()(c)
    c = la.Dropout(0.2)(c)
    c = la.GaussianNoise(0.1)(c)
    c = la.ActivityRegularization(l2=0.1)(c)
    c = la.RepeatVector(3)(c)
    c = la.Reshape((-1,))(c)
    c = la.UnitNormalization()(c)
    return k.Model(
        [a, b], [la.Dense(1, name="left")(c), la.Dense(2, name="right")(c)], name="merging"
    )


def recurrent(k: Any) -> Any:
    la = k.layers
    a = k.Input((7,), dtype="int32", name="tokens")
    x = la.Embedding(30, 6, mask_zero=False)(a)
    x = la.Bidirectional(la.LSTM(4, return_sequences=True), name="both_ways")(x)
    x = la.Bidirectional(
        la.GRU(3, return_sequences=True),
        merge_mode="sum",
        backward_layer=la.LSTM(3, return_sequences=True, go_backwards=True, name="other"),
    )(x)
    x = la.TimeDistributed(la.Dense(5, name="each"))(x)
    x = la.TimeDistributed(
        k.Sequential([k.Input((5,)), la.Dense(4), la.BatchNormalization(), la.Dense(3)])
    )(x)
    x = la.RNN(
        la.StackedRNNCells([la.LSTMCell(4), la.GRUCell(5, reset_after=False)]),
        return_sequences=True,
    )(x)
    x = la.RNN(la.SimpleRNNCell(3), return_sequences=True)(x)
    x = la.SimpleRNN(4, return_sequences=True, use_bias=False)(x)
    x = la.GRU(4)(x)
    return k.Model(a, la.Dense(1)(x), name="recurrent")


def part_frozen(k: Any) -> Any:
    """Nested models and wrappers with mixed flags: what reorders weights in legacy HDF5."""
    la = k.layers
    i = k.Input((12, 12, 3))
    x = la.Conv2D(4, 3, name="b1c1")(i)
    x = la.BatchNormalization(name="bn1")(x)
    x = la.Conv2D(4, 3, name="b1c2")(x)
    x = la.BatchNormalization(name="bn2")(x)
    base = k.Model(i, la.GlobalMaxPooling2D()(x), name="base")
    base.get_layer("b1c1").trainable = False
    base.get_layer("bn2").trainable = False
    inner = k.Sequential(
        [k.Input((4,)), la.Dense(4, name="d1"), la.BatchNormalization(name="bn"), la.Dense(4)],
        name="inner",
    )
    inner.layers[0].trainable = False
    outer = k.Sequential([k.Input((4,)), inner, la.Dense(4, name="d3")], name="outer")
    frozen = k.Sequential(
        [k.Input((4,)), la.Dense(4), la.BatchNormalization(), la.Dense(4)], name="frozen"
    )
    frozen.trainable = False
    a = k.Input((12, 12, 3), name="picture")
    y = frozen(outer(base(a)))
    y = la.RepeatVector(3)(y)
    seq = k.Sequential([k.Input((4,)), la.Dense(4), la.BatchNormalization(), la.Dense(4)], name="s")
    seq.layers[0].trainable = False
    y = la.TimeDistributed(seq, name="td")(y)
    y = la.Bidirectional(la.LSTM(2), name="bi", trainable=False)(y)
    return k.Model(a, la.Dense(2, name="head")(y), name="part_frozen")


def attention(k: Any) -> Any:
    la = k.layers
    a = k.Input((5, 8), name="x")
    m = la.MultiHeadAttention(2, 4)(a, a)
    x = la.LayerNormalization()(la.Add()([a, m]))
    x = la.MultiHeadAttention(2, 3, value_dim=5, use_bias=False, name="mha2")(x, a, a)
    x = la.GroupNormalization(groups=4)(x)
    x = la.Attention(use_scale=True)([x, a])
    x = la.AdditiveAttention()([x, a])
    x = la.EinsumDense("abc,cd->abd", output_shape=(None, 6), bias_axes="d")(x)
    x = la.GlobalAveragePooling1D()(x)
    return k.Model(a, la.Dense(2)(x), name="attention")


def states(k: Any) -> Any:
    """An encoder and a decoder that hand over their states: layers with several outputs."""
    la = k.layers
    a, b = k.Input((None, 5), name="source"), k.Input((None, 4), name="target")
    _, h, c = la.LSTM(6, return_state=True, name="encoder")(a)
    seq, _, _ = la.LSTM(6, return_sequences=True, return_state=True, name="decoder")(
        b, initial_state=[h, c]
    )
    return k.Model([a, b], la.Dense(4, activation="softmax", name="letters")(seq), name="states")


def preprocessing(k: Any) -> Any:
    la = k.layers
    a = k.Input((10, 10, 3))
    x = la.Rescaling(1 / 255)(a)
    x = la.Normalization(mean=[0.0, 0.0, 0.0], variance=[1.0, 1.0, 1.0])(x)
    norm = la.Normalization(name="adapted")
    import numpy as np

    norm.adapt(np.random.rand(4, 10, 10, 3).astype("float32"))
    x = norm(x)
    x = la.RandomFlip()(x)
    x = la.CenterCrop(8, 8)(x)
    x = la.Resizing(6, 5)(x)
    x = la.GaussianDropout(0.3)(x)
    x = la.Flatten()(x)
    x = la.AlphaDropout(0.2)(x)
    return k.Model(a, la.Dense(2)(x), name="preprocessing")


def operators(k: Any) -> Any:
    """Plain arithmetic on tensors: operator layers between the others."""
    la = k.layers
    a = k.Input((6,), name="a")
    x = la.Dense(4, name="d1")(a)
    y = la.Dense(4, name="d2")(a)
    z = (x + y) * 2.0
    z = z - x
    z = z[:, :3]
    return k.Model(a, la.Dense(1, name="out")(z), name="operators")


def two_sizes(k: Any) -> Any:
    """One convolution called on inputs of two sizes, and a nested model called twice."""
    la = k.layers
    a, b = k.Input((16, 16, 3), name="big"), k.Input((8, 8, 3), name="small")
    conv = la.Conv2D(4, 3, name="conv")
    i = k.Input((4,))
    tower = k.Model(i, la.Dense(3, name="inside")(i), name="tower")
    x = tower(la.GlobalAveragePooling2D(name="pool_a")(conv(a)))
    y = tower(la.GlobalAveragePooling2D(name="pool_b")(conv(b)))
    return k.Model(
        [a, b], la.Dense(1, name="out")(la.Concatenate(name="cat")([x, y])), name="sizes"
    )


def deep(k: Any) -> Any:
    """Models in models, five deep."""
    la = k.layers
    model = k.Sequential([k.Input((4,)), la.Dense(4, name="core")], name="level0")
    for level in range(1, 6):
        i = k.Input((4,))
        model = k.Model(i, la.Dense(4, name=f"after{level}")(model(i)), name=f"level{level}")
    return model


def spectral(k: Any) -> Any:
    la = k.layers
    return k.Sequential(
        [
            k.Input((8, 8, 3)),
            la.SpectralNormalization(la.Conv2D(4, 3, name="normed")),
            la.Reshape((6, 6, 4)),
            la.Flatten(),
            la.Dense(2),
        ],
        name="spectral",
    )


def movies(k: Any) -> Any:
    la = k.layers
    return k.Sequential(
        [
            k.Input((3, 8, 8, 2)),
            la.ConvLSTM2D(3, 2, return_sequences=True),
            la.TimeDistributed(la.Conv2D(2, 3)),
            la.ConvLSTM2D(2, 2, padding="same"),
            la.Flatten(),
            la.Dense(2),
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

"""Our initializers beside Keras's own: the same figures for the same shapes."""

from __future__ import annotations

import numpy as np
import pytest

from kerastui.draws import draw
from kerastui.edits.initializers import NAMES, named

pytestmark = pytest.mark.keras

SETTINGS = {
    "variancescaling": {"scale": 1.5, "mode": "fan_out", "distribution": "untruncated_normal"},
    "constant": {"value": 0.25},
    "randomuniform": {"minval": -1.0, "maxval": 2.0},
    "truncatednormal": {"mean": 1.0, "stddev": 0.5},
    "orthogonal": {"gain": 1.5},
    "identity": {"gain": 2.0},
}


@pytest.mark.parametrize("name", NAMES)
def test_keras_draws_from_the_same_distribution(name: str):
    import keras

    config = SETTINGS.get(name, {})
    first = named({"class_name": name, "config": config})
    assert first is not None
    theirs = getattr(keras.initializers, first.label)(**config)
    if name != "identity":  # Keras 3.15 does not write its gain
        assert named(keras.initializers.serialize(theirs)) == first
    for shape in [(64, 160)] if name == "identity" else [(64, 160), (3, 3, 24, 40)]:
        ours = draw(first, shape, 1).astype("float64")
        other = np.asarray(theirs(shape)).astype("float64")
        assert ours.mean() == pytest.approx(other.mean(), abs=0.06 * other.std() + 1e-6)
        assert ours.std() == pytest.approx(other.std(), rel=0.04, abs=1e-7)
        if first.spread(shape).bounds is not None:
            for extreme in (np.min, np.max):
                assert extreme(ours) == pytest.approx(
                    extreme(other), rel=0.08, abs=0.02 * ours.std()
                )


def test_new_layers_of_keras_begin_as_we_say(tmp_path):
    """What Keras made, read from its file: every weight lies within what we say of it."""
    import keras

    from kerastui import open_model
    from kerastui.edits.initial import initializer_of

    inputs = keras.Input((8, 16))
    x = keras.layers.MultiHeadAttention(4, 8, name="attention")(inputs, inputs)
    x = keras.layers.EinsumDense("abc,cde->abde", (None, 4, 40), name="einsum")(x)
    x = keras.layers.Reshape((8, 160))(x)
    x = keras.layers.LSTM(32, return_sequences=True, name="lstm")(x)
    x = keras.layers.SeparableConv1D(24, 3, name="separable")(x)
    x = keras.layers.BatchNormalization(name="bn")(x)
    model = keras.Model(inputs, keras.layers.Dense(50, name="dense")(x))
    model.save(tmp_path / "new.keras")
    checked = 0
    for layer in open_model(tmp_path / "new.keras").layers:
        live = {w.path.partition("/")[2]: np.asarray(w) for w in model.get_layer(layer.name).weights
                } if layer.weights else {}  # fmt: skip
        for weight in layer.weights:
            array = next(a for path, a in live.items() if path.endswith(weight.name))
            spread = initializer_of(layer, weight).spread(weight.shape)
            ours = draw(initializer_of(layer, weight), weight.shape, 3)
            assert ours.std() == pytest.approx(array.std(), rel=0.12, abs=1e-6), weight.name
            if spread.form == "uniform":
                assert np.abs(array).max() == pytest.approx(spread.second, rel=0.05), weight.name
            elif spread.form == "constant":
                np.testing.assert_array_equal(array, ours)
            checked += 1
    assert checked >= 20

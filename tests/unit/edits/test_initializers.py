"""Keras's initializers: names of all eras, fans, spreads, and what is drawn from them."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from kerastui import open_model
from kerastui.draws import BLOCK, draw, draw_blocks
from kerastui.edits.initial import initializer_of
from kerastui.edits.initializers import NAMES, Initializer, Spread, fans, named
from kerastui.errors import BadEdit
from kerastui.model import Layer, Weight

SHAPES = [(7,), (40, 30), (3, 3, 8, 16), (5, 4, 6)]


def known(stated: object) -> Initializer:
    found = named(stated)
    assert found is not None
    return found


def layer(class_name: str, weight: str, shape: tuple[int, ...], **config: object) -> tuple:
    one = Weight(weight, weight, f"/{weight}", shape, "float32")
    return Layer("l", "l", class_name, True, weights=(one,), config=config), one


@pytest.mark.parametrize(
    ("one", "other"),
    [("glorot_uniform", "GlorotUniform"), ("zero", "zeros"), ("one", "Ones"),
     ("normal", "RandomNormal"), ("uniform", "random_uniform"),
     ("he_normal", {"class_name": "HeNormal", "config": {"seed": 3}}),
     ("orthogonal", {"class_name": "OrthogonalInitializer", "config": {"gain": 1.0}}),
     ("lecun_normal", {"module": "keras.initializers", "class_name": "LecunNormal",
                       "registered_name": None, "config": {"seed": None}})],
)  # fmt: skip
def test_names_of_all_eras_mean_the_same(one: object, other: object):
    assert known(one) == known(other)


@pytest.mark.parametrize(
    ("preset", "scale", "mode", "distribution"),
    [("glorot_uniform", 1.0, "fan_avg", "uniform"), ("glorot_normal", 1.0, "fan_avg", "normal"),
     ("he_uniform", 2.0, "fan_in", "uniform"), ("he_normal", 2.0, "fan_in", "truncated_normal"),
     ("lecun_uniform", 1.0, "fan_in", "uniform"), ("lecun_normal", 1.0, "fan_in", "normal")],
)  # fmt: skip
def test_what_keras_2_wrote_as_variance_scaling(preset, scale, mode, distribution):
    config = {"scale": scale, "mode": mode, "distribution": distribution, "seed": None}
    scaling = known({"class_name": "VarianceScaling", "config": config})
    for shape in SHAPES:
        assert scaling.spread(shape) == known(preset).spread(shape)


@pytest.mark.parametrize(
    "odd",
    [None, 3, [], {}, "mine", {"class_name": 3}, {"class_name": "Mine>Init"},
     {"class_name": "VarianceScaling", "config": {"scale": -1}},
     {"class_name": "VarianceScaling", "config": {"mode": "fan_out_of"}},
     {"class_name": "VarianceScaling", "config": {"distribution": ["normal"]}},
     {"class_name": "Constant", "config": {"value": "x"}},
     {"class_name": "RandomNormal", "config": {"stddev": float("nan")}},
     {"class_name": "Constant", "config": {"value": True}}],
)  # fmt: skip
def test_what_is_unknown_or_odd_is_none(odd: object):
    assert named(odd) is None


def test_fans_are_counted_as_keras_counts_them():
    assert fans(()) == (1, 1)
    assert fans((7,)) == (7, 7)
    assert fans((40, 30)) == (40, 30)
    assert fans((3, 3, 8, 16)) == (72, 144)
    assert fans((4, 2, 8), ((0,), (1, 2))) == (4, 16)


def test_figures_of_spreads():
    glorot = known("glorot_uniform").spread((40, 60))
    limit = math.sqrt(6 / 100)
    assert glorot == Spread("uniform", pytest.approx(-limit), pytest.approx(limit))
    assert glorot.std == pytest.approx(math.sqrt(2 / 100))
    he = known("he_normal").spread((50, 10))
    assert he.std == pytest.approx(math.sqrt(2 / 50))
    assert he.bounds == pytest.approx((-2 * he.second, 2 * he.second))
    assert known("zeros").spread((3,)).bounds == (0, 0)
    assert known("identity").spread((3, 3)).mean is None
    assert known("orthogonal").spread((3, 3)).std is None


@pytest.mark.parametrize("name", [n for n in NAMES if n != "identity"])
@pytest.mark.parametrize("shape", [(200, 300), (3, 3, 40, 50)])
def test_what_is_drawn_has_the_spread_that_was_said(name: str, shape: tuple[int, ...]):
    initializer = known(name)
    spread = initializer.spread(shape)
    drawn = draw(initializer, shape, 5).astype("float64")
    assert drawn.shape == shape
    if spread.bounds is not None:
        low, high = spread.bounds
        assert low - 1e-6 <= drawn.min() <= drawn.max() <= high + 1e-6
    if spread.std:
        assert drawn.mean() == pytest.approx(spread.mean, abs=5 * spread.std / 200)
        assert drawn.std() == pytest.approx(spread.std, rel=0.02)
    elif spread.form == "constant":
        assert np.all(drawn == spread.first)


@pytest.mark.parametrize("shape", [(30, 20), (20, 30), (3, 3, 4, 8)])
def test_orthogonal(shape: tuple[int, ...]):
    matrix = draw(known({"class_name": "Orthogonal", "config": {"gain": 2.0}}), shape, 1)
    flat = matrix.reshape(-1, shape[-1])
    product = flat.T @ flat if flat.shape[0] >= flat.shape[1] else flat @ flat.T
    np.testing.assert_allclose(product, 4 * np.eye(len(product)), atol=1e-4)


def test_identity():
    initializer = known({"class_name": "Identity", "config": {"gain": 3}})
    np.testing.assert_array_equal(draw(initializer, (3, 2), 0), 3 * np.eye(3, 2))


def test_the_same_seed_gives_the_same_in_blocks_as_well():
    shape = (BLOCK // 100 + 7, 250)
    for name in ("uniform", "normal", "truncated_normal", "zeros"):
        initializer = known(name)
        blocks = list(draw_blocks(initializer, shape, 9))
        assert [len(block) for block in blocks[:2]] == [BLOCK, BLOCK]
        whole = draw(initializer, shape, 9)
        np.testing.assert_array_equal(np.concatenate(blocks), whole.reshape(-1))
        np.testing.assert_array_equal(whole, draw(initializer, shape, 9))
        if name != "zeros":
            assert not np.array_equal(whole, draw(initializer, shape, 10))


def test_arrays_without_elements_and_scalars():
    assert draw(known("glorot_uniform"), (0, 3), 1).shape == (0, 3)
    assert draw(known("normal"), (), 1).shape == ()


def test_an_lstm_begins_with_ones_in_the_forget_gate():
    whole, bias = layer("LSTM", "bias", (20,), bias_initializer="zeros", unit_forget_bias=True)
    expected = [0.0] * 5 + [1.0] * 5 + [0.0] * 10
    assert draw(initializer_of(whole, bias), (20,), 0).tolist() == expected
    whole, bias = layer("LSTM", "bias", (20,), bias_initializer="zeros", unit_forget_bias=False)
    assert not draw(initializer_of(whole, bias), (20,), 0).any()
    whole, bias = layer("GRU", "bias", (20,), bias_initializer="zeros")
    assert initializer_of(whole, bias).ones is None


def test_weights_of_keras_1():
    whole, weight = layer("Dense", "W", (4, 5), init="he_normal", output_dim=5)
    assert initializer_of(whole, weight).label == "HeNormal"
    whole, weight = layer("LSTM", "b_f", (5,), output_dim=5, forget_bias_init="one")
    assert draw(initializer_of(whole, weight), (5,), 0).tolist() == [1.0] * 5
    whole, weight = layer("LSTM", "U_c", (5, 5), output_dim=5, inner_init="orthogonal")
    assert initializer_of(whole, weight).form == "orthogonal"


def test_attention_counts_by_its_equation():
    config = {"kernel_initializer": "glorot_uniform"}
    whole, weight = layer("MultiHeadAttention", "query/kernel", (16, 4, 8), **config)
    assert initializer_of(whole, weight).axes == ((0,), (1, 2))
    whole, weight = layer("MultiHeadAttention", "attention_output/kernel", (4, 8, 16), **config)
    assert initializer_of(whole, weight).axes == ((0, 1), (2,))
    whole, weight = layer("EinsumDense", "kernel", (6, 2, 3), equation="abc,cde->abde", **config)
    assert initializer_of(whole, weight).axes == ((0,), (1, 2))


@pytest.mark.parametrize(
    ("class_name", "weight", "shape", "config"),
    [("Mine", "kernel", (2, 3), {}), ("Mine", "scale", (2,), {}), ("Dense", "counter", (), {}),
     ("Dense", "kernel", (2, 3), {"kernel_initializer": {"class_name": "Mine"}}),
     ("Dense", "kernel", (2,), {"kernel_initializer": "orthogonal"}),
     ("Conv2D", "kernel", (2, 2, 2, 2), {"kernel_initializer": "identity"})],
)  # fmt: skip
def test_what_is_not_known_is_a_sentence(class_name, weight, shape, config):
    with pytest.raises(BadEdit, match=f"l/{weight} of {class_name}; give an expression"):
        initializer_of(*layer(class_name, weight, shape, **config))


def test_every_weight_of_keras_layers_in_real_files_has_one(models_dir: Path):
    unknown: Counter[str] = Counter()
    found = 0
    for path in sorted(models_dir.rglob("*")):
        if path.suffix not in (".h5", ".hdf5", ".keras") or not path.is_file():
            continue
        for one in open_model(path).layers:
            for weight in one.weights:
                try:
                    spread = initializer_of(one, weight).spread(weight.shape)
                except BadEdit:
                    unknown[one.class_name] += 1
                else:
                    assert all(map(math.isfinite, (spread.first, spread.second)))
                    found += 1
    assert found > 1500
    # Classes of their authors, and one of Keras 1 that has initializers of its own.
    assert unknown.keys() <= {"GarNetStack", "Highway", "QDense", "Scale", "SplineWeight1D"}

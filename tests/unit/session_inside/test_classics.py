"""Keras 1's removed metrics against scikit-learn on each batch; the rest against formulas."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from kerastui.session.inside import classics, custom

pytestmark = pytest.mark.keras

rng = np.random.default_rng(11)


def batches() -> list[tuple[str, Any, Any]]:
    """True labels and predictions: at random, one-hot, and the edges."""
    found: list[tuple[str, Any, Any]] = []
    for size in (1, 7, 32):
        found.append((f"{size}", rng.integers(0, 2, (size, 1)), rng.random((size, 1))))
        hot = np.eye(4)[rng.integers(0, 4, size)]
        guess = np.exp(rng.normal(size=(size, 4)) * 2)
        found.append((f"{size} of 4", hot, guess / guess.sum(1, keepdims=True)))
    ones, zeros = np.ones((6, 1)), np.zeros((6, 1))
    some = np.array([[1], [0], [1], [1], [0], [0]])
    found += [
        ("all right", some, some.astype(float)),
        ("all wrong", some, 1.0 - some),
        ("no positives", zeros, rng.random((6, 1))),
        ("no positives, none predicted", zeros, zeros),
        ("none predicted", some, zeros),
        ("all ones", ones, ones),
        ("all ones predicted", some, ones),
        ("beyond 0 and 1", some, some * 5.0 - 2.0),
    ]
    return found


BATCHES = [pytest.param(t, p, id=name) for name, t, p in batches()]


def hard(y_pred: Any) -> Any:
    """What a prediction counts as in Keras 1: clipped and rounded."""
    return np.round(np.clip(y_pred.astype("float32"), 0, 1)).astype(int).ravel()


def call(era: Any, name: str, y_true: Any, y_pred: Any, **more: Any) -> float:
    function = classics.make(era.keras)[name]
    found = function(y_true.astype("float32"), y_pred.astype("float32"), **more)
    value = float(era.K.eval(found))
    assert math.isfinite(value)
    return value


@pytest.mark.parametrize(("y_true", "y_pred"), BATCHES)
def test_as_scikit_learn(era: Any, y_true: Any, y_pred: Any) -> None:
    t, p = y_true.astype(int).ravel(), hard(y_pred)
    known = {
        "precision": sk.precision_score(t, p, zero_division=0),
        "recall": sk.recall_score(t, p, zero_division=0),
        "fmeasure": sk.f1_score(t, p, zero_division=0),
        "f1": sk.f1_score(t, p, zero_division=0),
        "fbeta_score": sk.f1_score(t, p, zero_division=0),
        "matthews_correlation": sk.matthews_corrcoef(t, p),
    }
    for name, value in known.items():
        assert call(era, name, y_true, y_pred) == pytest.approx(value, abs=2e-6), name
    for beta in (0.5, 2):
        value = sk.fbeta_score(t, p, beta=beta, zero_division=0)
        assert call(era, "fbeta_score", y_true, y_pred, beta=beta) == pytest.approx(value, abs=2e-6)


@given(st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1, width=32)), min_size=1, max_size=40))
def test_as_scikit_learn_on_any_batch(keras3: Any, rows: list[tuple[int, float]]) -> None:
    y_true = np.array([[t] for t, _ in rows])
    y_pred = np.array([[p] for _, p in rows])
    t, p = y_true.ravel(), hard(y_pred)
    assert call(keras3, "precision", y_true, y_pred) == pytest.approx(
        sk.precision_score(t, p, zero_division=0), abs=2e-6
    )
    # Keras 1 counts a hit as round(true · predicted): the same, as the truth is 0 or 1.
    assert call(keras3, "matthews_correlation", y_true, y_pred) == pytest.approx(
        sk.matthews_corrcoef(t, p), abs=2e-6
    )


def test_a_negative_beta_is_refused(era: Any) -> None:
    with pytest.raises(ValueError, match="zero"):
        call(era, "fbeta_score", np.ones((2, 1)), np.ones((2, 1)), beta=-1)


def test_losses_by_their_formulas(era: Any) -> None:
    t = rng.integers(0, 2, (2, 5, 5, 1)).astype("float32")
    p = rng.random((2, 5, 5, 1)).astype("float32")
    both, total = float((t * p).sum()), float(t.sum() + p.sum())
    known = {
        "dice_coef": (2 * both + 1) / (total + 1),
        "dice_coef_loss": -(2 * both + 1) / (total + 1),
        "iou": (both + 1) / (total - both + 1),
        "jaccard": (both + 1) / (total - both + 1),
        "root_mean_squared_error": math.sqrt(sk.mean_squared_error(t.ravel(), p.ravel())),
        "rmse": math.sqrt(sk.mean_squared_error(t.ravel(), p.ravel())),
        "r_square": sk.r2_score(t.ravel(), p.ravel()),
    }
    for name, value in known.items():
        assert call(era, name, t, p) == pytest.approx(value, rel=1e-4), name
    hard_p = np.round(p)
    whole = call(era, "iou", t, hard_p, smooth=0)
    assert whole == pytest.approx(sk.jaccard_score(t.ravel(), hard_p.ravel()), rel=1e-5)
    assert call(era, "dice_coef", t, hard_p, smooth=0) == pytest.approx(
        sk.f1_score(t.ravel(), hard_p.ravel()), rel=1e-5
    )
    distance = classics.make(era.keras)["jaccard_distance"](t, p)
    a, b = np.abs(t * p).sum(-1), (np.abs(t) + np.abs(p)).sum(-1)
    want = (1 - (a + 100) / (b - a + 100)) * 100
    np.testing.assert_allclose(era.K.eval(distance), want, atol=1e-4)


def test_activations_by_their_formulas(era: Any) -> None:
    x = np.linspace(-8, 8, 65, dtype="float32")
    sigmoid = 1 / (1 + np.exp(-x))
    known = {
        "swish": x * sigmoid,
        "silu": x * sigmoid,
        "relu6": np.clip(x, 0, 6),
        "mish": x * np.tanh(np.log1p(np.exp(x))),
        "hard_swish": x * np.clip(x + 3, 0, 6) / 6,
        "gelu": np.array([v * 0.5 * (1 + math.erf(v / math.sqrt(2))) for v in x]),
        "hard_sigmoid_keras2": np.clip(0.2 * x + 0.5, 0, 1),
    }
    for name, value in known.items():
        found = era.K.eval(classics.make(era.keras)[name](x))
        np.testing.assert_allclose(found, value, rtol=1e-5, atol=1e-6, err_msg=name)
        assert not era.K.eval(classics.make(era.keras)[name](np.array([0, 3])))[0] or "sig" in name


def test_each_says_where_it_is_from(era: Any) -> None:
    for name, function in classics.make(era.keras).items():
        assert any(s in function.__doc__ for s in ("Source:", "arXiv")), name


def test_what_is_offered_for_a_name() -> None:
    assert classics.offered("precision", "metric") == "precision"
    assert classics.offered("f1", "metric") == "fmeasure"
    assert classics.offered("my_pkg>rmse", "loss") == "root_mean_squared_error"
    assert classics.offered("relu6", "activation") == "relu6"
    assert classics.offered("relu6", "metric") == ""
    assert classics.offered("contrastive", "loss") == ""


def test_a_model_trains_and_is_measured_with_them(era: Any, tmp_path: Any) -> None:
    """In a graph, batch by batch: compiled, trained, saved, loaded with the classics given."""
    keras, made = era.keras, classics.make(era.keras)
    inputs = keras.Input((3,))
    model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(inputs))
    names = ["f1", "fmeasure", "matthews_correlation", "root_mean_squared_error"]
    model.compile("sgd", loss=made["dice_coef_loss"], metrics=[made[n] for n in names[1:]])
    x, y = rng.random((8, 3)).astype("float32"), rng.integers(0, 2, (8, 1)).astype("float32")
    before = model.evaluate(x, y, batch_size=8, verbose=0)
    path = tmp_path / "m.h5"
    model.save(path)
    answers = [
        {"name": n, "kind": "metric", "how": "classic", "value": ""}
        for n in ("fmeasure", "matthews_correlation", "root_mean_squared_error")
    ] + [{"name": "dice_coef_loss", "kind": "loss", "how": "classic", "value": ""}]
    objects, problems = custom.resolve(answers, keras, era.tf, era.K)
    assert not problems
    again = keras.models.load_model(path, custom_objects=objects)
    assert again.evaluate(x, y, batch_size=8, verbose=0) == pytest.approx(before, abs=1e-6)
    t, p = y.astype(int).ravel(), hard(np.asarray(model.predict(x, verbose=0)))
    assert before[1] == pytest.approx(sk.f1_score(t, p, zero_division=0), abs=1e-5)

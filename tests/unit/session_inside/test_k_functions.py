# ruff: noqa: E501, N803, N806 (K is what it is called)
"""All K functions against NumPy, on Keras 3 and on tf_keras, called eagerly with arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.keras

rng = np.random.default_rng(7)
A = rng.normal(size=(3, 4)).astype("float32")
B = rng.normal(size=(4, 5)).astype("float32")
C = rng.normal(size=(2, 3, 4)).astype("float32")
D = rng.normal(size=(2, 4, 5)).astype("float32")
V = np.array([0.5, -1.5, 2.0, 0.0], dtype="float32")
P = np.abs(A) + 0.1
I = np.array([[0, 2, 1], [3, 3, 0]])  # noqa: E741
M = np.array([[0, 1, 1], [0, 0, 0]], dtype="float32")
IMAGES = rng.normal(size=(2, 6, 7, 3)).astype("float32")
VOLUMES = rng.normal(size=(2, 4, 5, 4, 2)).astype("float32")
STEPS = rng.normal(size=(2, 8, 3)).astype("float32")
PROBABLE = np.exp(A) / np.exp(A).sum(-1, keepdims=True)
HOT = np.eye(4, dtype="float32")[[0, 3, 1]]


def convolve(x: Any, kernel: Any, strides: Any, padding: str, dilation: Any = None) -> Any:
    """A convolution by definition, channels last, in any number of dimensions."""
    n = x.ndim - 2
    dilation = dilation or (1,) * n
    widths = [(kernel.shape[i] - 1) * dilation[i] + 1 for i in range(n)]
    if padding == "same":
        pads = []
        for i in range(n):
            out = -(-x.shape[1 + i] // strides[i])
            total = max(0, (out - 1) * strides[i] + widths[i] - x.shape[1 + i])
            pads.append((total // 2, total - total // 2))
        x = np.pad(x, [(0, 0), *pads, (0, 0)])
    sizes = [(x.shape[1 + i] - widths[i]) // strides[i] + 1 for i in range(n)]
    found = np.zeros((x.shape[0], *sizes, kernel.shape[-1]))
    for place in np.ndindex(*sizes):
        cut = tuple(
            slice(place[i] * strides[i], place[i] * strides[i] + widths[i], dilation[i])
            for i in range(n)
        )
        part = x[(slice(None), *cut)]
        axes = (list(range(1, n + 2)), list(range(n + 1)))
        found[(slice(None), *place)] = np.tensordot(part, kernel, axes)
    return found


def pool(x: Any, size: Any, strides: Any, how: Callable[..., Any]) -> Any:
    n = x.ndim - 2
    sizes = [(x.shape[1 + i] - size[i]) // strides[i] + 1 for i in range(n)]
    found = np.zeros((x.shape[0], *sizes, x.shape[-1]))
    for place in np.ndindex(*sizes):
        cut = tuple(slice(place[i] * strides[i], place[i] * strides[i] + size[i]) for i in range(n))
        found[(slice(None), *place)] = how(x[(slice(None), *cut)], axis=tuple(range(1, n + 1)))
    return found


def first(x: Any) -> Any:
    """Channels last as channels first."""
    return np.moveaxis(x, -1, 1)


def softmax(x: Any, axis: int = -1) -> Any:
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def entropy(p: Any) -> Any:
    return -np.log(np.clip(p, 1e-7, 1 - 1e-7))


K1 = rng.normal(size=(3, 3, 4)).astype("float32")
K2 = rng.normal(size=(3, 2, 3, 4)).astype("float32")
K3 = rng.normal(size=(2, 2, 2, 2, 3)).astype("float32")
DEEP = rng.normal(size=(3, 3, 3, 2)).astype("float32")
WIDE = rng.normal(size=(1, 1, 6, 5)).astype("float32")


def depthwise(x: Any, kernel: Any) -> Any:
    parts = [
        convolve(x[..., c : c + 1], kernel[:, :, c : c + 1], (1, 1), "valid")
        for c in range(x.shape[-1])
    ]
    return np.concatenate(parts, axis=-1)


def normalized(x: Any, axes: Any) -> Any:
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    return (x - mean) / np.sqrt(var + 1e-3)


def row(name: str, expected: Any, *args: Any, **kwargs: Any) -> Any:
    """One line of the table: K.name(*args, **kwargs) is expected."""
    text = ", ".join([type(a).__name__ for a in args] + [f"{k}={v}" for k, v in kwargs.items()])
    return pytest.param(name, args, kwargs, expected, id=f"{name}({text})"[:70])


TABLE = [
    row("abs", np.abs(A), A),
    row("all", np.array([False, False]), M, axis=1),
    row("all", False, M),
    row("any", np.array([True, False]), M, axis=1),
    row("any", np.array([[False, True, True]]), M, axis=0, keepdims=True),
    row("arange", np.arange(5), 5),
    row("arange", np.arange(2, 9, 3), 2, 9, 3),
    row("arange", np.arange(3, dtype="float32"), 3, dtype="float32"),
    row("argmax", A.argmax(-1), A),
    row("argmax", A.argmax(0), A, axis=0),
    row("argmin", A.argmin(-1), A),
    row("batch_dot", np.einsum("bij,bjk->bik", C, D), C, D),
    row("batch_dot", np.einsum("bij,bkj->bik", C, C), C, C, axes=2),
    row("batch_dot", np.einsum("bi,bi->b", A, A)[:, None], A, A, axes=1),
    row("batch_dot", np.einsum("bji,bj->bi", C, M[:, :3]), C, M, axes=(1, 1)),
    row("batch_flatten", C.reshape(2, 12), C),
    row("batch_get_value", [A, V], [A, V]),
    row(
        "batch_normalization",
        (A - 0.5) / np.sqrt(P[0] + 1e-3) * 2 + V,
        A, np.full(4, 0.5, "float32"), P[0], V, np.full(4, 2.0, "float32"),
    ),
    row(
        "batch_normalization",
        (IMAGES - 0.1) / np.sqrt(0.9 + 1e-2) * 1.5,
        IMAGES, np.full(3, 0.1, "float32"), np.full(3, 0.9, "float32"),
        np.zeros(3, "float32"), np.full(3, 1.5, "float32"), epsilon=1e-2,
    ),
    row("bias_add", A + V, A, V),
    row("bias_add", IMAGES + V[:3], IMAGES, V[:3]),
    row("bias_add", first(IMAGES) + V[:3].reshape(1, 3, 1, 1), first(IMAGES), V[:3],
        data_format="channels_first"),
    row("bias_add", STEPS + STEPS[0], STEPS, STEPS[0]),
    row("binary_crossentropy", M * entropy(0.3) + (1 - M) * entropy(0.7),
        M, np.full((2, 3), 0.3, "float32")),
    row("binary_crossentropy", entropy(1 / (1 + np.exp(-2.0))) * np.ones((2, 3)),
        np.ones((2, 3), "float32"), np.full((2, 3), 2.0, "float32"), from_logits=True),
    row("binary_focal_crossentropy", M * entropy(0.3) * 0.49 + (1 - M) * entropy(0.7) * 0.09,
        M, np.full((2, 3), 0.3, "float32")),
    row("binary_focal_crossentropy",
        M * entropy(0.3) * 0.7 * 0.25 + (1 - M) * entropy(0.7) * 0.3 * 0.75,
        M, np.full((2, 3), 0.3, "float32"), True, 0.25, 1.0),
    row("categorical_focal_crossentropy",
        0.25 * ((1 - PROBABLE) ** 2 * HOT * entropy(PROBABLE)).sum(-1), HOT, PROBABLE),
    row("cast", A.astype("int32"), A, "int32"),
    row("cast", M.astype(bool), M, "bool"),
    row("cast_to_floatx", np.array([1.0, 2.0], "float32"), np.array([1, 2])),
    row("categorical_crossentropy", entropy(PROBABLE[[0, 1, 2], [0, 3, 1]]), HOT, PROBABLE),
    row("categorical_crossentropy", entropy(softmax(A)[[0, 1, 2], [0, 3, 1]]), HOT, A,
        from_logits=True),
    row("clip", np.clip(A, -0.5, 0.5), A, -0.5, 0.5),
    row("clip", np.maximum(A, 0), A, 0, None),
    row("clip", np.minimum(A, 1), A, None, 1),
    row("clip", np.full_like(A, 2), A, 2, 1),
    row("concatenate", np.concatenate([A, A], -1), [A, A]),
    row("concatenate", np.concatenate([A, P], 0), [A, P], axis=0),
    row("constant", np.array([1.0, 2.0]), [1, 2]),
    row("constant", np.full((2, 2), 3), 3, dtype="int32", shape=(2, 2)),
    row("conv1d", convolve(STEPS, K1, (1,), "valid"), STEPS, K1),
    row("conv1d", convolve(STEPS, K1, (2,), "same"), STEPS, K1, strides=2, padding="same"),
    row("conv1d", convolve(np.pad(STEPS, [(0, 0), (4, 0), (0, 0)]), K1, (1,), "valid", (2,)),
        STEPS, K1, padding="causal", dilation_rate=2),
    row("conv1d", first(convolve(STEPS, K1, (1,), "valid")), first(STEPS), K1,
        data_format="channels_first"),
    row("conv2d", convolve(IMAGES, K2, (1, 1), "valid"), IMAGES, K2),
    row("conv2d", convolve(IMAGES, K2, (2, 1), "same"), IMAGES, K2, strides=(2, 1),
        padding="same"),
    row("conv2d", convolve(IMAGES, K2, (1, 1), "valid", (2, 2)), IMAGES, K2,
        dilation_rate=(2, 2)),
    row("conv2d", first(convolve(IMAGES, K2, (1, 1), "same")), first(IMAGES), K2,
        padding="same", data_format="channels_first"),
    row("conv3d", convolve(VOLUMES, K3, (1, 1, 1), "valid"), VOLUMES, K3),
    row("conv3d", convolve(VOLUMES, K3, (1, 2, 1), "same"), VOLUMES, K3, strides=(1, 2, 1),
        padding="same"),
    row("cos", np.cos(A), A),
    row("count_params", 12, A),
    row("cumprod", np.cumprod(A, 0), A),
    row("cumprod", np.cumprod(A, 1), A, axis=1),
    row("cumsum", np.cumsum(A, 0), A),
    row("cumsum", np.cumsum(A, 1), A, axis=1),
    row("depthwise_conv2d", depthwise(IMAGES, DEEP), IMAGES, DEEP),
    row("dot", A @ B, A, B),
    row("dot", np.dot(C, B), C, B),
    row("dot", np.dot(C, D), C, D),
    row("dropout", A, A, 0.0),
    row("elu", np.where(A > 0, A, 0.5 * (np.exp(A) - 1)), A, 0.5),
    row("equal", M == 1, M, np.ones_like(M)),
    row("eval", A, A),
    row("exp", np.exp(A), A),
    row("expand_dims", A[..., None], A),
    row("expand_dims", A[:, None], A, 1),
    row("eye", np.eye(3), 3),
    row("eye", np.eye(2, 3), (2, 3)),
    row("flatten", C.ravel(), C),
    row("gather", A[np.array([2, 0])], A, np.array([2, 0])),
    row("gather", A[I % 3], A, I % 3),
    row("get_value", A, A),
    row("greater", A > P / 2, A, P / 2),
    row("greater_equal", M >= M, M, M),
    row("hard_sigmoid", np.clip(0.2 * (A * 4) + 0.5, 0, 1), A * 4),
    row("identity", A, A),
    row("in_test_phase", V, A, V, training=True),
    row("in_top_k", np.array([True, False, False]),
        np.array([[3, 1, 2], [3, 1, 2], [3, 1, 2]], "float32"), np.array([2, 1, 1]), 2),
    row("in_train_phase", A, A, V, training=True),
    row("in_train_phase", V, A, V, training=False),
    row("int_shape", (2, 3, 4), C),
    row("l2_normalize", A / np.sqrt((A**2).sum(1, keepdims=True)), A, axis=1),
    row("l2_normalize", A / np.sqrt((A**2).sum()), A),
    row("less", A < V, A, V),
    row("less_equal", M <= 0 * M, M, 0 * M),
    row("local_conv1d",
        np.einsum("bpi,pif->bpf", np.stack([STEPS[:, p : p + 3].reshape(2, 9) for p in range(6)], 1),
                  np.arange(6 * 9 * 2, dtype="float32").reshape(6, 9, 2)),
        STEPS, np.arange(6 * 9 * 2, dtype="float32").reshape(6, 9, 2), (3,), (1,)),
    row("local_conv2d",
        np.stack([IMAGES[:, r : r + 4, c : c + 5].reshape(2, 60) for r in range(3) for c in range(3)],
                 1).sum(-1).reshape(2, 3, 3, 1),
        IMAGES, np.ones((9, 60, 1), "float32"), (4, 5), (1, 1), (3, 3)),
    row("log", np.log(P), P),
    row("logsumexp", np.log(np.exp(A).sum(1)), A, axis=1),
    row("logsumexp", 1000 + np.log(2), np.array([1000.0, 1000.0], "float32")),
    row("max", A.max(), A),
    row("max", A.max(0, keepdims=True), A, axis=0, keepdims=True),
    row("maximum", np.maximum(A, P / 2), A, P / 2),
    row("mean", A.mean(), A),
    row("mean", C.mean((0, 2)), C, axis=[0, 2]),
    row("mean", 1 / 3, np.array([True, False, False])),
    row("min", A.min(1), A, axis=1),
    row("minimum", np.minimum(A, P / 2), A, P / 2),
    row("ndim", 3, C),
    row("normalize_batch_in_training", (normalized(A, (0,)) * 2 + V, A.mean(0), A.var(0)),
        A, np.full(4, 2.0, "float32"), V, [0]),
    row("not_equal", M != 1, M, np.ones_like(M)),
    row("one_hot", np.eye(4)[I], I, 4),
    row("ones", np.ones((2, 3)), (2, 3)),
    row("ones_like", np.ones((3, 4)), A),
    row("permute_dimensions", C.transpose(2, 0, 1), C, (2, 0, 1)),
    row("pool2d", pool(IMAGES, (2, 2), (2, 2), np.max), IMAGES, (2, 2), strides=(2, 2)),
    row("pool2d", pool(IMAGES, (2, 3), (1, 1), np.mean), IMAGES, (2, 3), pool_mode="avg"),
    row("pool2d", first(pool(IMAGES, (2, 2), (1, 1), np.max)), first(IMAGES), (2, 2),
        data_format="channels_first"),
    row("pool3d", pool(VOLUMES, (2, 2, 2), (2, 2, 2), np.max), VOLUMES, (2, 2, 2),
        strides=(2, 2, 2)),
    row("pool3d", pool(VOLUMES, (2, 2, 2), (1, 1, 1), np.mean), VOLUMES, (2, 2, 2),
        pool_mode="avg"),
    row("pow", A**2, A, 2),
    row("prod", A.prod(0), A, axis=0),
    row("relu", np.maximum(A, 0), A),
    row("relu", np.where(A > 0, np.minimum(A, 1), 0.1 * A), A, alpha=0.1, max_value=1.0),
    row("relu", np.where(A > 0, np.minimum(A, 1), 0.1 * A), A, negative_slope=0.1, max_value=1.0),
    row("relu", np.where(A >= 0.5, A, 0.2 * (A - 0.5)), A, alpha=0.2, threshold=0.5),
    row("relu", np.clip(A * 9, 0, 6), A * 9, max_value=6),
    row("repeat", np.repeat(A[:, None], 3, axis=1), A, 3),
    row("repeat_elements", np.repeat(A, 2, axis=1), A, 2, 1),
    row("reshape", A.reshape(2, 6), A, (2, 6)),
    row("reshape", A.reshape(6, 2), A, (-1, 2)),
    row("resize_images", IMAGES.repeat(2, 1).repeat(3, 2), IMAGES, 2, 3, "channels_last"),
    row("resize_images", first(IMAGES.repeat(2, 1).repeat(2, 2)), first(IMAGES), 2, 2,
        "channels_first"),
    row("resize_volumes", VOLUMES.repeat(2, 1).repeat(1, 2).repeat(3, 3), VOLUMES, 2, 1, 3,
        "channels_last"),
    row("reverse", A[::-1], A, 0),
    row("reverse", A[::-1, ::-1], A, (0, 1)),
    row("round", np.round(A * 3), A * 3),
    row("round", np.array([0.0, 2.0, 2.0]), np.array([0.5, 1.5, 2.5], "float32")),
    row("separable_conv2d", convolve(depthwise(IMAGES, DEEP), WIDE, (1, 1), "valid"),
        IMAGES, DEEP, WIDE),
    row("shape", np.array([2, 3, 4]), C),
    row("sigmoid", 1 / (1 + np.exp(-A)), A),
    row("sign", np.sign(V), V),
    row("sin", np.sin(A), A),
    row("slice", A[1:3, 0:2], A, (1, 0), (2, 2)),
    row("softmax", softmax(A), A),
    row("softmax", softmax(A, 0), A, axis=0),
    row("softplus", np.log1p(np.exp(A)), A),
    row("softsign", A / (np.abs(A) + 1), A),
    row("sparse_categorical_crossentropy", entropy(PROBABLE[[0, 1, 2], [0, 3, 1]]),
        np.array([0, 3, 1]), PROBABLE),
    row("spatial_2d_padding", np.pad(IMAGES, [(0, 0), (1, 2), (0, 1), (0, 0)]), IMAGES,
        ((1, 2), (0, 1))),
    row("spatial_2d_padding", np.pad(first(IMAGES), [(0, 0), (0, 0), (1, 1), (1, 1)]),
        first(IMAGES), data_format="channels_first"),
    row("spatial_3d_padding", np.pad(VOLUMES, [(0, 0), (1, 1), (0, 2), (1, 0), (0, 0)]), VOLUMES,
        ((1, 1), (0, 2), (1, 0))),
    row("sqrt", np.sqrt(P), P),
    row("sqrt", np.array([0.0, 2.0]), np.array([-1.0, 4.0], "float32")),
    row("square", A**2, A),
    row("squeeze", A, A[:, None], 1),
    row("stack", np.stack([A, P]), [A, P]),
    row("stack", np.stack([A, P], -1), [A, P], axis=-1),
    row("std", A.std(1), A, axis=1),
    row("stop_gradient", A, A),
    row("sum", A.sum(), A),
    row("sum", C.sum((1, 2), keepdims=True), C, axis=(1, 2), keepdims=True),
    row("sum", 3, np.array([1, 2])),
    row("switch", V, np.array(True), V, -V),
    row("switch", np.where(M[0][:, None] > 0, A, P), M[0], A, P),
    row("tan", np.tan(A), A),
    row("tanh", np.tanh(A), A),
    row("temporal_padding", np.pad(STEPS, [(0, 0), (1, 1), (0, 0)]), STEPS),
    row("temporal_padding", np.pad(STEPS, [(0, 0), (2, 3), (0, 0)]), STEPS, (2, 3)),
    row("tile", np.tile(A, (2, 3)), A, [2, 3]),
    row("tile", np.tile(V, 3), V, 3),
    row("to_dense", A, A),
    row("transpose", C.T, C),
    row("var", A.var(0), A, axis=0),
    row("variable", A, A),
    row("zeros", np.zeros((2, 3)), (2, 3)),
    row("zeros_like", np.zeros((3, 4)), A),
]  # fmt: skip


def value(K: Any, x: Any) -> Any:
    if isinstance(x, (tuple, list)) and any(hasattr(part, "dtype") for part in x):
        return [value(K, part) for part in x]
    return K.eval(x) if hasattr(x, "dtype") else np.asarray(x)


@pytest.mark.parametrize(("name", "args", "kwargs", "expected"), TABLE)
def test_as_numpy(era: Any, name: str, args: Any, kwargs: Any, expected: Any) -> None:
    found = value(era.K, getattr(era.K, name)(*args, **kwargs))
    if isinstance(expected, (list, tuple)) and isinstance(found, list):
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=2e-4, atol=2e-5)
        return
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize(("name", "args", "kwargs", "expected"), TABLE)
def test_tensors_serve_as_well_as_arrays(
    era: Any, name: str, args: Any, kwargs: Any, expected: Any
) -> None:
    """What one K function gives, the next one takes."""
    if name == "cast_to_floatx":
        pytest.skip("gives what it was given")

    def tensor(x: Any) -> Any:
        if isinstance(x, np.ndarray):
            return era.tf.convert_to_tensor(x)
        return [tensor(p) for p in x] if isinstance(x, list) else x

    sizes = {"constant", "arange"}
    given = args if name in sizes else [tensor(a) for a in args]
    found = value(era.K, getattr(era.K, name)(*given, **kwargs))
    if not isinstance(found, list):
        assert np.shape(found) == np.shape(expected)
        np.testing.assert_allclose(found, expected, rtol=2e-4, atol=2e-5)


def test_float64_and_lists_are_taken(era: Any) -> None:
    K = era.K
    assert K.eval(K.mean(np.array([1.0, 2.0]))) == pytest.approx(1.5)
    assert K.eval(K.sum([1.0, 2.0])) == pytest.approx(3)
    assert K.eval(K.dot(np.eye(2), K.variable(np.array([[1.0, 2.0], [3.0, 4.0]])))).tolist() == [
        [1, 2],
        [3, 4],
    ]


def test_a_variable_lives(era: Any) -> None:
    K = era.K
    v = K.variable(np.array([[1, 2], [3, 4]]))
    assert K.dtype(v) == "float32"
    assert K.eval(v).tolist() == [[1, 2], [3, 4]]
    K.set_value(v, [[5, 6], [7, 8]])
    assert K.get_value(v).tolist() == [[5, 6], [7, 8]]
    K.update(v, np.ones((2, 2), "float32"))
    K.update_add(v, 2.0)
    K.update_sub(v, 0.5)
    assert K.eval(v).tolist() == [[2.5, 2.5], [2.5, 2.5]]
    K.moving_average_update(v, np.zeros((2, 2), "float32"), 0.5)
    assert K.eval(v).tolist() == [[1.25, 1.25], [1.25, 1.25]]
    K.batch_set_value([(v, np.zeros((2, 2)))])
    assert not K.eval(v).any()
    assert K.eval(K.dot(v + 1, np.eye(2, dtype="float32"))).tolist() == [[1, 1], [1, 1]]


def test_numbers_at_random(era: Any) -> None:
    K = era.K
    normal = K.eval(K.random_normal((4000,), mean=2.0, stddev=0.5, seed=1))
    assert normal.mean() == pytest.approx(2, abs=0.05)
    assert normal.std() == pytest.approx(0.5, abs=0.05)
    even = K.eval(K.random_uniform((4000,), minval=-1.0, maxval=3.0, seed=1))
    assert -1 <= even.min() < -0.9 < 2.9 < even.max() < 3
    for draw in (K.random_bernoulli, K.random_binomial):
        coin = K.eval(draw((4000,), p=0.25, seed=3))
        assert set(np.unique(coin)) == {0, 1}
        assert coin.mean() == pytest.approx(0.25, abs=0.04)
    cut = K.eval(K.truncated_normal((4000,), stddev=1.0, seed=1))
    assert np.abs(cut).max() <= 2
    assert K.eval(K.random_normal_variable((2, 3), 0.0, 1.0)).shape == (2, 3)
    assert K.eval(K.random_uniform_variable((2, 3), 5.0, 6.0)).min() >= 5
    kept = K.eval(K.dropout(np.ones((100, 100), "float32"), 0.25, seed=1))
    assert sorted(np.unique(kept).round(4)) == [0, 1.3333]


def test_loops(era: Any) -> None:
    K = era.K
    assert K.eval(K.map_fn(lambda r: K.sum(r), A)).tolist() == pytest.approx(A.sum(1).tolist())
    assert K.eval(K.foldl(lambda a, b: a - b, V)) == pytest.approx(V[0] - V[1] - V[2] - V[3])
    assert K.eval(K.foldr(lambda a, b: a - b, V)) == pytest.approx(V[3] - V[2] - V[1] - V[0])


@pytest.mark.parametrize("backwards", [False, True])
def test_rnn(era: Any, backwards: bool) -> None:
    K = era.K

    def step(x: Any, states: Any) -> Any:
        new = states[0] * 0.5 + x
        return new, [new]

    start = np.zeros((2, 3), "float32")
    last, outputs, states = K.rnn(step, STEPS, [start], go_backwards=backwards)
    seen, want = start, []
    for i in range(8):
        seen = seen * 0.5 + STEPS[:, 7 - i if backwards else i]
        want.append(seen)
    np.testing.assert_allclose(K.eval(outputs), np.stack(want, 1), rtol=1e-5)
    np.testing.assert_allclose(K.eval(last), want[-1], rtol=1e-5)
    np.testing.assert_allclose(K.eval(states[0]), want[-1], rtol=1e-5)


def test_rnn_masked(era: Any) -> None:
    K = era.K
    mask = np.array([[1, 1, 0, 0, 1, 1, 1, 1], [1, 0, 1, 0, 1, 0, 1, 0]], bool)

    def step(x: Any, states: Any) -> Any:
        new = states[0] + x
        return new, [new]

    last, outputs, _states = K.rnn(step, STEPS, [np.zeros((2, 3), "float32")], mask=mask)
    want = np.cumsum(STEPS * mask[..., None], axis=1)
    np.testing.assert_allclose(K.eval(outputs), want, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(K.eval(last), want[:, -1], rtol=1e-4, atol=1e-5)


def test_conv2d_transpose_is_the_transpose(era: Any) -> None:
    """⟨conv(x), y⟩ = ⟨x, convᵀ(y)⟩ for every x and y: that is what it means."""
    K = era.K
    for padding, shape in (("valid", (2, 6, 7, 3)), ("same", (2, 6, 8, 3))):
        x = rng.normal(size=shape).astype("float32")
        forward = K.eval(K.conv2d(x, K2, strides=(1, 2), padding=padding))
        y = rng.normal(size=forward.shape).astype("float32")
        back = K.eval(K.conv2d_transpose(y, K2, shape, strides=(1, 2), padding=padding))
        assert back.shape == shape
        assert (forward * y).sum() == pytest.approx((x * back).sum(), rel=1e-3, abs=1e-2)


def test_ctc(era: Any) -> None:
    """Two frames, one label: the paths are a·blank, blank·a and aa."""
    K = era.K
    probable = np.array([[[0.6, 0.3, 0.1], [0.2, 0.3, 0.5]]], "float32")
    one, two = np.array([[1]]), np.array([[2]])
    cost = K.eval(K.ctc_batch_cost(np.array([[0]]), probable, two, one))
    want = -np.log(0.6 * 0.5 + 0.1 * 0.2 + 0.6 * 0.2)
    assert cost.shape == (1, 1)
    assert cost[0, 0] == pytest.approx(want, rel=1e-3)
    paths, _scores = K.ctc_decode(probable, np.array([2]))
    assert K.eval(paths[0])[0].tolist()[:1] == [0]


def test_settings(era: Any) -> None:
    K = era.K
    assert K.epsilon() == pytest.approx(1e-7)
    assert K.floatx() == "float32"
    assert K.image_data_format() == "channels_last"
    assert K.backend() == "tensorflow"
    K.set_epsilon(1e-5)
    assert K.epsilon() == pytest.approx(1e-5)
    K.set_epsilon(1e-7)
    K.set_image_data_format("channels_first")
    try:
        assert K.image_data_format() == "channels_first"
        assert K.eval(K.pool2d(first(IMAGES), (2, 2))).shape == (2, 3, 5, 6)
    finally:
        K.set_image_data_format("channels_last")
    K.set_floatx("float64")
    try:
        assert K.dtype(K.variable([1.0])) == "float64"
    finally:
        K.set_floatx("float32")
    with K.name_scope("here"):
        assert K.ndim(K.zeros((1,))) == 1
    K.reset_uids()
    assert [K.get_uid("a"), K.get_uid("a"), K.get_uid("b")] == [1, 2, 1]
    K.manual_variable_initialization(False)


def test_symbolic_tensors_have_shapes_and_no_value(era: Any) -> None:
    K = era.K
    p = K.placeholder((None, 3))
    assert K.int_shape(p) == (None, 3)
    assert K.ndim(K.placeholder(ndim=4)) == 4
    assert K.is_keras_tensor(era.keras.Input((3,)))
    assert not K.is_keras_tensor(K.variable([1.0]))
    assert not K.is_sparse(K.variable([1.0]))
    with pytest.raises(RuntimeError, match="symbolic"):
        K.eval(p)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("function", "keras.Model(inputs, outputs)"),
        ("get_session", "no sessions"),
        ("gradients", "GradientTape"),
        ("learning_phase", "training=True"),
        ("set_learning_phase", "training=True"),
        ("image_dim_ordering", "image_data_format"),
    ],
)
def test_what_is_gone_says_what_to_write(era: Any, name: str, says: str) -> None:
    with pytest.raises(RuntimeError) as caught:
        getattr(era.K, name)()
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_misspelt_name_gets_the_near_one(era: Any) -> None:
    with pytest.raises(AttributeError, match=r"did you mean K\.permute_dimensions"):
        era.K.permute_dimension  # noqa: B018


def test_every_public_name_of_keras_2_is_there() -> None:
    import keras
    import tf_keras

    from kerastui.session.inside import backend

    K = backend.make(keras)
    public = {n for n in dir(tf_keras.backend) if not n.startswith("_")} - {"experimental"}
    lacking = {n for n in public if not callable(getattr(K, n, None))}
    assert not lacking
    tried = {p.values[0] for p in TABLE}
    assert len(public - tried) < 50


def test_print_tensor_prints_and_returns(era: Any, capsys: pytest.CaptureFixture[str]) -> None:
    found = era.K.print_tensor(V, "v =")
    assert "v = [" in capsys.readouterr().out
    assert era.K.eval(found).tolist() == V.tolist()


def test_k_works_inside_a_model(era: Any) -> None:
    """As a user's custom object: the functions meet symbolic tensors and traced graphs."""
    K, keras = era.K, era.keras
    inputs = keras.Input((6,))
    x = keras.layers.Dense(4, activation=lambda v: K.relu(v, 0.1, 20.0))(inputs)
    x = keras.layers.Lambda(lambda v: K.l2_normalize(K.abs(v), axis=1) * 2)(x)
    model = keras.Model(inputs, x)
    data = rng.normal(size=(3, 6)).astype("float32")
    dense = model.layers[1]
    before = data @ K.eval(dense.weights[0]) + K.eval(dense.weights[1])
    before = np.abs(np.where(before > 0, before, 0.1 * before))
    want = 2 * before / np.sqrt((before**2).sum(1, keepdims=True))
    np.testing.assert_allclose(model.predict(data, verbose=0), want, rtol=1e-4, atol=1e-5)

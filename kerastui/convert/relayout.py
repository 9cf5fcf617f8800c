"""Weights that other eras lay out otherwise, and how they become today's.

After ``preprocess_weights_for_loading`` in Keras 2.0.8 (`keras/engine/topology.py`) and
``_convert_rnn_weights`` in tf_keras 2.21 (`saving/legacy/hdf5_format.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..model import Layer

Arrays = Sequence[Any]
Step = Callable[[Arrays], Any]


class Made(NamedTuple):
    """One of today's weights: which of the stored ones it is made of, and how.

    `step` is None for a plain copy, which is never held in memory as a whole.
    """

    parts: tuple[int, ...]
    step: Step | None = None


def plain(count: int) -> list[Made]:
    """Return the plan that copies `count` weights as they are."""
    return [Made((i,)) for i in range(count)]


def plan_layer(layer: Layer, major: int, backend: str) -> list[Made]:
    """Return how the weights of a layer, in the file's order, become Keras 3's."""
    base = layer.class_name.rpartition(">")[2]
    count = len(layer.weights)
    if base in _CUDNN:
        return _cudnn(_CUDNN[base], count)
    plan = plain(count)
    if major == 1:
        plan = _keras1(base, layer, count)
    if backend == "theano" and base in _KERNELS:
        plan[: _KERNELS[base]] = [
            made._replace(step=_then(made.step, _flip)) for made in plan[: _KERNELS[base]]
        ]
    return plan


_KERNELS = {
    "Convolution1D": 1, "Convolution2D": 1, "Convolution3D": 1, "AtrousConvolution1D": 1,
    "AtrousConvolution2D": 1, "Deconvolution2D": 1, "Deconvolution3D": 1, "Conv1D": 1,
    "Conv2D": 1, "Conv3D": 1, "Conv2DTranspose": 1, "Conv3DTranspose": 1,
    "SeparableConvolution2D": 1, "SeparableConv2D": 1, "DepthwiseConv2D": 1, "ConvLSTM2D": 2,
}  # fmt: skip
"""How many kernels, first among its weights, a class convolves with: Theano flips those."""


def _then(first: Step | None, second: Callable[[Any], Any]) -> Step:
    return lambda arrays: second(first(arrays) if first else arrays[0])


def _flip(kernel: Any) -> Any:
    axes = tuple(range(kernel.ndim - 2))
    return np.flip(kernel, axes)


def _keras1(base: str, layer: Layer, count: int) -> list[Made]:
    gates = {12: (4, _LSTM), 9: (3, _GRU)}
    for sides in (1, 2):
        if count % sides == 0 and count // sides in gates and "inner_init" in layer.config:
            number, order = gates[count // sides]
            made: list[Made] = []
            for side in range(sides):
                start = side * 3 * number
                for kind in range(3):
                    parts = tuple(start + 3 * gate + kind for gate in order)
                    made.append(Made(parts, _side_by_side))
            return made
    plan = plain(count)
    first = dict(layer.config).get("dim_ordering") == "th"
    step = _KERAS_1.get((base, first))
    if step is not None and plan:
        plan[0] = Made((0,), step)
    if base == "SeparableConvolution2D" and first:
        plan[:2] = [Made((0,), _move_to_end), Made((1,), _move_to_end)]
    return plan


_LSTM = (0, 2, 1, 3)
"""Keras 1 wrote the gates i, c, f, o; since Keras 2 they are i, f, c, o."""
_GRU = (0, 1, 2)


def _side_by_side(arrays: Arrays) -> Any:
    return np.concatenate(list(arrays), axis=-1)


def _transposed(*axes: int) -> Step:
    return lambda arrays: np.transpose(arrays[0], axes)


def _move_to_end(arrays: Arrays) -> Any:
    return np.transpose(arrays[0], (2, 3, 1, 0))


def _one_axis(arrays: Arrays) -> Any:
    """Conv1D kept an axis of size 1: (length, 1, input, filters), before that (f, i, l, 1)."""
    kernel = arrays[0]
    if kernel.shape[1] != 1:
        kernel = np.transpose(kernel, (2, 3, 1, 0))
    return kernel[:, 0]


_KERAS_1: Mapping[tuple[str, bool], Step] = {
    ("Convolution1D", False): _one_axis,
    ("Convolution1D", True): _one_axis,
    ("AtrousConvolution1D", False): _one_axis,
    ("AtrousConvolution1D", True): _one_axis,
    ("Convolution2D", True): _move_to_end,
    ("AtrousConvolution2D", True): _move_to_end,
    ("Convolution3D", True): _transposed(2, 3, 4, 1, 0),
    ("Deconvolution2D", False): _transposed(0, 1, 3, 2),
    ("Deconvolution2D", True): _transposed(2, 3, 0, 1),
}
"""Class and whether channels come first (``dim_ordering`` ``th``) → what becomes of the kernel."""

_CUDNN = {"CuDNNLSTM": 4, "CuDNNGRU": 3}


def _cudnn(gates: int, count: int) -> list[Made]:
    if count % 3:
        return plain(count)

    def kernel(arrays: Arrays) -> Any:
        return np.hstack([k.T.reshape(k.shape, order="F") for k in np.hsplit(arrays[0], gates)])

    def recurrent(arrays: Arrays) -> Any:
        return np.hstack([k.T for k in np.hsplit(arrays[0], gates)])

    def bias(arrays: Arrays) -> Any:
        halves = arrays[0].reshape((2, -1))
        return halves.sum(axis=0) if gates == 4 else halves

    made: list[Made] = []
    for start in range(0, count, 3):
        steps = (kernel, recurrent, bias)
        made += [Made((start + i,), step) for i, step in enumerate(steps)]
    return made

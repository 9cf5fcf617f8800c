# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownLambdaType=false
# (Tensors and arrays of whatever backend: they have no types here.)
"""The few operations that classics are made of, on Keras 3 and on Keras 2."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

_SAME = "sum mean round clip sqrt square abs where zeros_like tanh erf"


class Ops:
    """``keras.ops`` of Keras 3, or the same of TensorFlow for Keras 2."""

    def __init__(self, keras: Any) -> None:
        self.keras = keras
        ops = getattr(keras, "ops", None)
        self.epsilon: Callable[[], float] = keras.backend.epsilon
        if ops is None:
            tf = sys.modules["tensorflow"]
            self._use_tensorflow(tf)
        else:
            self._use_ops(ops)

    def _use_ops(self, ops: Any) -> None:
        self._convert, self._cast = ops.convert_to_tensor, ops.cast
        for name in _SAME.split():
            setattr(self, name, getattr(ops, name))
        self.sigmoid, self.softplus = ops.sigmoid, ops.softplus
        self.flatten = lambda x: ops.reshape(x, (-1,))

    def _use_tensorflow(self, tf: Any) -> None:
        self._convert, self._cast = tf.convert_to_tensor, tf.cast
        self.sum, self.mean = tf.reduce_sum, tf.reduce_mean
        self.round, self.clip = tf.round, tf.clip_by_value
        self.sqrt, self.square, self.abs = tf.sqrt, tf.square, tf.abs
        self.where, self.zeros_like = tf.where, tf.zeros_like
        self.tanh, self.erf = tf.tanh, tf.math.erf
        self.sigmoid, self.softplus = tf.sigmoid, tf.math.softplus
        self.flatten = lambda x: tf.reshape(x, (-1,))

    sum: Callable[..., Any]
    mean: Callable[..., Any]
    round: Callable[..., Any]
    clip: Callable[..., Any]
    sqrt: Callable[..., Any]
    square: Callable[..., Any]
    abs: Callable[..., Any]
    where: Callable[..., Any]
    zeros_like: Callable[..., Any]
    tanh: Callable[..., Any]
    erf: Callable[..., Any]
    sigmoid: Callable[..., Any]
    softplus: Callable[..., Any]
    flatten: Callable[..., Any]

    def tensor(self, x: Any) -> Any:
        """Return a floating point tensor."""
        x = self._convert(x)
        return x if self._is_float(x) else self._cast(x, self.keras.backend.floatx())

    def pair(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """Return both as tensors of the prediction's dtype."""
        y_pred = self.tensor(y_pred)
        return self._cast(self._convert(y_true), y_pred.dtype), y_pred

    @staticmethod
    def _is_float(x: Any) -> bool:
        return "float" in str(getattr(x.dtype, "name", x.dtype))


_made: dict[int, Ops] = {}


def ops_of(keras: Any) -> Ops:
    """Return the operations of this Keras module (made once)."""
    if id(keras) not in _made:
        _made[id(keras)] = Ops(keras)
    return _made[id(keras)]

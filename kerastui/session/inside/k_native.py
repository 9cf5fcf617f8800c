# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownLambdaType=false
# (Tensors and arrays of whatever backend: they have no types here.)
"""K for Keras 2 (tf_keras, TensorFlow's old tf.keras): its own backend, made to take NumPy."""

from __future__ import annotations

import difflib
import functools
from typing import Any

import numpy as np

from .k_base import HintError

# These take NumPy arrays as they are, or must not be given tensors instead.
_AS_THEY_ARE_TEXT = """
variable constant placeholder eval get_value batch_get_value set_value batch_set_value
cast_to_floatx zeros ones eye random_normal random_uniform random_binomial random_bernoulli
truncated_normal random_normal_variable random_uniform_variable epsilon floatx set_epsilon
set_floatx image_data_format set_image_data_format backend clear_session get_uid reset_uids
name_scope manual_variable_initialization arange is_keras_tensor update update_add update_sub
map_fn foldl foldr print_tensor
"""
_AS_THEY_ARE = frozenset(_AS_THEY_ARE_TEXT.split())


class Native:
    """``keras.backend`` of Keras 2. Arrays given to its functions become tensors first."""

    def __init__(self, keras: Any, tf: Any) -> None:
        self._keras = keras
        self._native = keras.backend
        self._tf = tf

    def __getattr__(self, name: str) -> Any:
        """Return the function of that name, wrapped."""
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            found = getattr(self._native, name)
        except AttributeError:
            near = difflib.get_close_matches(name, dir(self), 1)
            hint = f"; did you mean K.{near[0]}?" if near else ""
            raise AttributeError(f"K has no function {name}{hint}") from None
        made = found if name in _AS_THEY_ARE or not callable(found) else self._wrapped(found)
        self.__dict__[name] = made
        return made

    def __dir__(self) -> list[str]:
        """Return all names, for completion."""
        names = {n for n in dir(self._native) if not n.startswith("_")}
        return sorted(names | set(super().__dir__()))

    def _wrapped(self, function: Any) -> Any:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            given = [self._tensors(a) for a in args]
            return function(*given, **{k: self._tensors(v) for k, v in kwargs.items()})

        return call

    def _tensors(self, value: Any) -> Any:
        """NumPy arrays as tensors; NumPy's usual float64 becomes Keras's floatx."""
        if isinstance(value, (np.ndarray, np.floating)):
            if value.dtype == np.float64:
                value = value.astype(self._native.floatx())
            return self._tf.convert_to_tensor(value)
        if isinstance(value, (list, tuple)) and any(isinstance(v, np.ndarray) for v in value):
            return type(value)(self._tensors(v) for v in value)
        return value

    def eval(self, x: Any) -> Any:
        """Return the value as a NumPy array."""
        if "KerasTensor" in type(x).__name__:
            raise HintError(
                "This tensor is symbolic: it has a shape and no value; call the model on data "
                "(model(x), or run to the layer) and look at the result."
            )
        return np.asarray(x.numpy() if hasattr(x, "numpy") else x)

    get_value = eval

    def batch_get_value(self, tensors: Any) -> list[Any]:
        """Return the values of several variables."""
        return [self.eval(x) for x in tensors]

    def eye(self, size: Any, dtype: Any = None, name: Any = None) -> Any:
        """Return an identity matrix as a variable; `size` is a number or (rows, columns)."""
        rows, columns = (size, size) if isinstance(size, int) else size
        return self._native.variable(np.eye(rows, columns), dtype, name)

    def slice(self, x: Any, start: Any, size: Any) -> Any:
        """Return a piece of x: where it starts and how long it is, an entry an axis."""
        return self._tf.slice(self._tensors(x), start, size)

    def switch(self, condition: Any, then_expression: Any, else_expression: Any) -> Any:
        """Return one of two tensors (or of what two functions return), or of each the parts."""
        then, other = (
            self._tf.convert_to_tensor(self._tensors(e() if callable(e) else e))
            for e in (then_expression, else_expression)
        )
        chosen = self._tf.cast(self._tensors(condition), "bool")
        while len(chosen.shape) not in (0, len(then.shape)):
            chosen = self._tf.expand_dims(chosen, -1)
        return self._tf.where(chosen, then, other)

    def update_add(self, x: Any, increment: Any) -> Any:
        """Add to a variable, and return it."""
        x.assign(x + self._tensors(increment))
        return x

    def update_sub(self, x: Any, decrement: Any) -> Any:
        """Subtract from a variable, and return it."""
        x.assign(x - self._tensors(decrement))
        return x

    def relu(
        self,
        x: Any,
        alpha: float = 0.0,
        max_value: Any = None,
        threshold: float = 0.0,
        negative_slope: Any = None,
    ) -> Any:
        """Return Keras 2's relu; `negative_slope` is today's name of `alpha`."""
        slope = alpha if negative_slope is None else negative_slope
        return self._native.relu(self._tensors(x), slope, max_value, threshold)

    def logsumexp(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        """Return log(sum(exp(x))) without overflow."""
        return self._tf.reduce_logsumexp(self._tensors(x), axis, keepdims)

    def identity(self, x: Any, name: Any = None) -> Any:
        """Return a tensor of the same values."""
        return self._tf.identity(self._tensors(x))

    def print_tensor(self, x: Any, message: str = "") -> Any:
        """Print a value and return it."""
        print(message, self.eval(x))  # noqa: T201
        return x

    def tan(self, x: Any) -> Any:
        """Return the tangent."""
        return self._tf.tan(self._tensors(x))

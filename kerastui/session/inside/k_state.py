"""K functions of variables, values, random numbers, loops and settings (Keras 3)."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np

from .k_base import Base, HintError


class State(Base):
    """Names, arguments and defaults as in ``keras.backend`` of Keras 2."""

    def __init__(self, keras: Any) -> None:
        super().__init__(keras)
        self._uids: dict[str, int] = {}

    def variable(
        self, value: Any, dtype: Any = None, name: Any = None, constraint: Any = None
    ) -> Any:
        """Return a variable (of floatx unless told)."""
        if hasattr(value, "tocoo"):  # a sparse matrix of SciPy
            value = value.toarray()
        elif not self._symbolic(value) and not isinstance(value, np.ndarray):
            value = self.eval(value)
        made = self._keras.Variable(value, dtype=dtype or self._floatx(), name=name)
        if constraint is not None:
            made.constraint = constraint
        return made

    def eval(self, x: Any) -> Any:
        """Return the value as a NumPy array."""
        if self._symbolic(x):
            raise HintError(
                "This tensor is symbolic: it has a shape and no value; call the model on data "
                "(model(x), or run to the layer) and look at the result."
            )
        return np.asarray(self._ops.convert_to_numpy(x))

    def get_value(self, x: Any) -> Any:
        """Return a variable's value as a NumPy array."""
        return self.eval(x)

    def batch_get_value(self, tensors: Any) -> list[Any]:
        """Return the values of several variables."""
        return [self.eval(x) for x in tensors]

    def set_value(self, x: Any, value: Any) -> None:
        """Give a variable another value, of the same shape."""
        x.assign(np.asarray(value, dtype=self._name(x)))

    def batch_set_value(self, tuples: Any) -> None:
        """Give several variables other values: pairs of variable and value."""
        for x, value in tuples:
            self.set_value(x, value)

    def update(self, x: Any, new_x: Any) -> Any:
        """Assign, and return the variable."""
        x.assign(new_x)
        return x

    def update_add(self, x: Any, increment: Any) -> Any:
        """Add to a variable, and return it."""
        return self.update(x, self._t(x) + increment)

    def update_sub(self, x: Any, decrement: Any) -> Any:
        """Subtract from a variable, and return it."""
        return self.update(x, self._t(x) - decrement)

    def moving_average_update(self, x: Any, value: Any, momentum: float) -> Any:
        """Move a variable towards a value: x · momentum + value · (1 - momentum)."""
        return self.update(x, self._t(x) * momentum + self._t(value) * (1 - momentum))

    def print_tensor(self, x: Any, message: str = "") -> Any:
        """Print a value and return it."""
        print(message, self.eval(x))  # noqa: T201
        return x

    def is_keras_tensor(self, x: Any) -> bool:
        """Whether x is a symbolic tensor of Keras."""
        if self._symbolic(x):
            return True
        if not self._ops.is_tensor(x) and not isinstance(x, self._keras.Variable):
            raise ValueError(f"Unexpectedly found an instance of type {type(x)}.")
        return False

    def is_sparse(self, tensor: Any) -> bool:
        """Whether a tensor is sparse."""
        return bool(getattr(tensor, "sparse", False)) or "Sparse" in type(tensor).__name__

    def to_dense(self, tensor: Any) -> Any:
        """Return a sparse tensor as a dense one, others as they are."""
        return (
            self._ops.convert_to_tensor(tensor, sparse=False) if self.is_sparse(tensor) else tensor
        )

    def count_params(self, x: Any) -> int:
        """Return the number of elements."""
        return int(np.prod(x.shape, dtype=np.int64))

    def random_normal(
        self,
        shape: Any,
        mean: float = 0.0,
        stddev: float = 1.0,
        dtype: Any = None,
        seed: Any = None,
    ) -> Any:
        """Return normally distributed numbers."""
        return self._keras.random.normal(tuple(shape), mean, stddev, dtype, seed)

    def random_uniform(
        self,
        shape: Any,
        minval: float = 0.0,
        maxval: float = 1.0,
        dtype: Any = None,
        seed: Any = None,
    ) -> Any:
        """Return evenly distributed numbers."""
        return self._keras.random.uniform(tuple(shape), minval, maxval, dtype, seed)

    def random_bernoulli(
        self,
        shape: Any,
        p: float = 0.0,
        dtype: Any = None,
        seed: Any = None,
    ) -> Any:
        """Return ones with probability p, else zeros."""
        drawn = self._keras.random.uniform(tuple(shape), seed=seed)
        return self._ops.cast(drawn < p, dtype or self._floatx())

    random_binomial = random_bernoulli

    def truncated_normal(
        self,
        shape: Any,
        mean: float = 0.0,
        stddev: float = 1.0,
        dtype: Any = None,
        seed: Any = None,
    ) -> Any:
        """Return normally distributed numbers within two standard deviations."""
        return self._keras.random.truncated_normal(tuple(shape), mean, stddev, dtype, seed)

    def random_normal_variable(
        self,
        shape: Any,
        mean: float,
        scale: float,
        dtype: Any = None,
        name: Any = None,
        seed: Any = None,
    ) -> Any:
        """Return a variable of normally distributed numbers."""
        return self.variable(self.random_normal(shape, mean, scale, None, seed), dtype, name)

    def random_uniform_variable(
        self,
        shape: Any,
        low: float,
        high: float,
        dtype: Any = None,
        name: Any = None,
        seed: Any = None,
    ) -> Any:
        """Return a variable of evenly distributed numbers."""
        return self.variable(self.random_uniform(shape, low, high, None, seed), dtype, name)

    def map_fn(self, fn: Any, elems: Any, name: Any = None, dtype: Any = None) -> Any:
        """Return a function's results for each element along axis 0, stacked."""
        found = self._ops.stack([self._t(fn(e)) for e in self._each(elems)])
        return found if dtype is None else self._ops.cast(found, dtype)

    def foldl(self, fn: Any, elems: Any, initializer: Any = None, name: Any = None) -> Any:
        """Reduce from the first to the last: fn(so far, element)."""
        return self._fold(fn, list(self._each(elems)), initializer)

    def foldr(self, fn: Any, elems: Any, initializer: Any = None, name: Any = None) -> Any:
        """Reduce from the last to the first: fn(so far, element)."""
        return self._fold(fn, list(self._each(elems))[::-1], initializer)

    def _each(self, elems: Any) -> Any:
        elems = self._t(elems)
        return (elems[i] for i in range(elems.shape[0]))

    def _fold(self, fn: Any, parts: list[Any], start: Any) -> Any:
        if start is None:
            start, parts = parts[0], parts[1:]
        for part in parts:
            start = fn(start, part)
        return start

    def epsilon(self) -> float:
        """Return the small number that keeps divisions from failing."""
        return self._keras.config.epsilon()

    def set_epsilon(self, value: float) -> None:
        """Set `epsilon`."""
        self._keras.config.set_epsilon(value)

    def floatx(self) -> str:
        """Return the default dtype's name."""
        return self._floatx()

    def set_floatx(self, value: str) -> None:
        """Set the default dtype."""
        self._keras.config.set_floatx(value)

    def image_data_format(self) -> str:
        """Return ``channels_last`` or ``channels_first``."""
        return self._keras.config.image_data_format()

    def set_image_data_format(self, data_format: str) -> None:
        """Set the default data format."""
        self._keras.config.set_image_data_format(data_format)

    def backend(self) -> str:
        """Return ``tensorflow``, ``jax`` or ``torch``."""
        return self._keras.config.backend()

    def clear_session(self) -> None:
        """Forget names and counters of layers."""
        self._uids.clear()
        self._keras.utils.clear_session()

    def get_uid(self, prefix: str = "") -> int:
        """Return the next number for a prefix, from 1."""
        self._uids[prefix] = self._uids.get(prefix, 0) + 1
        return self._uids[prefix]

    def reset_uids(self) -> None:
        """Begin to count anew."""
        self._uids.clear()

    def name_scope(self, name: str) -> Any:
        """Return a context manager for names."""
        scope = getattr(self._keras, "name_scope", None)
        return scope(name) if scope is not None else contextlib.nullcontext()

    def manual_variable_initialization(self, value: bool) -> None:
        """Nothing to do: variables have a value from the start."""

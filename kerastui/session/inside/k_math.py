# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownLambdaType=false
# (Tensors and arrays of whatever backend: they have no types here.)
"""K functions that compute element by element or along axes (Keras 3)."""

from __future__ import annotations

from typing import Any

from .k_base import Base


class Maths(Base):
    """Names, arguments and defaults as in ``keras.backend`` of Keras 2."""

    def dot(self, x: Any, y: Any) -> Any:
        """Return the product over x's last and y's last but one axis, as ``np.dot``."""
        x, y = self._t(x), self._t(y)
        axis = 0 if self._rank(y) < 2 else self._rank(y) - 2
        return self._ops.tensordot(x, y, axes=[[self._rank(x) - 1], [axis]])

    def batch_dot(self, x: Any, y: Any, axes: Any = None) -> Any:
        """Return the product sample by sample (axis 0 is the batch).

        `axes` says over which axis of x and which of y it sums; by default x's last and y's
        last but one (the last, if y has two axes).
        """
        x, y = self._t(x), self._t(y)
        nx, ny = self._rank(x), self._rank(y)
        if nx < 2 or ny < 2:
            raise ValueError("K.batch_dot needs a batch axis and at least one more in x and y.")
        if axes is None:
            axes = (nx - 1, ny - 1) if ny == 2 else (nx - 1, ny - 2)
        ax, ay = (axes, axes) if isinstance(axes, int) else axes
        ax, ay = ax % nx, ay % ny
        if 0 in (ax, ay):
            raise ValueError("K.batch_dot cannot sum over the batch axis.")
        letters = "abcdefghijklmnopqrstuvw"
        left = ["z", *letters[: nx - 1]]
        right = ["z", *letters[nx - 1 : nx + ny - 2]]
        left[ax] = right[ay] = "y"
        rest = [c for c in left + right if c not in "zy"]
        rule = "{},{}->z{}".format("".join(left), "".join(right), "".join(rest))
        found = self._ops.einsum(rule, x, y)
        return found if rest else self._ops.expand_dims(found, -1)

    def max(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        """Return the largest value."""
        return self._ops.max(self._t(x), axis=axis, keepdims=keepdims)

    def min(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        """Return the smallest value."""
        return self._ops.min(self._t(x), axis=axis, keepdims=keepdims)

    def sum(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        """Return the sum."""
        return self._ops.sum(self._t(x), axis=axis, keepdims=keepdims)

    def prod(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        """Return the product."""
        return self._ops.prod(self._t(x), axis=axis, keepdims=keepdims)

    def mean(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        """Return the mean."""
        return self._ops.mean(self._f(x), axis=axis, keepdims=keepdims)

    def var(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        """Return the variance."""
        return self._ops.var(self._f(x), axis=axis, keepdims=keepdims)

    def std(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        """Return the standard deviation."""
        return self._ops.std(self._f(x), axis=axis, keepdims=keepdims)

    def cumsum(self, x: Any, axis: int = 0) -> Any:
        """Return running sums."""
        return self._ops.cumsum(self._t(x), axis=axis)

    def cumprod(self, x: Any, axis: int = 0) -> Any:
        """Return running products."""
        return self._ops.cumprod(self._t(x), axis=axis)

    def any(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        """Return whether any value is true (not zero)."""
        return self._ops.any(self._ops.cast(self._t(x), "bool"), axis=axis, keepdims=keepdims)

    def all(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        """Return whether all values are true (not zero)."""
        return self._ops.all(self._ops.cast(self._t(x), "bool"), axis=axis, keepdims=keepdims)

    def argmax(self, x: Any, axis: int = -1) -> Any:
        """Return where the largest value is."""
        return self._ops.argmax(self._t(x), axis=axis)

    def argmin(self, x: Any, axis: int = -1) -> Any:
        """Return where the smallest value is."""
        return self._ops.argmin(self._t(x), axis=axis)

    def logsumexp(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        """Return log(sum(exp(x))) without overflow."""
        return self._ops.logsumexp(self._f(x), axis=axis, keepdims=keepdims)

    def square(self, x: Any) -> Any:
        """Return x²."""
        return self._ops.square(self._t(x))

    def abs(self, x: Any) -> Any:
        """Return the absolute value."""
        return self._ops.abs(self._t(x))

    def sqrt(self, x: Any) -> Any:
        """Return the square root; of negative numbers 0, as in Keras 2."""
        return self._ops.sqrt(self._ops.maximum(self._f(x), 0))

    def exp(self, x: Any) -> Any:
        """Return e to the power of x."""
        return self._ops.exp(self._f(x))

    def log(self, x: Any) -> Any:
        """Return the natural logarithm."""
        return self._ops.log(self._f(x))

    def round(self, x: Any) -> Any:
        """Return the nearest whole number (half to even)."""
        return self._ops.round(self._t(x))

    def sign(self, x: Any) -> Any:
        """Return -1, 0 or 1."""
        return self._ops.sign(self._t(x))

    def pow(self, x: Any, a: Any) -> Any:
        """Return x to the power of a."""
        return self._ops.power(self._t(x), a)

    def sin(self, x: Any) -> Any:
        """Return the sine."""
        return self._ops.sin(self._f(x))

    def cos(self, x: Any) -> Any:
        """Return the cosine."""
        return self._ops.cos(self._f(x))

    def tan(self, x: Any) -> Any:
        """Return the tangent."""
        return self._ops.tan(self._f(x))

    def clip(self, x: Any, min_value: Any, max_value: Any) -> Any:
        """Return x within limits; None is no limit."""
        x = self._t(x)
        numbers = isinstance(min_value, (int, float)) and isinstance(max_value, (int, float))
        if numbers and max_value < min_value:
            max_value = min_value
        if min_value is not None:
            x = self._ops.maximum(x, self._ops.cast(min_value, x.dtype))
        if max_value is not None:
            x = self._ops.minimum(x, self._ops.cast(max_value, x.dtype))
        return x

    def equal(self, x: Any, y: Any) -> Any:
        """Return where x == y."""
        return self._ops.equal(self._t(x), self._t(y))

    def not_equal(self, x: Any, y: Any) -> Any:
        """Return where x != y."""
        return self._ops.not_equal(self._t(x), self._t(y))

    def greater(self, x: Any, y: Any) -> Any:
        """Return where x > y."""
        return self._ops.greater(self._t(x), self._t(y))

    def greater_equal(self, x: Any, y: Any) -> Any:
        """Return where x >= y."""
        return self._ops.greater_equal(self._t(x), self._t(y))

    def less(self, x: Any, y: Any) -> Any:
        """Return where x < y."""
        return self._ops.less(self._t(x), self._t(y))

    def less_equal(self, x: Any, y: Any) -> Any:
        """Return where x <= y."""
        return self._ops.less_equal(self._t(x), self._t(y))

    def maximum(self, x: Any, y: Any) -> Any:
        """Return the larger of each pair."""
        return self._ops.maximum(self._t(x), self._t(y))

    def minimum(self, x: Any, y: Any) -> Any:
        """Return the smaller of each pair."""
        return self._ops.minimum(self._t(x), self._t(y))

    def stop_gradient(self, variables: Any) -> Any:
        """Return the same values, constant for gradients."""
        if isinstance(variables, (list, tuple)):
            return [self._ops.stop_gradient(self._t(v)) for v in variables]
        return self._ops.stop_gradient(self._t(variables))

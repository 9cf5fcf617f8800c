"""K functions that make, cut, join and reshape arrays (Keras 3)."""

from __future__ import annotations

from typing import Any

import numpy as np

from .k_base import Base


class Arrays(Base):
    """Names, arguments and defaults as in ``keras.backend`` of Keras 2."""

    def constant(self, value: Any, dtype: Any = None, shape: Any = None, name: Any = None) -> Any:
        """Return a constant tensor (of floatx unless told), filled or reshaped to `shape`."""
        found = np.asarray(value, dtype=None)
        if shape is not None:
            found = np.full(shape, found) if found.size == 1 else found.reshape(shape)
        return self._ops.convert_to_tensor(found, dtype=dtype or self._floatx())

    def placeholder(
        self,
        shape: Any = None,
        ndim: Any = None,
        dtype: Any = None,
        sparse: bool = False,
        name: Any = None,
        ragged: bool = False,
    ) -> Any:
        """Return a symbolic tensor: it has a shape and no value."""
        if shape is None:
            if ndim is None:
                raise ValueError("Give a shape or ndim.")
            shape = (None,) * ndim
        return self._keras.KerasTensor(tuple(shape), dtype=dtype or self._floatx(), sparse=sparse)

    def shape(self, x: Any) -> Any:
        """Return the shape: as an integer tensor, or a tuple where an axis is free."""
        found = tuple(self._ops.shape(self._t(x)))
        if any(n is None for n in found):
            return found
        return self._ops.convert_to_tensor(found, dtype="int32")

    def int_shape(self, x: Any) -> Any:
        """Return the shape as a tuple of numbers and None."""
        return tuple(self._t(x).shape)

    def ndim(self, x: Any) -> int:
        """Return the number of axes."""
        return self._rank(x)

    def dtype(self, x: Any) -> str:
        """Return the dtype's name."""
        return self._name(x)

    def cast(self, x: Any, dtype: Any) -> Any:
        """Return x with another dtype."""
        return self._ops.cast(self._t(x), dtype)

    def cast_to_floatx(self, x: Any) -> Any:
        """Return x with Keras's default dtype; NumPy arrays stay NumPy arrays."""
        if isinstance(x, (np.ndarray, np.generic, list, tuple, int, float)):
            return np.asarray(x, dtype=self._floatx())
        return self._ops.cast(x, self._floatx())

    def zeros(self, shape: Any, dtype: Any = None, name: Any = None) -> Any:
        """Return a variable of zeros, as Keras 2 did."""
        return self._filled(np.zeros(shape), dtype, name)

    def ones(self, shape: Any, dtype: Any = None, name: Any = None) -> Any:
        """Return a variable of ones, as Keras 2 did."""
        return self._filled(np.ones(shape), dtype, name)

    def eye(self, size: Any, dtype: Any = None, name: Any = None) -> Any:
        """Return an identity matrix as a variable; `size` is a number or (rows, columns)."""
        rows, columns = (size, size) if isinstance(size, int) else size
        return self._filled(np.eye(rows, columns), dtype, name)

    def _filled(self, value: Any, dtype: Any, name: Any) -> Any:
        return self._keras.Variable(value, dtype=dtype or self._floatx(), name=name)

    def zeros_like(self, x: Any, dtype: Any = None, name: Any = None) -> Any:
        """Return zeros of x's shape."""
        return self._ops.zeros_like(self._t(x), dtype=dtype)

    def ones_like(self, x: Any, dtype: Any = None, name: Any = None) -> Any:
        """Return ones of x's shape."""
        return self._ops.ones_like(self._t(x), dtype=dtype)

    def identity(self, x: Any, name: Any = None) -> Any:
        """Return a tensor of the same values."""
        return self._t(x)

    def arange(self, start: Any, stop: Any = None, step: Any = 1, dtype: Any = "int32") -> Any:
        """Return evenly spaced numbers."""
        if stop is None:
            start, stop = 0, start
        return self._ops.arange(start, stop, step, dtype=dtype)

    def reshape(self, x: Any, shape: Any) -> Any:
        """Return x in another shape."""
        sizes = tuple(int(n) for n in shape)
        return self._ops.reshape(self._t(x), sizes)

    def permute_dimensions(self, x: Any, pattern: Any) -> Any:
        """Return x with its axes in another order."""
        return self._ops.transpose(self._t(x), tuple(pattern))

    def transpose(self, x: Any) -> Any:
        """Return x with its axes reversed."""
        return self._ops.transpose(self._t(x))

    def flatten(self, x: Any) -> Any:
        """Return x as one axis."""
        return self._ops.reshape(self._t(x), (-1,))

    def batch_flatten(self, x: Any) -> Any:
        """Return x as two axes; the first stays."""
        x = self._t(x)
        sizes = list(x.shape[1:])
        if all(n is not None for n in sizes):
            return self._ops.reshape(x, (-1, int(np.prod(sizes))))
        return self._ops.reshape(x, (self._ops.shape(x)[0], -1))

    def expand_dims(self, x: Any, axis: int = -1) -> Any:
        """Return x with a new axis of size 1."""
        return self._ops.expand_dims(self._t(x), axis)

    def squeeze(self, x: Any, axis: Any) -> Any:
        """Return x without an axis of size 1."""
        return self._ops.squeeze(self._t(x), axis)

    def concatenate(self, tensors: Any, axis: int = -1) -> Any:
        """Return tensors joined along an axis."""
        return self._ops.concatenate([self._t(x) for x in tensors], axis=axis)

    def stack(self, x: Any, axis: int = 0) -> Any:
        """Return tensors joined along a new axis."""
        return self._ops.stack([self._t(part) for part in x], axis=axis)

    def tile(self, x: Any, n: Any) -> Any:
        """Return x repeated `n` times along each axis."""
        return self._ops.tile(self._t(x), [n] if isinstance(n, int) else list(n))

    def repeat(self, x: Any, n: int) -> Any:
        """Return (samples, dim) as (samples, n, dim)."""
        x = self._t(x)
        if self._rank(x) != 2:
            raise ValueError("K.repeat takes two axes, (samples, dim); see K.repeat_elements.")
        return self._ops.tile(self._ops.expand_dims(x, 1), [1, n, 1])

    def repeat_elements(self, x: Any, rep: int, axis: int) -> Any:
        """Return x with each element repeated along an axis, as ``np.repeat``."""
        return self._ops.repeat(self._t(x), rep, axis=axis)

    def gather(self, reference: Any, indices: Any) -> Any:
        """Return the rows of `reference` at `indices`."""
        return self._ops.take(self._t(reference), self._ops.cast(indices, "int32"), axis=0)

    def one_hot(self, indices: Any, num_classes: int) -> Any:
        """Return a one-hot array with one more axis than `indices`."""
        return self._ops.one_hot(self._ops.cast(self._t(indices), "int32"), num_classes)

    def reverse(self, x: Any, axes: Any) -> Any:
        """Return x backwards along one or more axes."""
        found = (axes,) if isinstance(axes, int) else tuple(axes)
        return self._ops.flip(self._t(x), axis=found)

    def slice(self, x: Any, start: Any, size: Any) -> Any:
        """Return a piece of x: where it starts and how long it is, an entry an axis."""
        x = self._t(x)
        start, size = [int(n) for n in start], [int(n) for n in size]
        # -1: all that is left (as in TensorFlow)
        size = [x.shape[i] - start[i] if n == -1 else n for i, n in enumerate(size)]
        return self._ops.slice(x, start, size)

    def temporal_padding(self, x: Any, padding: Any = (1, 1)) -> Any:
        """Return (samples, steps, dim) with zeros before and after the steps."""
        return self._ops.pad(self._t(x), [[0, 0], list(padding), [0, 0]])

    def spatial_2d_padding(
        self, x: Any, padding: Any = ((1, 1), (1, 1)), data_format: Any = None
    ) -> Any:
        """Return images with zeros around them."""
        return self._pad(x, padding, data_format)

    def spatial_3d_padding(
        self, x: Any, padding: Any = ((1, 1), (1, 1), (1, 1)), data_format: Any = None
    ) -> Any:
        """Return volumes with zeros around them."""
        return self._pad(x, padding, data_format)

    def _pad(self, x: Any, padding: Any, data_format: Any) -> Any:
        inner = [list(pair) for pair in padding]
        first = self._channels_first(data_format)
        outer = [[0, 0], [0, 0], *inner] if first else [[0, 0], *inner, [0, 0]]
        return self._ops.pad(self._t(x), outer)

    def resize_images(
        self,
        x: Any,
        height_factor: int,
        width_factor: int,
        data_format: Any,
        interpolation: str = "nearest",
    ) -> Any:
        """Return images enlarged by whole factors."""
        x, first = self._t(x), self._channels_first(data_format)
        rows, columns = (2, 3) if first else (1, 2)
        if interpolation == "nearest":
            x = self._ops.repeat(x, height_factor, axis=rows)
            return self._ops.repeat(x, width_factor, axis=columns)
        size = (x.shape[rows] * height_factor, x.shape[columns] * width_factor)
        return self._ops.image.resize(
            x,
            size,
            interpolation=interpolation,
            data_format="channels_first" if first else "channels_last",
        )

    def resize_volumes(
        self, x: Any, depth_factor: int, height_factor: int, width_factor: int, data_format: Any
    ) -> Any:
        """Return volumes enlarged by whole factors."""
        x, start = self._t(x), 2 if self._channels_first(data_format) else 1
        for i, factor in enumerate((depth_factor, height_factor, width_factor)):
            x = self._ops.repeat(x, factor, axis=start + i)
        return x

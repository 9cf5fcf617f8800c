# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownLambdaType=false
# (Tensors and arrays of whatever backend: they have no types here.)
"""K functions of convolution and pooling (Keras 3).

All are computed with the channels last; channels_first is transposed there and back, which
works on every device (TensorFlow on a CPU has no channels_first convolutions).
"""

from __future__ import annotations

from typing import Any

from .k_base import Base

_LAST = "channels_last"


class Convolutions(Base):
    """Names, arguments and defaults as in ``keras.backend`` of Keras 2."""

    def conv1d(
        self,
        x: Any,
        kernel: Any,
        strides: int = 1,
        padding: str = "valid",
        data_format: Any = None,
        dilation_rate: int = 1,
    ) -> Any:
        """Convolve (samples, steps, channels) with (width, channels, filters)."""
        if padding == "causal":
            left = dilation_rate * (self._t(kernel).shape[0] - 1)
            around = [[0, 0], [left, 0], [0, 0]]
            if self._channels_first(data_format):
                around = [[0, 0], [0, 0], [left, 0]]
            x, padding = self._ops.pad(self._t(x), around), "valid"
        return self._conv(x, kernel, strides, padding, data_format, dilation_rate)

    def conv2d(
        self,
        x: Any,
        kernel: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        data_format: Any = None,
        dilation_rate: Any = (1, 1),
    ) -> Any:
        """Convolve images with (height, width, channels, filters)."""
        return self._conv(x, kernel, strides, padding, data_format, dilation_rate)

    def conv3d(
        self,
        x: Any,
        kernel: Any,
        strides: Any = (1, 1, 1),
        padding: str = "valid",
        data_format: Any = None,
        dilation_rate: Any = (1, 1, 1),
    ) -> Any:
        """Convolve volumes with (depth, height, width, channels, filters)."""
        return self._conv(x, kernel, strides, padding, data_format, dilation_rate)

    def _conv(self, x: Any, kernel: Any, strides: Any, padding: str, form: Any, rate: Any) -> Any:
        def convolve(images: Any) -> Any:
            return self._ops.conv(images, self._f(kernel), strides, padding, _LAST, rate)

        return self._last(x, form, convolve)

    def _last(self, x: Any, data_format: Any, function: Any) -> Any:
        """Apply a function to x with its channels last, and give the result back as x was."""
        x = self._f(x)
        if not self._channels_first(data_format):
            return function(x)
        rank = self._rank(x)
        found = function(self._ops.transpose(x, [0, *range(2, rank), 1]))
        return self._ops.transpose(found, [0, rank - 1, *range(1, rank - 1)])

    def conv2d_transpose(
        self,
        x: Any,
        kernel: Any,
        output_shape: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        data_format: Any = None,
        dilation_rate: Any = (1, 1),
    ) -> Any:
        """Transposed convolution; `output_shape` is cut or padded to at the end.

        The kernel has the shape (height, width, filters, channels).
        """
        sizes = list(output_shape)
        wanted = sizes[2:4] if self._channels_first(data_format) else sizes[1:3]
        kernel = self._f(kernel)

        def convolve(images: Any) -> Any:
            extra: list[int] = []
            for i in range(2):
                width = (kernel.shape[i] - 1) * _at(dilation_rate, i) + 1
                stride, length = _at(strides, i), images.shape[1 + i]
                least = (length - 1) * stride + width - 2 * (width // 2 if padding == "same" else 0)
                extra.append(max(0, int(wanted[i]) - least))
            return self._ops.conv_transpose(
                images, kernel, strides, padding, tuple(extra), _LAST, dilation_rate
            )

        return self._last(x, data_format, convolve)

    def depthwise_conv2d(
        self,
        x: Any,
        depthwise_kernel: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        data_format: Any = None,
        dilation_rate: Any = (1, 1),
    ) -> Any:
        """Convolve each channel with its own filters."""
        kernel = self._f(depthwise_kernel)

        def convolve(images: Any) -> Any:
            return self._ops.depthwise_conv(images, kernel, strides, padding, _LAST, dilation_rate)

        return self._last(x, data_format, convolve)

    def separable_conv2d(
        self,
        x: Any,
        depthwise_kernel: Any,
        pointwise_kernel: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        data_format: Any = None,
        dilation_rate: Any = (1, 1),
    ) -> Any:
        """Convolve each channel, then mix the channels."""
        deep, wide = self._f(depthwise_kernel), self._f(pointwise_kernel)

        def convolve(images: Any) -> Any:
            found = self._ops.depthwise_conv(images, deep, strides, padding, _LAST, dilation_rate)
            return self._ops.conv(found, wide, 1, "valid", _LAST, 1)

        return self._last(x, data_format, convolve)

    def pool2d(
        self,
        x: Any,
        pool_size: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        data_format: Any = None,
        pool_mode: str = "max",
    ) -> Any:
        """Pool images by ``max`` or ``avg``."""
        return self._pool(x, pool_size, strides, padding, data_format, pool_mode)

    def pool3d(
        self,
        x: Any,
        pool_size: Any,
        strides: Any = (1, 1, 1),
        padding: str = "valid",
        data_format: Any = None,
        pool_mode: str = "max",
    ) -> Any:
        """Pool volumes by ``max`` or ``avg``."""
        return self._pool(x, pool_size, strides, padding, data_format, pool_mode)

    def _pool(self, x: Any, size: Any, strides: Any, padding: str, form: Any, mode: str) -> Any:
        if mode not in ("max", "avg"):
            raise ValueError(f"Invalid pooling mode: {mode}")
        pool = self._ops.max_pool if mode == "max" else self._ops.average_pool
        size, strides = tuple(size), tuple(strides)
        return self._last(x, form, lambda images: pool(images, size, strides, padding, _LAST))

    def local_conv1d(
        self, inputs: Any, kernel: Any, kernel_size: Any, strides: Any, data_format: Any = None
    ) -> Any:
        """Convolve with other weights at each place: (places, width · channels, filters)."""
        kernel = self._f(kernel)
        places, width, stride = kernel.shape[0], _at(kernel_size, 0), _at(strides, 0)

        def convolve(x: Any) -> Any:
            parts = [x[:, i * stride : i * stride + width] for i in range(places)]
            flat = [self._ops.reshape(p, (-1, kernel.shape[1])) for p in parts]
            return self._ops.einsum("pbi,pif->bpf", self._ops.stack(flat), kernel)

        return self._last(inputs, data_format, convolve)

    def local_conv2d(
        self,
        inputs: Any,
        kernel: Any,
        kernel_size: Any,
        strides: Any,
        output_shape: Any,
        data_format: Any = None,
    ) -> Any:
        """Convolve images with other weights at each place."""
        kernel, first = self._f(kernel), self._channels_first(data_format)
        rows, columns = (int(n) for n in output_shape)
        high, wide = (_at(kernel_size, i) for i in range(2))
        down, right = (_at(strides, i) for i in range(2))

        def convolve(x: Any) -> Any:
            flat: list[Any] = []
            for r in range(rows):
                for c in range(columns):
                    top, left = r * down, c * right
                    part = x[:, top : top + high, left : left + wide]
                    if first:  # the kernel's rows are counted channels first
                        part = self._ops.transpose(part, [0, 3, 1, 2])
                    flat.append(self._ops.reshape(part, (-1, kernel.shape[1])))
            found = self._ops.einsum("pbi,pif->bpf", self._ops.stack(flat), kernel)
            return self._ops.reshape(found, (-1, rows, columns, kernel.shape[2]))

        return self._last(inputs, data_format, convolve)


def _at(values: Any, index: int) -> int:
    return int(values if isinstance(values, int) else values[index])

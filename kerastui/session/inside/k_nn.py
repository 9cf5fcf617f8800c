"""K functions of neural networks: activations, losses, normalization, phases (Keras 3)."""

from __future__ import annotations

from typing import Any

from .k_base import Base


class Neural(Base):
    """Names, arguments and defaults as in ``keras.backend`` of Keras 2."""

    def relu(
        self,
        x: Any,
        alpha: float = 0.0,
        max_value: Any = None,
        threshold: float = 0.0,
        negative_slope: Any = None,
    ) -> Any:
        """Return alpha · (x - threshold) below the threshold, else x up to `max_value`.

        `negative_slope` is today's name of `alpha`.
        """
        x = self._f(x)
        slope = alpha if negative_slope is None else negative_slope
        above = self._ops.cast(x >= threshold, x.dtype)
        high = x if max_value is None else self._ops.minimum(x, max_value)
        # Infinite x times 0 is no number: so where(), not a product of masks.
        return self._ops.where(above > 0, high, slope * (x - threshold))

    def elu(self, x: Any, alpha: float = 1.0) -> Any:
        """Return x, and alpha · (exp(x) - 1) below 0."""
        x = self._f(x)
        return self._ops.where(x > 0, x, alpha * self._ops.expm1(self._ops.minimum(x, 0)))

    def softmax(self, x: Any, axis: int = -1) -> Any:
        """Return exp(x) over its sum."""
        return self._ops.softmax(self._f(x), axis=axis)

    def softplus(self, x: Any) -> Any:
        """Return log(exp(x) + 1)."""
        return self._ops.softplus(self._f(x))

    def softsign(self, x: Any) -> Any:
        """Return x / (|x| + 1)."""
        return self._ops.softsign(self._f(x))

    def sigmoid(self, x: Any) -> Any:
        """Return 1 / (1 + exp(-x))."""
        return self._ops.sigmoid(self._f(x))

    def hard_sigmoid(self, x: Any) -> Any:
        """Return clip(0.2 x + 0.5, 0, 1), as Keras 1 and 2 did (Keras 3's own differs)."""
        return self._ops.clip(0.2 * self._f(x) + 0.5, 0.0, 1.0)

    def tanh(self, x: Any) -> Any:
        """Return the hyperbolic tangent."""
        return self._ops.tanh(self._f(x))

    def l2_normalize(self, x: Any, axis: Any = None) -> Any:
        """Return x divided by its length along an axis."""
        x = self._f(x)
        total = self._ops.sum(self._ops.square(x), axis=axis, keepdims=True)
        return x * self._ops.rsqrt(self._ops.maximum(total, 1e-12))

    def in_top_k(self, predictions: Any, targets: Any, k: int) -> Any:
        """Return whether each target is among the k highest predictions."""
        targets = self._ops.cast(self._t(targets), "int32")
        return self._ops.in_top_k(targets, self._f(predictions), k)

    def dropout(self, x: Any, level: float, noise_shape: Any = None, seed: Any = None) -> Any:
        """Return x with a share `level` set to 0 and the rest scaled up."""
        return self._keras.random.dropout(self._f(x), level, noise_shape=noise_shape, seed=seed)

    def bias_add(self, x: Any, bias: Any, data_format: Any = None) -> Any:
        """Return x plus a bias over its channels (or over all axes but the batch)."""
        x, bias = self._t(x), self._t(bias)
        rank, first = self._rank(x), self._channels_first(data_format)
        sizes = list(bias.shape)
        if len(sizes) not in (1, rank - 1):
            raise ValueError(
                f"The bias has {len(sizes)} axes; for {rank} axes of x it needs 1 or {rank - 1}."
            )
        if first and rank > 2:
            sizes = [sizes[-1], *sizes[:-1]]
            if len(bias.shape) > 1:
                order = [len(bias.shape) - 1, *range(len(bias.shape) - 1)]
                bias = self._ops.transpose(bias, order)
            sizes += [1] * (rank - 1 - len(sizes))
        return x + self._ops.reshape(bias, [1] * (rank - len(sizes)) + sizes)

    def batch_normalization(
        self,
        x: Any,
        mean: Any,
        var: Any,
        beta: Any,
        gamma: Any,
        axis: int = -1,
        epsilon: float = 1e-3,
    ) -> Any:
        """Return (x - mean) / sqrt(var + epsilon) · gamma + beta."""
        x = self._f(x)
        mean, var = (self._along(self._t(p), x, axis) for p in (mean, var))
        scale, shift = (
            None if p is None else self._along(self._t(p), x, axis) for p in (gamma, beta)
        )
        found = (x - mean) * self._ops.rsqrt(var + epsilon)
        found = found if scale is None else found * scale
        return found if shift is None else found + shift

    def _along(self, part: Any, x: Any, axis: int) -> Any:
        """Shape a vector so that it lies along an axis of x."""
        if self._rank(part) != 1 or self._rank(x) == 1:
            return part
        sizes = [1] * self._rank(x)
        sizes[axis] = -1
        return self._ops.reshape(part, sizes)

    def normalize_batch_in_training(
        self, x: Any, gamma: Any, beta: Any, reduction_axes: Any, epsilon: float = 1e-3
    ) -> tuple[Any, Any, Any]:
        """Return x normalized by its own mean and variance, the mean, the variance."""
        x, axes = self._f(x), list(reduction_axes)
        mean = self._ops.mean(x, axis=axes, keepdims=True)
        var = self._ops.var(x, axis=axes, keepdims=True)
        found = (x - mean) * self._ops.rsqrt(var + epsilon)
        sizes = list(mean.shape)
        if gamma is not None:
            found = found * self._ops.reshape(self._t(gamma), sizes)
        if beta is not None:
            found = found + self._ops.reshape(self._t(beta), sizes)
        return found, self._ops.squeeze(mean, axes), self._ops.squeeze(var, axes)

    def categorical_crossentropy(
        self, target: Any, output: Any, from_logits: bool = False, axis: int = -1
    ) -> Any:
        """Return the cross entropy of one-hot targets."""
        target, output = self._f(target), self._f(output)
        return self._ops.categorical_crossentropy(target, output, from_logits, axis)

    def sparse_categorical_crossentropy(
        self, target: Any, output: Any, from_logits: bool = False, axis: int = -1
    ) -> Any:
        """Return the cross entropy of targets given as class numbers."""
        target = self._ops.cast(self._t(target), "int32")
        return self._ops.sparse_categorical_crossentropy(target, self._f(output), from_logits, axis)

    def binary_crossentropy(self, target: Any, output: Any, from_logits: bool = False) -> Any:
        """Return the cross entropy of yes or no, element by element."""
        target, output = self._f(target), self._f(output)
        return self._ops.binary_crossentropy(target, output, from_logits)

    def binary_focal_crossentropy(
        self,
        target: Any,
        output: Any,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
    ) -> Any:
        """Return the cross entropy times (1 - p)^gamma (Lin et al., arXiv:1708.02002)."""
        target, output = self._f(target), self._f(output)
        if from_logits:
            output = self._ops.sigmoid(output)
        right = target * output + (1 - target) * (1 - output)
        found = self._ops.power(1 - right, gamma) * self._ops.binary_crossentropy(target, output)
        if apply_class_balancing:
            found = found * (target * alpha + (1 - target) * (1 - alpha))
        return found

    def categorical_focal_crossentropy(
        self,
        target: Any,
        output: Any,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        axis: int = -1,
    ) -> Any:
        """Return alpha · (1 - p)^gamma times the cross entropy, summed over the classes."""
        target, output = self._f(target), self._f(output)
        if from_logits:
            output = self._ops.softmax(output, axis=axis)
        output = output / self._ops.sum(output, axis=axis, keepdims=True)
        small = self._keras.config.epsilon()
        output = self._ops.clip(output, small, 1 - small)
        weight = alpha * self._ops.power(1 - output, gamma)
        return self._ops.sum(-weight * target * self._ops.log(output), axis=axis)

    def switch(self, condition: Any, then_expression: Any, else_expression: Any) -> Any:
        """Return one of two tensors (or of what two functions return), or of each the parts.

        The condition is a number, or one for each sample, or for each element.
        """
        then, other = (
            self._t(e() if callable(e) else e) for e in (then_expression, else_expression)
        )
        chosen = self._ops.cast(self._t(condition), "bool")
        while self._rank(chosen) not in (0, self._rank(then)):
            chosen = self._ops.expand_dims(chosen, -1)
        return self._ops.where(chosen, then, other)

    def in_train_phase(self, x: Any, alt: Any, training: Any = None) -> Any:
        """Return x (or what it returns) if `training`, else `alt`. Default: not training."""
        chosen = x if training in (1, True) else alt
        return chosen() if callable(chosen) else chosen

    def in_test_phase(self, x: Any, alt: Any, training: Any = None) -> Any:
        """Return x (or what it returns) unless `training`."""
        return self.in_train_phase(alt, x, training=training)

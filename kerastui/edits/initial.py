"""Which initializer a layer's weight has, by the layer's configuration."""

from __future__ import annotations

from dataclasses import replace

from ..errors import BadEdit
from ..model import Layer, Weight, safe_text
from ..model.dialects import in_todays_words, is_keras1
from ..model.known_layers import base_class, is_known
from .initializers import Axes, Initializer, named

_SETTINGS = {
    "W": "kernel", "U": "recurrent", "b": "bias", "running_mean": "moving_mean",
    "running_std": "moving_variance", "alphas": "alpha", "depthwise_kernel": "depthwise",
    "pointwise_kernel": "pointwise", "recurrent_kernel": "recurrent",
}  # fmt: skip
_USUAL = {
    "kernel": "glorot_uniform", "recurrent": "orthogonal", "bias": "zeros", "gamma": "ones",
    "beta": "zeros", "moving_mean": "zeros", "moving_variance": "ones", "embeddings": "uniform",
    "depthwise": "glorot_uniform", "pointwise": "glorot_uniform", "alpha": "zeros",
}  # fmt: skip
_LSTMS = ("LSTM", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "CuDNNLSTM")
_ATTENTION = ("MultiHeadAttention", "GroupedQueryAttention", "GroupQueryAttention")


def initializer_of(layer: Layer, weight: Weight) -> Initializer:
    """Return the initializer of a layer's weight, by its configuration.

    Where the file states none (weights only), the one that Keras gives such a weight by
    default. Raises BadEdit for weights that have none (counters, seeds, weights of custom
    layers with settings of their own), and for initializers that are not Keras's.
    """
    short = weight.name.rpartition("/")[2]
    setting = _setting(layer, short)
    config = in_todays_words(layer.class_name, layer.config)
    usual = _USUAL.get(setting) if _is_keras_layer(layer) else None
    found = named(config.get(f"{setting}_initializer", usual))
    if found is None or not _fits(found, weight.shape):
        what = safe_text(f"{layer.path}/{weight.name}", 200)
        raise BadEdit(
            f"kerastui does not know how Keras initializes {what} of {layer.class_name}; "
            "give an expression instead."
        )
    if found.form == "scaled" and found.axes is None:
        found = replace(found, axes=_axes(layer, weight))
    if setting == "bias":
        found = replace(found, ones=_forget_gate(layer, short, weight.shape))
    return found


def _is_keras_layer(layer: Layer) -> bool:
    """Whether its defaults are Keras's; a file of weights only states no classes."""
    name = layer.class_name
    return not name or is_known(base_class(name)) or is_keras1(name, layer.config)


def _setting(layer: Layer, short: str) -> str:
    if layer.class_name == "Embedding" and short == "W":
        return "embeddings"
    if len(short) == 3 and short[:2] in ("W_", "U_", "b_"):  # Keras 1: an array a gate
        short = short[0]
    if layer.class_name.startswith("DepthwiseConv") and short == "kernel":
        return "depthwise"  # as Keras 3 calls it in legacy files
    return _SETTINGS.get(short, short)


def _fits(initializer: Initializer, shape: tuple[int, ...]) -> bool:
    if initializer.form == "orthogonal":
        return len(shape) >= 2
    return initializer.form != "identity" or len(shape) == 2


def _axes(layer: Layer, weight: Weight) -> Axes | None:
    """Return the axes of an EinsumDense kernel, which Keras 3 counts by the equation."""
    rank = len(weight.shape)
    if layer.class_name in _ATTENTION and rank == 3 and weight.name.endswith("/kernel"):
        # abc,cde->abde for query, key and value; abcd,cde->abe for the output
        cut = rank - 1 if weight.name == "attention_output/kernel" else 1
        return tuple(range(cut)), tuple(range(cut, rank))
    equation = layer.config.get("equation")
    if layer.class_name != "EinsumDense" or not isinstance(equation, str):
        return None
    left, _, output = equation.replace(" ", "").partition("->")
    letters = left.partition(",")[2]
    if len(letters) != rank:
        return None
    inputs = tuple(i for i, letter in enumerate(letters) if letter not in output)
    return inputs, tuple(i for i, letter in enumerate(letters) if letter in output)


def _forget_gate(layer: Layer, short: str, shape: tuple[int, ...]) -> tuple[int, int] | None:
    """Return which elements of an LSTM's bias begin as one (``unit_forget_bias``).

    The gates are input, forget, cell, output; CuDNNLSTM has two biases a gate.
    """
    if layer.class_name not in _LSTMS or len(shape) != 1:
        return None
    if short == "b_f":  # Keras 1
        return (0, shape[0]) if layer.config.get("forget_bias_init", "one") == "one" else None
    if short != "bias" or layer.config.get("unit_forget_bias", True) is not True:
        return None
    gates, place = (8, 5) if layer.class_name == "CuDNNLSTM" else (4, 1)
    units = shape[0] // gates
    return place * units, (place + 1) * units

"""The rules of translation, as data: what is called how, and what no longer exists.

Sources: the constructors in ``keras/src`` (3.15) and ``tf_keras/src`` (2.21), from which
``settings.json`` was made; Keras 1.2.2's layers and ``preprocess_weights_for_loading`` in
Keras 2.0; FORMATS.md's list of repairs, each tried on real files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

Dialect = Literal["keras3", "tf_keras"]


@cache
def _settings(dialect: Dialect) -> Mapping[str, Any]:
    text = Path(__file__).with_name("settings.json").read_text("utf-8")
    return json.loads(text)[dialect]


@cache
def layer_settings(dialect: Dialect, class_name: str) -> frozenset[str] | None:
    """Return the settings that a class's constructor takes; None for a class not in Keras."""
    table = _settings(dialect)
    own = table["layers"].get(class_name)
    if own is None or class_name in table["exact"]:
        return None if own is None else frozenset(own)
    return frozenset(own) | frozenset(table["every_layer"])


def optimizer_settings(dialect: Dialect, class_name: str) -> frozenset[str] | None:
    """Return the settings that an optimizer takes; None for one that is not in Keras."""
    own = _settings(dialect)["optimizers"].get(class_name)
    return None if own is None else frozenset(own)


@cache
def optimizer_named(dialect: Dialect, name: str) -> str | None:
    """Return the optimizer that a name in any era's spelling stands for."""
    plain = name.rpartition(">")[2].lower().removeprefix("experimental")
    return next((c for c in _settings(dialect)["optimizers"] if c.lower() == plain), None)


CLASSES_OF_KERAS_1 = {
    "Convolution1D": "Conv1D", "Convolution2D": "Conv2D", "Convolution3D": "Conv3D",
    "AtrousConvolution1D": "Conv1D", "AtrousConvolution2D": "Conv2D",
    "Deconvolution2D": "Conv2DTranspose", "Deconvolution3D": "Conv3DTranspose",
    "SeparableConvolution2D": "SeparableConv2D", "TimeDistributedDense": "Dense",
}  # fmt: skip
OLD_CLASSES = {
    "Model": "Functional", "Container": "Functional",
    "BatchNormalizationV1": "BatchNormalization", "BatchNormalizationV2": "BatchNormalization",
    "SyncBatchNormalization": "BatchNormalization",
    "CuDNNLSTM": "LSTM", "CuDNNGRU": "GRU",
}  # fmt: skip
GONE = frozenset({"Highway", "MaxoutDense", "LocallyConnected1D", "LocallyConnected2D"})
"""Classes that Keras 3 no longer has."""
MERGES = {
    "concat": "Concatenate", "sum": "Add", "mul": "Multiply", "ave": "Average",
    "max": "Maximum", "dot": "Dot", "cos": "Dot",
}  # fmt: skip
"""Keras 1's ``Merge(mode=…)`` and the layer that does it since Keras 2."""

INITIALIZERS_OF_KERAS_1 = {
    "zero": "zeros", "one": "ones", "normal": "random_normal", "uniform": "random_uniform",
}  # fmt: skip

RECURRENT = frozenset({"LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "ConvLSTM1D",
                       "ConvLSTM2D", "ConvLSTM3D"})  # fmt: skip

MODULES = {
    "initializer": "keras.initializers", "regularizer": "keras.regularizers",
    "constraint": "keras.constraints",
}  # fmt: skip
"""End of a setting's name → where the class of its value lives in Keras 3."""

LONG_NAMES = {
    "mse": "mean_squared_error", "MSE": "mean_squared_error", "mae": "mean_absolute_error",
    "MAE": "mean_absolute_error", "mape": "mean_absolute_percentage_error",
    "MAPE": "mean_absolute_percentage_error", "msle": "mean_squared_logarithmic_error",
    "MSLE": "mean_squared_logarithmic_error", "bce": "binary_crossentropy",
    "BCE": "binary_crossentropy", "kld": "kl_divergence", "KLD": "kl_divergence",
    "kullback_leibler_divergence": "kl_divergence", "cosine_proximity": "cosine_similarity",
    "cosine": "cosine_similarity",
}  # fmt: skip
"""Short names of losses and metrics that Keras 3.15 cannot read back from HDF5."""

NUMPY, NN = "keras.src.ops.numpy", "keras.src.ops.nn"
OPERATORS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "__operators__.add": (NUMPY, "Add", ("x", "y")), "math.add": (NUMPY, "Add", ("x", "y")),
    "math.multiply": (NUMPY, "Multiply", ("x", "y")),
    "math.subtract": (NUMPY, "Subtract", ("x", "y")),
    "math.truediv": (NUMPY, "TrueDivide", ("x", "y")),
    "math.divide": (NUMPY, "Divide", ("x", "y")),
    "math.floordiv": (NUMPY, "FloorDivide", ("x", "y")),
    "math.maximum": (NUMPY, "Maximum", ("x", "y")), "math.minimum": (NUMPY, "Minimum", ("x", "y")),
    "math.pow": (NUMPY, "Power", ("x", "y")), "linalg.matmul": (NUMPY, "Matmul", ("a", "b")),
    "math.abs": (NUMPY, "Absolute", ("x",)), "math.negative": (NUMPY, "Negative", ("x",)),
    "math.exp": (NUMPY, "Exp", ("x",)), "math.log": (NUMPY, "Log", ("x",)),
    "math.sqrt": (NUMPY, "Sqrt", ("x",)), "math.square": (NUMPY, "Square", ("x",)),
    "math.sin": (NUMPY, "Sin", ("x",)), "math.cos": (NUMPY, "Cos", ("x",)),
    "math.tanh": (NUMPY, "Tanh", ("x",)), "math.sign": (NUMPY, "Sign", ("x",)),
    "math.floor": (NUMPY, "Floor", ("x",)), "math.reduce_mean": (NUMPY, "Mean", ("input_tensor",)),
    "math.reduce_sum": (NUMPY, "Sum", ("input_tensor",)),
    "math.reduce_max": (NUMPY, "Max", ("input_tensor",)),
    "math.reduce_min": (NUMPY, "Min", ("input_tensor",)),
    "math.reduce_prod": (NUMPY, "Prod", ("input_tensor",)),
    "nn.relu": (NN, "Relu", ("features",)), "nn.relu6": (NN, "Relu6", ("features",)),
    "math.sigmoid": (NN, "Sigmoid", ("x",)), "nn.softmax": (NN, "Softmax", ("logits",)),
    "math.softplus": (NN, "Softplus", ("features",)),
    "nn.softplus": (NN, "Softplus", ("features",)),
    "nn.elu": (NN, "Elu", ("features",)), "nn.selu": (NN, "Selu", ("features",)),
    "concat": (NUMPY, "Concatenate", ("values",)), "stack": (NUMPY, "Stack", ("values",)),
    "expand_dims": (NUMPY, "ExpandDims", ("input",)), "squeeze": (NUMPY, "Squeeze", ("input",)),
    "reshape": (NUMPY, "Reshape", ("tensor",)), "transpose": (NUMPY, "Transpose", ("a",)),
}  # fmt: skip
"""TensorFlow's operator (``TFOpLambda``) → Keras 3's operation: module, class, and the names
of the arguments that are tensors, first to last."""
OPERATION_SETTINGS = {
    "axis": "axis", "keepdims": "keepdims", "keep_dims": "keepdims", "shape": "newshape",
    "perm": "axes",
}  # fmt: skip
"""Further arguments of an operator → the setting of Keras 3's operation."""

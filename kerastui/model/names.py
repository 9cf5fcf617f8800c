"""Which layer names Keras made up, and which ones a person chose."""

from __future__ import annotations

import re
from functools import lru_cache

_COUNTER = r"(_v[12])?(_\d+)?\Z"
_OPERATION = re.compile(r"(tf|keras|tfp|tf_op_layer)[._][A-Za-z_][\w./]*\Z")
_KERAS_TENSOR = re.compile(r"keras_tensor(_\d+)?(CLONE)*\Z")
_FIRST_LAYER_INPUT = re.compile(r"(?P<layer>.+)_input(_\d+)?\Z")
_OPERATION_CLASSES = frozenset(
    {"TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer", "ClassMethod", "InstanceMethod",
     "InstanceProperty"}
)  # fmt: skip
_MODEL_BASES = frozenset({"model", "functional", "sequential"})
_MODEL_CLASSES = frozenset({"Model", "Functional", "Sequential", "Container", "Graph"})
_INPUT_BASES = frozenset({"input", "input_layer"})


def to_snake_case(class_name: str) -> str:
    """Return Keras's own snake case of a class name.

    The rule of ``keras.src.utils.naming.to_snake_case`` (the same in tf_keras):
    ``Conv2DTranspose`` → ``conv2d_transpose``, ``PReLU`` → ``p_re_lu``.
    """
    name = re.sub(r"\W+", "", class_name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def _older_snake_case(class_name: str) -> str:
    """The rule up to TensorFlow 2.12, in which ConvLSTM2D became ``conv_lst_m2d``."""
    name = re.sub("(.)([A-Z][a-z0-9]+)", r"\1_\2", class_name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def is_auto_named(name: str, class_name: str) -> bool:
    """Tell whether Keras made up the name of a layer of this class.

    Keras of every era names a layer after its class with a counter (``conv2d_17``; Keras 1
    without underscores: ``maxpooling2d_1``). Bidirectional prefixes ``forward_`` and
    ``backward_``, operator layers are called after the operator, and a Sequential's input
    after its first layer (``dense_1_input``). A name that a person gave and that looks
    exactly like one of these cannot be told apart.
    """
    if len(name) > 200 or len(class_name) > 200:
        return False
    class_name = class_name.rpartition(">")[2]
    if class_name in _OPERATION_CLASSES and _OPERATION.match(name):
        return True
    if class_name == "InputLayer":
        return _is_auto_input(name)
    for prefix in ("forward_", "backward_"):
        if name.startswith(prefix) and _own_names(class_name).match(name[len(prefix) :]):
            return True
    return _own_names(class_name).match(name) is not None


@lru_cache(maxsize=512)
def _own_names(class_name: str) -> re.Pattern[str]:
    """The names that Keras gives to layers of this class."""
    bases = {to_snake_case(class_name), _older_snake_case(class_name), class_name.lower()}
    if class_name.startswith("_"):
        bases.add("private" + to_snake_case(class_name))
    if class_name in _MODEL_CLASSES:
        bases |= _MODEL_BASES
    alternatives = "|".join(re.escape(base) for base in sorted(bases) if base)
    return re.compile(f"(?:{alternatives or '(?!)'})" + _COUNTER)


def _is_auto_input(name: str) -> bool:
    if re.match(f"(?:{'|'.join(_INPUT_BASES)})" + _COUNTER, name) or _KERAS_TENSOR.match(name):
        return True
    derived = _FIRST_LAYER_INPUT.match(name)
    return derived is not None and _named_after_any_class(derived["layer"])


@lru_cache(maxsize=64)
def _named_after_any_class(name: str) -> bool:
    """Whether the name is one that Keras gives to a layer of some standard class."""
    from .known_layers import class_names

    base = re.sub(_COUNTER, "", name)
    return any(base in (to_snake_case(c), c.lower()) for c in class_names())

"""Which layer names Keras made up, and which ones a person chose.

Asked once for every layer before the first frame: plain string work, no pattern per class.
"""

from __future__ import annotations

import re
from functools import lru_cache

_COUNTER = re.compile(r"_[0-9]+\Z")
_OPERATION = re.compile(r"(tf|keras|tfp|tf_op_layer)[._][A-Za-z_][\w./]*\Z")
_OPERATION_CLASSES = frozenset(
    {"TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer", "ClassMethod", "InstanceMethod",
     "InstanceProperty"}
)  # fmt: skip
_MODEL_BASES = frozenset({"model", "functional", "sequential"})
_MODEL_CLASSES = frozenset({"Model", "Functional", "Sequential", "Container", "Graph"})
_INPUT_BASES = frozenset({"input", "input_layer", "keras_tensor"})
_DIRECTIONS = ("forward_", "backward_")
_MAX_LENGTH = 200


def to_snake_case(class_name: str) -> str:
    """Return Keras's own snake case of a class name.

    The rule of ``keras.src.utils.naming.to_snake_case`` (the same in tf_keras):
    ``Conv2DTranspose`` → ``conv2d_transpose``, ``PReLU`` → ``p_re_lu``.
    """
    name = re.sub(r"\W+", "", class_name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def _older_snake_case(class_name: str) -> str:
    """The rule up to about TensorFlow 2.4, in which ConvLSTM2D became ``conv_lst_m2d``."""
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
    if not 0 < len(name) <= _MAX_LENGTH or len(class_name) > _MAX_LENGTH:
        return False
    class_name = class_name.rpartition(">")[2]
    if class_name in _OPERATION_CLASSES and _OPERATION.match(name):
        return True
    base = _without_counter(name)
    if class_name == "InputLayer":
        return _is_auto_input(base)
    bases = _bases(class_name)
    if base in bases:
        return True
    return base.startswith(_DIRECTIONS) and base.partition("_")[2] in bases


def _without_counter(name: str) -> str:
    return _COUNTER.sub("", name)


@lru_cache(maxsize=512)
def _bases(class_name: str) -> frozenset[str]:
    """The names that Keras gives to layers of this class, without their counters."""
    if not class_name:
        return frozenset()
    plain = {to_snake_case(class_name), _older_snake_case(class_name), class_name.lower()}
    if class_name.startswith("_"):
        plain.add("private" + to_snake_case(class_name))
    if class_name in _MODEL_CLASSES:
        plain |= _MODEL_BASES
    # TensorFlow 1 called its classes BatchNormalizationV1 and wrote them without the V1
    return frozenset(plain | {base + version for base in plain for version in ("_v1", "_v2")})


def _is_auto_input(base: str) -> bool:
    if _without_counter(base.removesuffix("CLONE")) in _INPUT_BASES:
        return True
    layer, ending, _ = base.rpartition("_input")
    return bool(ending) and base.endswith("_input") and _named_after_any_class(layer)


@lru_cache(maxsize=64)
def _named_after_any_class(name: str) -> bool:
    """Whether the name is one that Keras gives to a layer of some standard class."""
    from .known_layers import class_names

    base = _without_counter(name)
    return any(base in (to_snake_case(c), c.lower()) for c in class_names())

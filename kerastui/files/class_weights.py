"""Which weights the classes of Keras have: names, order, trainable or not, shapes as far known.

The order is Keras's own for an unfrozen layer: trainable first, then the rest. The names are
those of Keras 2 and 3; what Keras 1 named otherwise (``W``, ``b``) comes from the file.
After the ``build`` methods in ``keras/src/layers`` (3.15) and ``tf_keras/src/layers`` (2.21).
"""

from __future__ import annotations

from typing import NamedTuple

from ..model.names import to_snake_case
from .weight_specs import (
    Config,
    Pattern,
    Rule,
    Spec,
    convolution_rule,
    dense_rule,
    depthwise_rule,
    einsum_rule,
    is_on,
    kernel_sizes,
    locally_connected_rule,
    numbered,
    separable_rule,
    whole_number,
)

_NONE_TEXT = """
    InputLayer Activation ActivityRegularization Add AlphaDropout Average AveragePooling1D
    AveragePooling2D AveragePooling3D CategoryEncoding CenterCrop Concatenate Cropping1D
    Cropping2D Cropping3D Dot Dropout ELU Flatten GaussianDropout GaussianNoise
    GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalMaxPooling1D
    GlobalMaxPooling2D GlobalMaxPooling3D Identity Lambda LeakyReLU Masking MaxPooling1D
    MaxPooling2D MaxPooling3D Maximum Minimum Multiply Permute ReLU RepeatVector Rescaling
    Reshape Resizing Softmax SpatialDropout1D SpatialDropout2D SpatialDropout3D Subtract
    ThresholdedReLU UnitNormalization UpSampling1D UpSampling2D UpSampling3D ZeroPadding1D
    ZeroPadding2D ZeroPadding3D TFOpLambda SlicingOpLambda Merge RandomFlip RandomRotation
    RandomZoom RandomTranslation RandomCrop RandomContrast RandomBrightness Hashing
    Bidirectional TimeDistributed RNN StackedRNNCells Sequential Functional Model
"""
_NONE = frozenset(_NONE_TEXT.split())
"""Classes without weights of their own (what they wrap may have some)."""


def expected(base: str, config: Config, rows_inside: bool) -> list[Spec] | None:
    """Return the weights of a layer of class `base` itself; None for an unknown class.

    `rows_inside` says that what it wraps is described by rows of its own.
    """
    if base in _NONE:
        return []
    rule = _RULES.get(base)
    if rule is None or (rows_inside and base not in _WRAPPERS):
        return None
    try:
        return rule(config)
    except (TypeError, ValueError, KeyError, IndexError):
        return None


def _batch_normalization(config: Config) -> list[Spec]:
    specs = [
        Spec("gamma", True, (None,)),
        Spec("beta", True, (None,)),
        Spec("moving_mean", False, (None,)),
        Spec("moving_variance", False, (None,)),
    ]
    off = [
        key for key, switch in (("gamma", "scale"), ("beta", "center")) if not is_on(config, switch)
    ]
    if config.get("renorm"):
        specs += [
            Spec(name, False, (None,)) for name in ("moving_stddev", "renorm_mean", "renorm_stddev")
        ]
    return [spec for spec in specs if spec.name not in off]


def _scale_and_center(config: Config) -> list[Spec]:
    specs = [Spec("gamma")] if is_on(config, "scale") or config.get("rms_scaling") else []
    return specs + (
        [Spec("beta")] if is_on(config, "center") and not config.get("rms_scaling") else []
    )


def _normalization(config: Config) -> list[Spec]:
    """Adapted statistics; given as numbers in the configuration there are no weights."""
    if config.get("mean") is not None:
        return []
    return [Spec("mean", False), Spec("variance", False), Spec("count", False, ())]


def _recurrent(gates: int, place: str = "cell/vars") -> Rule:
    def rule(config: Config) -> list[Spec]:
        units = whole_number(config, "units", "output_dim")
        if "inner_init" in config:  # Keras 1 keeps a kernel, a recurrent one and a bias a gate
            return [
                Spec(f"{kind}_{gate}", True, pattern)
                for gate in _GATES[gates]
                for kind, pattern in (("W", (None, units)), ("U", (units, units)), ("b", (units,)))
            ]
        wide = None if units is None else units * gates
        specs = [
            Spec("kernel", True, (None, wide), place),
            Spec("recurrent_kernel", True, (units, wide), place),
        ]
        bias: Pattern = (2, wide) if gates == 3 and config.get("reset_after") else (wide,)
        return specs + ([Spec("bias", True, bias, place)] if is_on(config, "use_bias") else [])

    return rule


_GATES = {1: ("",), 3: ("z", "r", "h"), 4: ("i", "c", "f", "o")}


def _simple_recurrent(place: str) -> Rule:
    plain = _recurrent(1, place)

    def rule(config: Config) -> list[Spec]:
        if "inner_init" not in config:
            return plain(config) or []
        units = whole_number(config, "output_dim")
        return [
            Spec("W", True, (None, units)),
            Spec("U", True, (units, units)),
            Spec("b", True, (units,)),
        ]

    return rule


def _cudnn(gates: int) -> Rule:
    def rule(config: Config) -> list[Spec]:
        units = whole_number(config, "units")
        wide = None if units is None else units * gates
        return [
            Spec("kernel", True, (None, wide)),
            Spec("recurrent_kernel", True, (units, wide)),
            Spec("bias", True, (None if wide is None else 2 * wide,)),
        ]

    return rule


def _conv_recurrent(rank: int) -> Rule:
    def rule(config: Config) -> list[Spec] | None:
        if "nb_filter" in config:
            return None
        filters, sizes = whole_number(config, "filters"), kernel_sizes(config, rank)
        wide = None if filters is None else filters * 4
        specs = [
            Spec("kernel", True, (*sizes, None, wide), "cell/vars"),
            Spec("recurrent_kernel", True, (*sizes, filters, wide), "cell/vars"),
        ]
        return specs + (
            [Spec("bias", True, (wide,), "cell/vars")] if is_on(config, "use_bias") else []
        )

    return rule


def _multi_head(config: Config) -> list[Spec]:
    bias = is_on(config, "use_bias")
    specs: list[Spec] = []
    for part, group in (
        ("query", "query_dense"), ("key", "key_dense"), ("value", "value_dense"),
        ("attention_output", "output_dense"),
    ):  # fmt: skip
        specs.append(Spec(f"{part}/kernel", True, None, f"{group}/vars"))
        if bias:
            specs.append(Spec(f"{part}/bias", True, None, f"{group}/vars"))
    return specs


def _attention(config: Config) -> list[Spec]:
    specs = [Spec("scale", True, ())] if config.get("use_scale") else []
    if config.get("score_mode") == "concat":
        specs.append(Spec("concat_score_weight", True, ()))
    return specs


def _fixed(*specs: Spec) -> Rule:
    return lambda config: list(specs)


def _rules() -> dict[str, Rule]:
    dense = dense_rule
    rules: dict[str, Rule] = {
        "Dense": dense, "TimeDistributedDense": dense, "EinsumDense": einsum_rule,
        "Embedding": lambda c: [
            Spec("embeddings", True, (whole_number(c, "input_dim"), whole_number(c, "output_dim")))
        ],
        "BatchNormalization": _batch_normalization, "SyncBatchNormalization": _batch_normalization,
        "BatchNormalizationV1": _batch_normalization, "BatchNormalizationV2": _batch_normalization,
        "LayerNormalization": _scale_and_center, "GroupNormalization": _scale_and_center,
        "RMSNormalization": _fixed(Spec("scale")), "Normalization": _normalization,
        "PReLU": _fixed(Spec("alpha")),
        "SimpleRNN": _simple_recurrent("cell/vars"), "SimpleRNNCell": _simple_recurrent("vars"),
        "GRU": _recurrent(3), "GRUCell": _recurrent(3, "vars"),
        "LSTM": _recurrent(4), "LSTMCell": _recurrent(4, "vars"),
        "CuDNNGRU": _cudnn(3), "CuDNNLSTM": _cudnn(4),
        "MultiHeadAttention": _multi_head, "GroupQueryAttention": _multi_head,
        "Attention": _attention,
        "AdditiveAttention": lambda c: [Spec("scale")] if is_on(c, "use_scale") else [],
        "Highway": _fixed(Spec("W"), Spec("W_carry"), Spec("b"), Spec("b_carry")),
        "MaxoutDense": _fixed(Spec("W"), Spec("b")),
        "SpectralNormalization": _fixed(Spec("vector_u", False, (1, None), number=1)),
        "Convolution1D": convolution_rule(1), "Convolution2D": convolution_rule(2),
        "Convolution3D": convolution_rule(3), "AtrousConvolution1D": convolution_rule(1),
        "AtrousConvolution2D": convolution_rule(2), "Deconvolution2D": convolution_rule(2, True),
        "Deconvolution3D": convolution_rule(3, True), "SeparableConvolution2D": separable_rule(2),
        "LocallyConnected1D": locally_connected_rule, "LocallyConnected2D": locally_connected_rule,
    }  # fmt: skip
    for rank in (1, 2, 3):
        rules[f"Conv{rank}D"] = convolution_rule(rank)
        rules[f"Conv{rank}DTranspose"] = convolution_rule(rank, True)
        rules[f"DepthwiseConv{rank}D"] = depthwise_rule(rank)
        rules[f"SeparableConv{rank}D"] = separable_rule(rank)
        rules[f"ConvLSTM{rank}D"] = _conv_recurrent(rank)
    return {
        name: (lambda config, rule=rule: None if (s := rule(config)) is None else _order(s))
        for name, rule in rules.items()
    }


def _order(specs: list[Spec]) -> list[Spec]:
    return specs if any(spec.number for spec in specs) else numbered(specs)


class KnownClass(NamedTuple):
    """A class of Keras that a group in a weights file is called after."""

    name: str
    folds: bool
    """Whether all below the group are weights of this one layer."""


def known_class(snake: str) -> KnownClass | None:
    """Return the class whose snake-case name is `snake` (``conv2d_transpose``)."""
    if not _BY_SNAKE:
        names = [*_RULES, *_NONE]
        _BY_SNAKE.update((to_snake_case(name), name) for name in names if name not in _KERAS_1)
    name = _BY_SNAKE.get(snake)
    if name is None:
        return None
    return KnownClass(name, name in _RULES and name not in _WRAPPERS)


_BY_SNAKE: dict[str, str] = {}
_KERAS_1 = frozenset({"Merge", "Model", "TimeDistributedDense", "Highway", "MaxoutDense"})
_WRAPPERS = frozenset({"SpectralNormalization"})
_RULES = _rules()

"""Which weights the classes of Keras have: names, order, trainable or not, shapes as far known.

The order is Keras's own for an unfrozen layer: trainable first, then the rest. The names are
those of Keras 2 and 3; what Keras 1 named otherwise (``W``, ``b``) comes from the file.
After the ``build`` methods in ``keras/src/layers`` (3.15) and ``tf_keras/src/layers`` (2.21).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..model.names import to_snake_case
from .entries import is_list

Pattern = tuple[int | None, ...]


class Spec(NamedTuple):
    """One weight that a layer of a known class has."""

    name: str
    trainable: bool = True
    pattern: Pattern | None = None
    """Its shape as far as the configuration tells, None for free axes; None: even the rank."""
    place: str = "vars"
    """The group in a ``.keras`` archive, relative to the layer's."""
    number: int = 0
    """The dataset's number in that group."""


Config = dict[str, Any]
Rule = Callable[[Config], "list[Spec] | None"]

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


def _numbered(specs: list[Spec]) -> list[Spec]:
    """Number the datasets of each group in order."""
    counts: dict[str, int] = {}
    result: list[Spec] = []
    for spec in specs:
        number = counts.get(spec.place, 0)
        result.append(spec if not number else Spec(*spec[:4], number))
        counts[spec.place] = number + 1
    return result


def _on(config: Config, *keys: str) -> bool:
    """Whether a switch such as ``use_bias`` is on (Keras's default for all of them)."""
    return all(bool(config.get(key, True)) for key in keys)


def _int(config: Config, *keys: str) -> int | None:
    value = next((config[key] for key in keys if config.get(key) is not None), None)
    return value if type(value) is int and value > 0 else None


def _sizes(config: Config, rank: int) -> Pattern:
    value = config.get("kernel_size", config.get("filter_length"))
    if is_list(value) and len(value) == rank and all(type(n) is int for n in value):
        return tuple(value)
    return (value,) * rank if type(value) is int else (None,) * rank


def _first_version(config: Config) -> bool:
    """Whether Keras 1 wrote the configuration: its kernels are laid out in other ways."""
    return any(key in config for key in ("nb_filter", "init", "W_regularizer", "border_mode"))


def _kernel(name: str, pattern: Pattern, config: Config) -> Spec:
    return Spec(name, True, (None,) * len(pattern) if _first_version(config) else pattern)


def _dense(config: Config) -> list[Spec]:
    units = _int(config, "units", "output_dim")
    specs = [Spec("kernel", True, (None, units))]
    return specs + ([Spec("bias", True, (units,))] if _on(config, "use_bias", "bias") else [])


def _einsum(config: Config) -> list[Spec]:
    bias = [Spec("bias")] if config.get("bias_axes") else []
    return [Spec("kernel"), *bias]


def _convolution(rank: int, transposed: bool = False) -> Rule:
    def rule(config: Config) -> list[Spec]:
        filters, sizes = _int(config, "filters", "nb_filter"), _sizes(config, rank)
        pattern = (*sizes, filters, None) if transposed else (*sizes, None, filters)
        if _first_version(config) and rank == 1:
            pattern = (None, None, None, None)
        specs = [_kernel("kernel", pattern, config)]
        bias = _on(config, "use_bias", "bias")
        return specs + ([Spec("bias", True, (filters,))] if bias else [])

    return rule


def _depthwise(rank: int) -> Rule:
    def rule(config: Config) -> list[Spec]:
        multiplier = _int(config, "depth_multiplier")
        pattern = (*_sizes(config, rank), None, multiplier)
        specs = [_kernel("depthwise_kernel", pattern, config)]
        return specs + ([Spec("bias", True, (None,))] if _on(config, "use_bias", "bias") else [])

    return rule


def _separable(rank: int) -> Rule:
    def rule(config: Config) -> list[Spec]:
        filters = _int(config, "filters", "nb_filter")
        multiplier = _int(config, "depth_multiplier")
        depth = (*_sizes(config, rank), None, multiplier)
        specs = [
            _kernel("depthwise_kernel", depth, config),
            _kernel("pointwise_kernel", ((1,) * rank) + (None, filters), config),
        ]
        bias = _on(config, "use_bias", "bias")
        return specs + ([Spec("bias", True, (filters,))] if bias else [])

    return rule


def _locally_connected(config: Config) -> list[Spec]:
    return [Spec("kernel")] + ([Spec("bias")] if _on(config, "use_bias", "bias") else [])


def _batch_normalization(config: Config) -> list[Spec]:
    specs = [
        Spec("gamma", True, (None,)),
        Spec("beta", True, (None,)),
        Spec("moving_mean", False, (None,)),
        Spec("moving_variance", False, (None,)),
    ]
    off = [
        key for key, switch in (("gamma", "scale"), ("beta", "center")) if not _on(config, switch)
    ]
    if config.get("renorm"):
        specs += [Spec("renorm_mean", False), Spec("renorm_stddev", False)]
    return [spec for spec in specs if spec.name not in off]


def _scale_and_center(config: Config) -> list[Spec]:
    specs = [Spec("gamma")] if _on(config, "scale") else []
    return specs + ([Spec("beta")] if _on(config, "center") else [])


def _normalization(config: Config) -> list[Spec]:
    """Adapted statistics; given as numbers in the configuration there are no weights."""
    if config.get("mean") is not None:
        return []
    return [Spec("mean", False), Spec("variance", False), Spec("count", False, ())]


def _recurrent(gates: int, place: str = "cell/vars") -> Rule:
    def rule(config: Config) -> list[Spec]:
        units = _int(config, "units", "output_dim")
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
        return specs + ([Spec("bias", True, bias, place)] if _on(config, "use_bias") else [])

    return rule


_GATES = {1: ("",), 3: ("z", "r", "h"), 4: ("i", "c", "f", "o")}


def _simple_recurrent(place: str) -> Rule:
    plain = _recurrent(1, place)

    def rule(config: Config) -> list[Spec]:
        if "inner_init" not in config:
            return plain(config) or []
        units = _int(config, "output_dim")
        return [
            Spec("W", True, (None, units)),
            Spec("U", True, (units, units)),
            Spec("b", True, (units,)),
        ]

    return rule


def _cudnn(gates: int) -> Rule:
    def rule(config: Config) -> list[Spec]:
        units = _int(config, "units")
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
        filters, sizes = _int(config, "filters"), _sizes(config, rank)
        wide = None if filters is None else filters * 4
        specs = [
            Spec("kernel", True, (*sizes, None, wide), "cell/vars"),
            Spec("recurrent_kernel", True, (*sizes, filters, wide), "cell/vars"),
        ]
        return specs + (
            [Spec("bias", True, (wide,), "cell/vars")] if _on(config, "use_bias") else []
        )

    return rule


def _multi_head(config: Config) -> list[Spec]:
    bias = _on(config, "use_bias")
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
    dense = _dense
    rules: dict[str, Rule] = {
        "Dense": dense, "TimeDistributedDense": dense, "EinsumDense": _einsum,
        "Embedding": lambda c: [
            Spec("embeddings", True, (_int(c, "input_dim"), _int(c, "output_dim")))
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
        "MultiHeadAttention": _multi_head, "Attention": _attention,
        "AdditiveAttention": lambda c: [Spec("scale")] if _on(c, "use_scale") else [],
        "Highway": _fixed(Spec("W"), Spec("W_carry"), Spec("b"), Spec("b_carry")),
        "MaxoutDense": _fixed(Spec("W"), Spec("b")),
        "SpectralNormalization": _fixed(Spec("vector_u", False, (1, None), number=1)),
        "Convolution1D": _convolution(1), "Convolution2D": _convolution(2),
        "Convolution3D": _convolution(3), "AtrousConvolution1D": _convolution(1),
        "AtrousConvolution2D": _convolution(2), "Deconvolution2D": _convolution(2, True),
        "Deconvolution3D": _convolution(3, True), "SeparableConvolution2D": _separable(2),
        "LocallyConnected1D": _locally_connected, "LocallyConnected2D": _locally_connected,
    }  # fmt: skip
    for rank in (1, 2, 3):
        rules[f"Conv{rank}D"] = _convolution(rank)
        rules[f"Conv{rank}DTranspose"] = _convolution(rank, True)
        rules[f"DepthwiseConv{rank}D"] = _depthwise(rank)
        rules[f"SeparableConv{rank}D"] = _separable(rank)
        rules[f"ConvLSTM{rank}D"] = _conv_recurrent(rank)
    return {
        name: (lambda config, rule=rule: None if (s := rule(config)) is None else _order(s))
        for name, rule in rules.items()
    }


def _order(specs: list[Spec]) -> list[Spec]:
    return specs if any(spec.number for spec in specs) else _numbered(specs)


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

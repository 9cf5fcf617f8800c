"""Hypothesis strategies for what a hostile file may hold."""

from __future__ import annotations

import unicodedata
from typing import Any

from hypothesis import strategies as st

HOSTILE = st.sampled_from(
    ["\x1b]0;pwned\x1b\\", "\x1b[2J", "\x9b31m", "a\nb", "\u202eevil", "[red]", "[/", "x" * 10_000]
)
KEYS = st.sampled_from(
    ["class_name", "config", "name", "fn", "loss", "metrics", "optimizer", "optimizer_config",
     "loss_weights", "weighted_metrics", "a", "b", "filters", "kernel_size", "units", "strides",
     "activation", "use_bias", "axis", "shared_axes", "equation", "bias_axes", "dtype", "groups",
     "dilation_rate", "batch_input_shape", "target_shape", "function", "function_type",
     "learning_rate", "inner_optimizer", "layer", "cell", "cells", "nb_filter", "nb_row", "nb_col",
     "border_mode", "rate", "pool_size", "module", "registered_name", "value", "code", "l1", "l2",
     "run_eagerly", "sample_weight_mode", "merge_mode", "mask_zero", "key_dim"]
)  # fmt: skip
NAMES = st.sampled_from(
    ["Adam", "Custom>Adam", "mse", "MeanMetricWrapper", "function", "__lambda__", "Dense", "L2",
     "VarianceScaling", "ExponentialDecay", "LossScaleOptimizer", "Policy", "__tensor__", ""]
)  # fmt: skip
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | HOSTILE
    | NAMES | st.just(10**4000) | st.just(-(10**400))
)  # fmt: skip
JSON: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(KEYS | st.text(max_size=5) | HOSTILE, inner, max_size=8)
    ),
    max_leaves=25,
)
OBJECTS: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    KEYS | st.text(max_size=5), JSON, max_size=12
)


def deep(levels: int) -> Any:
    """An object nested as deep as asked."""
    value: Any = "end"
    for i in range(levels):
        value = {"class_name": "Dense", "config": {"layer": value}} if i % 2 else [value]
    return value


def is_safe(text: str) -> bool:
    """Whether no terminal acts upon the text and nothing in it is invisible."""
    return all(unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp") for c in text) and not any(
        c in "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
        for c in text
    )

"""Keras 1's words for today's settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TODAY = {
    "W_constraint": "kernel_constraint", "W_regularizer": "kernel_regularizer",
    "U_regularizer": "recurrent_regularizer", "atrous_rate": "dilation_rate",
    "b_constraint": "bias_constraint", "b_regularizer": "bias_regularizer",
    "beta_init": "beta_initializer", "bias": "use_bias", "border_mode": "padding",
    "dim_ordering": "data_format",
    "dropout_U": "recurrent_dropout", "dropout_W": "dropout", "filter_length": "kernel_size",
    "gamma_init": "gamma_initializer", "init": "kernel_initializer",
    "inner_activation": "recurrent_activation", "inner_init": "recurrent_initializer",
    "length": "size", "nb_filter": "filters", "output_dim": "units", "p": "rate",
    "pool_length": "pool_size", "sigma": "stddev", "stride": "strides", "subsample": "strides",
    "subsample_length": "strides",
}  # fmt: skip
"""Keras 1 name → Keras 2 and 3 name, where the meaning is the same for every class."""

_OWN = {
    "Embedding": {"output_dim": "output_dim", "init": "embeddings_initializer",
                  "W_regularizer": "embeddings_regularizer",
                  "W_constraint": "embeddings_constraint", "dropout": "dropout"},
    "PReLU": {"init": "alpha_initializer"},
}  # fmt: skip
_MARKS = frozenset(
    {"nb_filter", "border_mode", "subsample", "dim_ordering", "inner_init", "inner_activation",
     "output_dim", "init", "W_regularizer", "b_regularizer", "p", "filter_length", "pool_length",
     "subsample_length", "beta_init", "gamma_init", "dropout_W", "atrous_rate"}
)  # fmt: skip


def todays_name(class_name: str, key: str, config: Mapping[str, Any]) -> str:
    """Return the name that a setting has today (its own name if it still has it).

    `config` decides whether the layer speaks Keras 1 at all: ``bias`` or ``length`` alone do
    not prove it, and ``output_dim`` of an Embedding is still called so.
    """
    own = _OWN.get(class_name, {})
    if key in own:
        return own[key]
    if key not in TODAY or not is_keras1(class_name, config):
        return key
    return TODAY[key]


def is_keras1(class_name: str, config: Mapping[str, Any]) -> bool:
    """Whether a layer's settings are in Keras 1's words."""
    marks = _MARKS.intersection(config)
    if class_name in ("Embedding", "ReversibleEmbedding"):
        marks = marks - {"output_dim"}
    return bool(marks)


def in_todays_words(class_name: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings under today's names; ``nb_row`` and ``nb_col`` become one."""
    if not is_keras1(class_name, config):
        return dict(config)
    renamed = {todays_name(class_name, key, config): value for key, value in config.items()}
    parts = ("kernel_dim1", "kernel_dim2", "kernel_dim3")
    for keys in (("nb_row", "nb_col"), parts):
        if all(key in config for key in keys):
            renamed["kernel_size"] = [config[key] for key in keys]
    return renamed

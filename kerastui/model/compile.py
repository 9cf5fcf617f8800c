"""The compile section of a model file: optimizer, losses, metrics, in every era's form."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FunctionName:
    """A loss, metric or optimizer as the file names it."""

    name: str
    custom: bool = False
    """True when today's Keras does not know the name: the user has to provide it."""
    settings: tuple[tuple[str, str], ...] = ()
    """Settings besides the name that differ from plain defaults, as (name, value) text."""


@dataclass(frozen=True)
class OutputCompile:
    """What one output of the model is trained with."""

    output: str
    loss: FunctionName | None
    loss_weight: float | None
    metrics: tuple[FunctionName, ...]
    weighted_metrics: tuple[FunctionName, ...] = ()


@dataclass(frozen=True)
class Compile:
    """The compile section. `outputs` has a row for each output of the model."""

    optimizer: FunctionName | None
    outputs: tuple[OutputCompile, ...]
    other: tuple[tuple[str, str], ...] = ()
    """Further settings that matter (sample_weight_mode, jit_compile …), as text."""
    has_optimizer_state: bool = False
    """Whether the file holds optimizer slots or an iteration count."""
    keyed: bool = False
    """Whether the model's outputs are a dictionary: the rows are its keys, not layers."""
    section: str = ""
    """The section itself as JSON, with the names that outputs have in the description; "" for
    one that is nested too deep to be edited."""

"""The edits of what an output is trained with: loss, its weight, metrics."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

from ..errors import BadEdit
from ..model import Compile, Model, safe_text
from .compile_base import edited, needs_full, output_place, parsed, shown
from .compile_forms import put, put_metrics
from .compile_parts import full_name
from .forms import Fields, form


@form("set_loss")
@dataclass(frozen=True)
class SetLoss:
    """Train an output with another loss."""

    output: str
    loss: str
    """As JSON: a name in quotes, an object as the file may hold it, or ``null`` for none."""

    @classmethod
    def named(cls, output: str, name: str | None) -> SetLoss:
        """Return the edit that gives an output the loss of this name."""
        return cls(output, json.dumps(name))

    def describe(self) -> str:
        """Say in a few words what the edit does."""
        return f"loss of {safe_text(self.output, 60)} = {shown(self.loss)}"

    def apply(self, model: Model) -> Model:
        """Return the model with this loss. Raises BadEdit."""

        def change(section: dict[str, Any], compiled: Compile) -> None:
            value = parsed(self.loss)
            _check_function(value, "A loss", optional=True)
            names, index = output_place(compiled, self.output)
            # Keras 3 cannot read its own HDF5 file with a short name in it.
            put(section, "loss", names, index, full_name(value) if needs_full(model) else value)

        return edited(model, change)

    def to_fields(self) -> dict[str, Any]:
        """Return the fields of its JSON object."""
        return {"output": self.output, "loss": json.loads(self.loss)}

    @classmethod
    def from_fields(cls, fields: Fields) -> SetLoss:
        """Return the edit of a JSON object. Raises BadEdit."""
        return cls(fields.text("output"), json.dumps(fields.value("loss")))

    def moved(self, to: Callable[[str], str]) -> SetLoss:
        """Return the same edit for a description in which layers have other paths."""
        return replace(self, output=to(self.output))


@form("set_loss_weight")
@dataclass(frozen=True)
class SetLossWeight:
    """Let an output's loss count so much in the sum of all."""

    output: str
    weight: float

    def describe(self) -> str:
        """Say in a few words what the edit does."""
        return f"loss weight of {safe_text(self.output, 60)} = {self.weight:g}"

    def apply(self, model: Model) -> Model:
        """Return the model with this weight. Raises BadEdit."""

        def change(section: dict[str, Any], compiled: Compile) -> None:
            _check_number(self.weight)
            names, index = output_place(compiled, self.output)
            put(section, "loss_weights", names, index, float(self.weight))

        return edited(model, change)

    def to_fields(self) -> dict[str, Any]:
        """Return the fields of its JSON object."""
        return {"output": self.output, "weight": self.weight}

    @classmethod
    def from_fields(cls, fields: Fields) -> SetLossWeight:
        """Return the edit of a JSON object. Raises BadEdit."""
        output, weight = fields.text("output"), fields.value("weight")
        if type(weight) not in (int, float):
            raise fields.wrong("weight", "a number")
        return cls(output, weight)

    def moved(self, to: Callable[[str], str]) -> SetLossWeight:
        """Return the same edit for a description in which layers have other paths."""
        return replace(self, output=to(self.output))


@form("set_metrics")
@dataclass(frozen=True)
class SetMetrics:
    """Compute other metrics for an output."""

    output: str
    metrics: tuple[str, ...]
    """Each as JSON: a name in quotes, or an object as the file may hold it."""
    weighted: bool = False
    """Whether it is about the metrics that sample weights count for."""

    @classmethod
    def named(cls, output: str, *names: str, weighted: bool = False) -> SetMetrics:
        """Return the edit that gives an output the metrics of these names."""
        return cls(output, tuple(json.dumps(name) for name in names), weighted)

    def describe(self) -> str:
        """Say in a few words what the edit does."""
        said = ", ".join(shown(metric) for metric in self.metrics[:5]) or "none"
        kind = "weighted metrics" if self.weighted else "metrics"
        return f"{kind} of {safe_text(self.output, 60)} = {said}"

    def apply(self, model: Model) -> Model:
        """Return the model with these metrics. Raises BadEdit."""

        def change(section: dict[str, Any], compiled: Compile) -> None:
            values = [parsed(metric) for metric in self.metrics]
            for value in values:
                _check_function(value, "A metric")
            key = "weighted_metrics" if self.weighted else "metrics"
            names, index = output_place(compiled, self.output)
            put_metrics(section, key, names, index, values, model.keras_version)

        return edited(model, change)

    def to_fields(self) -> dict[str, Any]:
        """Return the fields of its JSON object."""
        fields: dict[str, Any] = {"output": self.output}
        fields["metrics"] = [json.loads(metric) for metric in self.metrics]
        return {**fields, "weighted": True} if self.weighted else fields

    @classmethod
    def from_fields(cls, fields: Fields) -> SetMetrics:
        """Return the edit of a JSON object. Raises BadEdit."""
        output, metrics = fields.text("output"), fields.value("metrics")
        weighted = fields.value("weighted", False)
        if not isinstance(metrics, list):
            raise fields.wrong("metrics", "a list of names")
        if not isinstance(weighted, bool):
            raise fields.wrong("weighted", "true or false")
        return cls(output, tuple(json.dumps(m) for m in cast("list[object]", metrics)), weighted)

    def moved(self, to: Callable[[str], str]) -> SetMetrics:
        """Return the same edit for a description in which layers have other paths."""
        return replace(self, output=to(self.output))


def _check_function(value: object, what: str, *, optional: bool = False) -> None:
    if value is None and optional:
        return
    named = isinstance(value, str) and value.strip() == value and 0 < len(value) <= 200
    if named and cast(str, value).isprintable():
        return
    if isinstance(value, dict) and "class_name" in value:
        return
    if isinstance(value, list) and len(cast("list[object]", value)) == 1 and optional:
        return  # tf.keras may hold a loss in brackets; it can be taken back
    raise BadEdit(f"{what} is a name of at most 200 characters, not {shown(json.dumps(value))}.")


def _check_number(value: float) -> None:
    if type(value) not in (int, float) or not -1e30 < value < 1e30:
        raise BadEdit(f"A loss weight is a number, not {safe_text(value, 40)}.")

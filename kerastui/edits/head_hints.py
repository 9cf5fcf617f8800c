"""What a new head is trained with, and what does not fit it: hints, nothing is changed."""

from __future__ import annotations

from ..model import Model, safe_text
from ..model.names import to_snake_case
from .cutting import output_name
from .graph import output_of

_ONE_OF_MANY = frozenset({"categorical_crossentropy", "sparse_categorical_crossentropy",
                          "categorical_hinge", "categorical_focal_crossentropy",
                          "kl_divergence"})  # fmt: skip
_BINARY = frozenset({"binary_crossentropy", "binary_focal_crossentropy", "hinge",
                     "squared_hinge"})  # fmt: skip


def matching_loss(units: int, activation: str) -> str:
    """Return in a sentence which loss goes with a head."""
    if activation == "softmax":
        if units == 1:
            return "softmax of 1 unit is always 1; take sigmoid, or more units."
        return (
            "One of several classes: categorical_crossentropy (one-hot labels) or "
            "sparse_categorical_crossentropy (numbers)."
        )
    if activation in ("sigmoid", "hard_sigmoid"):
        what = "Yes or no" if units == 1 else "Several labels at once"
        return f"{what}: binary_crossentropy."
    if activation == "linear":
        return "Numbers: mean_squared_error; or logits, with a loss that has from_logits=True."
    return "Numbers: mean_squared_error, or whatever fits their range."


def head_warnings(before: Model, after: Model) -> tuple[str, ...]:
    """Return what of the compile section does not fit the model's new end, a sentence each."""
    structure = after.structure
    if structure is None or after.compile is None:
        return ()
    last = after.layers[-1]
    if not structure.made:
        return (
            f"The model now ends at {safe_text(output_name(after), 100)}, and its compile section "
            "was made for another output; compile it anew before training.",
        )
    units = last.config.get("units", last.config.get("output_dim"))
    activation = last.config.get("activation")
    losses = {_plain(row.loss.name) for row in after.compile.outputs if row.loss is not None}
    problem = _problem(losses, units, activation)
    if problem:
        return (f"The compile section's loss does not fit the new head: {problem}",)
    old = before.layers[output_of(before)].output_shape
    if losses and old is not None and old != last.output_shape:
        numbers = any("sparse" in loss for loss in losses)
        need = f"be numbers below {units}" if numbers else "be of that shape"
        return (
            f"The new head gives {last.output_shape} where {old} was; the labels have to {need}.",
        )
    return ()


def _problem(losses: set[str], units: object, activation: object) -> str:
    loss = next(iter(losses & _ONE_OF_MANY), "")
    if loss and units == 1:
        return f"{loss} needs a unit for each class, and there is 1; take binary_crossentropy."
    if loss and activation not in ("softmax", "linear"):
        return f"{loss} goes with softmax, not {safe_text(activation, 40)}."
    loss = next(iter(losses & _BINARY), "")
    if loss and activation == "softmax":
        return f"{loss} goes with sigmoid; for softmax take categorical_crossentropy."
    return ""


def _plain(name: str) -> str:
    """Return a loss's name as a function's: ``CategoricalCrossentropy`` is one as well."""
    return to_snake_case(name)

"""What a pattern would do to a model, counted: pure functions, fit for a thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kerastui.edits import match_layers
from kerastui.errors import BadEdit
from kerastui.model import Model, safe_text

Action = Literal["freeze", "unfreeze", "only"]


@dataclass(frozen=True)
class Question:
    """What is in the dialog at one moment."""

    pattern: str
    regex: bool
    class_name: bool
    action: Action


@dataclass(frozen=True)
class Count:
    """What `question` comes to."""

    question: Question
    indices: tuple[int, ...] = ()
    """Layers that match."""
    freezing: int = 0
    """Layers with weights, matching or inside matching ones, that would be frozen."""
    unfreezing: int = 0
    """The same for those that would be unfrozen."""
    parameters: int = 0
    """Parameters whose state would change."""
    trained: int = 0
    """Trainable parameters of the whole model afterwards."""
    total: int = 0
    problem: str = ""
    """A sentence, if the pattern is not valid."""


def count(model: Model, question: Question) -> Count:
    """Match and count. Never raises: an invalid pattern ends up in `Count.problem`."""
    try:
        indices = match_layers(
            model,
            question.pattern,
            regex=question.regex,
            class_name=question.class_name,
        )
    except BadEdit as error:
        return Count(question, problem=safe_text(error))
    chosen = bytearray(len(model.layers))
    for i in indices:
        end = model.layers[i].end
        chosen[i:end] = b"\x01" * (end - i)
    return _tally(model, question, indices, chosen)


def _tally(model: Model, question: Question, indices: tuple[int, ...], chosen: bytearray) -> Count:
    freezing = unfreezing = parameters = trained = 0
    target = question.action != "freeze"
    exactly = question.action == "only" and bool(indices)
    for layer, inside, now in zip(model.layers, chosen, model.effective, strict=True):
        if not layer.weights:
            continue
        after = bool(inside) if exactly else (target if inside else now)
        if after:
            trained += layer.trainable_parameters
        if after is not now:
            parameters += layer.trainable_parameters
            if after:
                unfreezing += 1
            else:
                freezing += 1
    total = model.parameters.total
    return Count(question, indices, freezing, unfreezing, parameters, trained, total)


def sentence(result: Count, has_flags: bool) -> str:
    """Say in one line how many layers match and what would become of them."""
    if not result.question.pattern:
        return "Type a pattern. It must match the whole name; * stands for anything."
    if not result.indices:
        return "No layer matches."
    matched = _layers(len(result.indices), "matches", "match")
    if not has_flags:
        return f"{matched}."
    changing = result.freezing + result.unfreezing
    if not changing:
        state = "frozen" if result.question.action == "freeze" else "trainable"
        exactly = "exactly these are" if result.question.action == "only" else "all are"
        return f"{matched}; {exactly} {state} already."
    will = f"{result.freezing:,} freeze, {result.unfreezing:,} unfreeze"
    if result.question.action == "freeze":
        will = f"{result.freezing:,} will freeze"
    elif result.question.action == "unfreeze":
        will = f"{result.unfreezing:,} will unfreeze"
    return f"{matched} · {will} · {result.parameters:,} parameters"


def _layers(number: int, singular: str, plural: str) -> str:
    return f"1 layer {singular}" if number == 1 else f"{number:,} layers {plural}"

"""What comes of a wish for a weight's new values or another dtype, found out by the clerk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

from kerastui.edits.dtypes import SIZES, Names, convertible
from kerastui.edits.weights import present_source
from kerastui.making.results import Loss, Made, Named, Recipe
from kerastui.making.words import loss_text, summary_text
from kerastui.model import ArraySource, Model, safe_text
from kerastui.model.figures import plural, weight_shape

from .weight_fields import MAX_SEED

Ask = Callable[..., Awaitable[Any]]
"""Asks the clerk: a request and its arguments. Raises KerastuiError."""


@dataclass(frozen=True)
class Wish:
    """What the user wants: values from an array, made ones, or another dtype."""

    weights: Names
    """One weight, or all that are to be converted."""
    source: ArraySource | None = None
    recipe: Recipe | None = None
    dtype: str = ""


@dataclass(frozen=True)
class Question:
    """What is in the fields at one moment."""

    number: int
    way: str
    text: str = ""
    seed: int | None = 0
    dtype: str = ""
    scope: str = ""


class Answers:
    """Answers what is in the fields of the dialog.

    Args:
        model: the description.
        index: of the layer.
        ask: asks the clerk.
    """

    def __init__(self, model: Model, index: int, ask: Ask) -> None:
        self._model = model
        self._index = index
        self._layer = model.layers[index]
        self._ask = ask

    async def answer(
        self, question: Question, arrays: tuple[Named, ...]
    ) -> tuple[Wish | None, str]:
        """Return what can be done, and a text about it. Raises KerastuiError."""
        weight = self._layer.weights[question.number]
        names = ((self._layer.path, weight.name),)
        if question.way == "dtype":
            return await self._converted(question)
        if question.way == "file":
            return self._from_array(question, names, arrays)
        if not question.text.strip():
            return None, ""
        if question.seed is None:
            return None, f"The seed is a whole number up to {MAX_SEED:,}."
        recipe = Recipe(question.text, question.seed)
        present = present_source(self._model, *names[0])
        made = cast(
            "Made", await self._ask("make", self._layer, weight.name, present, recipe, None)
        )
        before, after = summary_text(made.before), summary_text(made.after)
        return Wish(names, recipe=recipe), f"before  {before}\nafter   {after}"

    def _from_array(
        self, question: Question, names: Names, listed: tuple[Named, ...]
    ) -> tuple[Wish | None, str]:
        weight = self._layer.weights[question.number]
        if not listed:
            return None, ""
        if question.seed is None:
            shape = weight_shape(weight.shape)
            return None, f"None of its {plural(len(listed), 'array')} has the shape {shape}."
        source = listed[question.seed].source
        text = f"{safe_text(source.label, 200)}: {weight_shape(source.shape)} {source.dtype}"
        return Wish(names, source=source), text

    async def _converted(self, question: Question) -> tuple[Wish | None, str]:
        names = self._scope(question)
        names = tuple(name for name in names if self._dtype(name) != question.dtype)
        if not names:
            return None, f"There is nothing to convert to {question.dtype} here."
        sources = tuple(present_source(self._model, *name) for name in names)
        loss = cast("Loss", await self._ask("loss", sources, question.dtype))
        text = f"{plural(len(names), 'weight')} to {question.dtype}: {loss_text(loss)}"
        if loss.overflows:
            return None, f"{text}; set or clip these first."
        return Wish(names, dtype=question.dtype), text

    def _scope(self, question: Question) -> Names:
        if question.scope == "weight":
            weight = self._layer.weights[question.number]
            return ((self._layer.path, weight.name),) if weight.dtype in SIZES else ()
        inside = range(self._index, self._layer.end)
        every = range(len(self._model.layers))
        return convertible(self._model, every if question.scope == "model" else inside)

    def _dtype(self, name: tuple[str, str]) -> str:
        return next(w.dtype for w in self._model[name[0]].weights if w.name == name[1])

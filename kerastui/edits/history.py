"""The steps of a document, and what a save makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..model import ArraySource, Layer, Model
from .changes import Edit


@dataclass(frozen=True)
class Step:
    """What one action of the user did: its edits, and the descriptions around it."""

    title: str
    edits: tuple[Edit, ...]
    before: Model
    after: Model


class History:
    """Steps done and steps undone, a chain: each begins where the one before it ended."""

    def __init__(self) -> None:
        self.done: list[Step] = []
        self.undone: list[Step] = []

    def add(self, step: Step) -> None:
        """Take a step that was just done; what was undone cannot be done again."""
        self.done.append(step)
        self.undone.clear()

    def back(self) -> Step | None:
        """Go a step back and return it; None at the beginning."""
        if not self.done:
            return None
        self.undone.append(self.done.pop())
        return self.undone[-1]

    def forth(self) -> Step | None:
        """Go a step forth and return it; None at the end."""
        if not self.undone:
            return None
        self.done.append(self.undone.pop())
        return self.done[-1]

    def rebase(self, meant: Model, written: Model, present: Model) -> Model:
        """Carry all steps over to the file that was written; return the present there.

        Flags can be undone past a save. Values that the save has overwritten are gone from
        the disk, so the steps that led to it lose them: before it a saved weight counts as
        the file has it now. Steps that did nothing else leave the history.

        Args:
            meant: the description that was saved; it need not be the present one.
            written: as read back from the file.
            present: the description now.
        """
        chain = [*self.done, *reversed(self.undone)]
        states = [chain[0].before, *(step.after for step in chain)] if chain else [present]
        here = len(self.done)
        saved = _sources(meant)
        at = max((i for i, state in enumerate(states) if state is meant), default=-1)
        moved = [
            written if state is meant else _moved(state, written, saved, gone=i < at)
            for i, state in enumerate(states)
        ]
        self.done, self.undone = [], []
        for i, step in enumerate(chain):
            carried = replace(step, before=moved[i], after=moved[i + 1])
            if not _nothing_left(step, carried):
                (self.done if i < here else self.undone).append(carried)
        self.undone.reverse()
        return moved[here]


Sources = Mapping[int, Mapping[int, ArraySource]]
"""By index of the layer and number of the weight."""


def _sources(model: Model) -> Sources:
    found: dict[int, dict[int, ArraySource]] = {}
    for i, layer in enumerate(model.layers):
        for k, weight in enumerate(layer.weights):
            if weight.replaced is not None:
                found.setdefault(i, {})[k] = weight.replaced
    return found


def _moved(model: Model, written: Model, saved: Sources, *, gone: bool) -> Model:
    """Return `model` as a description of the file that `written` describes.

    `saved` are the values in that file that were not in the one before. With `gone`, other
    values of the same weights are forgotten too.
    """
    layers = list(model.layers)
    for i, sources in saved.items():
        for k, source in sources.items():
            layers[i] = _settled(layers[i], k, source, gone)
    return replace(written, layers=tuple(layers), trainable=model.trainable)


def _settled(layer: Layer, number: int, saved: ArraySource, gone: bool) -> Layer:
    here = layer.weights[number].replaced
    return layer.with_source(number, None) if gone or here == saved else layer


def _nothing_left(old: Step, new: Step) -> bool:
    """Whether the step changed something and now changes nothing."""
    if old.before is old.after:
        return False
    if new.before.trainable is not new.after.trainable:
        return False
    pairs = zip(new.before.layers, new.after.layers, strict=True)
    return not any(a is not b and _differ(a, b) for a, b in pairs)


def _differ(a: Layer, b: Layer) -> bool:
    if a.trainable is not b.trainable:
        return True
    return [w.replaced for w in a.weights] != [w.replaced for w in b.weights]

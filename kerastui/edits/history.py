"""The steps of a document, and what a save makes of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..errors import BadEdit
from ..model import ArraySource, Layer, Model, Weight

if TYPE_CHECKING:
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
        the file has it now. Steps that did nothing else leave the history. Where layers were
        cut or appended, what lies before the save cannot come back at all: only the steps
        after it stay.

        Args:
            meant: the description that was saved; it need not be the present one.
            written: as read back from the file.
            present: the description now.
        """
        chain = [*self.done, *reversed(self.undone)]
        states = [chain[0].before, *(step.after for step in chain)] if chain else [present]
        here = len(self.done)
        if any(state.structure is not None for state in (*states, meant)):
            return self._begin_anew(meant, written, states[: here + 1])
        saved = _Saved(meant, written)
        at = max((i for i, state in enumerate(states) if state is meant), default=-1)
        moved = _merged(
            [
                written if state is meant else saved.carry(state, gone=i < at)
                for i, state in enumerate(states)
            ],
            written,
        )
        self.done, self.undone = [], []
        for i, step in enumerate(chain):
            if moved[i] is not moved[i + 1]:
                carried = _carried(step, moved[i], moved[i + 1])
                (self.done if i < here else self.undone).append(carried)
        self.undone.reverse()
        return moved[here]

    def _begin_anew(self, meant: Model, written: Model, states: list[Model]) -> Model:
        """Keep the steps that were done since `meant`, done again on what was written."""
        at = max((i for i, state in enumerate(states) if state is meant), default=len(states) - 1)
        later, present = self.done[at:], written
        self.done, self.undone = [], []
        for step in later:
            try:
                after = present
                for edit in step.edits:
                    after = edit.apply(after)
            except BadEdit:
                break
            self.done.append(Step(step.title, step.edits, present, after))
            present = after
        return present


def _carried(step: Step, before: Model, after: Model) -> Step:
    """Return the step between other descriptions, with edits that lead from one to the other."""
    from .changes import changes_between, edits_for
    from .effects import effects

    edits = step.edits
    if effects(before, after) != effects(step.before, step.after):
        edits = edits_for(changes_between(before, after))
    return Step(step.title, edits, before, after)


def _merged(states: list[Model], written: Model) -> list[Model]:
    """Let neighbours that say the same be one object, the file's description where it is one."""
    runs: list[list[Model]] = []
    for state in states:
        if runs and _alike(runs[-1][-1], state):
            runs[-1].append(state)
        else:
            runs.append([state])
    return [
        written if any(state is written for state in run) else run[0] for run in runs for _ in run
    ]


class _Saved:
    """What a save changed in the file, as descriptions from before it have to know it."""

    def __init__(self, meant: Model, written: Model) -> None:
        self._written = written
        self._values = {
            i: sources for i, layer in enumerate(meant.layers) if (sources := _sources(layer))
        }
        pairs = zip(meant.layers, written.layers, strict=True)
        self._places = {
            i: {w.name: w for w in new.weights}
            for i, (old, new) in enumerate(pairs)
            if [w.dataset for w in old.weights] != [w.dataset for w in new.weights]
        }

    def carry(self, model: Model, *, gone: bool) -> Model:
        """Return `model` as a description of the file that was written.

        With `gone`, no weight that was saved keeps other values that were to come.
        """
        layers = list(model.layers)
        for i in self._values.keys() | self._places.keys():
            layers[i] = self._layer(i, layers[i], gone)
        compiled = model.compile
        if compiled is not None:
            # State that the file has no more cannot come back; that it may yet be dropped stays.
            there = self._written.compile
            kept = there is not None and there.has_optimizer_state
            kept = kept and compiled.has_optimizer_state
            compiled = replace(compiled, has_optimizer_state=kept)
        return replace(model, file=self._written.file, layers=tuple(layers), compile=compiled)

    def _layer(self, index: int, layer: Layer, gone: bool) -> Layer:
        saved, places = self._values.get(index, {}), self._places.get(index, {})
        weights: list[Weight] = []
        for weight in layer.weights:
            here, there = weight.replaced, saved.get(weight.name)
            keeps = here is not None and (there is None or not (gone or here == there))
            there_now = places.get(weight.name, weight)
            dtype, size = weight.dtype, weight.item_size
            weights.append(
                replace(there_now, replaced=here if keeps else None, dtype=dtype, item_size=size)
            )
        return layer.with_fields(weights=tuple(weights))


def _alike(one: Model, other: Model) -> bool:
    """Whether two descriptions agree in all that can be edited."""
    if (one.trainable, one.name, len(one.layers)) != (
        other.trainable, other.name, len(other.layers),
    ):  # fmt: skip
        return False
    pairs = zip(one.layers, other.layers, strict=True)
    return one.compile == other.compile and all(
        a is b or (a.trainable is b.trainable and a.name == b.name and _stored(a) == _stored(b))
        for a, b in pairs
    )


def _stored(layer: Layer) -> list[tuple[str, ArraySource | None]]:
    return [(weight.dtype, weight.replaced) for weight in layer.weights]


def _sources(layer: Layer) -> dict[str, ArraySource]:
    return {w.name: w.replaced for w in layer.weights if w.replaced is not None}

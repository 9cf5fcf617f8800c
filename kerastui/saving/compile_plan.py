"""What a save does with another compile section: to the text, and to the optimizer's state.

Which of text and state counts was measured. Keras 3 keeps the learning rate among the state's
scalars, and that is the one that it takes; tf_keras takes it from the configuration. A state
with other slots than the optimizer has is passed over by Keras 3, and mixed up by tf_keras.
Without any, both begin afresh (Keras 3 says so in a warning).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from ..edits.compile_base import needs_full
from ..edits.compile_parts import full_name
from ..model import Compile, Model, safe_text
from ..model.compile_reading import per_output
from ..model.optimizer_settings import RATES, settings_of
from .arrange import Entry, Optimizer
from .jsontext import Path, set_values
from .layouts import Style, wrappers
from .name_texts import TextEdits
from .slots import Rate, SlotPlan, SlotReport, optimizer_of, plan_slots

DROPPED = SlotReport(
    dropped=1, reason="The optimizer's state is dropped; training begins as freshly compiled."
)
_RATE = "The optimizer's state is as it was, but for the learning rate."
_SCALARS = 4
"""Scalars of Keras 3's LossScaleOptimizer, before those of the one that it wraps."""


def section_differs(before: Model, after: Model) -> bool:
    """Whether the file gets another compile section, or loses its optimizer state."""
    old, new = before.compile, after.compile
    return _section(old) != _section(new) or drops_state(before, after)


def new_training(text: str | None, before: Model, after: Model) -> str | None:
    """Return what a legacy file's ``training_config`` becomes: None where it goes.

    `text` is what it is now, None where there is none. Raises SaveFailed.
    """
    if after.compile is None:
        return None
    if before.compile is None or text is None:
        return after.compile.section
    edits = differences(json.loads(before.compile.section), json.loads(after.compile.section))
    return set_values(text, edits.values, edits.keys)


def archive_edits(before: Model, after: Model) -> TextEdits:
    """Return what changes in an archive's ``config.json`` for another compile section."""
    if _section(before.compile) == _section(after.compile):
        return TextEdits()
    if before.compile is None or after.compile is None:
        return TextEdits({("compile_config",): _section(after.compile) or "null"})
    edits = differences(json.loads(before.compile.section), json.loads(after.compile.section))
    return edits.below("compile_config")


def differences(old: Any, new: Any) -> TextEdits:
    """Return the edits that make a text of the JSON value `old` one of `new`.

    What is equal is not touched. Objects whose keys are others in the same number have them
    renamed, in order; those with more or fewer are written anew as a whole.
    """
    edits = TextEdits()
    stack: list[tuple[Path, Any, Any]] = [((), old, new)]
    while stack:
        place, here, there = stack.pop()
        inside = _inside(here, there)
        if inside is not None:
            stack += [((*place, key), a, b) for key, _, a, b in inside]
            edits.keys |= {
                (*place, key): name for key, name, _, _ in inside if isinstance(name, str)
            }
        elif json.dumps(here) != json.dumps(there):
            edits.values[place] = json.dumps(there)
    return edits


def _inside(here: Any, there: Any) -> list[tuple[str | int, str | None, Any, Any]] | None:
    """Return what can be compared by itself: key, new key if it is another, both values."""
    if isinstance(here, dict) and isinstance(there, dict):
        old, new = cast("dict[str, Any]", here), cast("dict[str, Any]", there)
        pairs = list(zip(old, new, strict=False))
        if len(old) == len(new) and _renames(pairs):
            return [(a, b if a != b else None, old[a], new[b]) for a, b in pairs]
    elif isinstance(here, list) and isinstance(there, list):
        items, others = cast("list[Any]", here), cast("list[Any]", there)
        if len(items) == len(others):
            return [(i, None, a, b) for i, (a, b) in enumerate(zip(items, others, strict=True))]
    return None


def _renames(pairs: Sequence[tuple[str, str]]) -> bool:
    """Whether keys are equal, or others stand in their places; none merely moved."""
    old = {a for a, _ in pairs}
    return all(a == b or b not in old for a, b in pairs)


def section_warnings(before: Model, after: Model) -> list[str]:
    """Return what keeps Keras from reading an edited section: short names of losses."""
    if after.compile is None or _section(before.compile) == _section(after.compile):
        return []
    if not needs_full(after):
        return []
    rows = after.compile.outputs
    losses, _ = per_output(_object(after.compile).get("loss"), [row.output for row in rows])
    short = [(row, loss) for row, loss in zip(rows, losses, strict=True) if full_name(loss) != loss]
    if not short:
        return []
    row, loss = short[0]
    return [
        f"Keras 3 cannot read the loss {loss!r} of {safe_text(row.output, 100)} back from HDF5; "
        f"call it {full_name(loss)}."
    ]


def plan_state(
    before: Model, after: Model, entries: Sequence[Entry], style: Style, level: int = 0
) -> SlotPlan:
    """Return what becomes of the state `entries`, for other flags, settings, or none at all.

    `level` says how deep in wrapping optimizers the group lies.
    """
    if drops_state(before, after):
        return SlotPlan((), replace(DROPPED, dropped=len(entries)), remove=True)
    old, new = (_optimizer(model.compile, style) for model in (before, after))
    plan = plan_slots(before, after, entries, old, wanted=new)
    if style != "keras3" or plan.remove:
        return plan
    rates = [_rate(model.compile) for model in (before, after)]
    if rates[0] == rates[1]:
        return plan
    return _with_rate(plan, entries, rates, _rate_place(before.compile, entries, level))


def _with_rate(
    plan: SlotPlan, entries: Sequence[Entry], rates: Sequence[float | None], place: int
) -> SlotPlan:
    """Return the plan with another learning rate among the scalars; a schedule has none."""
    old, new = rates
    listed = list(range(len(entries)) if plan.entries is None else plan.entries)
    if old is not None and not (place < len(listed) and listed[place] == place):
        return plan
    # Legacy HDF5 lists names, and nobody reads a learning rate from there: none is added.
    fits = entries[place].shape == () if old is not None else not any(e.name for e in entries)
    if not fits or place > len(listed):
        return plan
    replaced = [] if new is None else [Rate(new, None if old is None else place)]
    listed[place : place + (old is not None)] = replaced
    report = plan.report if plan.entries is not None else SlotReport(reason=_RATE)
    return replace(plan, entries=tuple(listed), report=report)


def _rate_place(compiled: Compile | None, entries: Sequence[Entry], level: int) -> int:
    """Return where the learning rate is: behind the iteration of the innermost optimizer."""
    named = [i for i, entry in enumerate(entries) if entry.name.endswith("/learning_rate")]
    if named:
        return named[-1]
    depth = wrappers(_optimizer_config(compiled))
    return _SCALARS * max(0, depth - level) + 1


def drops_state(before: Model, after: Model) -> bool:
    """Whether the file has optimizer state and is to have none."""
    had = before.compile is not None and before.compile.has_optimizer_state
    has = after.compile is not None and after.compile.has_optimizer_state
    return had and not has


def _section(compiled: Compile | None) -> str:
    return compiled.section if compiled else ""


def _object(compiled: Compile | None) -> Mapping[str, Any]:
    text = _section(compiled)
    return json.loads(text) if text else {}


def _optimizer(compiled: Compile | None, style: Style) -> Optimizer:
    return optimizer_of(_object(compiled), style)


def _optimizer_config(compiled: Compile | None) -> Any:
    section = _object(compiled)
    return section.get("optimizer_config", section.get("optimizer"))


def _rate(compiled: Compile | None) -> float | None:
    """Return the learning rate, None for a schedule and for none."""
    settings = settings_of(_object(compiled))
    value: Any = next((settings[name].value for name in RATES if name in settings), None)
    return float(value) if type(value) in (int, float) else None

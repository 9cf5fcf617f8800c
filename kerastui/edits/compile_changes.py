"""What differs between two compile sections: one value a difference, each to be taken back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, cast

from ..model import Compile, Model, safe_text
from ..model.compile_names import loss_name, metric_name, setting_text
from ..model.values import call
from .compile_base import needs_full
from .compile_optimizer import SetOptimizer
from .compile_outputs import SetLoss, SetLossWeight, SetMetrics
from .compile_parts import LOSS, METRICS, OPTIMIZER, WEIGHT, WEIGHTED, Part, parts_of
from .compile_whole import SetCompile, SetOptimizerState
from .rename import renamed_compile

STATE, SECTION = "state", "section"
_WORDS = {
    LOSS: "loss", WEIGHT: "loss weight", METRICS: "metrics", WEIGHTED: "weighted metrics",
    STATE: "optimizer state", SECTION: "compile section",
}  # fmt: skip
CompileEdit = SetOptimizer | SetLoss | SetLossWeight | SetMetrics | SetOptimizerState | SetCompile


@dataclass(frozen=True)
class CompileChange:
    """A part of the compile section that is another than in the file."""

    kind: str
    which: str
    """An output by its present name, or a setting of the optimizer; "" otherwise."""
    old: str | None
    """As JSON; None for what is not stated."""
    new: str | None
    path: str = ""
    """It belongs to the model itself."""
    outputs: tuple[str, ...] = ()
    """Names of all outputs, for a whole section."""

    @property
    def name(self) -> str:
        """What it is about, in a few words."""
        if self.kind == OPTIMIZER:
            return self.which
        return _WORDS[self.kind] + (f" of {self.which}" if self.which else "")

    @property
    def before(self) -> str:
        """What it is in the file, in a few words."""
        return _words(self.kind, self.which, self.old)

    @property
    def after(self) -> str:
        """What it is to be, in a few words."""
        return _words(self.kind, self.which, self.new)


def compile_changes(original: Model, model: Model) -> tuple[CompileChange, ...]:
    """Return what differs in the compile section but for names of outputs."""
    here = model.compile
    if original.compile is here:
        return ()
    there = _with_names(original, model)
    if there == here:
        return ()
    if there is None or here is None or _incomparable(there, here):
        return _whole(there, here)
    full = needs_full(model)
    old, new = (parts_of(c, model.keras_version, full) for c in (there, here))
    if any(old.get(part) != new.get(part) for part in _unnamed(old) | _unnamed(new)):
        return _whole(there, here)
    found = [
        CompileChange(part[0], _which(part, here), old.get(part), new.get(part))
        for part in dict.fromkeys((*old, *new))
        if old.get(part) != new.get(part)
    ]
    return (*found, *_state(there, here))


def compile_edits(changes: Iterable[CompileChange], *, back: bool = False) -> list[CompileEdit]:
    """Return the edits that bring the changes about, or take them back."""
    settings: list[tuple[str, str | None]] = []
    found: list[CompileEdit] = []
    last: list[CompileEdit] = []
    for change in changes:
        value = change.old if back else change.new
        if change.kind == OPTIMIZER:
            settings.append((change.which, value))
        elif change.kind == STATE:  # a section that comes back has none
            last.append(SetOptimizerState(value == "true"))
        elif change.kind == SECTION:
            found.append(SetCompile(value or "", change.outputs if value else ()))
        else:
            found.append(_output_edit(change, value or "null"))
    if SetCompile() in found:  # what is dropped takes its state along
        last = []
    return [*found, *([SetOptimizer(tuple(settings))] if settings else []), *last]


def _output_edit(change: CompileChange, value: str) -> CompileEdit:
    if change.kind == LOSS:
        return SetLoss(change.which, value)
    if change.kind == WEIGHT:
        return SetLossWeight(change.which, json.loads(value))
    metrics = tuple(json.dumps(metric) for metric in cast("list[Any]", json.loads(value)))
    return SetMetrics(change.which, metrics, change.kind == WEIGHTED)


def _with_names(original: Model, model: Model) -> Compile | None:
    """Return the original's section with the names that the outputs have in `model`."""
    if original.compile is None or len(original.layers) != len(model.layers):
        return original.compile
    pairs = enumerate(zip(original.layers, model.layers, strict=True))
    given = {i: new.name for i, (old, new) in pairs if old.parent < 0 and old.name != new.name}
    return renamed_compile(original.compile, original, given) if given else original.compile


def _incomparable(one: Compile, other: Compile) -> bool:
    return len(one.outputs) != len(other.outputs) or not (one.section and other.section)


def _unnamed(parts: dict[Part, str | None]) -> set[Part]:
    """Return the parts that no edit but that of the whole section changes."""
    return {part for part in parts if part[0] == "other" or part == (OPTIMIZER, "")}


def _which(part: Part, compiled: Compile) -> str:
    which = part[1]
    return compiled.outputs[which].output if isinstance(which, int) else which


def _whole(there: Compile | None, here: Compile | None) -> tuple[CompileChange, ...]:
    old, new = (c.section if c else "" for c in (there, here))
    outputs = tuple(row.output for row in (here or there or Compile(None, ())).outputs)
    found = (CompileChange(SECTION, "", old or None, new or None, outputs=outputs),)
    if there is not None and here is None:
        here = replace(there, has_optimizer_state=False)
    return found + (_state(there, here) if there and here else ())


def _state(there: Compile, here: Compile) -> tuple[CompileChange, ...]:
    old, new = there.has_optimizer_state, here.has_optimizer_state
    if old is new:
        return ()
    return (CompileChange(STATE, "", json.dumps(old), json.dumps(new)),)


def _words(kind: str, which: str, value: str | None) -> str:
    if kind == STATE:
        return "saved" if value == "true" else "none"
    if value is None:
        return "none" if kind == SECTION else "not stated"
    parsed: Any = json.loads(value)
    if kind == OPTIMIZER:
        return "none" if parsed is None else setting_text(which, parsed)
    if kind == SECTION:
        return _section_words(parsed)
    if kind == WEIGHT:
        return f"{parsed:g}"
    if kind == LOSS:
        loss = loss_name(parsed, True)
        return call(loss.name, loss.settings) if loss else "none"
    names = [metric_name(item, True, ()) for item in parsed]
    return ", ".join(safe_text(name.name, 60) for name in names if name) or "none"


def _section_words(section: dict[str, Any]) -> str:
    from ..model.compile_names import optimizer_name

    optimizer = optimizer_name(section.get("optimizer_config") or section.get("optimizer"))
    return optimizer.name if optimizer else "a section without optimizer"

"""The fields of the form for a compile section, and the edits that what was typed comes to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from textual.suggester import Suggester

from kerastui.edits import Edit
from kerastui.edits.compile_parts import section_of
from kerastui.edits.compile_typed import loss_edit, metrics_edit, setting_edit, weight_edit
from kerastui.model import FunctionName, Model
from kerastui.model.compile_names import setting_text
from kerastui.model.optimizer_settings import Setting, settings_of

MAX_OUTPUTS = 20
"""Outputs that the form has fields for."""
OPTIMIZER, LOSS, WEIGHT, METRICS, WEIGHTED = range(5)


@dataclass(frozen=True)
class Field:
    """One line of the form."""

    kind: int
    which: str
    """A setting's name, or an output's."""
    label: str
    text: str
    """What stands in it at first: leaving it so changes nothing."""
    hint: str = ""


def fields_of(model: Model) -> tuple[Field, ...]:
    """Return the fields for a model that is compiled: settings first, then the outputs."""
    compiled = model.compile
    if compiled is None or not compiled.section:
        return ()
    found = [
        Field(OPTIMIZER, name, name, _setting_text(setting), setting.rule.hint)
        for name, setting in settings_of(section_of(compiled)).items()
        if setting.rule.kind != "object"
    ]
    for row in compiled.outputs[:MAX_OUTPUTS]:
        weight = 1.0 if row.loss_weight is None else row.loss_weight
        loss = row.loss.name if row.loss else "none"
        found += [
            Field(LOSS, row.output, "loss", loss, "a name, or none"),
            Field(WEIGHT, row.output, "loss weight", f"{weight:g}", "a number"),
            Field(METRICS, row.output, "metrics", _names(row.metrics), "names, or none"),
        ]
        if row.weighted_metrics:
            names = _names(row.weighted_metrics)
            found.append(Field(WEIGHTED, row.output, "weighted", names, "names, or none"))
    return tuple(found)


def edits_of(model: Model, fields: Mapping[Field, str]) -> tuple[Edit, ...]:
    """Return the edits for fields with another text than at first. Raises BadEdit."""
    changed = {field: text for field, text in fields.items() if text.strip() != field.text}
    settings = [(f.which, text) for f, text in changed.items() if f.kind == OPTIMIZER]
    found: list[Edit] = [setting_edit(settings)] if settings else []
    for field, text in changed.items():
        if field.kind == LOSS:
            found.append(loss_edit(field.which, text))
        elif field.kind == WEIGHT:
            found.append(weight_edit(field.which, text))
        elif field.kind in (METRICS, WEIGHTED):
            found.append(metrics_edit(model, field.which, text, field.kind == WEIGHTED))
    return tuple(found)


class LastName(Suggester):
    """Completes the last of several names with commas between."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(case_sensitive=True)
        self._names = names

    async def get_suggestion(self, value: str) -> str | None:
        """Return `value` with its last name completed."""
        start, comma, last = value.rpartition(",")
        begun = last.lstrip()
        space = last[: len(last) - len(begun)]
        name = next((n for n in self._names if n.startswith(begun)), "") if begun else ""
        return f"{start}{comma}{space}{name}" if name else None


def _setting_text(setting: Setting) -> str:
    value: Any = setting.value
    if value is None:
        return "none"
    if isinstance(value, bool):
        return json.dumps(value)
    return setting_text(setting.name.rpartition(".")[2], value)  # 0.001, not 0.0010000000475


def _names(functions: tuple[FunctionName, ...]) -> str:
    return ", ".join(function.name for function in functions) or "none"

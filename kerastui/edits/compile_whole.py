"""The edits of the compile section as a whole: another one, none, or no optimizer state."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

from ..errors import BadEdit
from ..model import Model
from ..model.compile_reading import read_compile
from .compile_base import NOT_COMPILED, parsed, texts
from .forms import Fields, form


@form("optimizer_state")
@dataclass(frozen=True)
class SetOptimizerState:
    """Keep the optimizer's state or not: without it, training begins as freshly compiled.

    Only what was dropped since the file was read can be kept again.
    """

    kept: bool

    def describe(self) -> str:
        """Say in a few words what the edit does."""
        return "keep the optimizer's state" if self.kept else "drop the optimizer's state"

    def apply(self, model: Model) -> Model:
        """Return the model with or without optimizer state. Raises BadEdit."""
        if model.compile is None:
            raise BadEdit(NOT_COMPILED)
        if model.compile.has_optimizer_state is self.kept:
            return model
        return model.with_compile(replace(model.compile, has_optimizer_state=self.kept))

    def to_fields(self) -> dict[str, Any]:
        """Return the fields of its JSON object."""
        return {"kept": self.kept}

    @classmethod
    def from_fields(cls, fields: Fields) -> SetOptimizerState:
        """Return the edit of a JSON object. Raises BadEdit."""
        return cls(fields.flag("kept"))


@form("set_compile")
@dataclass(frozen=True)
class SetCompile:
    """Replace the whole compile section, as JSON in the file's own form; "" drops it."""

    section: str = ""
    outputs: tuple[str, ...] = ()
    """Names of the model's outputs, for a model that is not compiled at present."""

    def describe(self) -> str:
        """Say in a few words what the edit does."""
        return "another compile section" if self.section else "drop the compile section"

    def apply(self, model: Model) -> Model:
        """Return the model with this section; what was dropped leaves no state behind.

        Raises BadEdit.
        """
        present = model.compile
        if not self.section:
            return model if present is None else model.with_compile(None)
        value = parsed(self.section)
        outputs = tuple(row.output for row in present.outputs) if present else self.outputs
        keyed = present.keyed if present else any(name not in model.index for name in outputs)
        section = cast("dict[str, Any]", value) if isinstance(value, dict) else None
        kept = present is not None and present.has_optimizer_state
        compiled = read_compile(section, outputs, kept, model.keras_version)
        if compiled is None:
            raise BadEdit("A compile section names an optimizer or a loss; this one names neither.")
        compiled = replace(compiled, keyed=keyed)
        if present is not None and present.section == compiled.section:
            return model
        return model.with_compile(compiled)

    def to_fields(self) -> dict[str, Any]:
        """Return the fields of its JSON object."""
        fields: dict[str, Any] = {"section": json.loads(self.section) if self.section else None}
        return {**fields, "outputs": list(self.outputs)} if self.outputs else fields

    @classmethod
    def from_fields(cls, fields: Fields) -> SetCompile:
        """Return the edit of a JSON object. Raises BadEdit."""
        section = fields.value("section")
        if section is not None and not isinstance(section, dict):
            raise fields.wrong("section", "an object, or null")
        text = "" if section is None else json.dumps(section)
        return cls(text, texts(fields, "outputs"))

    def moved(self, to: Callable[[str], str]) -> SetCompile:
        """Return the same edit for a description in which layers have other paths."""
        return replace(self, outputs=tuple(to(name) for name in self.outputs))

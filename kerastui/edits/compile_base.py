"""What the edits of the compile section share: parsing it, changing it, describing it again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

from ..errors import BadEdit
from ..model import Compile, Model, safe_text
from ..model.compile_reading import read_compile
from ..model.values import text as as_text
from .compile_parts import section_of
from .forms import Fields

_MAX_TEXT = 1 << 20
NOT_COMPILED = "This model is not compiled: the file keeps no optimizer, no loss and no metrics."


def needs_full(model: Model) -> bool:
    """Whether the file has to name losses in full, to be read by the Keras that wrote it."""
    return model.format == "hdf5" and model.keras_version.startswith("3")


def edited(model: Model, change: Callable[[dict[str, Any], Compile], None]) -> Model:
    """Return the model with a changed section, described as if it had been read from a file.

    `change` gets the section, parsed, to change it in place. Raises BadEdit.
    """
    compiled = model.compile
    if compiled is None:
        raise BadEdit(NOT_COMPILED)
    section = section_of(compiled)
    if not section:
        raise BadEdit("This file's compile section is nested too deep to be edited.")
    change(section, compiled)
    if json.dumps(section) == compiled.section:
        return model
    return model.with_compile(read_again(compiled, section, model.keras_version))


def read_again(
    compiled: Compile,
    section: Mapping[str, Any],
    version: str,
    outputs: tuple[str, ...] | None = None,
) -> Compile | None:
    """Return what another `section` says, about the same outputs, perhaps by other names."""
    names = tuple(row.output for row in compiled.outputs) if outputs is None else outputs
    found = read_compile(section, names, compiled.has_optimizer_state, version)
    return replace(found, keyed=compiled.keyed) if found else None


def output_place(compiled: Compile, output: str) -> tuple[list[str], int]:
    """Return the names of all outputs, and the place of one. Raises BadEdit."""
    names = [row.output for row in compiled.outputs]
    if names.count(output) == 1:
        return names, names.index(output)
    listed = safe_text(", ".join(names[:20]), 400)
    if output in names:
        raise BadEdit(
            f"Several outputs are called {safe_text(output, 100)!r}, so kerastui cannot set one "
            "of them; compile the model in a script."
        )
    raise BadEdit(f"The model has no output {safe_text(output, 100)!r}; it has {listed}.")


def parsed(text: str) -> Any:
    """Return the value of a JSON text. Raises BadEdit."""
    try:
        if len(text) <= _MAX_TEXT:
            return json.loads(text)
    except (ValueError, RecursionError):
        pass
    raise BadEdit(f"{safe_text(text, 60)!r} is no JSON value that kerastui takes.")


def shown(text: str) -> str:
    """Return a value for a sentence."""
    value = parsed(text)
    return "none" if value is None else as_text(value, 60) or "empty"


def texts(fields: Fields, name: str) -> tuple[str, ...]:
    """Take a list of texts that may be missing. Raises BadEdit."""
    value = fields.value(name, [])
    items = cast("list[object]", value) if isinstance(value, list) else [None]
    if not all(isinstance(item, str) for item in items):
        raise fields.wrong(name, "a list of texts")
    return tuple(cast("list[str]", items))

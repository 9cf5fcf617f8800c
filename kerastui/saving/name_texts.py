"""Other names in a file's texts: the configuration, and the compile section.

Everything that refers to a layer by name stands beside it, inside the same model: the entry
itself (its outer ``name`` and ``config.name``), the siblings' ``inbound_nodes``, and the
model's ``input_layers`` and ``output_layers``. The names of the outermost model's outputs are
also keys of the compile section, and tf.keras puts them before the names of metrics.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from ..edits.references import find_references
from ..errors import SaveFailed
from ..model import Model
from .jsontext import Path


@dataclass
class TextEdits:
    """Where a JSON text changes: values, and keys; all paths are those of the old text."""

    values: dict[Path, str] = field(default_factory=dict[Path, str])
    keys: dict[Path, str] = field(default_factory=dict[Path, str])

    def below(self, *place: str | int) -> TextEdits:
        """Return the same edits of a value that stands at `place`."""
        return TextEdits(
            {(*place, *path): value for path, value in self.values.items()},
            {(*place, *path): key for path, key in self.keys.items()},
        )

    def __bool__(self) -> bool:
        return bool(self.values or self.keys)

    def add(self, other: TextEdits) -> None:
        """Take another's edits in."""
        self.values |= other.values
        self.keys |= other.keys


def names_differ(before: Model, after: Model) -> bool:
    """Whether the model or any layer has another name."""
    return before.name != after.name or any(
        old is not new and old.name != new.name
        for old, new in zip(before.layers, after.layers, strict=True)
    )


def names_by_parent(before: Model, after: Model) -> dict[int, dict[str, str]]:
    """Return for each enclosing layer (-1: the model) old → new names directly inside it."""
    found: dict[int, dict[str, str]] = {}
    for old, new in zip(before.layers, after.layers, strict=True):
        if old is not new and old.name != new.name:
            found.setdefault(old.parent, {})[old.name] = new.name
    return found


def config_edits(config: Mapping[str, Any], before: Model, after: Model) -> TextEdits:
    """Return what changes in a parsed ``model_config`` or ``config.json``.

    Raises SaveFailed when the configuration is not the one that was read.
    """
    edits = TextEdits()
    if before.name != after.name:
        edits.values["config", "name"] = json.dumps(after.name)
    renamed = names_by_parent(before, after)
    for old, new in zip(before.layers, after.layers, strict=True):
        if old is new and old.parent not in renamed:
            continue
        entry = _at(config, old.config_at)
        if old.name != new.name:
            edits.add(_own_name(entry, new.name).below(*old.config_at))
        if old.parent in renamed:
            names = renamed[old.parent]
            edits.add(_references(entry, ("inbound_nodes",), names).below(*old.config_at))
    for parent, names in renamed.items():
        place = before.layers[parent].config_at if parent >= 0 else ()
        model = _at(config, place)
        for end in ("input_layers", "output_layers"):
            edits.add(_references(model, ("config", end), names).below(*place))
    return edits


def _own_name(entry: Any, name: str) -> TextEdits:
    """Return the edits of an entry that give it a name, wherever it states one."""
    edits = TextEdits()
    config = entry.get("config")
    if isinstance(config, dict) and ("name" in config or "name" not in entry):
        edits.values["config", "name"] = json.dumps(name)
    if "name" in entry or not edits.values:
        edits.values[("name",)] = json.dumps(name)
    return edits


def _references(entry: Any, place: tuple[str, ...], names: Mapping[str, str]) -> TextEdits:
    value = entry
    for step in place:
        value = _field(value, step)
    found = find_references(value, names)
    return TextEdits({(*place, *at): json.dumps(names[name]) for at, name in found})


def _field(value: Any, key: str) -> Any:
    return cast("dict[str, Any]", value).get(key) if isinstance(value, dict) else None


def _at(config: Any, place: Path) -> Any:
    value = config
    try:
        for step in place:
            value = value[step]
    except (KeyError, IndexError, TypeError):
        value = None
    if not isinstance(value, dict):
        raise SaveFailed(
            "The model's configuration in the file is not as it was when the file was opened; "
            "nothing was written. Open the file again."
        )
    return cast("dict[str, Any]", value)

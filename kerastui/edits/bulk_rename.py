"""Many new names by one pattern, looked at before they are given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..errors import BadEdit
from ..model import Model
from .naming import name_problems
from .rename import Rename


@dataclass(frozen=True)
class Proposed:
    """One layer's new name."""

    index: int
    """Of the layer."""
    path: str
    old: str
    new: str
    problem: str = ""
    """A sentence, if the layer cannot be called so."""


@dataclass(frozen=True)
class Preview:
    """What a pattern, or a list of names, would do."""

    rows: tuple[Proposed, ...] = ()
    """The layers whose name would change, in the model's order."""
    matched: int = 0
    """Layers that match; some may keep their name."""
    problem: str = ""
    """A sentence, if pattern or replacement is not valid."""

    @property
    def problems(self) -> int:
        """How many of the names cannot be given."""
        return sum(bool(row.problem) for row in self.rows)

    @property
    def edit(self) -> Rename:
        """The edit that gives the names."""
        return Rename(tuple((row.path, row.new) for row in self.rows))


def preview_pattern(
    model: Model,
    pattern: str,
    replacement: str,
    *,
    regex: bool = True,
    indices: Iterable[int] | None = None,
) -> Preview:
    r"""Return what replacing `pattern` in the layers' names would do.

    Args:
        model: the description.
        pattern: a regular expression, found anywhere in a name (``^`` and ``$`` tie it), or
            with `regex` off plain text.
        replacement: with groups as ``\1`` or ``\g<name>`` when `regex` is on.
        regex: how both are meant.
        indices: the layers that may be renamed; None: all.

    Never raises: what is wrong with the pattern stands in `Preview.problem`.
    """
    if not pattern:
        return Preview()
    try:
        found = re.compile(pattern if regex else re.escape(pattern))
        names, matched = _replaced(model, found, replacement, regex, indices)
    except (re.error, IndexError) as error:
        return Preview(problem=f"The pattern or its replacement is not valid: {error}.")
    return Preview(_rows(model, names), matched)


def preview_names(model: Model, names: Mapping[str, str]) -> Preview:
    """Return what giving these names (layer path → name) would do. Raises BadEdit."""
    for path in names:
        if path not in model.index:
            raise BadEdit(f"There is no layer {path!r} in this model.")
    changed = {path: name for path, name in names.items() if model[path].name != name}
    return Preview(_rows(model, changed), len(names))


def _replaced(
    model: Model,
    pattern: re.Pattern[str],
    replacement: str,
    regex: bool,
    indices: Iterable[int] | None,
) -> tuple[dict[str, str], int]:
    """Return path → new name where it differs, and how many layers match."""
    names: dict[str, str] = {}
    matched = 0
    for i in range(len(model.layers)) if indices is None else sorted(set(indices)):
        layer = model.layers[i]
        found = pattern.search(layer.name)
        if found is None:
            continue
        matched += 1
        new = _substituted(layer.name, found, pattern, replacement, regex)
        if new != layer.name:
            names[layer.path] = new
    return names, matched


def _substituted(
    name: str, found: re.Match[str], pattern: re.Pattern[str], replacement: str, regex: bool
) -> str:
    if not regex:
        return pattern.sub(lambda _: replacement, name)
    # What matches the whole name is replaced once: `.*` would match its empty end as well.
    once = found.span() == (0, len(name))
    return pattern.sub(replacement, name, count=1 if once else 0)


def _rows(model: Model, names: Mapping[str, str]) -> tuple[Proposed, ...]:
    problems = name_problems(model, names)
    rows = [
        Proposed(model.index[path], path, model[path].name, name, problems.get(path, ""))
        for path, name in names.items()
    ]
    return tuple(sorted(rows, key=lambda row: row.index))

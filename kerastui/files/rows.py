"""Rows on their way to becoming layers, and those of legacy weights-only files.

The groups come in ``layer_names`` order; where one holds several layers (a nested model), the
folders in its weights' names become rows of their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ..model import Kind, Layer, Weight
from ..model.names import is_auto_named
from ..model.paths import Paths
from .legacy import LayerGroup, LegacyWeights, StoredWeight, as_weight
from .weight_names import bare, is_trained, short_names

_CELL = re.compile(r"\w*_cell(_\d+)?\Z")
_WRAPPERS = frozenset({"Bidirectional", "TimeDistributed", "RNN", "StackedRNNCells",
                       "SpectralNormalization"})  # fmt: skip


@dataclass(slots=True)
class Row:
    """A group on its way to becoming a layer."""

    name: str
    depth: int
    weights: list[Weight] = field(default_factory=list[Weight])
    class_name: str = ""


def to_layers(rows: list[Row]) -> tuple[Layer, ...]:
    """Return rows in preorder as layers, with paths, parents and ends."""
    parents: list[int] = []
    paths: list[str] = []
    ends = [i + 1 for i in range(len(rows))]
    taken = Paths()
    stack: list[int] = []
    for i, row in enumerate(rows):
        while stack and rows[stack[-1]].depth >= row.depth:
            stack.pop()
        parents.append(stack[-1] if stack else -1)
        paths.append(taken.take(paths[stack[-1]] if stack else "", row.name))
        stack.append(i)
    for i in range(len(rows) - 1, -1, -1):
        if parents[i] >= 0:
            ends[parents[i]] = max(ends[parents[i]], ends[i])
    return tuple(
        Layer(
            path=paths[i],
            name=row.name,
            class_name=row.class_name,
            trainable=True,
            kind=_kind(row, ends[i] > i + 1),
            depth=row.depth,
            parent=parents[i],
            end=ends[i],
            weights=tuple(row.weights),
            states_trainable=False,
            auto_named=is_auto_named(row.name, row.class_name),
        )
        for i, row in enumerate(rows)
    )


def _kind(row: Row, holds: bool) -> Kind:
    if not holds:
        return "layer"
    return "wrapper" if row.class_name in _WRAPPERS else "model"


def legacy_rows(weights: LegacyWeights) -> list[Row]:
    """Return the rows of a legacy weights-only file."""
    rows: list[Row] = []
    for group in weights.groups:
        rows += _legacy_group(group)
    return rows


def _legacy_group(group: LayerGroup) -> list[Row]:
    """Split a group into rows by the folders in its weights' names."""
    present = [w for w in group.weights if w.found is not None]
    owned: dict[str, list[StoredWeight]] = {}
    for weight in present:
        owned.setdefault(_folder(weight.name, group.name), []).append(weight)
    top = Row(group.name, 0)
    if len(owned) < 2:
        _fill(top, present)
        return [top]
    rows: list[Row] = []
    for path in _preorder(list(owned)):
        row = Row(path.rpartition("/")[2], path.count("/") + 1) if path else top
        _fill(row, owned.get(path, []))
        rows.append(row)
    return rows


def _folder(name: str, group: str) -> str:
    """Return the folders of a weight's name without the group's own and without cells."""
    parts = bare(name).split("/")[:-1]
    while parts and parts[0] == group:
        parts = parts[1:]
    if len(parts) > 1 and _CELL.match(parts[-1]):
        parts = parts[:-1]
    return "/".join(part or "_" for part in parts[:100])


def _preorder(paths: list[str]) -> list[str]:
    """Return the paths and all that enclose them, enclosing ones first, "" at the start."""
    inner: dict[str, list[str]] = {}
    known = {""}
    for path in paths:
        missing: list[str] = []
        while path not in known:
            known.add(path)
            missing.append(path)
            path = path.rpartition("/")[0]
        for step in reversed(missing):
            inner.setdefault(step.rpartition("/")[0], []).append(step)
    order: list[str] = []
    stack = [""]
    while stack:
        path = stack.pop()
        order.append(path)
        stack.extend(reversed(inner.get(path, [])))
    return order


def _fill(row: Row, weights: list[StoredWeight]) -> None:
    names = short_names([w.name for w in weights], row.name) if weights else []
    row.weights += [
        as_weight(weight, name, is_trained(name, weight.found.dtype if weight.found else ""))
        for weight, name in zip(weights, names, strict=True)
    ]

"""Layers of files without a configuration, from the groups that hold the weights.

- Keras 3 ``.weights.h5``: the groups under ``layers``, named by the attribute ``name`` where
  there is one, in the order in which they were written;
- HDF5 without Keras: every group.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import UnreadableFile
from ..model import Weight
from .attributes import read_text
from .class_weights import known_class
from .guards import Refused, Stored, address, child, is_dataset, is_group, links, stored
from .guesses import specs_for, unnamed_specs
from .joined import restore, unjoin
from .keras3 import NOT_LAYERS, OLD_LAYERS, name_weights, natural, sort_found
from .legacy import Problems, StoredWeight, as_weight, to_text, walk
from .low import Handle
from .rows import Row
from .weight_specs import Spec

_CONTAINERS = frozenset({"layers", OLD_LAYERS.decode(), "cells"})
_FOLDED = frozenset({"cell", "seed_generator"})
"""Parts of a layer that have no row of their own."""
_COUNTER = re.compile(r"(.*?)(?:_(\d+))?\Z", re.DOTALL)
MAX_ROWS = 200_000


@dataclass(slots=True)
class _Visit:
    """A group still to be visited."""

    group: Handle
    path: str
    key: str
    depth: int


def keras3_rows(root: Handle, problems: Problems) -> list[Row]:
    """Return the rows of a Keras 3 weights file."""
    root, true_paths = unjoin(root, child, links)
    rows = _tree_rows(root, problems, keras=True)
    if true_paths:
        for row in rows:
            row.weights = list(restore(tuple(row.weights), true_paths))
    return rows


def other_rows(root: Handle, problems: Problems) -> list[Row]:
    """Return a row for each group of an HDF5 file that Keras did not write."""
    return _tree_rows(root, problems, keras=False)


def _tree_rows(root: Handle, problems: Problems, keras: bool) -> list[Row]:
    rows: list[Row] = []
    visited = {address(root)}
    stack = list(reversed(_members(root, "", 0, problems, visited, keras, top=True)))
    if not keras:
        loose = _datasets(root, "", problems)
        if loose:
            rows.append(Row("/", 0, loose))
    while stack:
        visit = stack.pop()
        if len(rows) > MAX_ROWS:
            problems.add("the group", visit.path.encode("utf-8", "replace"), "is one too many")
            break
        if keras and visit.key in _CONTAINERS:
            inner = _members(visit.group, visit.path, visit.depth, problems, visited, keras)
            stack.extend(reversed(inner))
            continue
        row = Row(visit.key, visit.depth)
        rows.append(row)
        if not keras:
            row.weights = _datasets(visit.group, visit.path, problems)
        elif _keras_row(row, visit, problems):
            continue
        inner = _members(
            visit.group, visit.path, visit.depth + 1, problems, visited, keras,
            keeps_cell=row.class_name == "RNN",
        )  # fmt: skip
        stack.extend(reversed(_sides(inner)))
    return rows


def _keras_row(row: Row, visit: _Visit, problems: Problems) -> bool:
    """Fill a row from a Keras 3 group; return whether all below the group is in it."""
    known = known_class(_counter(visit.key)[0])
    row.class_name = known.name if known else ""
    row.name = _stated_name(visit.group) or visit.key
    if known is not None and known.folds:
        found = sort_found(walk(visit.group, visit.path, problems), visit.path)
        specs = specs_for(known.name, _places(found, visit.path))
    else:
        found = _own_pairs(visit, problems, cell=row.class_name != "RNN")
        places = _places(found, visit.path)
        if row.class_name == "SpectralNormalization":
            # Keras stores the wrapped layer's kernel a second time, as 0.
            found = [pair for pair in found if not pair[0].endswith("/vars/0")]
            specs = [Spec("vector_u", False, number=1)]
        else:
            guess, specs = unnamed_specs(places)
            row.class_name = row.class_name or guess
    row.weights = name_weights(row.class_name, visit.path, found, specs)
    return known is not None and known.folds


def _places(found: list[tuple[str, Stored]], path: str) -> dict[str, tuple[int, ...]]:
    return {full[len(path) + 1 :]: what.shape for full, what in found}


def _sides(visits: list[_Visit]) -> list[_Visit]:
    """Put a Bidirectional's forward layer first, and leave its template out."""
    keys = {visit.key: visit for visit in visits}
    if not {"forward_layer", "backward_layer"} <= set(keys):
        return visits
    rest = [v for v in visits if v.key not in ("layer", "forward_layer", "backward_layer")]
    return [keys["forward_layer"], keys["backward_layer"], *rest]


def _members(
    group: Handle,
    path: str,
    depth: int,
    problems: Problems,
    visited: set[int],
    keras: bool,
    top: bool = False,
    keeps_cell: bool = False,
) -> list[_Visit]:
    """Return the groups directly inside that get a row, in the order they were written."""
    found: list[tuple[int, _Visit]] = []
    for name, _ in links(group):
        if keras and (name == b"vars" or (top and name in NOT_LAYERS)):
            continue
        key = to_text(name)
        if keras and key in _FOLDED and not (key == "cell" and keeps_cell):
            continue
        member = _open(group, name, problems)
        if member is None or not is_group(member) or (place := address(member)) in visited:
            continue
        visited.add(place)
        found.append((_written(member, place), _Visit(member, f"{path}/{key}", key, depth)))
    if not keras:
        return sorted((v for _, v in found), key=lambda v: natural(v.key))
    by_place = [visit for _, visit in sorted(found, key=lambda pair: pair[0])]
    if _counters_ascend(by_place):
        return by_place
    return sorted(by_place, key=lambda v: natural(v.key))


def _written(group: Handle, place: int) -> int:
    """Return about when a group was written, as an address.

    Keras writes layer by layer, so addresses grow in the model's order; only a header that
    fits a hole is out of line, which the group of the variables then is not.
    """
    try:
        return max(place, address(child(group, b"vars") or group))
    except UnreadableFile:
        return place


def _counters_ascend(visits: list[_Visit]) -> bool:
    """Whether ``dense``, ``dense_1``, ``dense_2`` come in this order, for every class."""
    last: dict[str, int] = {}
    for visit in visits:
        base, number = _counter(visit.key)
        if number < last.get(base, -1):
            return False
        last[base] = number
    return True


def _counter(key: str) -> tuple[str, int]:
    found = _COUNTER.match(key[:500])
    if found is None or found[2] is None or len(found[2]) > 9:
        return key, 0
    return found[1], int(found[2])


def _open(group: Handle, name: bytes, problems: Problems) -> Handle | None:
    try:
        return child(group, name)
    except Refused as error:
        problems.refused(error)
        return None


def _stated_name(group: Handle) -> str | None:
    try:
        variables = child(group, b"vars")
        return read_text(variables, "name", 1 << 16) or None if variables is not None else None
    except UnreadableFile:
        return None


def _own_pairs(visit: _Visit, problems: Problems, cell: bool) -> list[tuple[str, Stored]]:
    """Return the datasets directly in a group and in its folded parts."""
    found = _pairs(visit.group, visit.path, problems)
    parts = [b"vars", b"seed_generator", *([b"cell"] if cell else [])]
    for name in parts:
        part = _open(visit.group, name, problems)
        if part is not None and is_group(part):
            found += walk(part, f"{visit.path}/{name.decode()}", problems)
    return sort_found(found, visit.path)


def _pairs(group: Handle, path: str, problems: Problems) -> list[tuple[str, Stored]]:
    found: list[tuple[str, Stored]] = []
    for name, _ in links(group):
        member = _open(group, name, problems)
        if member is not None and is_dataset(member):
            try:
                found.append((f"{path}/{to_text(name)}", stored(member)))
            except Refused as error:
                problems.refused(error)
    return found


def _datasets(group: Handle, path: str, problems: Problems) -> list[Weight]:
    """Return the datasets directly in a group, named as they are."""
    return [
        as_weight(StoredWeight(full, full, what), full.rpartition("/")[2])
        for full, what in sorted(_pairs(group, path, problems), key=lambda p: natural(p[0]))
    ]

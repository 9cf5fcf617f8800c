"""Checkpoints of one run, one after the other: which weights are still moving."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from ..errors import UnreadableFile
from ..files import open_model
from ..files.arrays import ArrayFile, StoredArray, open_arrays
from ..model import Model, Weight
from .array_pairs import compare_arrays
from .compare import Report, progress_of
from .compare_results import Trail, TrailRow
from .moments import Moments
from .results import NotNumeric
from .streaming import Advance, over_elements

MAX_FILES = 200
"""Checkpoints that are compared at once; all of them are kept open."""


def trail(paths: Sequence[str | os.PathLike[str]], report: Report = lambda _: None) -> Trail:
    """Follow every weight of the first file through all of them, in the order given.

    Weights go by layer path and name; those that are not in all files with the first one's
    shape, or cannot be read, are listed. Raises UnreadableFile and its kin, and Cancelled.
    """
    if len(paths) > MAX_FILES:
        raise UnreadableFile(
            f"{len(paths):,} files are too many to follow weights through at once; give up to "
            f"{MAX_FILES}, say every tenth."
        )
    models = [open_model(path) for path in paths]
    with ExitStack() as stack:
        files = [stack.enter_context(open_arrays(m.file.path, m.file)) for m in models]
        advance = progress_of((*models, *models), report)  # all but the ends are read twice
        rows, layers, missing = list[TrailRow](), list[TrailRow](), list[str]()
        tables = [_weights(model) for model in models]
        for layer, trained, paths_inside in _groups(models[0]):
            found = list[_Path]()
            for path in paths_inside:
                way = _way(path, tables, files, advance)
                if way is None:
                    missing.append(path)
                else:
                    found.append(way)
            rows += [TrailRow(way.path, trained, *_changes([way])) for way in found]
            if found:
                layers.append(TrailRow(layer, trained, *_changes(found, advance)))
        others = {path for table in tables[1:] for path in table} - set(tables[0])
    order = {path: place for place, path in enumerate(tables[0])}
    rows.sort(key=lambda row: order[row.path])
    files_named = tuple(model.file.path for model in models)
    return Trail(files_named, tuple(rows), (*missing, *sorted(others)), tuple(layers))


def _weights(model: Model) -> dict[str, Weight]:
    return {
        f"{layer.path}/{weight.name}": weight for layer in model.layers for weight in layer.weights
    }


def _groups(model: Model) -> Iterator[tuple[str, bool, list[str]]]:
    """Yield each layer's weights by path: those that are trained, then those that never are."""
    for layer in model.layers:
        for trained in (True, False):
            names = [weight.name for weight in layer.weights if weight.trainable is trained]
            if names:
                yield layer.path, trained, [f"{layer.path}/{n}" for n in dict.fromkeys(names)]


@dataclass(frozen=True)
class _Move:
    """How far a weight moved from one file to another."""

    relative: float | None
    difference: float | None
    """L2 norm of the difference; None where it is not defined."""
    before: float | None
    """L2 norm of the old values; None where it was not computed, as nothing moved."""


@dataclass(frozen=True)
class _Path:
    """A weight's way through all files."""

    path: str
    arrays: Sequence[StoredArray]
    moves: Sequence[_Move]
    """From each file to the next, then from the first to the last."""


def _way(
    path: str,
    tables: Sequence[Mapping[str, Weight]],
    files: Sequence[ArrayFile],
    advance: Advance,
) -> _Path | None:
    """Follow one weight; None where a file lacks it, has it in another shape or damaged."""
    chain = [table.get(path) for table in tables]
    shape = tables[0][path].shape
    same = [w for w in chain if w is not None and w.shape == shape]
    if len(same) < len(files):
        return None
    try:
        arrays = [file.array(weight.dataset) for file, weight in zip(files, same, strict=True)]
        last = len(arrays) - 1
        pairs = [*((arrays[i], arrays[i + 1]) for i in range(last)), (arrays[0], arrays[last])]
        return _Path(path, arrays, [_move(old, new, advance) for old, new in pairs])
    except UnreadableFile:
        return None


def _move(old: StoredArray, new: StoredArray, advance: Advance) -> _Move:
    state, numbers = compare_arrays(old, new, advance)
    if numbers is not None:
        return _Move(numbers.relative_l2, numbers.l2_difference, numbers.l2_old)
    return _Move(None, None, None) if state == "changed" else _Move(0.0, 0.0, None)


def _changes(
    ways: Sequence[_Path], advance: Advance = lambda _: None
) -> tuple[tuple[float | None, ...], float | None]:
    """Return the relative changes of weights taken together: step by step, and in all."""
    steps = range(len(ways[0].moves))
    found = [_change(ways, step, advance) for step in steps]
    return tuple(found[:-1]), found[-1]


def _change(ways: Sequence[_Path], step: int, advance: Advance) -> float | None:
    moves = [way.moves[step] for way in ways]
    if len(moves) == 1 or all(move.relative == 0.0 for move in moves):
        return moves[0].relative
    differences = [move.difference for move in moves]
    if None in differences:
        return None
    begin = 0 if step == len(ways[0].arrays) - 1 else step
    before = math.hypot(
        *(
            _norm(way.arrays[begin], advance) if move.before is None else move.before
            for way, move in zip(ways, moves, strict=True)
        )
    )
    return math.hypot(*(d for d in differences if d is not None)) / before if before else None


def _norm(array: StoredArray, advance: Advance) -> float:
    """Return the L2 norm of an array's finite elements; 0 where there are no numbers."""
    try:
        first, *others = over_elements(array, Moments, Moments.add, advance)
    except NotNumeric:
        return 0.0
    for other in others:
        first.merge(other)
    return first.statistics().l2

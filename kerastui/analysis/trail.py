"""Checkpoints of one run, one after the other: which weights are still moving."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack

from ..errors import UnreadableFile
from ..files import open_model
from ..files.arrays import ArrayFile, open_arrays
from ..model import Model, Weight
from .array_pairs import compare_arrays
from .compare import Report, progress_of
from .compare_results import Trail, TrailRow
from .streaming import Advance

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
        rows, missing = list[TrailRow](), list[str]()
        tables = [_weights(model) for model in models]
        for path, weight in tables[0].items():
            chain = [table.get(path) for table in tables]
            same = [w for w in chain if w is not None and w.shape == weight.shape]
            try:
                row = _row(path, same, files, advance) if len(same) == len(files) else None
            except UnreadableFile:
                row = None
            if row is None:
                missing.append(path)
            else:
                rows.append(row)
        others = {path for table in tables[1:] for path in table} - set(tables[0])
    return Trail(
        tuple(model.file.path for model in models), tuple(rows), (*missing, *sorted(others))
    )


def _weights(model: Model) -> dict[str, Weight]:
    return {
        f"{layer.path}/{weight.name}": weight for layer in model.layers for weight in layer.weights
    }


def _row(
    path: str, weights: Sequence[Weight], files: Sequence[ArrayFile], advance: Advance
) -> TrailRow:
    arrays = [file.array(weight.dataset) for file, weight in zip(files, weights, strict=True)]

    def moved(old: int, new: int) -> float | None:
        state, numbers = compare_arrays(arrays[old], arrays[new], advance)
        if numbers is None:
            return None if state == "changed" else 0.0
        return numbers.relative_l2

    steps = tuple(moved(i, i + 1) for i in range(len(arrays) - 1))
    return TrailRow(path, weights[0].trainable, steps, moved(0, len(arrays) - 1))

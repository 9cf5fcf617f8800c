"""A comparison as plain JSON values: the stable schema of ``kerastui diff --json``.

Schema version 1, described in ``docs/diff-json.md``. Keys are only ever added within a version.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from .compare_results import (
    Comparison,
    FileSide,
    LayerChange,
    SettingChange,
    Trail,
    TrailRow,
    WeightChange,
)

SCHEMA = 1


def comparison_as_json(found: Comparison) -> dict[str, Any]:
    """Return a comparison of two files as JSON values; NaN never occurs in it."""
    return {
        "schema": SCHEMA,
        "same": found.same,
        "old": _side(found.old),
        "new": _side(found.new),
        "frozen": {
            "layers": found.frozen.layers,
            "stayed": found.frozen.stayed,
            "moved": list(found.frozen.moved),
            "statistics_moved": list(found.frozen.statistics),
            "known": found.frozen.known,
            "unreadable": list(found.frozen.unreadable),
            "only_new": {
                "layers": found.frozen.only_new,
                "moved": list(found.frozen.only_new_moved),
            },
        },
        "weights": _counts(w for layer in found.layers for w in layer.weights),
        "layers": [_layer(layer) for layer in found.layers],
        "other_weights": [_weight(weight) for weight in found.loose],
        "model": _settings(found.model),
        "compile": _settings(found.compile),
        "optimizer_state": {
            "status": found.state.status,
            "same": found.state.same,
            "reason": found.state.reason or None,
            "slots": [_weight(slot) for slot in found.state.slots],
        },
    }


def trail_as_json(found: Trail) -> dict[str, Any]:
    """Return a comparison of checkpoints as JSON values."""
    return {
        "schema": SCHEMA,
        "same": not found.moving and not found.missing,
        "files": list(found.files),
        "weights": [_trail_row(row) for row in found.rows],
        "layers": [_trail_row(row) for row in found.layers],
        "not_in_all": list(found.missing),
    }


def _trail_row(row: TrailRow) -> dict[str, Any]:
    return {
        "path": row.path,
        "trained": row.trained,
        "relative_l2": list(row.changes),
        "total_relative_l2": row.total,
    }


def _side(side: FileSide) -> dict[str, Any]:
    return {
        "file": side.path,
        "format": side.format,
        "keras_version": side.keras_version or None,
        "model": {"name": side.model, "class_name": side.class_name},
        "layers": side.layers,
        "parameters": side.parameters,
    }


def _counts(weights: Iterable[WeightChange]) -> dict[str, int]:
    counts = Counter(weight.state for weight in weights)
    states = ("identical", "equal", "changed", "shape", "added", "removed", "unreadable")
    return {state: counts.get(state, 0) for state in states}


def _layer(layer: LayerChange) -> dict[str, Any]:
    return {
        "path": layer.path,
        "old_path": layer.old_path or None,
        "class_name": layer.class_name or None,
        "status": layer.status,
        "matched_by": layer.how if layer.status == "both" else None,
        "renamed": layer.renamed,
        "same": layer.same,
        "frozen_in_both": layer.frozen,
        "settings": _settings(layer.settings),
        "trainable": _flags(layer.trainable),
        "effective_trainable": _flags(layer.effective),
        "weights": [_weight(weight) for weight in layer.weights],
    }


def _settings(changes: Iterable[SettingChange]) -> list[dict[str, str | None]]:
    return [{"name": c.name, "old": c.old or None, "new": c.new or None} for c in changes]


def _flags(flags: tuple[bool, bool] | None) -> dict[str, bool] | None:
    return None if flags is None else {"old": flags[0], "new": flags[1]}


def _weight(weight: WeightChange) -> dict[str, Any]:
    return {
        "name": weight.name,
        "old_name": weight.old_name or None,
        "state": weight.state,
        "trained": weight.trained,
        "moving_statistics": weight.statistics,
        "old": _array(weight.old_shape, weight.old_dtype),
        "new": _array(weight.new_shape, weight.new_dtype),
        "difference": asdict(weight.numbers) if weight.numbers else None,
        "problem": weight.problem or None,
    }


def _array(shape: tuple[int, ...] | None, dtype: str) -> dict[str, Any] | None:
    return None if shape is None else {"shape": list(shape), "dtype": dtype or None}

# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false
# (Values of a JSON file are narrowed where they are used; they have no types before.)
"""Loading without some part of the compile section."""

from __future__ import annotations

from typing import Any


def without(training: Any, names: list[str]) -> Any:
    """Return a ``training_config`` or ``compile_config`` without the given names.

    Metrics of these names vanish from their lists. Without its loss, optimizer or learning
    rate schedule a model cannot be compiled: then the result is None. The lists themselves
    keep their form (one for each output), and what is given is not changed.
    """
    if not isinstance(training, dict):
        return None
    out = set(names)
    optimizer = training.get("optimizer_config", training.get("optimizer"))
    if _mentions(training.get("loss"), out) or _mentions(optimizer, out):
        return None
    kept = dict(training)
    for key in ("metrics", "weighted_metrics"):
        if kept.get(key) is not None:
            kept[key] = _prune(kept[key], out)
    return kept


def _is_out(value: Any, out: set[str]) -> bool:
    if isinstance(value, str):
        return value in out
    if not isinstance(value, dict) or not isinstance(value.get("class_name"), str):
        return False
    config = value.get("config")
    names = {value["class_name"], value.get("registered_name")}
    if isinstance(config, str):
        names.add(config)
    elif isinstance(config, dict):
        fn = config.get("fn")
        names.add(fn if isinstance(fn, str) else None)
        if isinstance(fn, dict):
            return _is_out(fn, out) or bool(names & out)
    return bool(names & out)


def _prune(value: Any, out: set[str]) -> Any:
    if isinstance(value, (list, tuple)):
        return [_prune(part, out) for part in value if not _is_out(part, out)]
    if isinstance(value, dict) and "class_name" not in value:
        return {k: _prune(v, out) for k, v in value.items() if not _is_out(v, out)}
    return None if _is_out(value, out) else value


def _mentions(value: Any, out: set[str]) -> bool:
    """Whether a name occurs anywhere in a value."""
    todo = [value]
    while todo:
        item = todo.pop()
        if _is_out(item, out):
            return True
        if isinstance(item, (list, tuple)):
            todo.extend(item)
        elif isinstance(item, dict):
            todo.extend(item.values())
    return False

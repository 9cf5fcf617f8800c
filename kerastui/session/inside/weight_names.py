"""Short names of a live layer's weights, by the rules of `kerastui.files.weight_names`.

The worker cannot import that module (it lives in another Python), so the few rules that
live variables need are repeated here; a test compares the two.
"""

from __future__ import annotations

import re
from typing import Any

_CELL = re.compile(r"\w*cells?(_\d+)?\Z")
_COLON = re.compile(r":\d+\Z")
_SIDES = ("forward_", "backward_")


def stored_name(variable: Any) -> str:
    """Return a variable's full name: Keras 3's ``path``, Keras 2's ``name``."""
    path = getattr(variable, "path", None)
    return str(path if isinstance(path, str) and path else getattr(variable, "name", ""))


def short_names(stored: list[str], layer: str) -> list[str]:
    """Return a short name for each of a layer's weights, unique among them.

    ``gru/gru_cell/kernel:0`` → ``kernel``, ``mha/query/bias`` → ``query/bias``,
    ``bi/forward_lstm/lstm_cell/bias:0`` → ``forward/bias``.
    """
    parts = [_COLON.sub("", name).split("/") for name in stored]
    lasts = [_last(p[-1], layer) for p in parts]
    if len(set(lasts)) == len(lasts):
        return lasts
    shared = 0
    while all(len(p) > shared + 1 for p in parts) and len({p[shared] for p in parts}) == 1:
        shared += 1
    names = ["/".join([*_folders(p[shared:-1]), last]) for p, last in zip(parts, lasts)]
    if len(set(names)) != len(names):
        names = ["/".join(p) for p in parts]
    return _unique(names)


def _last(name: str, layer: str) -> str:
    for side in ("", *_SIDES):
        prefix = f"{side}{layer}_"
        if name.startswith(prefix) and len(name) > len(prefix):
            rest = name[len(prefix) :]
            return f"{side[:-1]}/{rest}" if side else rest
    return name


def _folders(parts: list[str]) -> list[str]:
    kept: list[str] = []
    for part in parts:
        side = next((s[:-1] for s in _SIDES if part.startswith(s)), None)
        if side:
            kept.append(side)
        elif not _CELL.match(part):
            kept.append(part)
    return kept


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    result: list[str] = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name}@{seen[name]}")
    return result

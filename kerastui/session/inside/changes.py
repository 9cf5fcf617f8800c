"""What the user's code changed in the model: trainable flags and weights."""

from __future__ import annotations

import ast
import zlib
from collections.abc import Callable
from typing import Any

from .arrays import as_array, dtype_name
from .live import Live

_HARMLESS = (
    ast.Module, ast.Expr, ast.Constant, ast.Name, ast.Attribute, ast.Subscript, ast.Slice,
    ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Tuple, ast.List, ast.Dict,
    ast.Set, ast.JoinedStr, ast.FormattedValue, ast.operator, ast.unaryop, ast.boolop,
    ast.cmpop, ast.Load, ast.Pass,
)  # fmt: skip


def can_change(tree: ast.AST) -> bool:
    """Whether code might change a model: it calls, stores, imports, loops …

    ``1 + 1``, ``model.layers[2].kernel`` and ``_`` cannot, so nothing is looked at after.
    """
    return not all(isinstance(node, _HARMLESS) for node in ast.walk(tree))


class Watch:
    """Remembers flags and weights' fingerprints, and tells what is different now.

    A weight's fingerprint is the CRC-32 of its bytes (2 GB/s). It is taken in idle moments:
    `advance` does one weight and says whether more are to be done.
    """

    def __init__(self, live: Live) -> None:
        self._live = live
        self._flags = self._flags_now()
        self._loaded_flags = dict(self._flags)
        self._sums: dict[tuple[str, str], int] = {}
        self._loaded: dict[tuple[str, str], int] = {}
        self._waiting = [(p, name) for p, n in live.nodes.items() for name in n.weights][::-1]

    def advance(self) -> bool:
        """Take one weight's first fingerprint; return whether any is still to be taken."""
        if self._waiting:
            key = self._waiting.pop()
            self._sums[key] = self._loaded[key] = fingerprint(self._variable(key))
        return bool(self._waiting)

    def finish(self) -> None:
        """Take all first fingerprints, before code runs that might change something."""
        while self.advance():
            pass

    def flags(self) -> list[dict[str, Any]]:
        """Return the flags that changed since the last time, and remember them."""
        now = self._flags_now()
        changed = [
            {"path": p, "trainable": flag, "as_loaded": flag == self._loaded_flags[p]}
            for p, flag in now.items()
            if flag != self._flags[p]
        ]
        self._flags = now
        return changed

    def weights(self, stop: Callable[[], bool] = lambda: False) -> list[dict[str, Any]] | None:
        """Return the weights that changed since the last time, and remember them.

        None when `stop()` became true on the way; then nothing is remembered.
        """
        found: list[tuple[tuple[str, str], int]] = []
        for key in list(self._sums):
            if stop():
                return None
            now = fingerprint(self._variable(key))
            if now != self._sums[key]:
                found.append((key, now))
        self._sums.update(found)
        return [self._row(key, now) for key, now in found]

    def accept(self, path: str, name: str) -> None:
        """Remember a weight as it is now: the screen itself has set it."""
        key = (path, name)
        if key in self._waiting:
            self._waiting.remove(key)
            self._loaded[key] = fingerprint(self._variable(key))
        self._sums[key] = fingerprint(self._variable(key))

    def accept_flags(self) -> None:
        """Remember the flags as they are now."""
        self._flags = self._flags_now()

    def _row(self, key: tuple[str, str], now: int) -> dict[str, Any]:
        path, name = key
        variable = self._variable(key)
        array = as_array(variable)
        return {
            "path": path,
            "name": name,
            "index": list(self._live.nodes[path].weights).index(name),
            "shape": [int(n) for n in variable.shape],
            "dtype": dtype_name(array.dtype) if array is not None else "",
            "as_loaded": now == self._loaded[key],
        }

    def _variable(self, key: tuple[str, str]) -> Any:
        return self._live.nodes[key[0]].weights[key[1]]

    def _flags_now(self) -> dict[str, bool]:
        return effective_flags(self._live)


def effective_flags(live: Live) -> dict[str, bool]:
    """Return for each path whether what is there is trained, as ``trainable_weights`` has it.

    A frozen model trains nothing. A frozen layer inside it locks what it holds in Keras 2;
    in Keras 3 it froze that when it was set, and parts can be thawed again.
    """
    locks = not hasattr(live.model, "stateless_call")  # Keras 2
    top = bool(live.model.trainable)
    flags: dict[str, bool] = {}
    for path, node in live.nodes.items():  # preorder
        flag = top and all(bool(layer.trainable) for layer in node.layers)
        if flag and locks:
            flag = flags.get(live.parent(path), True)
        flags[path] = flag
    return flags


def fingerprint(variable: Any) -> int:
    """Return a number that (almost surely) changes when the variable's bytes do."""
    import numpy as np

    array = as_array(variable)
    if array is None:
        return 0
    flat = np.ascontiguousarray(array).reshape(-1)
    return zlib.crc32(flat.view(np.uint8)) if flat.size else 0


def set_flags(live: Live, flags: dict[str, bool]) -> None:
    """Give layers the flags that the table shows: effective ones, for all of its rows.

    Setting a container's flag sets those inside as well, in every Keras, so outer layers
    come first. What is inside a frozen container is frozen too, so that
    ``len(model.trainable_weights)`` is the same in every Keras.
    """
    if "" in flags and bool(live.model.trainable) != flags[""]:
        live.model.trainable = flags[""]
    for path, node in live.nodes.items():  # preorder
        wanted = flags.get(path)
        if wanted is None:
            continue
        for layer in node.layers:
            if bool(layer.trainable) != wanted or _differs_inside(layer, wanted):
                layer.trainable = wanted


def _differs_inside(layer: Any, wanted: bool) -> bool:
    """Whether a layer without rows inside holds parts with another flag."""
    inner = getattr(layer, "_layers", None)
    return isinstance(inner, list) and any(
        bool(getattr(part, "trainable", wanted)) != wanted for part in inner
    )

"""Changing single values inside a JSON text; every other character stays as it was.

Parsing and writing again would lose what Python's `json` does not keep: spaces, the way
numbers and characters are written, keys that occur twice. So the text is walked along the
paths that matter and everything else is skipped by the C scanner. The walk keeps a stack of
its own: models nested 500 deep are 2,000 brackets deep, more than Python's recursion limit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import SaveFailed

Path = tuple[str | int, ...]
"""Keys and list positions from the outermost value down."""
Node = dict[str | int, Any]
_Splice = tuple[int, int, str]

_SPACE = re.compile(r"[ \t\n\r]*")
_KEY = re.compile(r'("(?:[^"\\]|\\.)*")[ \t\n\r]*:[ \t\n\r]*', re.DOTALL)
_COMMA = re.compile(r"[ \t\n\r]*(,?)[ \t\n\r]*")
_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_decoder: Any = json.JSONDecoder(strict=False)
_scan: Callable[[str, int], tuple[Any, int]] = _decoder.scan_once


def set_values(
    text: str, values: Mapping[Path, str], keys: Mapping[Path, str] | None = None
) -> str:
    """Return `text` with the value at each path replaced by the JSON text given for it.

    A last key that its object lacks is put in as the object's first. `keys` maps paths whose
    last step is a key to what the key becomes; all paths are those of the old text. Raises
    SaveFailed when a path does not lead anywhere: the text is not the one that was read.
    """
    tree: Node = {}
    for path, value in values.items():
        _node(tree, path[:-1])[path[-1]] = value
    for path, key in (keys or {}).items():
        # The key's value may be wanted as well: it moves into a node beside the new key.
        above = _node(tree, path[:-1])
        above[path[-1]] = _Renamed(json.dumps(key), above.get(path[-1]))
    return _spliced(text, sorted(_collect(text, tree)))


def set_items(text: str, place: Path, count: int, gone: Container[int], new: Sequence[str]) -> str:
    """Return `text` with other items in the list at `place`; what stays keeps its characters.

    Args:
        text: a JSON text.
        place: where the list is.
        count: how many items it has.
        gone: positions of items to leave out, not all of them.
        new: JSON texts of items to put at the end.

    Raises SaveFailed when there is no such list.
    """
    tree: Node = {}
    for i in range(count):
        _node(tree, place)[i] = ""
    items = [(start, end) for start, end, _ in sorted(_collect(text, tree))]
    if len(items) != count or not count:
        raise _lost()
    between = text[items[-2][1] : items[-1][0]] if count > 1 else ", "
    splices: list[_Splice] = []
    for i in range(count):
        if i in gone:
            leading = all(k in gone for k in range(i))
            last = items[i + 1][0] if leading else items[i][1]
            splices.append((items[i][0] if leading else items[i - 1][1], last, ""))
    end = items[-1][1]
    splices.append((end, end, "".join(between + item for item in new)))
    return _spliced(text, splices)


def _spliced(text: str, splices: Iterable[_Splice]) -> str:
    parts: list[str] = []
    at = 0
    for start, end, value in splices:
        parts += (text[at:start], value)
        at = end
    parts.append(text[at:])
    return "".join(parts)


@dataclass(frozen=True)
class _Renamed:
    """A wanted key: its new JSON text, and what is wanted of its value (None: nothing)."""

    text: str
    value: Any


def _node(tree: Node, path: Path) -> Node:
    for step in path:
        tree = tree.setdefault(step, {})
    return tree


@dataclass
class _Open:
    """An object or a list whose end has not been reached."""

    start: int
    closing: str
    wanted: Node
    sink: list[_Splice]
    count: int = 0
    found: dict[str | int, list[_Splice]] = field(default_factory=dict[str | int, list[_Splice]])


def _collect(text: str, tree: Node) -> list[_Splice]:
    splices: list[_Splice] = []
    at = _skip_space(text, 0)
    stack = [_opened(text, at, tree, splices)]
    at = _skip_space(text, at + 1)
    while stack:
        top = stack[-1]
        if text[at : at + 1] == top.closing:
            _finish(top)
            stack.pop()
            at += 1
        else:
            wanted, inner, at = _next(text, at, top)
            if isinstance(wanted, dict):
                stack.append(_opened(text, at, wanted, inner))  # pyright: ignore[reportUnknownArgumentType]
                at = _skip_space(text, at + 1)
                continue
            end = _skip_value(text, at)
            if wanted is not None:
                inner.append((at, end, wanted))
            at = end
        if stack:
            at = _after_value(text, at, stack[-1].closing)
    return splices


def _opened(text: str, at: int, wanted: Node, sink: list[_Splice]) -> _Open:
    closing = {"{": "}", "[": "]"}.get(text[at : at + 1])
    if closing is None:
        raise _lost()
    return _Open(at, closing, wanted, sink)


def _next(text: str, at: int, top: _Open) -> tuple[Any, list[_Splice], int]:
    """Return what is wanted of the next value of `top`, where it goes, where it begins."""
    key: str | int = top.count
    top.count += 1
    start, end = at, at
    if top.closing == "}":
        match = _KEY.match(text, at)
        if match is None:
            raise _lost()
        key = _unquoted(match[1])
        end, at = match.end(1), match.end()
    if key not in top.wanted:
        return None, [], at
    inner: list[_Splice] = []
    top.found[key] = inner  # of equal keys the last one counts, as for every reader
    wanted = top.wanted[key]
    if isinstance(wanted, _Renamed):
        inner.append((start, end, wanted.text))
        wanted = wanted.value
    return wanted, inner, at


def _finish(top: _Open) -> None:
    """Hand on what was collected; put in the keys that are missing."""
    rest = ", " if top.count else ""
    for key, wanted in top.wanted.items():
        if key in top.found:
            top.sink += top.found[key]
        elif isinstance(wanted, str) and isinstance(key, str) and top.closing == "}":
            at = top.start + 1
            top.sink.append((at, at, f"{json.dumps(key)}: {wanted}{rest}"))
        else:
            raise _lost()


def _after_value(text: str, at: int, closing: str) -> int:
    match = _COMMA.match(text, at)
    end = match.end() if match else at
    if not (match and match[1]) and text[end : end + 1] != closing:
        raise _lost()
    return end


def _skip_value(text: str, at: int) -> int:
    try:
        return _scan(text, at)[1]
    except RecursionError:
        return _skip_deep(text, at)
    except (ValueError, StopIteration):
        raise _lost() from None


def _skip_deep(text: str, at: int) -> int:
    depth = 0
    for match in _BRACKET.finditer(text, at):
        sign = match.group()
        depth += (sign in "{[") - (sign in "}]")
        if depth <= 0:
            return match.end()
    raise _lost()


def _unquoted(quoted: str) -> str:
    if "\\" not in quoted:
        return quoted[1:-1]
    try:
        return str(json.loads(quoted, strict=False))
    except ValueError:
        raise _lost() from None


def _skip_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _lost() -> SaveFailed:
    return SaveFailed(
        "The model's configuration in the file is not as it was when the file was opened; "
        "nothing was written. Open the file again."
    )

"""Objects as text, however big they are and whatever their ``__repr__`` does."""

from __future__ import annotations

from typing import Any

MAX_TEXT = 100_000
"""Characters of one value that are sent."""
_BRACKETS = {list: "[]", tuple: "()", set: "{}", frozenset: ("frozenset({", "})")}
_MAX_DEPTH = 30


def bounded_repr(value: Any, limit: int = MAX_TEXT) -> str:
    """Return ``repr(value)``, cut at `limit` characters without making the whole of it.

    Lists, dictionaries and the like are walked only as far as they are shown: the repr of
    10^8 numbers takes no longer than that of a thousand.
    """
    writer = _Writer(limit)
    try:
        writer.put(value, 0)
    except _Full:
        return "".join(writer.parts)[:limit] + " …"
    return "".join(writer.parts)


class _Full(Exception):
    pass


class _Writer:
    def __init__(self, limit: int) -> None:
        self.parts: list[str] = []
        self.room = limit
        self.open: set[int] = set()

    def add(self, text: str) -> None:
        self.parts.append(text[: self.room])
        self.room -= len(text)
        if self.room < 0:
            raise _Full

    def put(self, value: Any, depth: int) -> None:
        kind = type(value)
        if kind in (list, tuple, set, frozenset, dict):
            self._container(value, depth)
        elif kind is str or kind is bytes:
            self.add(repr(value[: self.room + 1]))
        elif kind is int:
            self.add(_integer(value))
        else:
            self.add(_plain(value))

    def _container(self, value: Any, depth: int) -> None:
        if id(value) in self.open or depth > _MAX_DEPTH:
            self.add("...")
            return
        self.open.add(id(value))
        if isinstance(value, dict):
            self._dict(value, depth)
        else:
            self._items(value, depth)
        self.open.discard(id(value))

    def _items(self, value: Any, depth: int) -> None:
        if not value and not isinstance(value, (list, tuple)):
            self.add(repr(value))
            return
        start, end = _BRACKETS[type(value)]
        self.add(start)
        for i, item in enumerate(value):
            if i:
                self.add(", ")
            self.put(item, depth + 1)
        self.add(("," if isinstance(value, tuple) and len(value) == 1 else "") + end)

    def _dict(self, value: dict[Any, Any], depth: int) -> None:
        self.add("{")
        for i, (key, item) in enumerate(value.items()):
            if i:
                self.add(", ")
            self.put(key, depth + 1)
            self.add(": ")
            self.put(item, depth + 1)
        self.add("}")


def _integer(value: int) -> str:
    try:
        return repr(value)
    except ValueError:  # Python refuses to write out thousands of digits
        return f"an integer of about {int(value.bit_length() * 0.30103):,} digits"


def _plain(value: Any) -> str:
    try:
        text = repr(value)
    except Exception as error:
        return f"<{type(value).__name__} whose repr failed: {type(error).__name__}: {say(error)}>"
    return text if isinstance(text, str) else f"<{type(value).__name__}>"


def say(error: BaseException, limit: int = 4000) -> str:
    """Return an exception's message, whatever happens on the way."""
    try:
        text = str(error)
    except Exception as inner:
        return f"(its message cannot be shown: {type(inner).__name__})"
    return text if len(text) <= limit else text[:limit] + " …"


def headline(error: BaseException, limit: int = 600) -> str:
    """Return ``ValueError: …`` on one line."""
    message = " ".join(say(error).split())
    if len(message) > limit:
        message = message[: limit - 1] + "…"
    name = type(error).__name__
    return f"{name}: {message}" if message else name

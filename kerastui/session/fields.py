"""A message of the Keras process, read with care."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

Shape = tuple[int | None, ...]


class Fields:
    """A JSON object from the worker, read with care."""

    def __init__(self, value: object) -> None:
        self.all: Mapping[str, Any] = (
            cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
        )

    def text(self, key: str, default: str = "") -> str:
        """Return a string."""
        value = self.all.get(key)
        return value if isinstance(value, str) else default

    def number(self, key: str, default: int = 0) -> int:
        """Return a whole number."""
        value = self.all.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else default

    def real(self, key: str) -> float | int | None:
        """Return a number, or None."""
        value = self.all.get(key)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    def flag(self, key: str) -> bool:
        """Return a truth value; False if missing."""
        return self.all.get(key) is True

    def items(self, key: str) -> list[Any]:
        """Return a list; empty if missing."""
        value = self.all.get(key)
        return cast("list[Any]", value) if isinstance(value, list) else []

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list's strings."""
        return tuple(v for v in self.items(key) if isinstance(v, str))

    def inner(self, key: str) -> Fields:
        """Return an object inside this one; empty if missing."""
        return Fields(self.all.get(key))

    def rows(self, key: str) -> list[Fields]:
        """Return a list of objects."""
        return [Fields(v) for v in self.items(key)]


def read_shape(value: object) -> Shape:
    """Return a JSON list as a shape; what is no number becomes None."""
    items = cast("list[Any]", value) if isinstance(value, list) else []
    return tuple(n if isinstance(n, int) and not isinstance(n, bool) else None for n in items)


def read_sizes(value: object) -> tuple[int, ...]:
    """Return a JSON list as the shape of an array; what is no size becomes 0."""
    return tuple(n if n is not None and n >= 0 else 0 for n in read_shape(value))

"""The JSON form of an edit: which kinds there are, and reading their fields with care.

An edit registers itself where it is defined::

    @form("rename")
    @dataclass(frozen=True)
    class Rename:
        def to_fields(self) -> dict[str, Any]: ...
        @classmethod
        def from_fields(cls, fields: Fields) -> Rename: ...

`codec` puts such fields together into a document and takes them apart again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeVar, cast

from ..errors import BadEdit
from ..model import ArraySource, Model, safe_text

Complete = Callable[[ArraySource], ArraySource]
"""Finds out shape and dtype of an array of which the JSON names only the file."""


class Formed(Protocol):
    """An edit that has a JSON form."""

    def describe(self) -> str:
        """Say in a few words what the edit does."""
        ...

    def apply(self, model: Model) -> Model:
        """Return the changed description. Raises BadEdit."""
        ...

    def to_fields(self) -> dict[str, Any]:
        """Return what the edit's JSON object holds besides its kind: plain values, sources."""
        ...

    @classmethod
    def from_fields(cls, fields: Fields) -> Formed:
        """Return the edit that the fields describe. Raises BadEdit."""
        ...


E = TypeVar("E", bound=Formed)
_REQUIRED = object()
_KINDS: dict[str, type[Formed]] = {}
_NAMES: dict[type[Formed], str] = {}


def form(kind: str) -> Callable[[type[E]], type[E]]:
    """Register an edit's class as the one whose JSON objects have ``"edit": kind``."""

    def register(cls: type[E]) -> type[E]:
        if _KINDS.setdefault(kind, cls) is not cls:
            raise ValueError(f"two kinds of edit are called {kind!r}")
        _NAMES[cls] = kind
        return cls

    return register


def kinds() -> tuple[str, ...]:
    """Return all kinds that are registered."""
    return tuple(_KINDS)


def class_of(kind: str) -> type[Formed] | None:
    """Return the class of a kind; None if there is no such kind."""
    return _KINDS.get(kind)


def kind_of(edit: object) -> str:
    """Return an edit's kind. Raises TypeError for what has no form."""
    kind = _NAMES.get(cast("type[Formed]", type(edit)))
    if kind is None:
        raise TypeError(f"{type(edit).__name__} has no JSON form")
    return kind


class Fields:
    """The fields of one edit's JSON object, each taken once; what is odd raises BadEdit.

    Args:
        what: names the edit in messages: ``edits.json, edit 3 (rename)``.
        values: the object without its kind.
        base: folder from which relative paths of files count.
        complete: for arrays without a shape; None refuses them.
    """

    def __init__(
        self,
        what: str,
        values: Mapping[str, Any],
        base: str = "",
        complete: Complete | None = None,
    ) -> None:
        self._what = what
        self._left = dict(values)
        self._base = base
        self._complete = complete

    def text(self, name: str, default: str | None = None) -> str:
        """Take a text; with a default it may be missing."""
        value = self.value(name) if default is None else self.value(name, default)
        if not isinstance(value, str):
            raise self.wrong(name, "a text")
        return value

    def flag(self, name: str) -> bool:
        """Take true or false."""
        value = self.value(name)
        if not isinstance(value, bool):
            raise self.wrong(name, "true or false")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Take a list of texts."""
        value = self.value(name)
        if not isinstance(value, list) or not _all_texts(cast("list[Any]", value)):
            raise self.wrong(name, "a list of texts")
        return tuple(cast("list[str]", value))

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        """Take an object whose values are texts, in its order."""
        value = self.value(name)
        if not isinstance(value, dict) or not _all_texts(cast("dict[str, Any]", value).values()):
            raise self.wrong(name, "an object of texts")
        return tuple(cast("dict[str, str]", value).items())

    def source(self, name: str) -> ArraySource | None:
        """Take the place of an array; null gives None."""
        value = self.value(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.wrong(name, "an object that names a file, or null")
        what = f"{self._what}, {name}"
        return Fields(what, cast("dict[str, Any]", value), self._base, self._complete)._array()

    def value(self, name: str, default: object = _REQUIRED) -> Any:
        """Take any JSON value as it is; whoever takes it checks it."""
        if name in self._left:
            return self._left.pop(name)
        if default is _REQUIRED:
            raise BadEdit(f"{self._what}: {name!r} is missing; nothing was applied.")
        return default

    def end(self) -> None:
        """Raise BadEdit if anything was not taken: a misspelt field is not passed over."""
        if self._left:
            name = safe_text(next(iter(self._left)), 60)
            raise BadEdit(f"{self._what}: {name!r} is no field of it; nothing was applied.")

    def wrong(self, name: str, needed: str) -> BadEdit:
        """Return the error for a field that is not what it has to be."""
        return BadEdit(f"{self._what}: {name!r} has to be {needed}; nothing was applied.")

    def _array(self) -> ArraySource:
        """Take all fields as those of an `ArraySource`."""
        file = self.text("file")
        if not file or "\0" in file:
            raise self.wrong("file", "the path of a file")
        member, label = self.text("member", ""), self.text("label", "")
        shape, dtype = self.value("shape", None), self.text("dtype", "")
        stamp = self.value("stamp", None)
        self.end()
        if shape is not None and not _whole(shape):
            raise self.wrong("shape", "a list of whole numbers")
        if stamp is not None and not (_whole(stamp) and len(stamp) == 2):
            raise self.wrong("stamp", "size in bytes and time of change in nanoseconds")
        source = ArraySource(
            os.path.join(self._base, file),  # noqa: PTH118  keeps the text as it is
            member, tuple(shape or ()), dtype, label, tuple(stamp) if stamp else None,
        )  # fmt: skip
        if shape is not None and dtype:
            return source
        if self._complete is None:
            raise BadEdit(f"{self._what}: the array's shape and dtype are missing.")
        return self._complete(source)


def source_fields(source: ArraySource | None) -> dict[str, Any] | None:
    """Return the JSON object of an array's place, which `Fields.source` takes."""
    if source is None:
        return None
    fields: dict[str, Any] = {"file": source.file}
    if source.member:
        fields["member"] = source.member
    fields |= {"shape": list(source.shape), "dtype": source.dtype}
    if source.label:
        fields["label"] = source.label
    if source.stamp is not None:
        fields["stamp"] = list(source.stamp)
    return fields


def _all_texts(values: Iterable[object]) -> bool:
    return all(isinstance(value, str) for value in values)


def _whole(value: object) -> bool:
    """Whether a value is a list of whole numbers that are no sizes below zero."""
    return isinstance(value, list) and all(
        type(item) is int and 0 <= item < 1 << 63 for item in cast("list[object]", value)
    )

r"""Files that TensorFlow 2.12–2.15 wrote on Windows: one group ``layers\dense`` for a path.

There Keras joined the names of groups with a backslash, which HDF5 takes as a letter like any
other. `unjoin` shows such a file as the tree that was meant; `restore` gives datasets their
true paths back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..model import Weight
from .low import Handle

_SEPARATOR = b"\\"
Open = Callable[[Handle, bytes], Any]
List = Callable[[Handle], list[tuple[bytes, int]]]


class JoinedGroup:
    """A group as it was meant: a real one, or only a part of others' names."""

    def __init__(self, real: Handle | None, open_child: Open, list_links: List) -> None:
        self.real = real
        self.inner: dict[bytes, JoinedGroup] = {}
        self._open = open_child
        self._list = list_links

    @property
    def address(self) -> int:
        """Something that no other group has."""
        return -id(self)

    @property
    def members(self) -> list[bytes]:
        """Names of all members, those of parts of joined names included."""
        real = [] if self.real is None else [name for name, _ in self._list(self.real)]
        return [*(n for n in real if _SEPARATOR not in n and n not in self.inner), *self.inner]

    def child(self, name: bytes) -> Any:
        """Return a member, None if there is none."""
        if name in self.inner:
            return self.inner[name]
        return None if self.real is None else self._open(self.real, name)


def unjoin(root: Handle, open_child: Open, list_links: List) -> tuple[Handle, dict[str, str]]:
    r"""Return the root to read from, and which path stands for which true one.

    A root without backslashes comes back as it is, with an empty dictionary.
    """
    joined = [name for name, _ in list_links(root) if _SEPARATOR in name]
    if not joined:
        return root, {}
    top = JoinedGroup(root, open_child, list_links)
    paths: dict[str, str] = {}
    for name in sorted(joined):
        current = top
        for part in name.split(_SEPARATOR):
            known = current.inner.get(part)
            if known is None:
                inside = None if current.real is None else open_child(current.real, part)
                known = current.inner[part] = JoinedGroup(inside, open_child, list_links)
            current = known
        current.real = open_child(root, name)
        true = name.decode("utf-8", "surrogateescape")
        paths[f"/{true.replace(chr(92), '/')}"] = f"/{true}"
    return top, paths


def restore(weights: tuple[Weight, ...], paths: dict[str, str]) -> tuple[Weight, ...]:
    """Return weights with the true paths of their datasets."""
    return tuple(replace(weight, dataset=_true(weight.dataset, paths)) for weight in weights)


def _true(path: str, paths: dict[str, str]) -> str:
    head = path
    while head:
        if head in paths:
            return paths[head] + path[len(head) :]
        head = head.rpartition("/")[0]
    return path

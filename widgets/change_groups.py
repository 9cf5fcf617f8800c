"""Groups of changes, each with a heading, as lines that are made when they are seen."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

from .flow import Line

if TYPE_CHECKING:
    from kerastui.edits import Change


@dataclass(frozen=True)
class Group:
    """Changes of one kind: a heading on line `start`, then a line for each change."""

    start: int
    head: tuple[Line, ...]
    """The heading, with a blank line before it unless it is the first."""
    changes: tuple[Change, ...]
    indent: int = 0
    """Cells by which the changes stand further right."""

    @property
    def first(self) -> int:
        """Line of the first change."""
        return self.start + len(self.head)


class ChangeLines(Sequence[Line]):
    """The lines of all groups, made one by one when they are asked for."""

    def __init__(self, groups: tuple[Group, ...], width: int) -> None:
        self._groups, self._width = groups, width

    def __len__(self) -> int:
        last = self._groups[-1]
        return last.first + len(last.changes)

    @overload
    def __getitem__(self, index: int) -> Line: ...
    @overload
    def __getitem__(self, index: slice) -> list[Line]: ...
    def __getitem__(self, index: int | slice) -> Line | list[Line]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        group = self._groups[group_at(self._groups, index)]
        if index < group.first:
            return group.head[index - group.start]
        from .change_lines import change_line  # knows every edit; not before there is one

        change = group.changes[index - group.first]
        if not group.indent:
            return change_line(change, self._width)
        return ((" " * group.indent, ""), *change_line(change, self._width - group.indent))


def group_at(groups: tuple[Group, ...], line: int) -> int:
    """Return the index of the group that a line belongs to."""
    return max(0, bisect_right(groups, line, key=lambda group: group.start) - 1)

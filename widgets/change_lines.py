"""The lines of the "Changes" tab: changes grouped by what happened, old → new."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kerastui.edits import (
    CompileChange,
    CutChange,
    DtypeChange,
    FlagChange,
    NewLayerChange,
    WeightChange,
)
from kerastui.model import safe_text
from kerastui.model.figures import plural

from . import signs
from .change_groups import Group
from .flow import Line, cells, cut, cut_middle, heading

if TYPE_CHECKING:
    from kerastui.edits import Change

TITLES = (
    "Now trainable", "Now frozen", "New values", "Stored otherwise", "Renamed", "Cut and new",
    "Compile section",
)  # fmt: skip
WIDE = 56
"""Columns from which signs have words."""


def grouped(changes: tuple[Change, ...], width: int) -> tuple[Group, ...]:
    """Group by kind, unfrozen first: what will be trained that was not."""
    kinds: dict[str, list[Change]] = {title: [] for title in TITLES}
    for change in changes:
        kinds[_title(change)].append(change)
    groups: list[Group] = []
    start = 0
    for title, chosen in kinds.items():
        if chosen:
            number = cut(_count(chosen), max(1, width - 18))
            head = heading(title, width, [(number, "muted")])
            groups.append(Group(start, tuple(head if groups else head[1:]), tuple(chosen)))
            start = groups[-1].first + len(chosen)
    return tuple(groups)


def _title(change: Change) -> str:
    if isinstance(change, FlagChange):
        return TITLES[0] if change.new else TITLES[1]
    if isinstance(change, WeightChange):
        return TITLES[2]
    if isinstance(change, DtypeChange):
        return TITLES[3]
    if isinstance(change, (CutChange, NewLayerChange)):
        return TITLES[5]
    return TITLES[6] if isinstance(change, CompileChange) else TITLES[4]


def _count(changes: Sequence[Change]) -> str:
    if isinstance(changes[0], (WeightChange, DtypeChange)):
        return plural(len(changes), "weight")
    if isinstance(changes[0], CompileChange):
        return plural(len(changes), "setting")
    if all(change.path for change in changes):
        return plural(len(changes), "layer")
    others = len(changes) - 1
    return "the model itself" + (f" and {plural(others, 'layer')}" if others else "")


def change_line(change: Change, width: int) -> Line:
    """One change: old → new, and the path, its last name standing out."""
    if isinstance(change, FlagChange):
        left, right, role = _flag_words(change, width >= WIDE)
        path = change.path or "the model itself"
    elif isinstance(change, (WeightChange, DtypeChange)):
        left, right, role = _value_words(change, width)
        path = f"{change.path}/{change.name}"
    elif isinstance(change, (CompileChange, CutChange, NewLayerChange)):
        left, right, role = _value_words(change, width)
        path = change.name if isinstance(change, CompileChange) else change.path
    else:
        return _name_line(change, width)
    right += "  "
    room = max(8, width - 2 - cells([(left, ""), (right, "")]))
    outer, slash, name = cut_middle(safe_text(path, 400), room).rpartition("/")
    return (("  " + left, "muted"), (right, role), (outer + slash, "muted"), (name, "strong"))


def _flag_words(change: FlagChange, wide: bool) -> tuple[str, str, str]:
    """Return what stands before and after the arrow, and the role of the latter."""
    old, new = (signs.BOX_SIGNS["all" if on else "none"] for on in (change.old, change.new))
    words = (f" {change.before}", f" {change.after}") if wide else ("", "")
    return f"{old}{words[0]} → ", f"{new}{words[1]}", signs.flag(change.new)[1]


def _value_words(change: Change, width: int) -> tuple[str, str, str]:
    # Two cells before the arrow, two behind, and eight for the path at the least.
    widest = max(4, min(width // 3, width - 14))
    right = cut_middle(safe_text(change.after, 200), widest)
    left = f"{cut_middle(safe_text(change.before, 200), widest)} → " if width >= WIDE else "→ "
    return left, right, "on"


def _name_line(change: Change, width: int) -> Line:
    """A new name: old → new, and in what the layer lies."""
    room = max(8, (width - 5) // 2)
    old, new = (cut_middle(safe_text(name, 400), room) for name in (change.before, change.after))
    outer = safe_text(change.path, 400).rpartition("/")[0]
    where = f"  in {outer}" if outer else "" if change.path else "  the model itself"
    left = width - 5 - cells([(old, ""), (new, "")])
    return (("  " + old + " → ", "muted"), (new, "strong"), (cut(where, max(0, left)), "muted"))

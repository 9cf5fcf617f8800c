"""How the key help is searched and laid out: pure functions over plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from textual.content import Content

GAP = 3
"""Blank cells between two columns."""


@dataclass(frozen=True)
class KeyHelp:
    """One action and the keys that do it."""

    keys: tuple[str, ...]
    """As they are displayed: ``^s``, ``space``."""
    description: str
    tooltip: str = ""
    """More about it; may repeat the description."""
    enabled: bool = True


@dataclass(frozen=True)
class KeyGroup:
    """Keys that belong together."""

    title: str
    keys: tuple[KeyHelp, ...]


def search_groups(groups: Sequence[KeyGroup], text: str) -> tuple[KeyGroup, ...]:
    """Return the groups with only those keys that contain every word of `text`.

    A word is looked for in keys, description, tooltip and the group's title, ignoring case.
    """
    words = text.casefold().split()
    found: list[KeyGroup] = []
    for group in groups:
        kept = tuple(key for key in group.keys if _matches(group, key, words))
        if kept:
            found.append(replace(group, keys=kept))
    return tuple(found)


def _matches(group: KeyGroup, key: KeyHelp, words: Sequence[str]) -> bool:
    text = " ".join((*key.keys, key.description, key.tooltip, group.title)).casefold()
    return all(word in text for word in words)


def arrange(groups: Sequence[KeyGroup], width: int, columns: int = 1) -> list[Content]:
    """Return the lines that show `groups` on `width` cells, in one or two columns."""
    if columns == 1 or len(groups) < 2 or width < 60:
        return _column(groups, width)
    half = (width - GAP) // 2
    blocks = [len(_column([group], half)) + 1 for group in groups]
    # Groups keep their order; the split that leaves the columns most alike in height wins.
    split = min(range(1, len(groups)), key=lambda i: max(sum(blocks[:i]), sum(blocks[i:])))
    left, right = _column(groups[:split], half), _column(groups[split:], half)
    height = max(len(left), len(right))
    blank = Content("")
    left += [blank] * (height - len(left))
    right += [blank] * (height - len(right))
    return [
        Content.assemble(one, " " * (half - one.cell_length + GAP), other)
        for one, other in zip(left, right, strict=True)
    ]


def _column(groups: Sequence[KeyGroup], width: int) -> list[Content]:
    keys_width = max(
        (Content(" ".join(k.keys)).cell_length for group in groups for k in group.keys), default=0
    )
    keys_width = min(keys_width, max(4, width // 3))
    lines: list[Content] = []
    for group in groups:
        if lines:
            lines.append(Content(""))
        lines.append(Content.styled(group.title, "$text-primary bold"))
        for key in group.keys:
            lines += _entry(key, keys_width, width)
    return lines


def _entry(key: KeyHelp, keys_width: int, width: int) -> list[Content]:
    """Return the lines of one action: its keys to the left, what it does to the right."""
    left = _fit_keys(key.keys, keys_width)
    text = Content.styled(key.description, "bold" if key.enabled else "$text-disabled")
    if not key.enabled:
        text = Content.assemble(text, (" (not now)", "$text-disabled"))
    if key.tooltip and key.tooltip != key.description:
        text = Content.assemble(text, (f"  {key.tooltip}", "$foreground-muted"))
    right = text.wrap(max(4, width - keys_width - 2)) or [Content("")]
    height = max(len(left), len(right))
    blank = Content("")
    return [
        Content.assemble(" " * (keys_width - one.cell_length), one, "  ", other.rstrip())
        for one, other in zip(
            [*left, *[blank] * (height - len(left))],
            [*right, *[blank] * (height - len(right))],
            strict=True,
        )
    ]


def _fit_keys(keys: Sequence[str], width: int) -> list[Content]:
    """Return the keys on as many lines as they need."""
    rows: list[str] = []
    for key in keys:
        if rows and len(rows[-1]) + 1 + len(key) <= width:
            rows[-1] += f" {key}"
        else:
            rows.append(key[:width])
    return [Content.styled(row, "$text-accent bold") for row in rows]

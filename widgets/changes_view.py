"""The "Changes" tab: what differs from the file, old → new, each to be reverted by itself."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, overload

from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive

from kerastui.edits import FlagChange, WeightChange
from kerastui.model import safe_text
from kerastui.model.figures import plural

from . import signs
from .flow import BLANK, Line, cells, cut, cut_middle, flow, heading
from .text_panel import TextPanel

if TYPE_CHECKING:
    from textual import events

    from kerastui.edits import Change

EMPTY = (
    "Press space on a layer to freeze or unfreeze it, f to freeze everything up to it, "
    "* to choose layers by pattern; what the console assigns to a weight becomes a change too. "
    "What differs from the file is listed here."
)


@dataclass(frozen=True)
class _Group:
    """Changes of one kind: a heading on line `start`, then a line for each change."""

    start: int
    head: tuple[Line, ...]
    """The heading, with a blank line before it unless it is the first."""
    changes: tuple[Change, ...]

    @property
    def first(self) -> int:
        """Line of the first change."""
        return self.start + len(self.head)


class ChangesView(TextPanel, inherit_bindings=False):
    """What differs from the file, grouped by what happened: flags first, then weights.

    The cursor goes over the changes and the groups' headings; reverting on a heading reverts
    the whole group. Only the lines that are seen are made.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", False, tooltip="Go up a line", id="changes.up"),
        Binding("down,j", "move(1)", "Down", False, tooltip="Go down a line", id="changes.down"),
        Binding("home,g", "edge(-1)", "Top", False, tooltip="Go to the top", id="changes.home"),
        Binding("end,G", "edge(1)", "End", False, tooltip="Go to the end", id="changes.end"),
        Binding("pageup", "page(-1)", "Page up", False, tooltip="Page up", id="changes.page_up"),
        Binding(
            "pagedown", "page(1)", "Page down", False, tooltip="Page down", id="changes.page_down"
        ),
        Binding(
            "delete,backspace,r", "revert", "Revert", key_display="r", id="changes.revert",
            tooltip="Make this one, or this whole group, as it is in the file",
        ),
        Binding(
            "enter", "choose", "Go to layer", id="changes.choose",
            tooltip="Show this layer in the table",
        ),
    ]  # fmt: skip
    """
    | Key(s) | Description |
    | :- | :- |
    | up, k / down, j / pageup / pagedown / home, g / end, G | Move the cursor. |
    | delete, backspace, r | Revert the highlighted change, or the group of a heading. |
    | enter | Go to the highlighted layer. |
    """

    cursor: reactive[int] = reactive(0, repaint=False, init=False)
    """The highlighted line."""

    @dataclass
    class Revert(Message):
        """The user wants these changes to be taken back."""

        view: ChangesView
        changes: tuple[Change, ...]

        @property
        def paths(self) -> tuple[str, ...]:
            """The layers that they are about (``""``: the model)."""
            return tuple(change.path for change in self.changes)

        @property
        def control(self) -> ChangesView:
            """The view that posted it."""
            return self.view

    @dataclass
    class Chosen(Message):
        """The user wants to see the layer at `path` (``""``: the model itself)."""

        view: ChangesView
        path: str

        @property
        def control(self) -> ChangesView:
            """The view that posted it."""
            return self.view

    def __init__(
        self,
        *,
        empty: str = EMPTY,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """Create the view, without changes.

        Args:
            empty: what to say while there are no changes; names the keys that make some.
            name: The name of the widget.
            id: The ID of the widget in the DOM.
            classes: The CSS classes of the widget.
        """
        super().__init__(name=name, id=id, classes=classes)
        self._empty = empty
        self._changes: tuple[Change, ...] = ()
        self._groups: tuple[_Group, ...] = ()

    def show(self, changes: tuple[Change, ...]) -> None:
        """List these changes; the cursor stays where it is as far as it can."""
        if changes is not self._changes:  # comparing 20,000 costs more than listing them
            self._changes = changes
            self.renew(home=False)

    def build(self, width: int) -> Sequence[Line]:
        """Group the changes; their lines are made when they are seen."""
        fresh = not self._groups
        self._groups = _grouped(self._changes, width)
        if not self._groups:
            lines = flow([("No changes", "title")], width)
            lines += [BLANK, *flow([(self._empty, "muted")], width)]
            return lines
        result = _ChangeLines(self._groups, width)
        # Begin on a change, not on a heading: there one key would revert the whole group.
        at = self._groups[0].first if fresh else min(self.cursor, len(result) - 1)
        if self._targets(at) == ():
            at += 1
        self.set_reactive(ChangesView.cursor, at)
        return result

    def cursor_line(self) -> range:
        """Return the highlighted line, if there is any change."""
        return range(self.cursor, self.cursor + 1) if self._groups else range(0)

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor on a line."""
        return max(0, min(cursor, len(self._lines) - 1))

    def watch_cursor(self) -> None:
        """Bring the highlighted line into sight."""
        self.scroll_to_region(
            Region(0, self.cursor, 1, 1), animate=False, force=True, immediate=True
        )
        self.refresh()

    def _targets(self, line: int) -> tuple[Change, ...] | None:
        """Return the changes that a line stands for: one, a group's, none for a blank line."""
        if not self._groups:
            return None
        group = self._groups[_group_at(self._groups, line)]
        if line >= group.first:
            return (group.changes[line - group.first],)
        if line < group.first - 1:
            return ()
        return group.changes

    def action_move(self, lines: int) -> None:
        """Move the cursor, past blank lines."""
        target = self.cursor + lines
        if self._targets(min(max(target, 0), len(self._lines) - 1)) == ():
            target += 1 if lines > 0 else -1
        self.cursor = target

    def action_page(self, pages: int) -> None:
        """Move the cursor by pages."""
        self.action_move(pages * max(1, self.scrollable_content_region.height - 1))

    def action_edge(self, direction: int) -> None:
        """Move the cursor to the first or the last line."""
        self.cursor = 0 if direction < 0 else len(self._lines) - 1

    def action_revert(self) -> None:
        """Ask to have the highlighted change, or group, reverted."""
        if changes := self._targets(self.cursor):
            self.post_message(self.Revert(self, changes))

    def action_choose(self) -> None:
        """Ask to see the highlighted layer; of a group, its first."""
        if changes := self._targets(self.cursor):
            self.post_message(self.Chosen(self, changes[0].path))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the line that was clicked; a double click goes to the layer."""
        offset = event.get_content_offset(self)
        if offset is None or not self._groups:
            return
        line = offset.y + self.scroll_offset.y
        if line < len(self._lines) and self._targets(line):
            self.cursor = line
            if event.chain == 2:
                self.action_choose()


class _ChangeLines(Sequence[Line]):
    """The lines of all groups, made one by one when they are asked for."""

    def __init__(self, groups: tuple[_Group, ...], width: int) -> None:
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
        group = self._groups[_group_at(self._groups, index)]
        if index < group.first:
            return group.head[index - group.start]
        return _change_line(group.changes[index - group.first], self._width)


def _group_at(groups: tuple[_Group, ...], line: int) -> int:
    return max(0, bisect_right(groups, line, key=lambda group: group.start) - 1)


def _grouped(changes: tuple[Change, ...], width: int) -> tuple[_Group, ...]:
    """Group by kind, unfrozen first: what will be trained that was not."""
    kinds: dict[str, list[Change]] = {"Now trainable": [], "Now frozen": [], "New values": []}
    unfrozen, frozen, weights = kinds.values()
    for change in changes:
        if isinstance(change, WeightChange):
            weights.append(change)
        else:
            (unfrozen if change.new else frozen).append(change)
    groups: list[_Group] = []
    start = 0
    for title, chosen in kinds.items():
        if chosen:
            number = cut(_count(chosen), max(1, width - 18))
            head = heading(title, width, [(number, "muted")])
            groups.append(_Group(start, tuple(head if groups else head[1:]), tuple(chosen)))
            start = groups[-1].first + len(chosen)
    return tuple(groups)


def _count(changes: Sequence[Change]) -> str:
    if isinstance(changes[0], WeightChange):
        return plural(len(changes), "weight")
    if all(change.path for change in changes):
        return plural(len(changes), "layer")
    others = len(changes) - 1
    return "the model itself" + (f" and {plural(others, 'layer')}" if others else "")


def _change_line(change: Change, width: int) -> Line:
    """One change: old → new, and the path, its last name standing out."""
    wide = width >= 56
    if isinstance(change, FlagChange):
        left, right, role = _flag_words(change, wide)
        path = change.path or "the model itself"
    else:
        left = f"{change.before} → " if wide else "→ "
        right, role = cut_middle(safe_text(change.after, 200), max(8, width // 3)), "on"
        path = f"{change.path}/{change.name}"
    right += "  "
    room = max(8, width - 2 - cells([(left, ""), (right, "")]))
    outer, slash, name = cut_middle(safe_text(path, 400), room).rpartition("/")
    return (("  " + left, "muted"), (right, role), (outer + slash, "muted"), (name, "strong"))


def _flag_words(change: FlagChange, wide: bool) -> tuple[str, str, str]:
    """Return what stands before and after the arrow, and the role of the latter."""
    old, new = (signs.BOX_SIGNS["all" if on else "none"] for on in (change.old, change.new))
    words = (f" {change.before}", f" {change.after}") if wide else ("", "")
    return f"{old}{words[0]} → ", f"{new}{words[1]}", signs.flag(change.new)[1]

"""The base of the two views of the "Changes" tab: groups of changes with a cursor over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive

from .change_groups import ChangeLines, Group, group_at
from .flow import Line
from .text_panel import TextPanel

if TYPE_CHECKING:
    from textual import events

    from kerastui.edits import Change


class GroupPanel(TextPanel, inherit_bindings=False):
    """Headings with changes below them; the cursor goes over both.

    Only the lines that are seen are made. Subclasses implement `group` and `nothing`.
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
            "t", "swap", "Sum/steps", id="changes.swap",
            tooltip="What differs from the file in sum, or every step in order",
        ),
    ]  # fmt: skip
    """
    | Key(s) | Description |
    | :- | :- |
    | up, k / down, j / pageup / pagedown / home, g / end, G | Move the cursor. |
    | t | Exchange the sum of all changes for the steps in order, and back. |
    """

    cursor: reactive[int] = reactive(0, repaint=False, init=False)
    """The highlighted line."""

    @dataclass
    class Swapped(Message):
        """The user wants to see the other view of the changes."""

        view: GroupPanel

        @property
        def control(self) -> GroupPanel:
            """The view that posted it."""
            return self.view

    _groups: tuple[Group, ...] = ()

    def group(self, width: int) -> tuple[Group, ...]:
        """Return what there is to show."""
        raise NotImplementedError

    def nothing(self, width: int) -> list[Line]:
        """Return the lines for when there is nothing to show."""
        raise NotImplementedError

    def build(self, width: int) -> Sequence[Line]:
        """Lay out the groups; their lines are made when they are seen."""
        fresh = not self._groups
        self._groups = self.group(width)
        if not self._groups:
            return self.nothing(width)
        result = ChangeLines(self._groups, width)
        # Begin on a change, not on a heading: there one key would mean the whole group.
        at = self._groups[0].first if fresh else self.cursor
        self.set_reactive(GroupPanel.cursor, self.settle(min(at, len(result) - 1), 1))
        return result

    def cursor_line(self) -> range:
        """Return the highlighted line, if there is anything."""
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

    def place(self, line: int) -> tuple[int, Change | None]:
        """Return the group that a line belongs to, and the change on it (None: its heading)."""
        number = group_at(self._groups, line)
        group = self._groups[number]
        on_change = group.first <= line < group.first + len(group.changes)
        return number, group.changes[line - group.first] if on_change else None

    def settle(self, line: int, direction: int) -> int:
        """Return the line itself, or the next one in a direction if it is blank."""
        group = self._groups[group_at(self._groups, line)]
        blank = group.start <= line < group.first - 1
        return line + (1 if direction > 0 else -1) if blank else line

    def action_move(self, lines: int) -> None:
        """Move the cursor, past blank lines."""
        target = min(max(self.cursor + lines, 0), max(0, len(self._lines) - 1))
        self.cursor = self.settle(target, lines) if self._groups else 0

    def action_page(self, pages: int) -> None:
        """Move the cursor by pages."""
        self.action_move(pages * max(1, self.scrollable_content_region.height - 1))

    def action_edge(self, direction: int) -> None:
        """Move the cursor to the first or the last line."""
        self.cursor = 0 if direction < 0 else len(self._lines) - 1

    def action_swap(self) -> None:
        """Ask for the other view."""
        self.post_message(self.Swapped(self))

    def action_choose(self) -> None:
        """Do what Enter does on the highlighted line."""

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the line that was clicked; a double click is like Enter."""
        offset = event.get_content_offset(self)
        if offset is None or not self._groups:
            return
        line = offset.y + self.scroll_offset.y
        if line < len(self._lines) and self.settle(line, 1) == line:
            self.cursor = line
            if event.chain == 2:
                self.action_choose()

"""The "Changes" tab: what differs from the file, old → new, each to be reverted by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive

from .change_lines import ChangeLines, Group, group_at, grouped
from .flow import BLANK, Line, flow
from .text_panel import TextPanel

if TYPE_CHECKING:
    from textual import events

    from kerastui.edits import Change

EMPTY = (
    "Press space on a layer to freeze or unfreeze it, f to freeze everything up to it, "
    "* to choose layers by pattern; what the console assigns to a weight becomes a change too. "
    "What differs from the file is listed here."
)


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
        self._groups: tuple[Group, ...] = ()

    def show(self, changes: tuple[Change, ...]) -> None:
        """List these changes; the cursor stays where it is as far as it can."""
        if changes is not self._changes:  # comparing 20,000 costs more than listing them
            self._changes = changes
            self.renew(home=False)

    def build(self, width: int) -> Sequence[Line]:
        """Group the changes; their lines are made when they are seen."""
        fresh = not self._groups
        self._groups = grouped(self._changes, width)
        if not self._groups:
            lines = flow([("No changes", "title")], width)
            lines += [BLANK, *flow([(self._empty, "muted")], width)]
            return lines
        result = ChangeLines(self._groups, width)
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
        group = self._groups[group_at(self._groups, line)]
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

"""The "Changes" tab: what differs from the file, old → new, each to be reverted by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from .change_groups import Group
from .flow import BLANK, Line, flow
from .group_panel import GroupPanel

if TYPE_CHECKING:
    from kerastui.edits import Change

EMPTY = (
    "Press space on a layer to freeze or unfreeze it, f to freeze everything up to it, "
    "* to choose layers by pattern; what the console assigns to a weight becomes a change too. "
    "What differs from the file is listed here."
)


class ChangesView(GroupPanel):
    """What differs from the file, grouped by what happened: flags first, then weights.

    The cursor goes over the changes and the groups' headings; reverting on a heading reverts
    the whole group. Only the lines that are seen are made.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
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
    | delete, backspace, r | Revert the highlighted change, or the group of a heading. |
    | enter | Go to the highlighted layer. |
    """

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

    def show(self, changes: tuple[Change, ...]) -> None:
        """List these changes; the cursor stays where it is as far as it can."""
        if changes is not self._changes:  # comparing 20,000 costs more than listing them
            self._changes = changes
            self.renew(home=False)

    def group(self, width: int) -> tuple[Group, ...]:
        """Group the changes by kind."""
        if not self._changes:
            return ()
        from .change_lines import grouped

        return grouped(self._changes, width)

    def nothing(self, width: int) -> list[Line]:
        """Name the keys that make changes."""
        lines = flow([("No changes", "title")], width)
        return [*lines, BLANK, *flow([(self._empty, "muted")], width)]

    def _targets(self) -> tuple[Change, ...]:
        """Return the changes that the highlighted line stands for: one, or a group's."""
        if not self._groups:
            return ()
        number, change = self.place(self.cursor)
        return self._groups[number].changes if change is None else (change,)

    def action_revert(self) -> None:
        """Ask to have the highlighted change, or group, reverted."""
        if changes := self._targets():
            self.post_message(self.Revert(self, changes))

    def action_choose(self) -> None:
        """Ask to see the highlighted layer; of a group, its first."""
        if changes := self._targets():
            self.post_message(self.Chosen(self, changes[0].path))

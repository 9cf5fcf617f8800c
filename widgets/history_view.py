"""The steps of the "Changes" tab: every edit in order, before → after, each undone by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from kerastui.errors import BadEdit
from kerastui.model import safe_text
from kerastui.model.figures import plural

from .change_groups import Group
from .flow import BLANK, Line, cells, cut, flow
from .group_panel import GroupPanel

if TYPE_CHECKING:
    from kerastui.edits import Change, Document, Step

EMPTY = (
    "Every edit is listed here in order, and can be undone by itself if none that came later "
    "depends on it."
)
FEW = 3
"""Changes that a step shows without being opened."""


class HistoryView(GroupPanel):
    """The steps, oldest first; those with many changes are opened by Enter.

    Where the file was saved last, and what was undone, is said between and below them.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "delete,backspace,r", "undo_step", "Undo step", key_display="r", id="changes.undo_step",
            tooltip="Undo this step alone; a later one that depends on it is named",
        ),
        Binding(
            "enter", "choose", "Open", id="changes.open",
            tooltip="Show all changes of this step, or go to the layer of a change",
        ),
    ]  # fmt: skip
    """
    | Key(s) | Description |
    | :- | :- |
    | delete, backspace, r | Undo the highlighted step. |
    | enter | Open or close the step; go to a change's layer. |
    """

    @dataclass
    class UndoStep(Message):
        """The user wants the step `index` (from 0) to be undone."""

        view: HistoryView
        index: int

        @property
        def control(self) -> HistoryView:
            """The view that posted it."""
            return self.view

    @dataclass
    class Chosen(Message):
        """The user wants to see the layer at `path`, as it is called now."""

        view: HistoryView
        path: str

        @property
        def control(self) -> HistoryView:
            """The view that posted it."""
            return self.view

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        """Create the view, without steps.

        Args:
            name: The name of the widget.
            id: The ID of the widget in the DOM.
            classes: The CSS classes of the widget.
        """
        super().__init__(name=name, id=id, classes=classes)
        self._document: Document | None = None
        self._steps: tuple[Step, ...] = ()
        self._undone = self._saved = 0
        self._opened: set[int] = set()
        self._known: dict[int, tuple[Step, tuple[Change, ...]]] = {}

    def show(self, document: Document) -> None:
        """List the document's steps; the cursor goes to the newest when there is one more."""
        steps, undone, saved = document.history, len(document.undone), document.saved_steps
        if document is not self._document:
            self._opened.clear()
        same = len(steps) == len(self._steps) and all(map(_is, steps, self._steps))
        if same and (undone, saved) == (self._undone, self._saved):
            return
        follow = len(steps) > len(self._steps)
        self._document, self._steps, self._undone, self._saved = document, steps, undone, saved
        self._opened &= set(range(len(steps)))
        if follow:
            self._groups = ()  # so that the cursor begins anew
        self.renew(home=False)

    def group(self, width: int) -> tuple[Group, ...]:
        """Return a group a step."""
        groups: list[Group] = []
        start = 0
        for number, step in enumerate(self._steps):
            changes = self._changes(step)
            shown = changes if len(changes) <= FEW or number in self._opened else ()
            head = [self._heading(number, changes, width)]
            if number == self._saved > 0:
                head = [BLANK, _rule("saved up to here", width), *head]
            groups.append(Group(start, tuple(head), shown, indent=3))
            start = groups[-1].first + len(shown)
        self._known = {key: self._known[key] for key in map(id, self._steps)}
        if groups and (foot := self._foot(width)):
            groups.append(Group(start, foot, ()))
        return tuple(groups)

    def build(self, width: int):
        """Lay out the steps; a new list begins at its end, on the newest step."""
        fresh = not self._groups
        lines = super().build(width)
        if fresh and self._steps:
            at = self._groups[len(self._steps) - 1].first - 1
            self.set_reactive(GroupPanel.cursor, at)
            self.call_after_refresh(self.watch_cursor)
        return lines

    def nothing(self, width: int) -> list[Line]:
        """Say what would be here."""
        lines = flow([("No steps", "title")], width)
        return [*lines, BLANK, *flow([(EMPTY, "muted")], width), *self._foot(width)]

    def _foot(self, width: int) -> tuple[Line, ...]:
        lines: list[Line] = []
        if self._steps and self._saved == len(self._steps):
            lines += [BLANK, _rule("saved up to here", width)]
        if self._undone:
            them = "it" if self._undone == 1 else "them"
            text = f"{plural(self._undone, 'step')} undone; Z does {them} again"
            lines += [BLANK, ((cut(text, width), "muted"),)]
        return tuple(lines)

    def _heading(self, number: int, changes: tuple[Change, ...], width: int) -> Line:
        left = f"{number + 1:>3}  "
        right = ""
        if len(changes) > FEW:
            right = f"  {len(changes):,} {'▾' if number in self._opened else '▸'}"
        room = max(4, width - cells([(left, ""), (right, "")]))
        title = cut(safe_text(self._steps[number].title, 200), room)
        fill = " " * (room - cells([(title, "")])) if right else ""
        return ((left, "muted"), (title, "heading"), (fill + right, "muted"))

    def _changes(self, step: Step) -> tuple[Change, ...]:
        known = self._known.get(id(step))
        if known is not None and known[0] is step:
            return known[1]
        from kerastui.edits.changes import changes_between

        try:
            changes = changes_between(step.before, step.after)
        except BadEdit:  # layers came back: no change says that
            changes = ()
        self._known[id(step)] = (step, changes)
        return changes

    def action_undo_step(self) -> None:
        """Ask to have the highlighted step undone."""
        number = self.place(self.cursor)[0] if self._groups else len(self._steps)
        if number < len(self._steps):
            self.post_message(self.UndoStep(self, number))

    def action_choose(self) -> None:
        """Open or close a step; on a change, ask to see its layer."""
        if not self._groups:
            return
        number, change = self.place(self.cursor)
        if number >= len(self._steps):
            return
        if change is None:
            self._opened ^= {number}
            self.renew(home=False)
            return
        path = self._present(self._steps[number], change.path)
        if path is not None:
            self.post_message(self.Chosen(self, path))

    def _present(self, step: Step, path: str) -> str | None:
        """Return what the layer of a change is called now."""
        place = step.after.index.get(path)
        layers = self._document.model.layers if self._document is not None else ()
        if place is None or len(layers) != len(step.after.layers):
            return path or None
        return layers[place].path


def _is(one: Step, other: Step) -> bool:
    return one is other


def _rule(text: str, width: int) -> Line:
    return ((cut(f"─── {text} " + "─" * max(0, width - len(text) - 5), width), "rule"),)

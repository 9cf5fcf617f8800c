"""Offering the edits of a kerastui that ended without saving them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from kerastui.model import safe_text
from kerastui.model.figures import plural

from ...widgets.change_groups import ChangeLines
from ...widgets.change_lines import grouped
from ...widgets.flow import Line, flow
from ...widgets.text_panel import TextPanel
from ..leftovers import Leftover, date_text
from .base import paragraphs
from .choices import Choice, ChoiceRow
from .confirm import ConfirmDialog

TAKE = Choice("take", "Take up", "primary", "Go on where it ended; nothing is saved by that")
LATER = Choice("later", "Later", hint="Ask again when this file is opened the next time")
DISCARD = Choice("discard", "Discard", "error", "Forget them; the file stays as it is")


class RecoverDialog(ConfirmDialog):
    """Says what was left, lists it, and asks; dismissed with a choice's id, None for later.

    Args:
        leftover: what was found.
    """

    BINDING_GROUP_TITLE = "Unsaved changes"
    BINDINGS: ClassVar[list[BindingType]] = [
        # First of all: the buttons would take the arrows.
        Binding("up", "scroll(-1)", "Up", id="recover.up", show=False, priority=True),
        Binding("down", "scroll(1)", "Down", id="recover.down", show=False, priority=True),
        Binding("pageup", "page(-1)", "Page up", id="recover.page-up", show=False),
        Binding("pagedown,space", "page(1)", "Page down", id="recover.page-down", show=False),
    ]

    DEFAULT_CSS = """
    RecoverDialog {
        DialogBox { width: 76; overflow: hidden; }
        LeftList { width: 100%; height: 1; margin-top: 1; padding: 0; }
        .dialog--warning { margin-top: 1; }
        &.-short LeftList, &.-short ChoiceRow, &.-short .dialog--warning { margin-top: 0; }
    }
    """

    def __init__(self, leftover: Leftover) -> None:
        fits = bool(leftover.changes)
        # What destroys nothing comes first; what the file may not be meant for never does.
        choices = (LATER, DISCARD) if not fits else (TAKE, LATER, DISCARD)
        if fits and leftover.notes:
            choices = (LATER, TAKE, DISCARD)
        count = len(leftover.changes) if fits else len(leftover.titles)
        what = plural(count, "unsaved change" if fits else "unsaved step")
        message = f"kerastui ended on {date_text(leftover.when)} with {what} to {leftover.name}."
        super().__init__("Unsaved changes", message, choices)
        self._leftover = leftover

    def compose_body(self) -> Iterable[Widget]:
        """Yield the sentence, the list, what is to be minded, and the buttons."""
        question, row = super().compose_body()
        yield question
        yield LeftList(self._leftover)
        for note in self._leftover.notes:
            yield Static(paragraphs(note), classes="dialog--warning")
        yield row

    def on_mount(self) -> None:
        """Say which keys do what."""
        self.query_one("DialogBox").border_subtitle = "↑↓ scroll · ←→ choose · esc later"
        self.query_one(ChoiceRow).buttons[0].focus()

    def on_resize(self) -> None:
        """Give the list what the others leave."""
        self.call_after_refresh(self._size_list)

    def _size_list(self) -> None:
        listed = self.query_one(LeftList)
        box = self.query_one("DialogBox")
        others = sum(
            child.outer_size.height + child.styles.margin.height
            for child in box.children
            if child is not listed
        )
        frame = box.outer_size.height - box.size.height + listed.styles.margin.height
        room = self.size.height - others - frame
        listed.styles.height = max(1, min(room, listed.count))

    def action_scroll(self, lines: int) -> None:
        """Scroll the list."""
        self.query_one(LeftList).scroll_relative(y=lines, animate=False)

    def action_page(self, pages: int) -> None:
        """Scroll the list by pages."""
        listed = self.query_one(LeftList)
        listed.scroll_relative(y=pages * max(1, listed.size.height - 1), animate=False)


class LeftList(TextPanel, can_focus=False):
    """The changes; the titles of the steps where they do not fit the file."""

    def __init__(self, leftover: Leftover) -> None:
        super().__init__()
        self._leftover = leftover

    @property
    def count(self) -> int:
        """How many lines there are to show."""
        return len(self.build(max(8, self.content_width)))

    def build(self, width: int) -> Sequence[Line]:
        """Lay the list out."""
        if self._leftover.changes:
            return ChangeLines(grouped(self._leftover.changes, width), width)
        lines: list[Line] = []
        for number, title in enumerate(self._leftover.titles, 1):
            lines += flow([(f"{number}  ", "muted"), (safe_text(title, 120), "")], width, hang=3)
        return lines

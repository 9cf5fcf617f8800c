"""The "Changes" tab: what differs from the file in sum, or every step in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical

from .changes_view import ChangesView
from .group_panel import GroupPanel
from .history_view import HistoryView

if TYPE_CHECKING:
    from kerastui.edits import Document


class ChangesPane(Vertical):
    """Shows one of two views; a key in them exchanges them.

    The sum is what Save writes, each difference to be reverted; the steps are how it came
    about, each to be undone.
    """

    DEFAULT_CSS = """
    ChangesPane { height: 1fr; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._document: Document | None = None

    def compose(self) -> ComposeResult:
        """Both views, the sum in sight."""
        yield ChangesView()
        steps = HistoryView()
        steps.display = False
        yield steps

    def show(self, document: Document) -> None:
        """Show the changes of a document."""
        self._document = document
        steps = self.query_one(HistoryView)
        if steps.display:
            steps.show(document)
        else:
            self.query_one(ChangesView).show(document.changes)

    def on_group_panel_swapped(self, message: GroupPanel.Swapped) -> None:
        """Exchange the views; the keys go along."""
        message.stop()
        for view in self.query(GroupPanel):
            view.display = view is not message.view
            if view.display:
                view.focus()
        if self._document is not None:
            self.show(self._document)

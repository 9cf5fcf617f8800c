"""The panel as a screen of its own, for terminals too narrow to show it beside the table."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer

from kerastui.edits.document import Document

from .side_panel import SidePanel


class DetailScreen(Screen[None]):
    """Everything about one layer, on the whole screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,tab", "app.pop_screen", "Back", id="details.back", priority=True,
                tooltip="Back to the layers"),
    ]  # fmt: skip

    def __init__(self, document: Document, index: int | None, tab: str = "layer") -> None:
        super().__init__()
        self._tab = tab
        self._document = document
        self._index = index

    def compose(self) -> ComposeResult:
        """The panel and the keys."""
        yield SidePanel(id="panel")
        yield Footer()

    def on_mount(self) -> None:
        """Fill the panel."""
        panel = self.query_one(SidePanel)
        panel.show(self._document, self._index)
        self.call_after_refresh(panel.focus_content, self._tab)

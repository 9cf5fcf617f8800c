"""The panel with tabs: Layer, Weights, Compile, Changes."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import TabbedContent, TabPane

from kerastui.edits.document import Document

from ..widgets.changes_pane import ChangesPane
from ..widgets.compile_view import CompileView
from ..widgets.layer_detail import LayerDetail
from ..widgets.weight_list import WeightList

TABS = ("layer", "weights", "compile", "changes")


class SidePanel(Vertical):
    """Shows a document from four sides; only the tab that is seen is kept up to date."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "tab(-1)", "Tab before", id="panel.previous-tab", show=False,
                tooltip="The tab to the left"),
        Binding("right,l", "tab(1)", "Next tab", id="panel.next-tab",
                tooltip="The tab to the right"),
    ]  # fmt: skip

    DEFAULT_CSS = """
    SidePanel {
        height: 1fr;
        TabbedContent { height: 1fr; }
        TabPane { padding: 0; height: 1fr; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown: tuple[Document, int | None] | None = None
        self._standin = False
        self._ready = False

    def compose(self) -> ComposeResult:
        """One pane for each view."""
        with TabbedContent():
            with TabPane("Layer", id="layer"):
                yield LayerDetail()
            with TabPane("Weights", id="weights"):
                yield WeightList()
            with TabPane("Compile", id="compile"):
                yield CompileView()
            with TabPane("Changes", id="changes"):
                yield ChangesPane()

    @property
    def tabs(self) -> TabbedContent:
        """The tabs with their panes."""
        return self.query_one(TabbedContent)

    @property
    def active(self) -> str:
        """The tab that is seen."""
        return self.tabs.active or TABS[0]

    def show(self, document: Document, index: int | None, standin: bool = False) -> None:
        """Show the layer at `index` and the document around it.

        `standin`: whether live Keras has only a stand-in for the layer.
        """
        self._shown, self._standin = (document, index), standin
        self._fill()

    def on_mount(self) -> None:
        """Show what was asked for before the tabs were there."""
        self._ready = True
        self._fill()

    def on_tabbed_content_tab_activated(self) -> None:
        """Bring the tab that is now seen up to date."""
        self._fill()

    def _fill(self) -> None:
        if self._shown is None or not self._ready:
            return
        document, index = self._shown
        changes = document.changes
        label = f"Changes {len(changes):,}" if changes else "Changes"
        tab = self.tabs.get_tab("changes")
        if tab.label_text != label:
            tab.label = label
        if self.active == "changes":
            self.query_one(ChangesPane).show(document)
        elif self.active == "compile":
            self.query_one(CompileView).show(document.model.compile)
        elif index is not None and self.active == "weights":
            self.query_one(WeightList).show(document.model, index)
        elif index is not None:
            self.query_one(LayerDetail).show(document.model, index, document.base, self._standin)

    def action_tab(self, step: int) -> None:
        """Go to the next or previous tab, round the end."""
        self.focus_content(TABS[(TABS.index(self.active) + step) % len(TABS)])

    def focus_content(self, tab: str | None = None) -> None:
        """Show a tab (None: the present one) and let its content have the keys."""
        if tab is not None:
            self.tabs.active = tab
        pane = self.tabs.get_pane(self.active)
        for widget in pane.query("*"):
            if widget.focusable and widget.display:
                widget.focus()
                return

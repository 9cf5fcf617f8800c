"""The panel as a screen of its own, for terminals too narrow to show it beside the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer

from kerastui.edits.document import Document

from .side_panel import SidePanel

if TYPE_CHECKING:
    from textual.app import App

    from ..widgets.changes_view import ChangesView
    from ..widgets.history_view import HistoryView
    from .explorer import ExplorerScreen


class DetailScreen(Screen[None]):
    """Everything about one layer, on the whole screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,tab", "app.pop_screen", "Back", id="details.back", priority=True,
                tooltip="Back to the layers"),
        Binding("z,ctrl+z", "undo", "Undo", id="details.undo",
                tooltip="Take the last change back"),
        Binding("Z,ctrl+y", "redo", "Redo", id="details.redo", show=False,
                tooltip="Do again what was undone"),
        Binding("d", "explorer('look')", "Data", id="details.look",
                tooltip="Look at this layer's weights: distribution, values, pictures"),
        Binding("s", "explorer('statistics')", "Statistics", id="details.statistics",
                tooltip="Statistics of all weights, as a table to sort"),
        Binding("W", "explorer('set_weight')", "Set weight", id="details.set-weight", show=False,
                tooltip="Give a weight of this layer other values, or another dtype"),
        Binding("T", "explorer('transplant')", "Transplant weights", id="details.transplant",
                show=False, tooltip="Take over weights from another model file"),
    ]  # fmt: skip

    if TYPE_CHECKING:

        @property
        def app(self) -> App[None]: ...  # noqa: D102

    def __init__(
        self, document: Document, index: int | None, tab: str = "layer", standin: bool = False
    ) -> None:
        super().__init__()
        self._tab = tab
        self._document = document
        self._index = index
        self._standin = standin

    def compose(self) -> ComposeResult:
        """The panel and the keys."""
        yield SidePanel(id="panel")
        yield Footer()

    def on_mount(self) -> None:
        """Fill the panel."""
        panel = self.query_one(SidePanel)
        panel.show(self._document, self._index, self._standin)
        self.call_after_refresh(panel.focus_content, self._tab)

    # -- edits, which the explorer below makes --------------------------------------------------

    def on_compile_view_change(self) -> None:
        """Change the compile section."""
        self._explorer.edit_compile(then=self._renew)

    def on_changes_view_revert(self, message: ChangesView.Revert) -> None:
        """Revert single changes."""
        self._explorer.revert_changes(message.changes)
        self._renew()

    def on_history_view_undo_step(self, message: HistoryView.UndoStep) -> None:
        """Undo a single step."""
        self._explorer.undo_step(message.index)
        self._renew()

    def on_changes_view_chosen(self, message: ChangesView.Chosen) -> None:
        """Go to the changed layer, in the table."""
        self._go_to(message.path)

    def on_history_view_chosen(self, message: HistoryView.Chosen) -> None:
        """Go to the layer that a step changed, in the table."""
        self._go_to(message.path)

    def action_undo(self) -> None:
        """Take the last change back."""
        self._explorer.action_undo()
        self._renew()

    def action_redo(self) -> None:
        """Do again what was undone."""
        self._explorer.action_redo()
        self._renew()

    async def action_explorer(self, action: str) -> None:
        """Do what the explorer below does with the layer that is shown."""
        await self.app.run_action(action, self._explorer)

    def on_screen_resume(self) -> None:
        """Show what a dialog has changed."""
        self._renew()

    @property
    def _explorer(self) -> ExplorerScreen:
        from .explorer import ExplorerScreen

        return next(s for s in self.app.screen_stack if isinstance(s, ExplorerScreen))

    def _go_to(self, path: str) -> None:
        self.dismiss()
        self._explorer.go_to(path)

    def _renew(self) -> None:
        self.query_one(SidePanel).show(self._document, self._index, self._standin)

"""The explorer: the screen people work on. Wires the widgets' messages to what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .looking_actions import LookingScreen

if TYPE_CHECKING:
    from ..widgets.changes_view import ChangesView
    from ..widgets.history_view import HistoryView
    from ..widgets.layer_table import LayerTable


class ExplorerScreen(LookingScreen):
    """Layer table, panel, and everything that is done to the open model."""

    def on_mount(self) -> None:
        """Show the model at once if the clerk has read it already."""
        self.table.focus()
        self.begin()
        self.call_after_refresh(self.complete)

    def on_layer_table_highlighted(self) -> None:
        """Show the details of the layer under the cursor."""
        self.show_details()

    def on_layer_table_toggled(self, message: LayerTable.Toggled) -> None:
        """Freeze or unfreeze what was toggled."""
        self.toggle(message.indices)

    def on_layer_table_chosen(self) -> None:
        """Go to the details: the panel, or a screen of its own where there is no room."""
        if self.document is None:
            return
        if self.is_wide and self.panel is not None:
            self.panel.focus_content("layer")
            return
        self.push_details()

    def on_resize(self) -> None:
        """A panel that becomes visible shows the present layer."""
        self.call_after_refresh(self.show_details)

    def on_compile_view_change(self) -> None:
        """Change the compile section from its tab."""
        self.action_edit_compile()

    def on_changes_view_revert(self, message: ChangesView.Revert) -> None:
        """Revert single changes from the Changes view."""
        self.revert_changes(message.changes)

    def on_history_view_undo_step(self, message: HistoryView.UndoStep) -> None:
        """Undo a single step."""
        self.undo_step(message.index)

    def on_changes_view_chosen(self, message: ChangesView.Chosen) -> None:
        """Go to the changed layer."""
        self.go_to(message.path)

    def on_history_view_chosen(self, message: HistoryView.Chosen) -> None:
        """Go to the layer that a step changed."""
        self.go_to(message.path)

    def go_to(self, path: str) -> None:
        """Highlight the layer at `path`, if there is one."""
        if self.model is not None and path in self.model.index:
            self.table.move_to(self.model.index[path])
            self.table.focus()

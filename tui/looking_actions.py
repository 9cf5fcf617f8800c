"""Looking at weights: one of a layer, the statistics of all, another model beside this one."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from .structure_actions import StructureScreen

if TYPE_CHECKING:
    from kerastui.edits.document import Document

    from .look.analyst import Analyst
    from .statistics_known import Known


_READY_AFTER = 0.5
"""Seconds after the document is shown, when the rest of its screen is there as well."""


class LookingScreen(StructureScreen):
    """What leads to numbers, distributions and pictures."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "look", "Data", id="look.weights",
                tooltip="Look at this layer's weights: distribution, values, pictures"),
        Binding("s", "statistics", "Statistics", id="look.statistics",
                tooltip="Statistics of all weights, as a table to sort"),
        Binding("D", "compare", "Compare with…", id="look.compare", show=False,
                tooltip="Compare with another model file, or follow a run's checkpoints"),
    ]  # fmt: skip

    _analyst: Analyst | None = None
    _known: tuple[Document, Known] | None = None
    """What has been computed of a document's weights."""

    @property
    def analyst(self) -> Analyst:
        """Who answers questions about numbers; made when first asked for."""
        if self._analyst is None:
            from .look.analyst import Analyst

            self._analyst = Analyst()
        return self._analyst

    def show_document(self, document: Document) -> None:
        """Show it, and get ready for the first look at a weight a while later."""
        super().show_document(document)
        self.set_timer(_READY_AFTER, self._get_ready)

    def _get_ready(self) -> None:
        """Import the views and start who answers them, which takes longer than to look."""
        from .background import start_thread

        model = self.model
        if model is not None and model.parameters.total and not self.ending:
            start_thread("get ready to look", _import_views)
            self.analyst.get_ready()

    def close_session(self) -> None:
        """End with the program."""
        super().close_session()
        if self._analyst is not None:
            self._analyst.close()

    def action_look(self) -> None:
        """Look at the first weight of the layer under the cursor, or of what is inside it."""
        from .look.screen import LookScreen
        from .look.subject import keys_of

        model = self.model
        if model is None:
            return
        key = next(keys_of(model, self.current if model.layers else None), None)
        if key is None:
            self.tell("This layer has no weights to look at.")
            return
        self.app.push_screen(LookScreen(model, key, self.analyst))

    def action_statistics(self) -> None:
        """Show figures and flags of all weights, beginning at the layer under the cursor."""
        from .statistics_known import Known, layers_of
        from .statistics_screen import StatisticsScreen

        document = self.document
        if document is None:
            return
        if not layers_of(document.model):
            self.tell("This file has no weights.")
            return
        if self._known is None or self._known[0] is not document:
            self._known = document, Known()
        at = self.current
        inside = range(at, document.model.layers[at].end) if document.model.layers else range(0)
        start = next((i for i in inside if document.model.layers[i].weights), None)
        self.app.push_screen(StatisticsScreen(document, self.analyst, self._known[1], start))

    def action_compare(self) -> None:
        """Ask for other files and compare them with this one."""
        from . import recent
        from .dialogs.compare import CompareDialog

        if self.model is not None:
            dialog = CompareDialog(self.model.file.path, recent.load)
            self.app.push_screen(dialog, self._compare)

    def _compare(self, paths: tuple[str, ...] | None) -> None:
        """Show the comparison of files as they are saved."""
        from .diff_app import comparison_screen
        from .diff_request import Comparing

        if paths is None or self.document is None:
            return
        note = ""
        if changes := len(self.document.changes):
            name = os.path.basename(self.document.model.file.path)  # noqa: PTH119
            are = "changes are" if changes > 1 else "change is"
            note = f"{changes:,} {are} not saved: {name} is compared as it is on the disk"
        screen = comparison_screen(Comparing(paths), note=note, analyst=self.analyst)
        self.app.push_screen(screen)


def _import_views() -> None:
    import_module(f"{__package__}.look.screen")

"""Changing the compile section on the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from .weights_actions import WeightsScreen

if TYPE_CHECKING:
    from kerastui.edits.changes import Edit


class CompileScreen(WeightsScreen):
    """Asks for other settings of the optimizer, losses and metrics."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("C", "edit_compile", "Compile settings", id="edit.compile", show=False,
                tooltip="Change learning rate, losses and metrics, or drop the optimizer's state"),
    ]  # fmt: skip

    def action_edit_compile(self) -> None:
        """Show the form; what comes of it is one step."""
        self.edit_compile()

    def edit_compile(self, then: Callable[[], None] | None = None) -> None:
        """Show the form; call `then` after what comes of it."""
        from kerastui.edits.compile_base import NOT_COMPILED

        from .dialogs.compile_edit import CompileDialog

        def edited(edits: tuple[Edit, ...] | None) -> None:
            if edits:
                self._edit(lambda document: document.apply(*edits))
            if then is not None:
                then()

        model = self.model
        if model is None:
            return
        if model.compile is None or not model.compile.section:
            self.tell(NOT_COMPILED)
        else:
            self.app.push_screen(CompileDialog(model), edited)

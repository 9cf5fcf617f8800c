"""The "Compile" tab: optimizer, losses and metrics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .flow import Line
from .text_panel import TextPanel

if TYPE_CHECKING:
    from kerastui.model import Compile


class CompileView(TextPanel):
    """Optimizer with its settings, and a table of outputs × loss × loss weight × metrics.

    It is fed by `show` and posts nothing.
    """

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        """Create the view of a model that is not compiled.

        Args:
            name: The name of the widget.
            id: The ID of the widget in the DOM.
            classes: The CSS classes of the widget.
        """
        super().__init__(name=name, id=id, classes=classes)
        self._section: Compile | None = None

    def show(self, compile: Compile | None) -> None:
        """Show a compile section; None is a model that is not compiled."""
        if compile is not self._section:
            self._section = compile
            self.renew()

    def build(self, width: int) -> Sequence[Line]:
        """Return the section in lines of `width` cells."""
        from .compile_story import compile_story

        return compile_story(self._section, width)

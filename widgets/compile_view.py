"""The "Compile" tab: optimizer, losses and metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from .flow import Line
from .text_panel import TextPanel

if TYPE_CHECKING:
    from kerastui.model import Compile


class CompileView(TextPanel):
    """Optimizer with its settings, and a table of outputs × loss × loss weight × metrics.

    It is fed by `show`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "change", "Change", id="compile-view.change",
                tooltip="Change learning rate, losses and metrics"),
    ]  # fmt: skip
    """
    | Key(s) | Description |
    | :- | :- |
    | enter | Ask to change the section. |
    """

    @dataclass
    class Change(Message):
        """The user wants to change the section."""

        view: CompileView

        @property
        def control(self) -> CompileView:
            """The view that posted it."""
            return self.view

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

    def action_change(self) -> None:
        """Ask to change the section."""
        self.post_message(self.Change(self))

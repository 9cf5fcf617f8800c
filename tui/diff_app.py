"""The application that shows a comparison alone: ``kerastui diff A B --screen``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.screen import Screen

from .comparison_screen import ComparisonScreen
from .diff_request import Comparing
from .terminal_driver import for_the_terminal

if TYPE_CHECKING:
    from textual.driver import Driver

    from .look.analyst import Analyst

WIDE = 110
"""Columns from which details have room beside a table, as in the explorer."""


def _actions() -> type[Provider]:
    from .palette import ActionProvider

    return ActionProvider


class DiffApp(App[None]):
    """Shows what a comparison that has been begun finds.

    Args:
        comparing: two files, or more.
    """

    TITLE = "kerastui diff"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_actions}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "keys", "Keys", id="app.keys", key_display="?",
                tooltip="List all keys"),
        Binding("ctrl+c,ctrl+q", "quit", "Quit", id="app.interrupt", show=False, system=True,
                priority=True, tooltip="Quit"),
    ]  # fmt: skip

    def __init__(self, comparing: Comparing) -> None:
        super().__init__()
        self.comparing = comparing

    def get_driver_class(self) -> type[Driver]:
        """Draw on the terminal wherever standard error goes."""
        return for_the_terminal(super().get_driver_class())

    def get_default_screen(self) -> Screen[None]:
        """Begin with the comparison itself."""
        return comparison_screen(self.comparing)

    def action_keys(self) -> None:
        """List all keys of what is on the screen."""
        from .dialogs.keys import show_keys

        show_keys(self)


def comparison_screen(
    comparing: Comparing, *, note: str = "", analyst: Analyst | None = None
) -> ComparisonScreen:
    """Return the screen for two files, or that for many; see `ComparisonScreen`."""
    if len(comparing.paths) > 2:
        from .trail_screen import TrailScreen

        return TrailScreen(comparing, note=note, analyst=analyst)
    from .diff_screen import DiffScreen

    return DiffScreen(comparing, note=note, analyst=analyst)

"""The application: what is on the screen first, themes, and what holds everywhere."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, SystemCommand, get_system_commands_provider
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.screen import Screen

from kerastui.clerk.client import Clerk

from .document_screen import WIDE
from .explorer import ExplorerScreen
from .terminal_driver import for_the_terminal
from .toasts import make_room

if TYPE_CHECKING:
    from textual.driver import Driver
    from textual.notifications import Notify

    from .keras_options import KerasOptions


def _actions() -> type[Provider]:
    from .palette import ActionProvider

    return ActionProvider


class KerastuiApp(App[None]):
    """kerastui's screen.

    Args:
        clerk: the process that touches files.
        path: the model file to show, or the folder to pick one from (None: the present one).
        opening: the description that the clerk is reading, if `path` is a file.
        keras: what the command line says of the Keras process.
    """

    TITLE = "kerastui"
    CSS_PATH = "kerastui.tcss"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {
        get_system_commands_provider,
        _actions,
    }
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "keys", "Keys", id="app.keys", key_display="?",
                tooltip="List all keys"),
        Binding("ctrl+c", "interrupt", "Quit", id="app.interrupt", show=False, system=True,
                priority=True, tooltip="Stop the evaluation that runs, else quit"),
        Binding("ctrl+q", "quit_politely", "Quit", id="app.quit-always", show=False, system=True,
                priority=True, tooltip="Quit; asks when there are unsaved changes"),
    ]  # fmt: skip

    def __init__(
        self,
        clerk: Clerk,
        path: str | None = None,
        opening: Future[Any] | None = None,
        keras: KerasOptions | None = None,
    ) -> None:
        super().__init__()
        self.clerk = clerk
        self.explorer = ExplorerScreen(clerk, path, opening)
        self.explorer.keras_options = keras
        self.failure = ""
        """Why the program ends with exit status 2, one sentence."""

    def get_driver_class(self) -> type[Driver]:
        """Draw on the terminal wherever standard error goes."""
        return for_the_terminal(super().get_driver_class())

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Offer Textual's own commands but those that ours replace (its Quit does not ask)."""
        own: Iterable[SystemCommand] = super().get_system_commands(screen)  # pyright: ignore[reportUnknownMemberType]
        for command in own:
            if command.title not in ("Quit", "Keys", "Maximize", "Minimize"):
                yield command

    def get_default_screen(self) -> Screen[None]:
        """Begin with the explorer itself, so that the first frame is already it."""
        return self.explorer

    def on_ready(self) -> None:
        """After the first frame: what start had put off."""
        gc.enable()
        gc.freeze()
        # Each painted line is some twenty objects that live until it is painted anew: by default,
        # scrolling has all objects of the program looked through every few steps (40 ms each).
        gc.set_threshold(20_000, 25, 25)

    def on_notify(self, event: Notify) -> None:
        """Keep the toasts few; Textual adds the new one after this."""
        make_room(self._notifications, event.notification.message)

    def fail(self, sentence: str) -> None:
        """End the program with a sentence on standard error and exit status 2."""
        self.failure = sentence
        self.exit(return_code=2)

    def action_keys(self) -> None:
        """List all keys of what is on the screen."""
        from .dialogs.keys import show_keys

        show_keys(self)

    def on_unmount(self) -> None:
        """Leave no Keras process behind."""
        self.explorer.close_session()

    def action_interrupt(self) -> None:
        """Stop the evaluation that runs; without one, quit."""
        if not self.explorer.interrupt():
            self.action_quit_politely()

    def action_quit_politely(self) -> None:
        """Quit, but ask when something is not saved."""
        self.explorer.action_quit()

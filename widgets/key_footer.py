"""The keys at the foot of a screen, made anew only when they are others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Footer

if TYPE_CHECKING:
    from textual.app import App


class KeyFooter(Footer):
    """Textual's footer, which makes all its widgets anew with every focus that moves.

    That takes 20 ms of the screen's thread for a dozen keys, and happens several times while a
    screen is built: here it happens when other keys are to be shown.
    """

    if TYPE_CHECKING:

        @property
        def app(self) -> App[None]: ...  # noqa: D102

    def __init__(self) -> None:
        super().__init__(show_command_palette=False, compact=True)
        self._keys: list[tuple[object, ...]] = []

    async def recompose(self) -> None:
        """Show the keys that act now."""
        keys = self._present()
        if keys != self._keys:
            self._keys = keys
            await super().recompose()

    def _present(self) -> list[tuple[object, ...]]:
        """Return everything that is shown of the keys."""
        return [
            (binding, self.app.get_key_display(binding), enabled, tooltip)
            for _, binding, enabled, tooltip in self.screen.active_bindings.values()
            if binding.show
        ]

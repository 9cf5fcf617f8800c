"""A panel at the foot whose height the user chooses, with keys or by dragging its border."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import Vertical


class ResizablePanel(Vertical):
    """Takes the height that its content wants, until the user has chosen one.

    A subclass says what its content wants (`wanted_height`) and calls `fit` when that changes.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+up", "grow(3)", "Taller", id="console.taller", show=False,
                tooltip="Make the console taller (or drag its upper border)"),
        Binding("ctrl+down", "grow(-3)", "Lower", id="console.lower", show=False,
                tooltip="Make the console lower (or drag its upper border)"),
    ]  # fmt: skip

    DEFAULT_CSS = """
    ResizablePanel.-dragged { border: round $accent; }
    """

    LOWEST: ClassVar[int] = 7
    """Rows that it has at least, its border included."""
    ELSEWHERE: ClassVar[int] = 6
    """Rows of the screen that it leaves to others."""

    _chosen: int | None = None
    """The height that the user has chosen."""
    _grip: int | None = None
    """The row below the panel while its border is dragged."""

    @property
    def room(self) -> int:
        """The most rows that it can have."""
        return self.screen.size.height - self.ELSEWHERE

    def wanted_height(self) -> int:
        """Return how many rows the content wants."""
        return self.LOWEST

    def fitting_height(self) -> int:
        """Return the height that the user chose, or what the content wants, within limits."""
        wanted = self.wanted_height() if self._chosen is None else self._chosen
        return max(self.LOWEST, min(wanted, self.room))

    def fit(self) -> None:
        """Take the height that fits."""
        self.styles.height = self.fitting_height()

    def on_resize(self) -> None:
        """Share a new size of the terminal out anew."""
        self.fit()

    def action_grow(self, rows: int) -> None:
        """Make it taller or lower."""
        self._choose(self.outer_size.height + rows)

    def _choose(self, rows: int) -> None:
        self._chosen = max(self.LOWEST, min(rows, self.room))
        self.fit()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take the upper border."""
        if event.screen_y == self.region.y and event.button == 1:
            self._grip = self.region.bottom
            self.capture_mouse()
            self.add_class("-dragged")
            event.stop()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag it."""
        if self._grip is not None:
            self._choose(self._grip - event.screen_y)

    def on_mouse_up(self) -> None:
        """Let it go."""
        if self._grip is not None:
            self._grip = None
            self.release_mouse()
            self.remove_class("-dragged")

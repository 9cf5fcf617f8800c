"""What every picture on the screen has in common: how it is drawn in this terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from textual.color import Color
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.strip import Strip

from .graphics import Graphics, grain, graphics_of
from .pixels import half_blocks, shades
from .real_pixels import Band, RealPixels

if TYPE_CHECKING:
    from textual.app import App


class PictureView(ScrollView, can_focus=True):
    """Draws rows of pixels as half blocks or shades, or has them shown as real pixels."""

    # Not the screen's own background, which zero's colour would be hard to tell from.
    DEFAULT_CSS = """
    PictureView { background: $panel; }
    """

    if TYPE_CHECKING:

        @property
        def app(self) -> App[None]: ...  # noqa: D102

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.graphics: Graphics = "blocks"
        """How this terminal shows pictures; known when the widget is mounted."""
        self.grain = (1, 2)
        """Pixels of a cell, across and down."""
        self.real: RealPixels | None = None
        self.plain = Style()
        """Of cells without a picture, while lines are drawn."""

    def on_mount(self) -> None:
        """Find out how the terminal shows pictures, and follow the theme's colours."""
        self.graphics = graphics_of(self.app)
        self.grain = grain(self.graphics)
        if self.graphics in ("kitty", "sixel"):
            self.real = RealPixels(self, self.graphics)
        self.app.theme_changed_signal.subscribe(self, lambda _: self.lay_out())

    def lay_out(self) -> None:
        """Fit the picture into the widget; extend it."""

    def real_bands(self) -> list[Band]:
        """Return what is seen now, for terminals with real pixels."""
        return []

    def renew(self) -> None:
        """Draw again."""
        if self.real and self.is_on_screen:
            self.real.show(self.real_bands())
        self.refresh()

    def cells_of(self, rows: list[bytes]) -> Strip:
        """Return a line of cells that show the rows of pixels of one line."""
        if len(rows) == 2:
            return Strip(half_blocks(*rows))
        return Strip(shades(*rows)).apply_style(self.plain)

    @property
    def backdrop(self) -> bytes:
        """Red, green and blue of what is no picture."""
        return bytes(3) if self.graphics == "shades" else bytes(self.background_colors[1].rgb)

    @property
    def accent(self) -> bytes:
        """Red, green and blue of the cursor."""
        if self.graphics == "shades":
            return b"\xff" * 3
        return bytes(Color.parse(self.app.theme_variables.get("accent", "#ffa62b")).rgb)

    def on_resize(self) -> None:
        """Lay out for another size, maybe of the cells as well."""
        self.grain = grain(self.graphics)
        self.lay_out()

    def on_show(self) -> None:
        """Send real pixels again."""
        self.renew()

    def on_hide(self) -> None:
        """Free pictures that are not seen."""
        self._free()

    def on_unmount(self) -> None:
        """Free what the terminal keeps."""
        self._free()

    def _free(self) -> None:
        if self.real:
            self.real.clear()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Send the pictures that have come into sight."""
        super().watch_scroll_y(old_value, new_value)
        self.renew()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw, and have real pixels painted over it."""
        self.plain = self.rich_style  # which takes long to ask for, for every line
        strips = super().render_lines(crop)
        if self.real:
            self.real.painted()
        return strips

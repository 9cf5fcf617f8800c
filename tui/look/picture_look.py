"""What the views with pictures have in common: asking, waiting, errors, colours."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from kerastui.analysis.picture_results import PaletteName
from kerastui.errors import KerastuiError
from kerastui.model import safe_text

from ...widgets.graphics import has_few_colours
from ...widgets.picture_view import PictureView
from ...widgets.real_pixels import RealPixels
from .view import LookView

if TYPE_CHECKING:
    from textual.app import App

SMALL = 24 << 20
"""Bytes that are read at once, ahead of what takes long."""
_PATIENCE = 0.2
"""Seconds without an answer, after which how far it is is shown."""


class PictureLook(LookView):
    """A picture, what its colours mean, and what is under the cursor."""

    DEFAULT_CSS = """
    PictureLook {
        .about, .legend { height: 1; padding: 0 1; text-wrap: nowrap; }
        .readout { height: auto; min-height: 1; max-height: 5; padding: 0 1; }
        .about { color: $text-muted; }
        PictureView { height: 1fr; margin: 0 1; }
        &.-tiny { .legend { display: none; } .readout { max-height: 2; } }
    }
    """

    if TYPE_CHECKING:

        @property
        def app(self) -> App[None]: ...  # noqa: D102

    def __init__(self, picture: PictureView) -> None:
        super().__init__()
        self.picture_view = picture
        self._question = 0
        """Number of the last one that was asked or answered."""

    def compose(self) -> ComposeResult:
        """Lay out the picture and the lines around it."""
        yield Static(classes="about", markup=False)
        yield self.picture_view
        yield Static(classes="legend", markup=False)
        yield Static(classes="readout", markup=False)

    def on_mount(self) -> None:
        """Follow the theme: a light one has other colours."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self.ask_again())

    def on_resize(self) -> None:
        """Where there are few lines, the picture has the most of them."""
        self.set_class(self.size.height < 10, "-tiny")

    def ask_again(self) -> None:
        """Ask for the picture as it is to be now; extend it."""

    def say(self, line: str, text: Content | str) -> None:
        """Write one of the lines: ``about``, ``legend`` or ``readout``."""
        if self.is_attached:
            self.query_one(f".{line}", Static).update(text)

    @property
    def shaded(self) -> bool:
        """Whether the terminal shows hardly any colours."""
        return self.picture_view.graphics == "shades"

    @property
    def palette(self) -> PaletteName:
        """Which colours suit the screen."""
        if self.shaded:
            return "grey"
        dark = self.app.current_theme.dark
        if self.picture_view.graphics == "blocks" and has_few_colours(self.app):
            return "dark-256" if dark else "light-256"
        return "dark" if dark else "light"

    async def answer(self, size: int, request: str, *args: Any) -> Any:
        """Return the analyst's answer about the subject, or None after showing why there is none.

        `size` is how many bytes it takes to read. While it takes long, say how far it is.
        """
        subject = self.subject
        assert subject is not None
        args = (subject.place, subject.dataset, *args)
        self._question += 1
        try:
            if size <= SMALL:
                return await self.analyst.peek(request, *args)
            return await self.analyst.ask(request, *args, progress=self._progress())
        except KerastuiError as error:
            self.say("readout", Content.styled(safe_text(error, 1000), "$text-error"))
            return None
        finally:
            self._question += 1

    def _progress(self) -> Any:
        """Return what shows how far the present question is; of late reports it shows nothing."""
        loop, begin, number = asyncio.get_running_loop(), time.monotonic(), self._question

        def show(share: float) -> None:
            if number == self._question:
                self.say("readout", f"Reading: {share:.0%}")

        def progress(stage: str, share: float) -> None:
            if time.monotonic() - begin > _PATIENCE:
                loop.call_soon_threadsafe(show, share)

        return progress

    @on(RealPixels.SixelsWanted)
    @work(exclusive=True, group="sixels", description="sixels")
    async def _encode(self, event: RealPixels.SixelsWanted) -> None:
        pictures = [(p.pixels.width, p.pixels.height, p.pixels.rgb) for p in event.pictures]
        try:
            texts = await self.analyst.peek("sixels", pictures)
        except KerastuiError as error:
            self.say("readout", Content.styled(safe_text(error, 1000), "$text-error"))
        else:
            event.real.supply(event.pictures, texts)

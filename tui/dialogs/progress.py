"""How far a long operation is, with a button to stop it.

::

    async with progress_shown(self.app, "Saving", on_cancel=clerk.cancel) as progress:
        future = clerk.submit("save", …, progress=progress.report)
        await asyncio.wrap_future(future)
"""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from textual import events, on
from textual.app import App
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from kerastui.model import safe_text

from ..background import post
from .base import Dialog
from .choices import Choice, ChoiceRow

DELAY = 0.3
"""Seconds that an operation may take before a dialog appears."""

_EIGHTHS = " ▏▎▍▌▋▊▉"


def bar(fraction: float, width: int) -> Content:
    """Return a bar of `width` cells, `fraction` of it filled."""
    eighths = int(max(0.0, min(1.0, fraction)) * width * 8)
    full, part = divmod(eighths, 8)
    filled = "█" * full + (_EIGHTHS[part] if part else "")
    return Content.assemble(
        (filled, "$primary"), ("─" * (width - len(filled)), "$foreground-muted")
    )


class ProgressDialog(Dialog[bool]):
    """Shows stage and fraction; dismissed with True when it was cancelled.

    Args:
        title: on the border.
        on_cancel: called once when the user wants to stop. The dialog then says so and stays:
            what is going on decides when it can stop, and whoever opened it closes it.
    """

    DEFAULT_CSS = """
    ProgressDialog {
        DialogBox { width: 60; }
        #stage, #bar { width: 100%; height: 1; }
        #bar { margin-top: 1; }
        &.-tiny #bar, &.-tiny ChoiceRow { margin-top: 0; }
    }
    """

    @dataclass
    class Reported(Message):
        """News from the operation."""

        stage: str
        fraction: float | None

        def can_replace(self, message: Message) -> bool:
            """Only the newest news counts."""
            return isinstance(message, ProgressDialog.Reported)

    def __init__(self, title: str, on_cancel: Callable[[], None] | None = None) -> None:
        super().__init__()
        self.heading = title
        self.cancelled = False
        self._on_cancel = on_cancel
        self._stage = ""
        self._fraction: float | None = None
        self._began = time.monotonic()

    def compose_body(self) -> Iterable[Widget]:
        """Yield the stage, the bar and the button."""
        yield Static(id="stage")
        yield Static(id="bar")
        yield ChoiceRow([Choice("cancel", "Cancel", hint="Stop; the old file stays as it is")])

    def on_mount(self) -> None:
        """Count the seconds."""
        self.set_interval(1.0, self._draw)

    def on_resize(self) -> None:
        """Fit the bar."""
        self.call_after_refresh(self._draw)

    def update_progress(self, stage: str, fraction: float | None) -> None:
        """Show the stage and how far it is (0 to 1; None if nobody knows). From any thread."""
        post(self, self.Reported(stage, fraction))

    def close(self) -> None:
        """Take the dialog off the screen, and what may have been opened over it."""
        stack = self.app.screen_stack
        if self in stack:
            for screen in reversed(stack[stack.index(self) + 1 :]):
                screen.dismiss()
            self.dismiss(self.cancelled)

    def on_progress_dialog_reported(self, message: Reported) -> None:
        """Draw the news."""
        self._stage, self._fraction = message.stage, message.fraction
        self._draw()

    def _draw(self) -> None:
        line = self.query_one("#bar", Static)
        width = max(1, line.size.width)
        stage = "Stopping" if self.cancelled else self._stage
        self.query_one("#stage", Static).update(Content(safe_text(stage) + " …" if stage else ""))
        if self._fraction is None:
            seconds = int(time.monotonic() - self._began)
            line.update(Content.styled(f"{seconds} s", "$foreground-muted"))
            return
        percent = f" {self._fraction:4.0%}"
        line.update(Content.assemble(bar(self._fraction, max(1, width - len(percent))), percent))

    def on_key(self, event: events.Key) -> None:
        """Take the button's letter as hot key."""
        if self.query_one(ChoiceRow).by_hot_key(event.character):
            event.stop()
            self.action_cancel()

    @on(ChoiceRow.Chosen)
    def action_cancel(self) -> None:
        """Ask for an end, once."""
        if self.cancelled:
            return
        self.cancelled = True
        for button in self.query_one(ChoiceRow).buttons:
            button.disabled = True
        self._draw()
        if self._on_cancel is None:
            self.dismiss(True)
        else:
            self._on_cancel()


class Progress:
    """The operation's side: reports from any thread, whether or not a dialog is there yet."""

    def __init__(self) -> None:
        self.dialog: ProgressDialog | None = None
        self._stop = threading.Event()
        self._last: tuple[str, float | None] = ("", None)

    @property
    def cancelled(self) -> bool:
        """Whether the user wants it to stop."""
        return self._stop.is_set()

    def report(self, stage: str, fraction: float | None = None) -> None:
        """Say what is going on, and how far it is from 0 to 1 if that is known."""
        self._last = (stage, fraction)
        if self.dialog is not None:
            self.dialog.update_progress(stage, fraction)

    def stop(self) -> None:
        """Take note that the user wants it to stop."""
        self._stop.set()

    def appear(self, app: App[Any], dialog: ProgressDialog) -> None:
        """Open the dialog with the last news in it."""
        self.dialog = dialog
        app.push_screen(dialog)
        dialog.update_progress(*self._last)


@asynccontextmanager
async def progress_shown(
    app: App[Any],
    title: str,
    *,
    on_cancel: Callable[[], None] | None = None,
    delay: float = DELAY,
) -> AsyncGenerator[Progress]:
    """Show a `ProgressDialog` while the body runs, if that takes longer than `delay` seconds.

    Yields the `Progress` to report to. `on_cancel` is called on the screen's thread when the
    user cancels; `Progress.cancelled` is true from then on. Await this in a worker, so that
    the screen goes on answering keys.
    """
    progress = Progress()

    def cancel() -> None:
        progress.stop()
        if on_cancel is not None:
            on_cancel()

    timer: Timer = app.set_timer(delay, lambda: progress.appear(app, ProgressDialog(title, cancel)))
    try:
        yield progress
    finally:
        timer.stop()
        dialog = progress.dialog
        if dialog is not None:
            dialog.close()

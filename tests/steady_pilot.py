"""Textual's Pilot, made to wait for the application itself.

Textual takes a process for done that used little processor time in the last 20 ms. On a machine
with other work that is also one that was not let run: keys then meet a screen that is not there
yet. Here each key, and each pause, lasts until no message waits, no task is ready to run and
nothing is left to be painted. What other threads and processes have yet to answer is not seen:
tests wait for that with `dialog_host.until`.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from textual.app import App
from textual.pilot import Pilot

LIMIT = 10.0
"""Seconds after which an application that is never at rest (one that animates) is let be."""


def at_rest(app: App[Any]) -> bool:
    """Whether nothing is left to do but to wait for keys, timers, threads and processes."""
    if app._exception is not None or not app._running:
        return True
    for pump in (app, *app._registry):
        if not pump._running or pump._closing:
            continue
        if pump._message_queue.qsize() or pump._pending_message or pump._next_callbacks:
            return False
    screen = app.screen
    return bool(app._batch_count) or not (
        screen._layout_required
        or screen._scroll_required
        or screen._repaint_required
        or screen._recompose_required
        or screen._dirty_widgets
        or screen._callbacks
    )


async def rest(app: App[Any]) -> None:
    """Wait until the application is at rest, seen twice: one look may fall between two tasks."""
    loop: Any = asyncio.get_running_loop()
    end = time.monotonic() + LIMIT
    seen = 0
    while seen < 2 and time.monotonic() < end:
        await asyncio.sleep(0.001)
        seen = seen + 1 if not loop._ready and at_rest(app) else 0


async def _wait_for_screen(self: Pilot[Any], timeout: float = 60.0) -> bool:
    result = await _textual_waits(self, timeout)
    await rest(self.app)
    return result


async def _press(self: Pilot[Any], *keys: str) -> None:
    for key in keys:
        await self.app._press_keys([key])
        await rest(self.app)
    await self._wait_for_screen()


async def _pause(self: Pilot[Any], delay: float | None = None) -> None:
    await _textual_pauses(self, delay)
    await rest(self.app)


_textual_waits = Pilot._wait_for_screen
_textual_pauses = Pilot.pause


def install() -> None:
    """Make every Pilot of this process wait like this."""
    Pilot._wait_for_screen = _wait_for_screen
    Pilot.pause = _pause
    Pilot.press = _press

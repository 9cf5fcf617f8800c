"""From a key's event, or an edit, to the refresh that shows it, inside the app."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

Say = Callable[..., None]


class Watched:
    """The app with a file open, and a clock that stops at the next paint."""

    def __init__(self, app: Any, pilot: Any) -> None:
        self.app, self.pilot = app, pilot
        self.painted = asyncio.Event()
        display = app._display

        def watch(screen: object, renderable: object) -> None:
            display(screen, renderable)
            self.painted.set()

        app._display = watch

    async def seconds(self, act: Callable[[], object]) -> float:
        """Return the seconds from `act` to the first paint after it."""
        await self.pilot.pause(0.12)
        self.painted.clear()
        began = time.perf_counter()
        act()
        await self.painted.wait()
        return time.perf_counter() - began


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Watched]:
    """Open a file in the app, without a terminal."""
    from kerastui.clerk.client import Clerk
    from kerastui.tui.app import KerastuiApp

    clerk = Clerk()
    app: Any = KerastuiApp(clerk, str(path), clerk.submit("open", str(path)))
    async with app.run_test(size=(200, 50)) as pilot:
        while app.explorer.document is None or app.explorer.panel is None:
            await pilot.pause(0.05)
        yield Watched(app, pilot)
    clerk.close()


async def toggling(path: Path, label: str, target: float, say: Say) -> None:
    """Measure a layer's flag."""
    from textual import events

    times: list[float] = []
    async with opened(path) as watched:
        app = watched.app
        for _ in range(60):
            await watched.pilot.press("down")
            if app.explorer.model.boxes[app.explorer.current] != "absent":
                times.append(
                    await watched.seconds(lambda: app.post_message(events.Key("space", " ")))
                )
    p95 = sorted(times)[int(len(times) * 0.95)]
    say(f"toggle to paint, {label}, p95", p95 * 1000, target, "ms")


async def renaming(path: Path, say: Say) -> None:
    """Measure other names for every other one of 2,000 layers, and taking them back."""
    from kerastui.edits.rename import Rename

    there: list[float] = []
    back: list[float] = []
    async with opened(path) as watched:
        explorer = watched.app.explorer
        for _ in range(10):
            names = [layer.path for layer in explorer.model.layers[::2]]
            edit = Rename(tuple((name, f"encoder_{i}") for i, name in enumerate(names)))
            there.append(await watched.seconds(lambda e=edit: explorer._edit(lambda d: d.apply(e))))
            back.append(await watched.seconds(explorer.action_undo))
    say("1,000 of 2,000 layers renamed to paint, median", sorted(there)[5] * 1000, 200, "ms")
    say("undo of it to paint, median", sorted(back)[5] * 1000, 50, "ms")

"""From a key to painted values: the grid of a compressed dataset of 10^9 elements, in the app."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from generate import write_huge
from reactions import Watched, opened

Say = Callable[..., None]
_KEYS = {"row": "down", "page": "pagedown", "page across": "ctrl+right"}


def values(folder: Path, say: Say) -> None:
    """Measure steps of a row and of a page, at the speed of a key that is held."""
    path = folder / "values.h5"
    write_huge(path)
    asyncio.run(_steps(path, say))
    path.unlink()


async def _steps(path: Path, say: Say) -> None:
    from textual import events

    from kerastui.tui.look.screen import LookScreen
    from kerastui.tui.look.values_grid import ValuesGrid

    async with opened(path) as watched:
        app, pilot = watched.app, watched.pilot
        app.explorer.action_look()
        await pilot.pause(0.3)
        assert isinstance(app.screen, LookScreen)
        app.screen.query_one("TabbedContent").active = "ValuesView"
        while not (found := app.screen.query(ValuesGrid)) or not found.first().has_values:
            await pilot.pause(0.05)
        app.workers.cancel_all()  # statistics and histogram of all this would take the cores
        for clerk in (app.explorer.analyst._long, app.explorer.analyst._short):
            clerk.cancel()
        await pilot.pause(2)  # they stop with the block that they are at
        grid = found.first()
        grid.focus()
        for label, key in _KEYS.items():
            grid.go_to((20_011, 7_013))
            await pilot.pause(0.5)
            if key == "down":  # the cursor is at the lower edge: each step scrolls
                grid.scroll_grid(grid.top - grid.page_rows + 1, grid.left)
            times = [
                await _until_painted(watched, grid, lambda k=key: events.Key(k, None))
                for _ in range(100)
            ]
            p95 = sorted(times)[94] * 1000
            say(f"grid, key to values, a {label}, 10^9 elements in gzip, p95", p95, 50, "ms")


async def _until_painted(watched: Watched, grid: Any, key: Callable[[], Any]) -> float:
    """Return the seconds from a key to the paint that shows the values of all that is seen."""
    before = grid.top, grid.left
    began = time.perf_counter()
    watched.app.post_message(key())
    while True:
        watched.painted.clear()
        await asyncio.wait_for(watched.painted.wait(), 10)
        if (grid.top, grid.left) != before and grid.is_filled:
            break
    taken = time.perf_counter() - began
    await asyncio.sleep(max(0.0, 0.033 - taken))
    return taken

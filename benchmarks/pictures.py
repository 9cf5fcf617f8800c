"""From a key to painted filters: the next input channel of 512 filters of 3×3, in the app."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from reactions import Watched, opened

Say = Callable[..., None]
_ROUNDS = 40


def pictures(folder: Path, say: Say) -> None:
    """Measure how long the gallery takes, again and again."""
    path = folder / "pictures.h5"
    kernel = np.random.default_rng(1).standard_normal((3, 3, 512, 512), "f4")
    with h5py.File(path, "w") as file:
        file["a/kernel"] = kernel
    asyncio.run(_channels(path, say))
    path.unlink()


async def _channels(path: Path, say: Say) -> None:
    from kerastui.tui.look.filters_view import FiltersView

    async with opened(path) as watched:
        app, pilot = watched.app, watched.pilot
        app.explorer.action_look()
        await pilot.pause(0.3)
        app.screen.query_one("TabbedContent").active = "FiltersView"
        while not (found := app.screen.query(FiltersView)) or found.first()._figures is None:
            await pilot.pause(0.05)
        await pilot.pause(1)
        view = found.first()
        times = sorted([await _until_painted(watched, view) for _ in range(_ROUNDS)])
        p95 = times[_ROUNDS * 95 // 100 - 1] * 1000
        say("512 filters of 3×3, key to paint, p95", p95, 100, "ms")


async def _until_painted(watched: Watched, view: Any) -> float:
    """Return the seconds from a key to the paint that shows the next channel."""
    from textual import events

    before, began = view._gallery, time.perf_counter()
    watched.app.post_message(events.Key("right_square_bracket", "]"))
    shown = False
    while not shown:
        watched.painted.clear()
        await asyncio.wait_for(watched.painted.wait(), 10)
        shown = view._gallery is not before
    taken = time.perf_counter() - began
    await asyncio.sleep(max(0.0, 0.05 - taken))
    return taken

"""Measure how long a weight's distribution takes, from the key to what is painted."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from reactions import Watched, opened

Say = Callable[..., None]


async def histograms(folder: Path, say: Say) -> None:
    """The histograms of weights of 100 MB: the first one, another one, and looking closer."""
    path = folder / "three.h5"
    with h5py.File(path, "w") as file:
        rng = np.random.default_rng(1)
        for layer in ("one", "two", "three"):
            file[f"{layer}/kernel"] = rng.standard_normal((25, 1 << 20), "f4")
    first, other, closer = [], [], []
    for _ in range(3):
        async with opened(path) as watched:
            await watched.pilot.pause(4)  # a look at the table
            first.append(await _until_counted(watched, "d"))
            await watched.pilot.pause(1.5)  # figures are computed
            for _ in range(2):
                other.append(await _until_counted(watched, "full_stop"))
                await watched.pilot.pause(1.5)
            closer.append(await _until_counted(watched, "plus"))
    path.unlink()
    for what, times in (("first", first), ("next", other), ("looked at closer", closer)):
        median = sorted(times)[len(times) // 2]
        say(f"histogram of 100 MB on the screen, {what}", median * 1000, 300, "ms")


async def _until_counted(watched: Watched, key: str) -> float:
    """Press a key, and return the seconds until all values have been counted and drawn."""
    from textual import events

    from kerastui.widgets.histogram_bars import HistogramBars

    app: Any = watched.app
    before = _counts(app, HistogramBars)
    began = time.perf_counter()
    app.post_message(events.Key(key, {"d": "d", "plus": "+", "full_stop": "."}[key]))
    while (now := _counts(app, HistogramBars)) is None or now is before:
        await watched.pilot.pause(0.002)
    app.screen.query_one(HistogramBars).render_line(0)
    return time.perf_counter() - began


def _counts(app: Any, kind: type[Any]) -> object:
    """Return the exact counts that are shown, None if there are none."""
    found = list(app.screen.query(kind))
    return None if not found or found[0].axis is None or found[0].coarse else found[0].counts

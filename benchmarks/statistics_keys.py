"""Keys to the table of statistics while it fills: from the key to what it paints.

    python benchmarks/statistics_keys.py

The program runs in a pseudo-terminal; a model of a gigabyte and one of 2,000 layers are opened,
and the cursor moves through the table, rows are sorted and filtered, while figures come.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from generate import Spec, filters_for, write_model
from keys import Keyboard

Say = Callable[..., None]
_KEYS = ("\x1b[B", "\x1b[B", "\x1b[6~", "\x1b[A", "5", "\x1b[B", "r", "f", "f", "c", "n", "\x1b[5~")


def statistics_keys(folder: Path, say: Say) -> None:
    """Measure both files."""
    program = str(Path(sys.executable).parent / "kerastui")
    for label, spec in (
        ("1 GB", Spec(125, filters_for(1 << 30, 125))),
        ("2,000 layers", Spec(2000, 8)),
    ):
        path = folder / "statistics.h5"
        write_model(path, spec)
        busy, rest = _typing(program, path)
        say(f"key to paint, table of {label} at rest, p95", rest * 1000, 30, "ms")
        say(f"key to paint, statistics of {label} run, p95", busy * 1000, 30, "ms")
        path.unlink()


def _typing(program: str, model: Path) -> tuple[float, float]:
    """Return the 95th percentile of keys while figures come, and when all are there."""
    keyboard = Keyboard([program, str(model)])
    try:
        keyboard.wait_for(b"Freeze to here")
        keyboard.quiet(0.5)
        keyboard.send("s")
        keyboard.wait_for(b"esc stops")
        busy = _times(keyboard, b"histograms over", 30)
        keyboard.quiet(0.5)
        return _p95(busy), _p95(_times(keyboard, b"", 4, len(busy)))
    finally:
        keyboard.close()


def _times(keyboard: Keyboard, until: bytes, seconds: float, sent: int = 0) -> list[float]:
    """Return the seconds from keys to paints, until some text comes or time is over.

    After `sent` keys the row of keys goes on where it was: `f` twice leaves no row or all.
    """
    taken: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end and not (until and until in keyboard.text):
        keyboard.text = b""
        taken.append(_latency(keyboard, _KEYS[(sent + len(taken)) % len(_KEYS)]))
        time.sleep(0.02)
    return taken


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


def _latency(keyboard: Keyboard, key: str) -> float:
    """Return the seconds from a key to the next output, after what was on its way."""
    while keyboard.read(0):
        pass
    began = time.perf_counter()
    keyboard.send(key)
    if not keyboard.read(2):
        raise SystemExit(f"{key!r} painted nothing")
    return time.perf_counter() - began


if __name__ == "__main__":
    os.environ.setdefault("TEXTUAL_FPS", "120")
    place = Path(tempfile.mkdtemp(prefix="kerastui-bench-"))
    try:
        statistics_keys(place, lambda what, figure, *_: print(f"{what}: {figure:.1f} ms"))
    finally:
        shutil.rmtree(place)

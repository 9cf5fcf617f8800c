"""Measure start, toggling, saving, ``show`` and Keras, as ratios: ``python -m benchmarks``.

What is compared is run in turn, and the median is taken, so that a machine whose speed drifts
does not decide. Needs POSIX pseudo-terminals. ``--quick`` leaves the 2 GB file out,
``--only session`` (or start, toggling, saving, analysis, diff) all but that part.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import pty
import select
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from analysis import analysis
from diff import main as diff
from generate import Spec, filters_for, write_model
from pictures import pictures
from reactions import renaming, toggling
from saving import saving
from session import session
from statistics_keys import statistics_keys
from values import values

BARE = """
from textual.app import App
from textual.widgets import Static
class A(App):
    def compose(self): yield Static("hello line")
A().run()
"""


def until_seen(command: list[str], needle: bytes, timeout: float = 60) -> float:
    """Return the seconds until `needle` is in what `command` writes to its terminal."""
    began = time.perf_counter()
    child, master = pty.fork()
    if child == 0:
        os.environ.update(TERM="xterm-256color", COLUMNS="200", LINES="50")
        os.execv(command[0], command)
    seen, data = None, b""
    while seen is None and time.perf_counter() - began < timeout:
        if select.select([master], [], [], 0.05)[0]:
            try:
                data += os.read(master, 65536)
            except OSError:
                break
            if needle in data:
                seen = time.perf_counter() - began
    os.kill(child, 9)
    os.waitpid(child, 0)
    os.close(master)
    if seen is None:
        raise SystemExit(f"{command} never showed {needle!r}")
    return seen


def in_turn(rounds: int, *measures: Callable[[], float]) -> list[float]:
    """Run the measures in turn and return each one's median."""
    taken: list[list[float]] = [[] for _ in measures]
    for k in range(rounds + 1):
        for measure, times in zip(measures, taken, strict=True):
            value = measure()
            if k:  # the first round warms caches
                times.append(value)
    return [statistics.median(times) for times in taken]


def say(what: str, figure: float, target: float, unit: str = "×") -> None:
    """Print a figure, its target, and whether it is reached."""
    word = "ok" if figure <= target else "MISSED"
    print(f"{what:<62} {figure:8.2f} {unit}   target {target:g} {unit}   {word}", flush=True)


def timed(command: list[str]) -> float:
    """Return the seconds that a command takes."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def start(folder: Path, quick: bool) -> None:
    """First frame against a bare Textual app; a big file against a small one."""
    python, program = sys.executable, str(Path(sys.executable).parent / "kerastui")
    small, long = folder / "small.h5", folder / "long.h5"
    names = write_model(small, Spec(layers=125))
    write_model(long, Spec(layers=2000))
    name = names[2].encode()
    bare, one, two = in_turn(
        9,
        lambda: until_seen([python, "-c", BARE], b"hello line"),
        lambda: until_seen([program, str(small)], name),
        lambda: until_seen([program, str(long)], name),
    )
    print(f"bare Textual app: {bare * 1000:.0f} ms")
    say("first frame, 125 layers / bare Textual app", one / bare, 1.6)
    say("first frame, 2,000 layers / bare Textual app", two / bare, 2.2)
    show, h5py = in_turn(
        9,
        lambda: timed([program, "show", str(small)]),
        lambda: timed([python, "-c", "import h5py"]),
    )
    say("kerastui show, 125 layers / python -c 'import h5py'", show / h5py, 1.5)
    if not quick:
        big = folder / "big.h5"
        write_model(big, Spec(layers=125, filters=filters_for(2 << 30, 125), fill="sparse"))
        large, little = in_turn(
            7,
            lambda: until_seen([program, str(big)], name),
            lambda: until_seen([program, str(small)], name),
        )
        say("first frame, 2 GB of weights / tiny weights", large / little, 1.1)


def keys_beside_keras(folder: Path) -> None:
    """From a key in a real terminal to what it paints, while Keras is busy."""
    from keys import typing

    path = folder / "keys.h5"
    write_model(path, Spec(layers=60, filters=2))
    for label, p95 in typing(str(Path(sys.executable).parent / "kerastui"), path):
        say(f"key to paint, {label}, p95", p95 * 1000, 30, "ms")


def main() -> None:
    """Run everything."""
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    options.add_argument("--quick", action="store_true", help="leave the 2 GB files out")
    parts = (
        "start",
        "toggling",
        "saving",
        "analysis",
        "values",
        "pictures",
        "table",
        "diff",
        "session",
        "keys",
    )
    options.add_argument("--only", choices=parts, action="append", help="only this part")
    given = options.parse_args()
    chosen = given.only or parts
    os.environ.setdefault("TEXTUAL_FPS", "120")
    folder = Path(tempfile.mkdtemp(prefix="kerastui-bench-"))
    try:
        if "start" in chosen:
            start(folder, given.quick)
        if "toggling" in chosen:
            for count, label, target in ((2000, "2,000 layers", 20), (20000, "20,000 layers", 50)):
                path = folder / f"{count}.h5"
                write_model(path, Spec(layers=count, filters=1))
                asyncio.run(toggling(path, label, target, say))
                if count == 2000:
                    asyncio.run(renaming(path, say))
        if "saving" in chosen:
            saving(folder, given.quick, in_turn, say)
        if "analysis" in chosen:
            analysis(folder, in_turn, say, given.quick)
        if "values" in chosen:
            values(folder, say)
        if "pictures" in chosen:
            pictures(folder, say)
        if "table" in chosen:
            statistics_keys(folder, say)
        if "diff" in chosen and not given.quick:
            diff()
        if "session" in chosen:
            session(folder, in_turn, say)
        if "keys" in chosen:
            keys_beside_keras(folder)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()

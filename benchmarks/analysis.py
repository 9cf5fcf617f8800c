"""Measure what looks at weights: statistics, a histogram, the steps of a grid."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from generate import Spec, filters_for, write_huge, write_model
from looking import histograms

InTurn = Callable[..., list[float]]
Say = Callable[..., None]

_WHOLE = """
import re, sys, time
from pathlib import Path
from kerastui.files import open_model
from kerastui.analysis.statistics import statistics_of
model = open_model(sys.argv[1])
def peak():  # of getrusage, a process inherits its parent's
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
before = peak()
began = time.perf_counter()
statistics_of(model, quantiles=len(sys.argv) > 2)
taken = time.perf_counter() - began
print(taken, (peak() - before) / 1024)
"""
_READ = """
import sys, time
import h5py, numpy as np
began = time.perf_counter()
def add(name, item):
    if isinstance(item, h5py.Dataset):
        np.sum(item[...])
with h5py.File(sys.argv[1]) as file:
    file.visititems(add)
print(time.perf_counter() - began, 0)
"""


def analysis(folder: Path, in_turn: InTurn, say: Say, quick: bool) -> None:
    """Measure everything."""
    path, nbytes = folder / "weights.h5", (200 << 20) if quick else (2 << 30)
    whole = f"{nbytes >> 20:,} MB"
    write_model(path, Spec(layers=125, filters=filters_for(nbytes, 125)))
    _statistics(path, f"{whole}, 125 layers", in_turn, say)
    _one_weight(path, nbytes)
    _statistics(path, f"{whole}, one weight", in_turn, say)
    write_model(path, Spec(layers=6000, filters=filters_for(200 << 20, 6000)))
    _statistics(path, "200 MB, 12,000 weights", in_turn, say)
    _one_weight(path, 200 << 20, chunks=(512, 512), compression="gzip", shuffle=True)
    _statistics(path, "200 MB, gzip", in_turn, say)
    path.unlink()
    _histogram(folder, in_turn, say)
    asyncio.run(histograms(folder, say))
    _grid(folder, say)


def _one_weight(path: Path, nbytes: int, **options: Any) -> None:
    """Write a file of one matrix of normal numbers."""
    random = np.random.default_rng(1)
    rows = nbytes // (4 * 4096)
    with h5py.File(path, "w") as file:
        kernel = file.create_dataset("a/kernel", (rows, 4096), "f4", **options)
        for row in range(0, rows, 4096):
            some = min(4096, rows - row)
            kernel[row : row + some] = random.standard_normal((some, 4096), "f4") * 0.05


def _statistics(path: Path, label: str, in_turn: InTurn, say: Say) -> None:
    """Statistics of a whole model, against reading it by h5py and one np.sum over each array."""
    memory: dict[str, float] = {}

    def run(program: str, *options: str) -> float:
        command = [sys.executable, "-c", program, str(path), *options]
        answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        key = "".join(options)
        memory[key] = max(memory.get(key, 0.0), float(answer[1]))
        return float(answer[0])

    read, plain, full = in_turn(
        3, lambda: run(_READ), lambda: run(_WHOLE), lambda: run(_WHOLE, "quantiles")
    )
    say(f"statistics, {label} / h5py and np.sum", plain / read, 2)
    say("  with quantiles / h5py and np.sum", full / read, 4)
    say("  more memory than before", memory[""], 100, "MB")
    say("  with quantiles, more memory than before", memory["quantiles"], 100, "MB")


def _histogram(folder: Path, in_turn: InTurn, say: Say) -> None:
    """The first histogram of a weight of 100 MB, by a clerk that was started for it."""
    from kerastui.clerk.client import Clerk
    from kerastui.files.detect import identify

    path = folder / "one.h5"
    _one_weight(path, 100 << 20)
    place = identify(path)

    def fresh() -> float:
        clerk, began = Clerk(), time.perf_counter()
        clerk.call("histogram", place, "/a/kernel", None, None, 64)
        taken = time.perf_counter() - began
        clerk.close()
        return taken

    clerk = Clerk()

    def again() -> float:
        began = time.perf_counter()
        clerk.call("histogram", place, "/a/kernel", None, None, 64)
        return time.perf_counter() - began

    again()
    first, next_ = in_turn(5, fresh, again)
    clerk.close()
    say("first histogram of a weight of 100 MB, clerk started for it", first * 1000, 300, "ms")
    say("histogram of a weight of 100 MB, clerk there already", next_ * 1000, 300, "ms")
    path.unlink()


def _grid(folder: Path, say: Say) -> None:
    """Steps of a grid over 10^9 elements in compressed chunks, as the clerk answers them."""
    from kerastui.clerk.client import Clerk
    from kerastui.files import open_model

    path = folder / "grid.h5"
    write_huge(path)
    model, clerk = open_model(str(path)), Clerk()
    times: list[float] = []
    choose = random.Random(1)
    row, column = 25_000, 10_000
    for step in range(220):
        down, across = choose.choice([(1, 0), (40, 0), (0, 1), (0, 12), (0, -12), (-40, 0)])
        if step % 40 == 39:  # a jump
            down, across = choose.randrange(-20_000, 20_000), choose.randrange(-9_000, 9_000)
        row, column = (row + down) % 49_000, (column + across) % 19_000
        began = time.perf_counter()
        clerk.call("window", model.file, "/a/kernel", (0, row, 45), (1, column, 18), ())
        times.append(time.perf_counter() - began)
    clerk.close()
    steps = sorted(times[20:])
    say("grid step, 10^9 elements in gzip, p95", steps[int(len(steps) * 0.95)] * 1000, 50, "ms")
    path.unlink()

"""Measure what looks at weights: statistics, a histogram, the steps of a grid."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
from generate import Spec, filters_for, write_model

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
    _statistics(folder, in_turn, say, (200 << 20) if quick else (2 << 30))
    _histogram(folder, in_turn, say)
    _grid(folder, say)


def _statistics(folder: Path, in_turn: InTurn, say: Say, nbytes: int) -> None:
    """Statistics of a whole model, against reading it by h5py and one np.sum over each array."""
    path = folder / "weights.h5"
    write_model(path, Spec(layers=125, filters=filters_for(nbytes, 125)))
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
    label = f"{nbytes >> 20:,} MB"
    say(f"statistics, {label} / h5py and np.sum", plain / read, 2)
    say(f"statistics with quantiles, {label} / h5py and np.sum", full / read, 4)
    say("statistics, more memory than before", memory[""], 100, "MB")
    say("statistics with quantiles, more memory than before", memory["quantiles"], 100, "MB")
    path.unlink()


def _histogram(folder: Path, in_turn: InTurn, say: Say) -> None:
    """The first histogram of a weight of 100 MB."""
    from kerastui.analysis.histogram import histogram_of
    from kerastui.files.arrays import open_arrays

    path = folder / "one.h5"
    with h5py.File(path, "w") as file:
        file["w"] = np.random.default_rng(1).standard_normal((25, 1 << 20), "f4")

    def one() -> float:
        began = time.perf_counter()
        with open_arrays(str(path)) as arrays:
            histogram_of(arrays.array("/w"))
        return time.perf_counter() - began

    (taken,) = in_turn(5, one)
    say("histogram of a weight of 100 MB", taken * 1000, 300, "ms")
    path.unlink()


def _grid(folder: Path, say: Say) -> None:
    """Steps of a grid over 10^9 elements in compressed chunks, as the clerk answers them."""
    from kerastui.clerk.client import Clerk
    from kerastui.files import open_model

    path = folder / "grid.h5"
    with h5py.File(path, "w") as file:
        dataset = file.create_dataset(
            "a/kernel", (50_000, 20_000), "f4", chunks=(500, 500), compression="gzip"
        )
        block = np.random.default_rng(1).standard_normal((500, 500), "f4")
        dataset[:500, :500] = block
        packed = dataset.id.read_direct_chunk((0, 0))[1]
        for row in range(0, 50_000, 500):  # the same bytes everywhere: written in a second
            for column in range(0, 20_000, 500):
                dataset.id.write_direct_chunk((row, column), packed)
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

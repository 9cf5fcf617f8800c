"""Saving against ``cp`` and an fsync, with verification; and the memory that it takes.

Three edits: flags of half of the layers, other names for 1,000 of 2,000 layers, and new values
for one weight.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from generate import Spec, filters_for, write_model

from kerastui import Document, open_model, save
from kerastui.edits import Rename, SetWeight
from kerastui.model import ArraySource

InTurn = Callable[..., list[float]]
Say = Callable[..., None]


@dataclass(frozen=True)
class Case:
    """An edit, on a model of so many layers."""

    label: str
    layers: int
    edit: Callable[[Document, Path], None]


def freeze_half(document: Document, folder: Path) -> None:
    """Freeze the front half."""
    document.set_trainable(range(len(document.model.layers) // 2), trainable=False)


def rename_half(document: Document, folder: Path) -> None:
    """Give every other layer another name."""
    names = [layer.path for layer in document.model.layers[::2]]
    document.apply(Rename(tuple((name, f"encoder_{i}") for i, name in enumerate(names))))


def replace_a_weight(document: Document, folder: Path) -> None:
    """Give the first big weight other values."""
    layers = [layer for layer in document.model.layers if layer.weights]
    layer = max(layers, key=lambda layer: layer.weights[0].nbytes)
    weight = layer.weights[0]
    values = folder / "values.npy"
    if not values.exists():
        np.save(values, np.ones(weight.shape, weight.dtype))
    source = ArraySource(str(values), "", weight.shape, weight.dtype, "benchmark")
    document.apply(SetWeight(layer.path, weight.name, source))


CASES = (
    Case("flags", 125, freeze_half),
    Case("a weight", 125, replace_a_weight),
    Case("1,000 of 2,000 names", 2000, rename_half),
)


def saving(folder: Path, quick: bool, in_turn: InTurn, say: Say) -> None:
    """Measure every case on 100 MB and, unless `quick`, on 2 GB."""
    for label, nbytes in (("100 MB", 100 << 20), ("2 GB", 2 << 30))[: 1 if quick else 2]:
        for case in CASES:
            path = folder / f"{case.layers}.h5"
            if not path.exists():
                filters = filters_for(nbytes, case.layers)
                write_model(path, Spec(layers=case.layers, filters=filters, fill="random"))
            _measure(folder, path, case, label, in_turn, say)
        for path in folder.glob("*.h5"):
            path.unlink()


def _measure(folder: Path, path: Path, case: Case, label: str, in_turn: InTurn, say: Say) -> None:
    def one_save() -> float:
        document = Document(open_model(path))
        case.edit(document, folder)
        os.sync()
        began = time.perf_counter()
        save(document, folder / "saved")
        taken = time.perf_counter() - began
        (folder / "saved").unlink()
        return taken

    ours, theirs = in_turn(5, one_save, lambda: copy_and_sync(path, folder / "copy"))
    what = f"save {label}, {case.label}"
    say(f"{what}, less 50 ms / cp and fsync", max(0.0, ours - 0.05) / theirs, 1.15)
    code = f"from saving import memory, CASES; memory({str(path)!r}, {CASES.index(case)})"
    taken = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parent, capture_output=True, check=True
    )
    say(f"{what}, memory", float(taken.stdout), 60, "MB")
    (folder / "values.npy").unlink(missing_ok=True)


def copy_and_sync(source: Path, target: Path) -> float:
    """Return the seconds of ``cp`` and an fsync of the copy."""
    os.sync()
    began = time.perf_counter()
    subprocess.run(["cp", "--reflink=never", str(source), str(target)], check=True)
    with target.open("rb+") as file:
        os.fsync(file.fileno())
    taken = time.perf_counter() - began
    target.unlink()
    return taken


def memory(path: str, number: int) -> None:
    """Print the MB that a save takes at most above what is there when all is opened."""
    folder = Path(path).parent
    warm = folder / "warm.h5"
    write_model(warm, Spec(layers=125, filters=2))
    for file in (warm, Path(path)):  # the first save imports what is needed
        (folder / "values.npy").unlink(missing_ok=True)
        document = Document(open_model(file))
        CASES[number].edit(document, folder)
        Path("/proc/self/clear_refs").write_text("5")  # begin again with the peak
        idle = _kilobytes("VmRSS")
        save(document, folder / "saved")
        (folder / "saved").unlink()
    warm.unlink()
    print((_kilobytes("VmHWM") - idle) / 1000)


def _kilobytes(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(f"{name}:")))

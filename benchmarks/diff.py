"""Comparing two model files of about 500 MB, beside reading both with h5py and np.array_equal.

Run by itself: ``python benchmarks/diff.py``. Each side runs in a process of its own, so that
memory can be told apart, several times in turn; the best counts. The files are in the page
cache: disks are not what is measured.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np

LIMIT = 1.3
MEMORY_MB = 100
_ROUNDS = 5
_LAYERS, _ROWS, _COLUMNS = 30, 2048, 2048  # 30 kernels of 16.8 MB

_H5PY = """
with h5py.File(old) as a, h5py.File(new) as b:
    same = True
    for name in a["model_weights"]:
        path = f"model_weights/{name}/{name}/kernel:0"
        same = bool(np.array_equal(a[path][()], b[path][()])) and same
"""
_OURS = """
same = compare(old, new).same
"""
_FRAME = """
import json, re, sys, time
import h5py, numpy as np
from kerastui.analysis.compare import compare
old, new = sys.argv[1:]
def peak():
    text = open("/proc/self/status").read() if sys.platform == "linux" else "VmHWM: 0"
    return int(re.search(r"VmHWM:\\s+(\\d+)", text)[1])
before = peak()
start = time.perf_counter()
{work}
seconds = time.perf_counter() - start
grown = (peak() - before) / 1000
print(json.dumps([seconds, grown, same]))
"""


def make(path: Path, seed: int) -> None:
    """Write a legacy HDF5 model of many Dense layers with random kernels."""
    random = np.random.default_rng(seed)
    layers: list[dict[str, Any]] = []
    with h5py.File(path, "w") as file:
        group = file.create_group("model_weights")
        names = [f"dense_{i}" for i in range(1, _LAYERS + 1)]
        group.attrs["layer_names"] = [name.encode() for name in names]
        for name in names:
            kernel = random.standard_normal((_ROWS, _COLUMNS), np.float32)
            inner = group.create_group(name)
            inner.attrs["weight_names"] = [f"{name}/kernel:0".encode()]
            inner.create_dataset(f"{name}/kernel:0", data=kernel)
            config = {"name": name, "trainable": True, "units": _COLUMNS, "use_bias": False}
            layers.append({"class_name": "Dense", "config": config})
        config = {"class_name": "Sequential", "config": {"name": "big", "layers": layers}}
        file.attrs["model_config"] = json.dumps(config)
        file.attrs["keras_version"] = "2.4.0"


def measure(work: str, old: Path, new: Path) -> tuple[float, float, bool]:
    """Return seconds, megabytes more than before, and what was found."""
    code = _FRAME.format(work=work)
    found = subprocess.run(
        [sys.executable, "-c", code, str(old), str(new)], check=True, capture_output=True
    )
    seconds, grown, same = json.loads(found.stdout)
    return seconds, grown, same


def main() -> int:
    """Measure and print; return 1 if a limit is missed."""
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        old, new, copy = (Path(folder, name) for name in ("old.h5", "new.h5", "copy.h5"))
        make(old, 1)
        make(new, 2)
        copy.write_bytes(old.read_bytes())
        for label, other, same in (("all different", new, False), ("identical", copy, True)):
            runs = [
                (measure(_H5PY, old, other), measure(_OURS, old, other)) for _ in range(_ROUNDS)
            ]
            assert all(run[2] is same for pair in runs for run in pair)
            theirs, ours = (min(pair[side][0] for pair in runs) for side in (0, 1))
            grown = max(pair[1][1] for pair in runs)
            ratio = ours / theirs
            missed = ratio > LIMIT or grown > MEMORY_MB
            failed = failed or missed
            print(
                f"diff, {label}: {ours:.2f} s, h5py and array_equal {theirs:.2f} s: "
                f"{ratio:.2f}x (limit {LIMIT}x), {grown:.0f} MB more (limit {MEMORY_MB})"
                f"{'  MISSED' if missed else ''}"
            )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())

"""A comparison asked of the clerk: what crosses is plain, and a long one can be stopped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import h5py
import pytest

from kerastui.analysis.compare import compare
from kerastui.analysis.results import Cancelled
from kerastui.analysis.trail import trail
from kerastui.clerk.client import Clerk


@pytest.fixture
def clerk() -> Iterator[Clerk]:
    clerk = Clerk()
    yield clerk
    clerk.close()


def test_comparisons_cross(clerk: Clerk, sample_dir: Path) -> None:
    paths = [str(p) for p in sorted((sample_dir / "checkpoints").glob("*.keras"))[:3]]
    assert clerk.call("compare", *paths[:2]) == compare(paths[0], paths[1])
    assert clerk.call("trail", tuple(paths)) == trail(paths)


def test_a_long_one_is_stopped(clerk: Clerk, tmp_path: Path) -> None:
    paths = tmp_path / "old.h5", tmp_path / "new.h5"
    for path in paths:  # a gigabyte that takes no room
        with h5py.File(path, "w") as file:
            file.create_dataset("a/kernel", (1 << 15, 1 << 13), "f4", chunks=(256, 1 << 13))
    told: list[float] = []

    def progress(stage: str, share: float) -> None:
        assert stage == "comparing"
        told.append(share)
        if len(told) == 2:
            clerk.cancel()

    with pytest.raises(Cancelled):
        clerk.submit("compare", *map(str, paths), progress=progress).result(timeout=30)
    assert told[-1] < 0.9

"""Pilot tests of the real application on real files, read by the real clerk."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import steady_pilot
from dialog_host import until
from textual.pilot import Pilot

from kerastui.clerk.client import Clerk
from kerastui.tui import looking_actions
from kerastui.tui.app import KerastuiApp

steady_pilot.install()

SAMPLES = Path(__file__).parents[2] / "sample_models"


@pytest.fixture
def sample(tmp_path: Path) -> Callable[[str], Path]:
    """Return a copy of a sample model that a test may change."""

    def copy(name: str) -> Path:
        return Path(shutil.copy(SAMPLES / name, tmp_path / name))

    return copy


@pytest.fixture(autouse=True)
def not_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process is started for a look at weights that does not come; tests of it say so."""
    monkeypatch.setattr(looking_actions, "_READY_AFTER", 3600.0)


@pytest.fixture
def explorer():
    """Run the application on a file: ``async with explorer(path) as pilot``."""

    @contextlib.asynccontextmanager
    async def run(
        path: Path, size: tuple[int, int] = (160, 45), notifications: bool = False
    ) -> AsyncIterator[Pilot[None]]:
        clerk = Clerk()
        app = KerastuiApp(clerk, str(path), clerk.submit("open", str(path)))
        try:
            async with app.run_test(size=size, notifications=notifications) as pilot:
                await until(pilot, lambda: app.explorer.document is not None or app.failure)
                await until(pilot, lambda: app.explorer.panel is not None)
                yield pilot
        finally:
            clerk.close()

    return run

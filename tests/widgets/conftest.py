"""Fixtures of the widget tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import steady_pilot
from textual.pilot import Pilot
from textual.widget import Widget
from widget_host import Host, Hosted

steady_pilot.install()


@pytest.fixture
def hosted() -> Hosted:
    """Run a widget: ``async with hosted(widget, (80, 24)) as pilot``."""

    @asynccontextmanager
    async def run(widget: Widget, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
        async with Host(widget).run_test(size=size) as pilot:
            await pilot.pause()
            yield pilot

    return run

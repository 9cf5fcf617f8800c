"""How long Textual's Pilot sleeps between looks at whether the application is idle."""

from __future__ import annotations

from textual import _wait

LOOK = 0.01
"""Seconds of one sleep; Textual's 0.02, twice for each key, are most of a test's time.

It must be longer than two frames (see ``TEXTUAL_FPS`` in ``conftest.py``): what waits for one
is not idle.
"""
IDLE = 0.0015
"""Seconds of the processor's time in it up to which the application counts as idle."""


def hurry() -> None:
    """Let Pilot look more often. It still waits until nothing is done any more."""
    _wait.SLEEP_GRANULARITY = LOOK
    _wait.SLEEP_IDLE = IDLE

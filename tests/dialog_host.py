"""A small app that opens one dialog over a screen of text, and helpers to look at it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, Static

SIZES = [(80, 24), (200, 50)]
ALL_SIZES = [*SIZES, (40, 12), (20, 5), (9, 3)]

NOTHING = object()


class Host(App[None]):
    """Shows the screen that `make` returns; keeps what it is dismissed with in `result`."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, make: Callable[[], Screen[Any]], theme: str = "textual-dark") -> None:
        super().__init__()
        self.make = make
        self.theme = theme
        self.result: Any = NOTHING

    def compose(self) -> ComposeResult:
        yield Static("\n".join(f"row {i:3}  " + "conv · " * 20 for i in range(60)))

    def on_mount(self) -> None:
        Input.cursor_blink = False
        self.push_screen(self.make(), self._keep)

    def _keep(self, result: Any) -> None:
        self.result = result


async def until(pilot: Pilot[Any], true: Callable[[], object], seconds: float = 30.0) -> None:
    """Let the app run until something holds; fail when it never does.

    The time is what a machine may take that does other work: nothing waits it out.
    """
    for _ in range(int(seconds / 0.02)):
        await pilot.pause(0.02)
        if true():
            await pilot.pause()
            return
    raise AssertionError(f"never came true within {seconds} s: {true}")


def shown(app: App[Any]) -> str:
    """The text on the screen, line by line."""
    width, height = app.size
    lines = app.screen._compositor.render_strips(app.size)
    assert len(lines) <= height
    return "\n".join(strip.text[:width] for strip in lines)

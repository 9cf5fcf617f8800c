"""A mini app: one widget alone on a screen, driven by Pilot."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.widget import Widget

_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u202e]")


class Host(App[None]):
    """Shows one widget and remembers the messages that reach it."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, widget: Widget, theme: str = "textual-dark") -> None:
        super().__init__()
        self.widget = widget
        self.wanted_theme = theme
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.widget

    def on_mount(self) -> None:
        self.theme = self.wanted_theme
        self.widget.focus()

    def on_changes_view_revert(self, message: Message) -> None:
        self.heard.append(message)

    def on_changes_view_chosen(self, message: Message) -> None:
        self.heard.append(message)


Hosted = Callable[..., AbstractAsyncContextManager[Pilot[None]]]


def screen_lines(widget: Widget) -> list[str]:
    """Return the lines of a widget as they are drawn."""
    return [strip.text.rstrip() for strip in widget.render_lines(widget.outer_size.region)]


def assert_safe(text: str) -> None:
    """Fail if text would make a terminal do something, or if markup was interpreted."""
    assert not _UNSAFE.search(text.replace("\n", "")), _UNSAFE.findall(text.replace("\n", ""))
    assert "␛]0;pwned" in text
    assert "[red]x[/]" in text

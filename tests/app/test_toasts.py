"""Toasts: few at a time, above the footer, and never over a dialog's buttons."""

from __future__ import annotations

from typing import Any

import pytest
from textual.widgets import Button, Footer
from textual.widgets._toast import Toast

from kerastui.tui.dialogs.choices import Choice
from kerastui.tui.dialogs.confirm import ConfirmDialog

LONG = "A sentence that says at some length what was done, to which of the layers, and why. " * 3


async def shown(pilot: Any) -> list[Toast]:
    for _ in range(4):
        await pilot.pause(0.02)
    return list(pilot.app.screen.query(Toast))


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_they_are_few_and_leave_footer_and_buttons_alone(explorer, sample, size):
    async with explorer(sample("digits_cnn.h5"), size=size, notifications=True) as pilot:
        app = pilot.app
        app.notify("What went wrong.", severity="error", markup=False)
        for number in (0, 1, 2, 3, 3):
            app.notify(f"{number}: {LONG}", markup=False)
        toasts = await shown(pilot)
        words = [toast._notification.message[:2] for toast in toasts]
        assert words == ["Wh", "3:"], "the newest, and the error that was there before"
        footer = app.screen.query_one(Footer).region
        assert all(not toast.region.overlaps(footer) for toast in toasts)
        assert sum(toast.region.height for toast in toasts) <= 8

        choices = tuple(Choice(name, f"Do what is called {name}") for name in ("one", "two"))
        app.push_screen(ConfirmDialog("A question", LONG, choices))
        app.notify(LONG, severity="warning", markup=False)
        toasts = await shown(pilot)
        assert toasts
        buttons = list(app.screen.query(Button))
        assert len(buttons) == 2
        for button in buttons:
            assert all(not toast.region.overlaps(button.region) for toast in toasts)

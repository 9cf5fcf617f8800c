"""Toasts, few at a time: a sentence that nobody can read for others says nothing."""

from __future__ import annotations

from textual.notifications import Notifications

AT_ONCE = 2
"""Toasts that are seen together."""


def make_room(shown: Notifications, coming: str) -> None:
    """Let older toasts go before another one comes: the oldest first, but warnings last.

    One that says the same goes in any case.
    """
    for toast in [toast for toast in shown if toast.message == coming]:
        del shown[toast]
    spare = len(shown) - (AT_ONCE - 1)
    for toast in sorted(shown, key=lambda toast: toast.severity != "information")[: max(0, spare)]:
        del shown[toast]

"""Saving what a view shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .screen import LookScreen
    from .view import LookView


def save_shown(screen: LookScreen, view: LookView) -> None:
    """Ask in which form and where to, and have the analyst write it."""
    raise NotImplementedError

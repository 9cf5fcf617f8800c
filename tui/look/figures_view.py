"""A weight's statistics and flags: beside the tabs where there is room, else a tab."""

from __future__ import annotations

from typing import ClassVar

from .view import LookView


class FiguresView(LookView):
    """A weight's statistics and flags."""


class FiguresTab(FiguresView):
    """The same as a tab, for narrow terminals."""

    NAME: ClassVar[str] = "Figures"

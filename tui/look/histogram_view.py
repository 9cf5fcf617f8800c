"""How a weight's values are distributed."""

from __future__ import annotations

from typing import ClassVar

from .view import LookView


class HistogramView(LookView):
    """How a weight's values are distributed."""

    NAME: ClassVar[str] = "Histogram"

"""A slice as a picture with a zero-centred colour scale."""

from __future__ import annotations

from typing import ClassVar

from .view import LookView


class HeatMapView(LookView):
    """A slice as a picture with a zero-centred colour scale."""

    NAME: ClassVar[str] = "Heat map"

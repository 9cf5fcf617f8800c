"""Convolution filters as a gallery of tiles."""

from __future__ import annotations

from typing import ClassVar

from .view import LookView


class FiltersView(LookView):
    """Convolution filters as a gallery of tiles."""

    NAME: ClassVar[str] = "Filters"

"""An embedding's rows on a plane (PCA)."""

from __future__ import annotations

from typing import ClassVar

from .view import LookView


class ProjectionView(LookView):
    """An embedding's rows on a plane (PCA)."""

    NAME: ClassVar[str] = "Projection"

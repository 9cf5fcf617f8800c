"""A matrix's singular values."""

from __future__ import annotations

from typing import ClassVar

from .view import LookView


class SpectrumView(LookView):
    """A matrix's singular values."""

    NAME: ClassVar[str] = "Spectrum"

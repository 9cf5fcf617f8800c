"""The numbers themselves."""

from __future__ import annotations

from typing import ClassVar

from .view import LookView


class ValuesView(LookView):
    """The numbers themselves."""

    NAME: ClassVar[str] = "Values"

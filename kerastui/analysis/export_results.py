"""What is told of a picture or an array that was saved; without NumPy, for the screen."""

from __future__ import annotations

from dataclasses import dataclass

from ..model import safe_text
from ..model.figures import size


@dataclass(frozen=True)
class Saved:
    """A file that was written, whole."""

    path: str
    bytes: int
    note: str = ""
    """What is different in it, a sentence: ``bfloat16 was written as float32.``"""

    @property
    def sentence(self) -> str:
        """Return what the user is told."""
        said = f"Saved: {safe_text(self.path, 400)} ({size(self.bytes)})."
        return f"{said} {self.note}" if self.note else said

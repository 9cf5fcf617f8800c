"""How a weight's values are distributed."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult

from .histogram_one import OneHistogram
from .subject import Subject
from .view import LookView, Saving


class HistogramView(LookView):
    """How a weight's values are distributed."""

    NAME: ClassVar[str] = "Histogram"

    def compose(self) -> ComposeResult:
        """Lay out the histogram."""
        yield OneHistogram()

    def look_at(self, subject: Subject) -> None:
        """Show another weight."""
        super().look_at(subject)
        self.query_one(OneHistogram).look_at(subject)

    def savings(self) -> tuple[Saving, ...]:
        """Return what is shown as a picture, and its counts."""
        one, subject = self.query_one(OneHistogram), self.subject
        if one.found is None or subject is None:
            return ()
        drawn = (one.found, subject.path, one.bars.is_log)
        return (
            Saving("Picture", (".png", ".svg"), "draw_histogram", drawn),
            Saving("Counts", (".csv",), "export_histogram", (one.found,)),
        )

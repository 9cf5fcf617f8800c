"""One of several histograms on a common axis: its name on the left, its bars on the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len, set_cell_size

from .axis import Axis
from .bars import bar_line, heights, laid_over


@dataclass
class Row:
    """A histogram and what is said beside it; `label` and `note` are safe to show."""

    label: str
    note: str = "…"
    odd: bool = False
    """Whether the note tells of something bad."""
    axis: Axis | None = None
    """The stretch that `counts` cover; None where there are none, or not yet."""
    counts: Sequence[float] = ()
    drawn: tuple[object, Sequence[float]] | None = field(default=None, repr=False)
    """The axis and the number of columns that counts were laid over, and those counts."""

    def label_text(self, line: int, width: int) -> str:
        """Return what stands left of the bars in a line (from above), as wide as asked for."""
        room = width - 1
        text = (self.label, self.note)[line] if line < 2 else ""
        if line == 0 and cell_len(text) > room:
            while cell_len(text) > room - 1:
                text = text[1:]  # the end tells more than the beginning
            text = f"…{text}"
        return f"{set_cell_size(text, room)} "

    def bar_text(self, onto: Axis, columns: int, lines: int, line: int, log: bool) -> str:
        """Return a line of the bars.

        Args:
            onto: the stretch that the columns cover.
            columns: how many there are.
            lines: how many lines the highest bar takes.
            line: which one, from below; under the bars (-1) only zero is marked.
            log: whether heights are logarithms.
        """
        text = " " * columns
        if line >= 0 and self.axis is not None:
            if self.drawn is None or self.drawn[0] != (onto, columns):
                counts = laid_over(self.counts, self.axis, onto, columns)
                self.drawn = (onto, columns), counts
            text = bar_line(heights(self.drawn[1], lines, log), line)
        place = onto.place(0)
        if not 0 <= place <= 1:
            return text
        zero = min(columns - 1, int(place * columns))
        return f"{text[:zero]}┊{text[zero + 1 :]}" if text[zero] == " " else text

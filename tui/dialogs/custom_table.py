"""The table of missing names in the form for custom objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import set_cell_size
from rich.segment import Segment
from textual.message import Message
from textual.strip import Strip

from kerastui.model import safe_text

from ...widgets.row_view import RowView
from .custom_form import CustomForm, Standing
from .custom_words import SIGNS, short_answer, where_used

_TONES: dict[Standing, str] = {"answered": "good", "open": "open", "problem": "bad"}


class NeedTable(RowView):
    """A line for each missing name: its standing, where it is used, and its answer."""

    BINDING_GROUP_TITLE = "Missing names"

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "needtable--good", "needtable--open", "needtable--bad", "needtable--muted",
    }  # fmt: skip

    DEFAULT_CSS = """
    NeedTable {
        scrollbar-size-vertical: 1;
        & > .needtable--good { color: $text-success; }
        & > .needtable--open { color: $text-warning; text-style: bold; }
        & > .needtable--bad { color: $text-error; text-style: bold; }
        & > .needtable--muted { color: $text-muted; }
    }
    """

    @dataclass
    class Highlighted(Message):
        """The cursor has come to a row."""

        table: NeedTable
        row: int

        @property
        def control(self) -> NeedTable:
            """The table."""
            return self.table

    def __init__(self, form: CustomForm, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.form = form
        self._longest_use = max((len(where_used(row.need)) for row in form.rows), default=0)

    @property
    def row_count(self) -> int:
        """How many names are missing."""
        return len(self.form.rows)

    def highlighted(self, row: int) -> Message:
        """Say which row it is."""
        return self.Highlighted(self, row)

    def widths(self, width: int) -> tuple[int, int, int]:
        """Share `width` among name, use and answer; 0 for a column there is no room for."""
        longest = max((len(row.need.name) for row in self.form.rows), default=4)
        name = max(6, min(longest, 32, (width - 4) * 3 // 10))
        rest = width - 2 - name
        if rest < 24:
            return max(1, width - 3), 0, 0
        use = min(self._longest_use, rest - max(16, rest // 3))
        return name, use, rest - use - 4

    def render_heading(self, width: int) -> Strip:
        """Draw the heading."""
        texts = ("name", "used as", "answer")
        cells = (
            set_cell_size(text, size) for text, size in zip(texts, self.widths(width), strict=True)
        )
        return Strip([Segment("   " + "  ".join(cells), self.style_of("header"))])

    def render_row(self, row: int, width: int) -> Strip:
        """Draw one row."""
        entry = self.form.rows[row]
        standing = self.form.standing(entry)
        ground = self.ground(row)
        name, use, answer = self.widths(width)
        tone = _TONES.get(standing, "muted")
        # On the cursor's ground the theme's own colour of text is what can be read.
        muted = "" if ground == "cursor" else "muted"
        sign = "" if ground == "cursor" else tone
        arrow = "▸" if row == self.cursor else " "
        return Strip([
            Segment(arrow, self.style_of(ground)),
            Segment(SIGNS[standing] + " ", self.style_of(ground, sign)),
            Segment(_cell(safe_text(entry.need.name), name) + "  ", self.style_of(ground)),
            Segment(_cell(where_used(entry.need), use) + "  ", self.style_of(ground, muted)),
            Segment(_cell(short_answer(self.form, entry), answer), self.style_of(ground)),
        ])  # fmt: skip

    def action_select(self, rows: int) -> None:
        """Move: there is nothing to do for several rows at once."""
        self.action_move(rows)

    def action_mark_rows(self) -> None:
        """Nothing: see `action_select`."""


def _cell(text: str, width: int) -> str:
    fitted = set_cell_size(text, width)
    return (
        fitted
        if fitted.rstrip() == text.rstrip() or width < 2
        else (set_cell_size(text, width - 1) + "…")
    )

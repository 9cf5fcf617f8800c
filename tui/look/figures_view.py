"""A weight's statistics and flags: beside the tabs where there is room, else a tab."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from kerastui.analysis.results import WeightStatistics
from kerastui.errors import KerastuiError
from kerastui.model import safe_text

from .figures_asking import steps
from .figures_words import figure_lines, flag_paragraphs, quantile_lines
from .subject import Subject
from .view import LookView
from .waiting import Waiting

_PAUSE, _LONG_PAUSE = 0.1, 0.4
"""Seconds for what is seen first, and for somebody who leafs through weights; of a large weight
the histogram is counted meanwhile, which takes all cores."""
_LARGE = 32_000_000
"""Bytes from which what is seen first takes a while."""


class FiguresView(LookView):
    """A weight's statistics and flags: quickly the plain ones, then all."""

    DEFAULT_CSS = """
    FiguresView {
        VerticalScroll { padding: 0 1; scrollbar-gutter: stable; }
        #odd { padding: 0 0 1 0; }
        #all { height: auto; }
        #numbers { width: auto; min-width: 32; padding: 0 0 1 0; }
        #quantiles { width: auto; }
    }
    """

    def compose(self) -> ComposeResult:
        """Lay out progress, what is odd, and figures."""
        yield Waiting()
        with VerticalScroll():
            yield Static(id="odd", markup=False)
            with Container(id="all"):
                yield Static(id="numbers", markup=False)
                yield Static(id="quantiles", markup=False)

    def look_at(self, subject: Subject) -> None:
        """Show another weight's figures."""
        super().look_at(subject)
        self._clear()
        self._ask(subject)

    @work(exclusive=True, group="figures")
    async def _ask(self, subject: Subject) -> None:
        asked = self.figures
        quick = asked.known(subject, full=False)
        if quick is None:
            await asyncio.sleep(_LONG_PAUSE if subject.weight.nbytes > _LARGE else _PAUSE)
        try:
            with self.query_one(Waiting).shown() as report:
                for full in steps(subject):
                    self._show(subject, await asked.of(subject, full, report), complete=full)
        except KerastuiError as error:
            self._clear()
            self._put("odd", [Content.styled(safe_text(error, 1000), "$text-error")])

    def _show(self, subject: Subject, found: WeightStatistics, complete: bool) -> None:
        if subject != self.subject:
            return
        self._put("odd", flag_paragraphs(found, subject.meanings, complete), "\n\n")
        self._put("numbers", figure_lines(found))
        self._put("quantiles", quantile_lines(found, complete))

    def _clear(self) -> None:
        for part in ("odd", "numbers", "quantiles"):
            self._put(part, [])

    def _put(self, part: str, lines: list[Content], between: str = "\n") -> None:
        for shown in self.query(f"#{part}").results(Static):  # none when the screen is left
            shown.update(Content(between).join(lines))


class FiguresTab(FiguresView):
    """The same as a tab, for narrow terminals."""

    NAME: ClassVar[str] = "Figures"

    DEFAULT_CSS = """
    FiguresTab #all { layout: horizontal; }
    """

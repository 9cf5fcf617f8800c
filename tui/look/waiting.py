"""How far a question is that takes long."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from kerastui.model import safe_text

from ..background import post
from ..dialogs.progress import bar

DELAY = 0.2
"""Seconds before anything is said."""
_BAR = 24


class Waiting(Static):
    """A line that is there while an answer is waited for, if that takes longer than a moment.

    ::

        with self.query_one(Waiting).shown() as report:
            answer = await self.analyst.ask("spectrum", …, progress=report)
    """

    DEFAULT_CSS = """
    Waiting { display: none; height: 1; padding: 0 1; color: $text-muted; }
    """

    @dataclass
    class Told(Message):
        """News of the work: what is done, and the share of it that is."""

        stage: str
        share: float

        def can_replace(self, message: Message) -> bool:
            """Only the newest news counts."""
            return isinstance(message, Waiting.Told)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._question = 0

    @contextmanager
    def shown(self) -> Generator[Callable[[str, float], None]]:
        """Show the line while the block runs; yields what to report to, from any thread.

        A question that is asked meanwhile has the line from then on.
        """
        self._question += 1
        question = self._question
        timer = self.set_timer(DELAY, self._appear)
        self.update("…")

        def report(stage: str, share: float) -> None:
            if question == self._question:
                post(self, self.Told(stage, share))

        try:
            yield report
        finally:
            timer.stop()
            if question == self._question:
                self._question += 1
                self.display = False

    def _appear(self) -> None:
        self.display = True

    def on_waiting_told(self, message: Told) -> None:
        """Draw the news."""
        stage = f"{safe_text(message.stage, 40)} … " if message.stage else ""
        if message.share >= 1:  # the last step, of which nobody knows how long it takes
            self.update(Content(stage or "…"))
            return
        share = f" {message.share:4.0%}"
        self.update(Content.assemble(stage, bar(message.share, _BAR), share))

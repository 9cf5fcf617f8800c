"""The files beside the open one that it could be compared with, to be marked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList

from .compare_files import Candidate


class Offered(OptionList):
    """Files to mark with space; Enter is the dialog's."""

    BINDING_GROUP_TITLE = "Files"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Compare", id="compare.submit", show=False),
        Binding("space", "select", "Mark", id="compare.mark", show=False,
                tooltip="Compare with this file, or not"),
        Binding("a", "mark_run", "Mark the run", id="compare.mark-run", show=False,
                tooltip="Mark all files whose names differ in numbers only, or none"),
    ]  # fmt: skip

    @dataclass
    class Marked(Message):
        """Other files are marked now."""

    @dataclass
    class Submitted(Message):
        """Enter was pressed."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, compact=True)
        self._offered: tuple[Candidate, ...] = ()
        self.marked: tuple[str, ...] = ()
        """Paths, in the order in which they are listed."""

    def offer(self, found: tuple[Candidate, ...]) -> None:
        """List these files, none of them marked."""
        self._offered, self.marked = found, ()
        self.display = bool(found)
        self.clear_options()
        self.add_options([self._prompt(candidate) for candidate in found])
        self.highlighted = 0 if found else None

    def _prompt(self, candidate: Candidate) -> Content:
        if candidate.path in self.marked:
            return Content.assemble(("✓ ", "bold $text-success"), (candidate.label, "bold"))
        return Content(f"  {candidate.label}")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Mark a file, or take the mark away."""
        event.stop()
        chosen = self._offered[event.option_index]
        self._mark({*self.marked} ^ {chosen.path})

    def _mark(self, paths: set[str]) -> None:
        self.marked = tuple(c.path for c in self._offered if c.path in paths)
        for place, candidate in enumerate(self._offered):
            self.replace_option_prompt_at_index(place, self._prompt(candidate))
        self.post_message(self.Marked())

    def action_mark_run(self) -> None:
        """Mark the files of one run; where they are marked, none."""
        run = {c.path for c in self._offered if c.is_alike}
        self._mark(set() if run <= {*self.marked} else run)

    def action_submit(self) -> None:
        """Say that it is enough; where nothing is marked, that the highlighted file is meant."""
        if not self.marked and self.highlighted is not None:
            self._mark({self._offered[self.highlighted].path})
        self.post_message(self.Submitted())

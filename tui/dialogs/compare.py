"""Asking which model files to compare the open one with, and which of them is the older one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import DescendantFocus
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from kerastui.model import safe_text
from kerastui.model.figures import plural

from ...widgets.short_names import distinct_paths, short_names
from ..background import NewestFirst, post, start_thread
from .base import Dialog
from .choices import Choice, ChoiceRow
from .compare_files import Candidate, Others, candidates, in_order, look_for
from .offered import Offered
from .path_field import PathField
from .segments import Segments
from .source_field import FormPathField

_PAIR = (("old", "this one is the older"), ("new", "this one is the newer"))
_RUN = (("name", "by name"), ("time", "by time of writing"))
_NOTE = "another model file, or many: weights-*.keras"
_SHOWN = 4
"""Names of checkpoints that a line has room for."""


class CompareDialog(Dialog[tuple[str, ...]]):
    """Dismissed with paths, the oldest first, or None.

    Args:
        path: the open file.
        recent: returns files that were opened before; called on a thread.
    """

    BINDING_GROUP_TITLE = "Compare"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t", "swap", "Swap", id="compare.swap", show=False,
                tooltip="Which file is the older one, or how many are put in order"),
    ]  # fmt: skip

    DEFAULT_CSS = """
    CompareDialog {
        Offered {
            width: 100%; height: auto; max-height: 7; padding: 0; border: none;
            &:focus { border: none; }
        }
        #order { width: 100%; height: 2; padding: 0 1; }
        &.-short ChoiceRow, &.-tiny ChoiceRow { margin-top: 0; }
    }
    """

    @dataclass
    class Listed(Message):
        """The thread has read the folder of the file."""

        found: tuple[Candidate, ...]
        written: float

    @dataclass
    class Looked(Message):
        """The thread has looked at what is typed and marked."""

        others: Others

        def can_replace(self, message: Message) -> bool:
            """Only the newest answer counts."""
            return isinstance(message, CompareDialog.Looked)

    def __init__(self, path: str, recent: Callable[[], Sequence[Path]] = tuple) -> None:
        super().__init__()
        self._own = Path(path).absolute()
        self._recent = recent
        self._written = 0.0
        self._others = Others("", ())
        self._submitted = False
        self._swapped = False
        self._looker = NewestFirst[tuple[str, tuple[str, ...]]]("look at files", self._look)
        self.heading = f"Compare {self._own.name} with"

    def compose_body(self) -> Iterable[Widget]:
        """Yield the path, the files that are offered, the order, and buttons."""
        yield FormPathField("", self._own.parent, rows=3, id="path")
        yield Offered(id="offered")
        yield Segments("order", _PAIR, "new", key="^t", id="by")
        yield Static(id="order", markup=False)
        yield ChoiceRow((Choice("compare", "Compare", "primary"), Choice("cancel", "Cancel")))

    def on_mount(self) -> None:
        """Look for files beside the open one."""
        field = self.query_one(PathField)
        field.set_note(_NOTE)
        field.input.focus()
        self.query_one(Offered).display = False
        self._show_order()
        start_thread("list files beside", self._list)

    def on_resize(self) -> None:
        """Show fewer completions where there is little room."""
        self.query_one(PathField).set_rows(3 if self.size.height >= 20 else 1)

    def _list(self) -> None:
        try:
            written = self._own.stat().st_mtime
        except OSError:
            written = 0.0
        post(self, self.Listed(candidates(self._own, self._recent()), written))

    def on_compare_dialog_listed(self, message: Listed) -> None:
        """Offer the files."""
        self._written = message.written
        self.query_one(Offered).offer(message.found)
        self.tell_keys()

    @on(DescendantFocus)
    def tell_keys(self) -> None:
        """Say which keys do something where the focus is."""
        offered, keys = self.query_one(Offered), ""
        if offered.has_focus:
            keys = "space mark · a run · "
        elif offered.display and self.query_one(PathField).input.has_focus:
            keys = "tab to the list · "
        self.query_one("DialogBox").border_subtitle = f"{keys}^t order · esc cancel"

    # -- what is chosen -------------------------------------------------------------------------

    @on(PathField.Changed)
    @on(Offered.Marked)
    def look_again(self) -> None:
        """Look at what is typed and marked now."""
        self._submitted = False
        self._ask()

    @property
    def _asked(self) -> tuple[str, tuple[str, ...]]:
        """What is typed and marked now."""
        return self.query_one(PathField).value, self.query_one(Offered).marked

    def _ask(self) -> None:
        self._looker.ask(self._asked)

    def _look(self, asked: tuple[str, tuple[str, ...]]) -> None:
        post(self, self.Looked(look_for(*asked, self._own, self._own.parent)))

    def on_compare_dialog_looked(self, message: Looked) -> None:
        """Say what will be compared; do it if Enter was pressed already."""
        others = message.others
        if (others.text, others.marked) != self._asked:
            return
        before, self._others = len(self._others.files), others
        if (before > 1) is not (len(others.files) > 1) or not self._swapped:
            self._offer_orders()
        self._show_order()
        if self._submitted:
            self._submitted = False
            self._accept()

    def _offer_orders(self) -> None:
        """Offer the orders that there are; of two files the one written first is the older."""
        files = self._others.files
        if len(files) > 1:
            options, value = _RUN, "name"
        else:
            options = _PAIR
            value = "old" if files and files[0][1] > self._written else "new"
        self._swapped = False
        self.query_one("#by", Segments).set_options(options, value)

    @property
    def paths(self) -> tuple[str, ...]:
        """The files in their order; the open one alone while no other is chosen."""
        own = (str(self._own), self._written)
        return in_order(own, self._others.files, self.query_one("#by", Segments).value)

    def _show_order(self) -> None:
        paths, problem = self.paths, self._others.problem
        self.query_one(PathField).set_note(_NOTE)  # what is being typed is not wrong yet
        line = self.query_one("#order", Static)
        if len(paths) == 2:
            old, new = (safe_text(name, 100) for name in distinct_paths(paths))
            line.update(
                Content.assemble(
                    ("old ", "$foreground-muted"),
                    (old, "bold"),
                    ("\nnew ", "$foreground-muted"),
                    (new, "bold"),
                )
            )
        elif len(paths) > 2:
            names = [safe_text(name, 30) for name in short_names(paths)]
            if len(names) > _SHOWN:
                names[_SHOWN - 2 : -1] = ["…"]
            count = plural(len(paths), "checkpoint")
            line.update(Content.assemble((count, "bold"), f"\n{' → '.join(names)}"))
        else:
            line.update(Content.styled(problem, "$foreground-muted"))

    # -- keys -----------------------------------------------------------------------------------

    @on(Segments.Changed)
    def show_swapped(self) -> None:
        """Show the other order."""
        self._swapped = True
        self._show_order()

    def action_swap(self) -> None:
        """Take the next order."""
        self.query_one("#by", Segments).action_step(1)

    @on(PathField.Submitted)
    @on(Offered.Submitted)
    def action_compare(self) -> None:
        """Leave with what is chosen, as soon as it has been looked at anew."""
        self._submitted = True
        self._ask()

    @on(ChoiceRow.Chosen)
    def choose(self, event: ChoiceRow.Chosen) -> None:
        """Do what the button says."""
        if event.choice.id == "compare":
            self.action_compare()
        else:
            self.dismiss(None)

    def _accept(self) -> None:
        field = self.query_one(PathField)
        if self._others.problem or not self._others.files:
            self.app.bell()
            field.set_note(self._others.problem or "Choose a file to compare with.", "problem")
            if self._others.is_folder:
                field.enter_folder()
            return
        self.dismiss(self.paths)

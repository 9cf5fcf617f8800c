"""Showing the code that a model file holds, before anything is loaded, and asking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from kerastui.checks.code_scan import CodeFinding
from kerastui.checks.disassembly import Disassembly, describe
from kerastui.model import safe_text
from kerastui.model.figures import plural

from ..background import post, start_thread
from .base import Dialog
from .choices import Choice, ChoiceRow
from .code_words import code_text, finding_text

NO = Choice("no", "Do not run", "primary", "Nothing is loaded; the file stays open to be edited")
YES = Choice("yes", "Run this code", "error", "Load the model; holds for this file's content")
_WARNING = (
    "Loading this model can run code that the file brings, with all your rights. Agree only if "
    "you trust whoever made the file. Your answer holds for this file's content, not its name."
)
MAX_SHOWN = 200
"""Findings shown; a file with more is told to have more."""


class CodeConsentDialog(Dialog[bool]):
    """Lists what was found with its disassembly; dismissed with True if it may run.

    Bytecode is listed by `kerastui.checks.disassembly` on a thread, one after another: it is
    never unmarshalled in this process.

    Args:
        findings: what `code_scan` found.
        why: why the scan could not tell, if it could not.
        python: the version of Python that would run it, (major, minor); ours by default.
    """

    BINDING_GROUP_TITLE = "Code in the file"
    BINDINGS: ClassVar[list[BindingType]] = [
        # First of all: the buttons would take the arrows, and Enter then run what was scrolled.
        Binding("up", "scroll(-1)", "Up", id="consent.up", show=False, priority=True),
        Binding("down", "scroll(1)", "Down", id="consent.down", show=False, priority=True),
        Binding("pageup", "page(-1)", "Page up", id="consent.page-up", show=False),
        Binding("pagedown,space", "page(1)", "Page down", id="consent.page-down", show=False),
        Binding("home", "edge(-1)", "First line", id="consent.first", show=False),
        Binding("end", "edge(1)", "Last line", id="consent.last", show=False),
    ]

    DEFAULT_CSS = """
    CodeConsentDialog {
        DialogBox {
            width: 120;
            height: auto;
            padding: 0 1;
            overflow: hidden;
            border: round $warning;
            border-title-color: $text-warning;
        }
        #warning { width: 100%; height: auto; padding: 0 1; color: $text-warning; }
        #code {
            width: 100%;
            height: auto;
            margin-top: 1;
            padding: 0 1;
            scrollbar-size-vertical: 1;
        }
        #code Static { width: 100%; height: auto; }
        .finding { margin-bottom: 1; }
        &.-short #warning, &.-tiny #warning { display: none; }
        &.-short #code, &.-tiny #code { margin-top: 0; }
        &.-short ChoiceRow, &.-tiny ChoiceRow { margin-top: 0; }
    }
    """

    heading = "▲ This file holds code"

    @dataclass
    class Listed(Message):
        """The bytecode of a finding was listed."""

        number: int
        listing: Disassembly

    def __init__(
        self,
        findings: Sequence[CodeFinding],
        why: str = "",
        python: tuple[int, int] | None = None,
    ) -> None:
        super().__init__()
        self._python = python
        self._findings = sorted(findings, key=lambda f: not (f.runs or f.imports))
        self._why = why
        self._left = False

    def compose_body(self) -> Iterable[Widget]:
        """Yield the warning, what was found, and the buttons."""
        yield Static(Content(_WARNING), id="warning")
        with CodeScroll(id="code"):
            if self._why:
                yield Static(
                    Content(f"▲ It cannot be told what the file holds: {safe_text(self._why, 300)}")
                )
            for number, finding in enumerate(self._findings[:MAX_SHOWN]):
                if finding.bytecode is None:
                    yield Static(finding_text(finding), classes="finding")
                    continue
                yield Static(finding_text(finding))
                yield Static(code_text(None), id=f"code-{number}", classes="finding")
            rest = len(self._findings) - MAX_SHOWN
            if rest > 0:
                yield Static(Content(f"… and {plural(rest, 'place')} more."))
        yield ChoiceRow((NO, YES))

    def on_mount(self) -> None:
        """The focus is on "Do not run"; the bytecode is listed meanwhile."""
        self.query_one("DialogBox").border_subtitle = "↑↓ scroll · ←→ choose · esc do not run"
        self.query_one(ChoiceRow).buttons[0].focus()
        if any(f.bytecode is not None for f in self._findings):
            start_thread("list bytecode", self._list)

    def on_resize(self) -> None:
        """Give the code what the others leave."""
        self.call_after_refresh(self._size_code)

    def _size_code(self) -> None:
        warning = self.query_one("#warning")
        others = 2 + 1 + (0 if self.has_class("-short") or self.has_class("-tiny") else 2)
        others += warning.outer_size.height if warning.display else 0
        self.query_one("#code").styles.max_height = max(1, self.size.height - others)

    def _list(self) -> None:
        for number, finding in enumerate(self._findings[:MAX_SHOWN]):
            if self._left:
                return
            if finding.bytecode is not None:
                post(self, self.Listed(number, describe(finding.bytecode, python=self._python)))

    def on_code_consent_dialog_listed(self, message: Listed) -> None:
        """Show a listing."""
        self.query_one(f"#code-{message.number}", Static).update(code_text(message.listing))

    def on_key(self, event: events.Key) -> None:
        """Letters say no, or only go to the button that says yes: one stray key runs nothing."""
        row = self.query_one(ChoiceRow)
        choice = row.by_hot_key(event.character)
        if choice is None:
            return
        event.stop()
        if choice is NO:
            self._answer(choice)
        else:
            row.buttons[row.choices.index(choice)].focus()

    @on(ChoiceRow.Chosen)
    def chosen(self, event: ChoiceRow.Chosen) -> None:
        """Leave with the answer."""
        event.stop()
        self._answer(event.choice)

    def _answer(self, choice: Choice) -> None:
        self._left = True
        self.dismiss(choice is YES)

    def action_cancel(self) -> None:
        """Esc says no."""
        self._answer(NO)

    @property
    def _code(self) -> CodeScroll:
        return self.query_one(CodeScroll)

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self._code.scroll_relative(y=lines, animate=False)

    def action_page(self, pages: int) -> None:
        """Scroll by pages."""
        height = max(1, self._code.size.height - 1)
        self._code.scroll_relative(y=pages * height, animate=False)

    def action_edge(self, direction: int) -> None:
        """Scroll to the first or the last line."""
        if direction < 0:
            self._code.scroll_home(animate=False)
        else:
            self._code.scroll_end(animate=False)


class CodeScroll(VerticalScroll, can_focus=False):
    """What was found scrolls; the focus stays on the buttons."""

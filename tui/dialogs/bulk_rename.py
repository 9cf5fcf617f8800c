"""Renaming many layers by a pattern, or those that Keras named; every name is seen before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from kerastui.edits.bulk_rename import Preview, preview_names, preview_pattern
from kerastui.edits.proposals import propose_names
from kerastui.edits.rename import Rename, consequences_of
from kerastui.model import Model, safe_text
from kerastui.model.figures import plural

from ...widgets.name_list import NameList
from ..background import NewestFirst, post
from .base import Dialog, SafeInput
from .rename import RenameDialog
from .segments import Segments

DEBOUNCE = 0.06
"""Seconds without a keystroke after which layers are matched."""

_FIELDS = (
    ("pattern", "name", r"conv2d_(\d+)"),
    ("replacement", "becomes", r"encoder_conv_\1"),
)
_KEYS = "enter rename · ^u name the unnamed · esc cancel"
_LISTING_KEYS = "^s rename · enter edit · x leave out · esc back"


@dataclass(frozen=True)
class Question:
    """What is in the fields at one moment; with `names`, the list that is being edited."""

    pattern: str = ""
    replacement: str = ""
    regex: bool = True
    within: bool = False
    """Only among the layers that were selected."""
    names: tuple[tuple[str, str], ...] | None = None
    unnamed: bool = False
    """Names are to be made up for the layers that Keras named."""


class BulkRenameDialog(Dialog[Rename]):
    """Dismissed with an edit whose names can all be given, or None.

    Args:
        model: the description; it does not change meanwhile.
        selected: indices of the selected rows, if more than one: the pattern may be kept to
            them.
    """

    BINDING_GROUP_TITLE = "Rename layers"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r", "step('kind')", "Regex or text", id="bulk-rename.regex", show=False),
        Binding("ctrl+t", "step('scope')", "Where", id="bulk-rename.scope", show=False),
        Binding("ctrl+u", "unnamed", "Name the unnamed", id="bulk-rename.unnamed", show=False,
                priority=True, tooltip="Propose names for the layers that Keras named"),
        Binding("ctrl+s", "accept", "Rename", id="bulk-rename.accept", show=False),
    ]  # fmt: skip

    DEFAULT_CSS = """
    BulkRenameDialog {
        DialogBox { width: 100; height: 90%; padding: 0 1; }
        .field { width: 100%; height: 1; }
        .label { width: 10; padding: 0 1; color: $text-muted; }
        Input { width: 1fr; }
        #options { layout: horizontal; width: 100%; height: 1; }
        #summary { width: 100%; height: auto; padding: 0 1; text-style: bold; }
        #problem { width: 100%; height: 1; padding: 0 1; color: $text-error; }
        #hint { width: 100%; height: auto; padding: 0 1; color: $text-muted; }
        NameList { width: 100%; height: 1fr; min-height: 3; }
        .-problem { color: $text-error; }
        &.-wrapped #options { layout: vertical; height: auto; }
        &.-short #hint, &.-tiny #hint { display: none; }
        &.-listing .field, &.-listing #options { display: none; }
    }
    """

    heading = "Rename layers"

    @dataclass
    class Previewed(Message):
        """The thread has an answer."""

        question: Question
        preview: Preview

        def can_replace(self, message: Message) -> bool:
            """Only the newest answer counts."""
            return isinstance(message, BulkRenameDialog.Previewed)

    def __init__(self, model: Model, selected: tuple[int, ...] = ()) -> None:
        super().__init__()
        self._model = model
        self._selected = selected if len(selected) > 1 else ()
        self._names: dict[str, str] | None = None
        self._seen: tuple[Question, Preview] = (Question(), Preview())
        self._timer: Timer | None = None
        self._previewer = NewestFirst[Question]("preview names", self._answer)

    def compose_body(self) -> Iterable[Widget]:
        """Yield the fields, the options, and the list of names."""
        kinds = (("regex", "regular expression"), ("text", "plain text"))
        scopes = (("all", "all layers"), ("selected", "selected rows"))
        for name, label, example in _FIELDS:
            with Horizontal(classes="field"):
                yield Static(label, classes="label")
                yield Input(placeholder=example, highlighter=SafeInput(), compact=True, id=name)
        with Container(id="options"):
            yield Segments("as", kinds, "regex", key="^r", id="kind")
            if self._selected:
                yield Segments("in", scopes, "selected", key="^t", id="scope")
        yield Static(id="summary")
        yield NameList(id="names")
        yield Static(id="problem")
        yield Static(id="hint")

    def on_mount(self) -> None:
        """Say what may be typed."""
        self._show(self.question, Preview())

    def on_resize(self) -> None:
        """Put the options below each other where one line does not hold them."""
        self.set_class(self.size.width < (92 if self._selected else 60), "-wrapped")

    @property
    def question(self) -> Question:
        """What is in the fields now."""
        if self._names is not None:
            return Question(names=tuple(self._names.items()))
        scope = self.query("#scope")
        return Question(
            self.query_one("#pattern", Input).value,
            self.query_one("#replacement", Input).value,
            self.query_one("#kind", Segments).value == "regex",
            bool(scope) and scope.first(Segments).value == "selected",
        )

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        """Look anew when the typing pauses."""
        event.stop()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(DEBOUNCE, lambda: self._previewer.ask(self.question))

    @on(Segments.Changed)
    def chosen(self, event: Segments.Changed) -> None:
        """Look anew."""
        event.stop()
        self._previewer.ask(self.question)

    def _answer(self, question: Question) -> None:
        post(self, self.Previewed(question, self._preview(question)))

    def _preview(self, question: Question) -> Preview:
        indices = self._selected if question.within else None
        if question.unnamed:
            return preview_names(self._model, propose_names(self._model, indices))
        if question.names is not None:
            return preview_names(self._model, dict(question.names))
        return preview_pattern(
            self._model,
            question.pattern,
            question.replacement,
            regex=question.regex,
            indices=indices,
        )

    def on_bulk_rename_dialog_previewed(self, message: Previewed) -> None:
        """Show the names unless the fields have changed since."""
        if message.question.unnamed:
            self._names = {row.path: row.new for row in message.preview.rows}
            self._show(self.question, message.preview)
            self.query_one(NameList).focus()
        elif message.question == self.question:
            self._show(message.question, message.preview)

    def _show(self, question: Question, preview: Preview) -> None:
        self._seen = (question, preview)
        self.query_one(NameList).show(preview.rows)
        summary = self.query_one("#summary", Static)
        summary.set_class(bool(preview.problem or preview.problems), "-problem")
        summary.update(Content(self._sentence(question, preview)))
        listing = self._names is not None
        self.set_class(listing, "-listing")
        self.query_one("DialogBox").border_subtitle = _LISTING_KEYS if listing else _KEYS
        said = consequences_of(self._model, (row.index for row in preview.rows))
        self.query_one("#hint", Static).update(Content("\n".join(said)))
        self._show_problem()

    def _sentence(self, question: Question, preview: Preview) -> str:
        if preview.problem:
            return f"✗ {safe_text(preview.problem, 300)}"
        if question.names is not None and not preview.rows:
            return "No layer has a name that Keras made up."
        if question.names is None and not question.pattern:
            return "Type a pattern and what it becomes. It may be found anywhere in a name."
        if not preview.rows:
            many = plural(preview.matched, "layer")
            return (
                f"{many} found, none gets another name." if preview.matched else "No layer matches."
            )
        said = f"{plural(len(preview.rows), 'layer')} will be renamed"
        if not preview.problems:
            return said + "."
        return f"✗ {preview.problems:,} of {plural(len(preview.rows), 'name')} cannot be given."

    @on(NameList.Highlighted)
    def _show_problem(self) -> None:
        """Say what is wrong with the name under the cursor; if nothing, with the first wrong."""
        rows = self._seen[1].rows
        current = self.query_one(NameList).current
        wrong = next((row for row in (current, *rows) if row and row.problem), None)
        said = safe_text(f"{wrong.path}: {wrong.problem}", 400) if wrong else ""
        self.query_one("#problem", Static).update(Content(said))

    # -- the list ---------------------------------------------------------------------------

    def action_unnamed(self) -> None:
        """Fill the list with names for the layers that Keras named; they can be edited."""
        self._previewer.ask(Question(within=self.question.within, unnamed=True))

    @on(NameList.Edit)
    def edit(self, event: NameList.Edit) -> None:
        """Ask for another name for one layer; a list by pattern becomes one of its own."""
        row = event.proposed
        if self._names is None:
            self._names = {found.path: found.new for found in self._seen[1].rows}

        def take(name: str | None) -> None:
            if name is not None and self._names is not None:
                self._names[row.path] = name
                self._show(self.question, self._preview(self.question))

        among = {path: name for path, name in self._names.items() if path != row.path}
        self.app.push_screen(RenameDialog(self._model, row.path, name=row.new, among=among), take)

    @on(NameList.Drop)
    def drop(self, event: NameList.Drop) -> None:
        """Leave layers their names."""
        if self._names is None:
            self._names = {found.path: found.new for found in self._seen[1].rows}
        for row in event.proposed:
            self._names.pop(row.path, None)
        self._show(self.question, self._preview(self.question))

    # -- leaving ----------------------------------------------------------------------------

    def action_step(self, name: str) -> None:
        """Go to the next option of one of the choices."""
        for segments in self.query(f"#{name}").results(Segments):
            segments.action_step(1)

    @on(Input.Submitted)
    def action_accept(self) -> None:
        """Leave with the edit, looked at for what is in the fields now; stay if it is none."""
        asked = self.question
        if self._seen[0] != asked:
            self._show(asked, self._preview(asked))
        preview = self._seen[1]
        if not preview.rows or preview.problem or preview.problems:
            self.app.bell()  # the lines in the dialog say why
            return
        self._previewer.close()
        self.dismiss(preview.edit)

    def action_cancel(self) -> None:
        """From the list of names back to the pattern, or leave."""
        if self._names is not None:
            self._names = None
            self._show(self.question, self._preview(self.question))
            self.query_one("#pattern", Input).focus()
            return
        self._previewer.close()
        self.dismiss(None)

"""The form for the compile section: the optimizer's settings, losses, weights, metrics."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from kerastui.edits import Edit, SetCompile, SetOptimizerState
from kerastui.edits.compile_known import UnknownName, check_names
from kerastui.edits.compile_typed import loss_names, metric_names
from kerastui.errors import BadEdit
from kerastui.model import Model, safe_text
from kerastui.model.figures import plural

from .base import Dialog, SafeInput
from .choices import Choice, ChoiceRow
from .compile_fields import (
    LOSS,
    MAX_OUTPUTS,
    OPTIMIZER,
    WEIGHT,
    Field,
    LastName,
    edits_of,
    fields_of,
)

APPLY = Choice("apply", "Apply", "primary", "Take what was typed over, as one step")
DROP_STATE = Choice(
    "state", "Drop state", "warning", "No slots and no iteration count: training begins afresh"
)
DROP = Choice("drop", "Drop section", "error", "The model is not compiled any more")
CANCEL = Choice("cancel", "Cancel", hint="Leave everything as it is")


class CompileRow(Horizontal):
    """A label, a field, and what may stand in it."""

    def __init__(self, field: Field, names: tuple[str, ...]) -> None:
        super().__init__()
        self.field = field
        self._names = names

    def compose(self) -> ComposeResult:
        """Yield the three."""
        field = self.field
        yield Static(Content(safe_text(field.label, 60)), classes="row--label")
        yield Input(
            field.text, compact=True, highlighter=SafeInput(), select_on_focus=True,
            suggester=LastName(self._names) if self._names else None,
        )  # fmt: skip
        yield Static(Content(field.hint), classes="row--hint")

    @property
    def value(self) -> str:
        """What is typed."""
        return self.query_one(Input).value


class CompileRows(VerticalScroll, can_focus=False, inherit_bindings=False):
    """The rows of the form: the arrows go from field to field, which scrolls, and do not scroll."""


class CompileDialog(Dialog[tuple[Edit, ...]]):
    """Dismissed with the edits that were asked for, or None.

    What is typed is tried on the description at once, so that what cannot be is said below.

    Args:
        model: a model that is compiled.
    """

    BINDING_GROUP_TITLE = "Compile section"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", "Field above", id="compile.up", show=False),
        Binding("down", "app.focus_next", "Field below", id="compile.down", show=False),
        Binding("ctrl+s", "apply", "Apply", id="compile.apply", show=False,
                tooltip="Take what was typed over"),
    ]  # fmt: skip

    DEFAULT_CSS = """
    CompileDialog {
        DialogBox { width: 84; }
        .form--title { width: 100%; color: $text-primary; text-style: bold; margin-top: 1; }
        .form--first { margin-top: 0; }
        CompileRow { width: 100%; height: 1; }
        .row--label { width: 28; padding-right: 1; text-align: right; color: $text-muted; }
        CompileRow Input { width: 1fr; }
        .row--hint { width: 20; padding-left: 1; color: $text-muted; }
        #fields { width: 100%; height: auto; max-height: 60vh; scrollbar-size-vertical: 1; }
        #note { width: 100%; height: auto; min-height: 1; color: $text-muted; margin-top: 1; }
        #note.-problem { color: $text-error; }
        &.-narrow .row--hint { display: none; }
        &.-narrow .row--label { width: 14; }
        &.-short #fields { max-height: 40vh; }
        &.-tiny #fields { max-height: 1000; }
        &.-tiny .row--label { width: 40%; }
        &.-short #note, &.-tiny #note { margin-top: 0; }
        &.-short ChoiceRow, &.-tiny ChoiceRow { margin-top: 0; }
    }
    """

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._model = model
        self._fields = fields_of(model)
        self._taken: tuple[Edit, ...] = ()
        """Edits with a name that nobody knows; Enter was pressed for them once already."""
        self.heading = "Compile section"

    def compose_body(self) -> Iterable[Widget]:
        """Yield the fields under their headings, what is wrong with them, and buttons."""
        compiled = self._model.compile
        rows = compiled.outputs if compiled else ()
        optimizer = compiled.optimizer.name if compiled and compiled.optimizer else "none"
        with CompileRows(id="fields"):
            yield Static(Content(f"Optimizer {optimizer}"), classes="form--title form--first")
            yield from self._rows()
            if len(rows) > MAX_OUTPUTS:
                more = plural(len(rows) - MAX_OUTPUTS, "output")
                note = f"{more} more: use `kerastui compile` for them."
                yield Static(Content(note), classes="dialog--hint")
        yield Static(id="note")
        state = compiled is not None and compiled.has_optimizer_state
        yield ChoiceRow((APPLY, *((DROP_STATE,) if state else ()), DROP, CANCEL))

    def _rows(self) -> Iterable[Widget]:
        losses, metrics = loss_names(self._model), metric_names(self._model)
        title = ""
        for field in self._fields:
            if field.kind != OPTIMIZER and field.which != title:
                title = field.which
                yield Static(Content(f"Output {safe_text(title, 200)}"), classes="form--title")
            plain = field.kind in (OPTIMIZER, WEIGHT)
            yield CompileRow(field, () if plain else losses if field.kind == LOSS else metrics)

    def on_mount(self) -> None:
        """Begin with the learning rate, if there is one."""
        self.query_one("DialogBox").border_subtitle = "enter apply · ↑ ↓ fields · esc cancel"
        self._check()
        fields = self.query(Input)
        if fields:
            fields.first().focus()

    def _typed(self) -> dict[Field, str]:
        return {row.field: row.value for row in self.query(CompileRow)}

    def _edits(self) -> tuple[Edit, ...]:
        """Return the edits for what is typed; they can be applied. Raises BadEdit."""
        edits = edits_of(self._model, self._typed())
        model = self._model
        for edit in edits:
            model = edit.apply(model)
        if edits != self._taken:
            check_names(self._model, edits, "Enter twice takes it all the same.")
        return edits

    def _check(self) -> None:
        note = self.query_one("#note", Static)
        try:
            edits = self._edits()
        except BadEdit as error:
            note.set_class(True, "-problem")
            note.update(Content(f"✗ {safe_text(error, 600)}"))
            return
        note.set_class(False, "-problem")
        said = "; ".join(edit.describe() for edit in edits)
        note.update(Content(safe_text(said, 600) or "Nothing has been changed yet."))

    @on(Input.Changed)
    def check(self, event: Input.Changed) -> None:
        """Check what was typed."""
        event.stop()
        self._check()

    @on(Input.Submitted)
    def submit(self, event: Input.Submitted) -> None:
        """Take it over."""
        event.stop()
        self.action_apply()

    def action_apply(self) -> None:
        """Leave with the edits, if they can be; the line below the fields says why not."""
        self._leave()

    def _leave(self, *more: Edit) -> None:
        try:
            self.dismiss((*self._edits(), *more))
        except UnknownName:
            self._taken = edits_of(self._model, self._typed())
            self.app.bell()
        except BadEdit:
            self.app.bell()

    @on(ChoiceRow.Chosen)
    def choose(self, event: ChoiceRow.Chosen) -> None:
        """Do what the button says."""
        event.stop()
        if event.choice is APPLY:
            self._leave()
        elif event.choice is DROP_STATE:
            self._leave(SetOptimizerState(kept=False))
        else:
            self.dismiss((SetCompile(),) if event.choice is DROP else None)

"""Asking for a new head: a Dense layer's units, activation, name and seed, checked as typed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Input, Static

from kerastui.edits import AppendDense
from kerastui.edits.dense import activations
from kerastui.edits.graph import output_of
from kerastui.edits.head_hints import matching_loss
from kerastui.edits.proposals import free_name
from kerastui.errors import BadEdit
from kerastui.model import Model, safe_text
from kerastui.model.figures import plural

from .base import Dialog, SafeInput
from .choices import Choice, ChoiceRow

MAX_DIGITS = 19


class HeadRow(Horizontal):
    """A label and a field, and what may stand in it."""

    def __init__(self, which: str, text: str, hint: str, names: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._which, self._text, self._hint, self._names = which, text, hint, names

    def compose(self) -> ComposeResult:
        """Yield the three."""
        yield Static(Content(self._which), classes="row--label")
        yield Input(
            self._text, compact=True, highlighter=SafeInput(), select_on_focus=True, id=self._which,
            suggester=SuggestFromList(self._names) if self._names else None,
        )  # fmt: skip
        yield Static(Content(self._hint), classes="row--hint")


class HeadDialog(Dialog[AppendDense]):
    """Dismissed with an edit that can be applied, or None.

    Args:
        model: a description with one output; it does not change meanwhile.
    """

    BINDING_GROUP_TITLE = "Append head"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", "Field above", id="head.up", show=False),
        Binding("down", "app.focus_next", "Field below", id="head.down", show=False),
    ]

    DEFAULT_CSS = """
    HeadDialog {
        HeadRow { width: 100%; height: 1; }
        .row--label { width: 12; padding-right: 1; text-align: right; color: $text-muted; }
        HeadRow Input { width: 1fr; }
        .row--hint { width: 28; padding-left: 1; color: $text-muted; }
        #about { width: 100%; height: auto; color: $text-muted; margin-bottom: 1; }
        #note { width: 100%; height: auto; min-height: 3; margin-top: 1; }
        #note.-problem { color: $text-error; }
        &.-narrow .row--hint { display: none; }
        &.-short #about, &.-tiny #about { display: none; }
        &.-short #note, &.-tiny #note { margin-top: 0; min-height: 1; }
        &.-short ChoiceRow, &.-tiny ChoiceRow { margin-top: 0; }
    }
    """

    heading = "Append a head"

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._model = model
        self._activations = activations(model)

    def compose_body(self) -> Iterable[Widget]:
        """Yield what it is put behind, the fields, what comes of them, and buttons."""
        yield Static(Content(self._about()), id="about")
        yield HeadRow("units", "", "1, or one for each class")
        yield HeadRow("activation", "softmax", "→ completes", self._activations)
        yield HeadRow("name", free_name(self._model), "of the new layer")
        yield HeadRow("seed", "0", "of its first weights")
        yield Static(id="note")
        yield ChoiceRow((Choice("append", "Append", "primary"), Choice("cancel", "Cancel")))

    def on_mount(self) -> None:
        """Begin with the units."""
        self.query_one("DialogBox").border_subtitle = "enter append · ↑ ↓ fields · esc cancel"
        self.query_one("#units", Input).focus()
        self._check()

    def _about(self) -> str:
        last = self._model.layers[output_of(self._model)]
        shape = f", which gives {last.output_shape}" if last.output_shape else ""
        return f"A Dense layer behind {safe_text(last.path, 200)}{shape}."

    def _edit(self) -> AppendDense:
        """Return the edit for what is typed. Raises BadEdit."""
        units, seed = (self._number(which) for which in ("units", "seed"))
        activation = self._value("activation").strip()
        return AppendDense(self._value("name"), units, activation, seed)

    def _value(self, which: str) -> str:
        return self.query_one(f"#{which}", Input).value

    def _number(self, which: str) -> int:
        text = self._value(which).strip().replace(",", "")
        if not (text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS):
            raise BadEdit(f"{which.capitalize()}: a whole number is needed.")
        return int(text)

    def _check(self) -> None:
        note = self.query_one("#note", Static)
        try:
            edit = self._edit()
            after = edit.apply(self._model)
        except BadEdit as error:
            empty = not self._value("units")
            note.set_class(not empty, "-problem")
            said = "How many units?" if empty else f"✗ {safe_text(error, 600)}"
            note.update(Content(said))
            return
        note.set_class(False, "-problem")
        layer = after.layers[-1]
        shape = f"Output {layer.output_shape}, " if layer.output_shape else ""
        count = plural(layer.parameters, "parameter")
        hint = matching_loss(edit.units, edit.activation)
        note.update(Content(f"{shape}{count}.\n{hint}"))

    @on(Input.Changed)
    def check(self, event: Input.Changed) -> None:
        """Check what was typed."""
        event.stop()
        self._check()

    @on(Input.Submitted)
    def action_accept(self) -> None:
        """Leave with the edit, if it can be; the lines below the fields say why not."""
        try:
            edit = self._edit()
            edit.apply(self._model)
        except BadEdit:
            self._check()
            self.app.bell()
        else:
            self.dismiss(edit)

    @on(ChoiceRow.Chosen)
    def choose(self, event: ChoiceRow.Chosen) -> None:
        """Do what the button says."""
        if event.choice.id == "append":
            self.action_accept()
        else:
            self.dismiss(None)

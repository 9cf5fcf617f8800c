"""Asking for one layer's new name, or the model's; checked as one types."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from kerastui.edits.naming import name_problems
from kerastui.edits.rename import consequences_of
from kerastui.model import Model, safe_text

from .base import Dialog, SafeInput
from .choices import Choice, ChoiceRow


class RenameDialog(Dialog[str]):
    """Dismissed with a name that can be given, or None.

    Args:
        model: the description; it does not change meanwhile.
        path: of the layer; ``""`` is the model itself.
        name: what is offered first; None: the present name.
        among: new names of other layers by path, that are to be given together with this one.
    """

    BINDING_GROUP_TITLE = "Rename"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "propose", "Take the proposal", id="rename.propose", show=False,
                tooltip="Take the proposed name"),
    ]  # fmt: skip

    DEFAULT_CSS = """
    RenameDialog {
        #name { width: 100%; }
        #note { width: 100%; height: auto; min-height: 1; color: $text-muted; margin-bottom: 1; }
        #note.-problem { color: $text-error; }
        &.-short #note, &.-tiny #note { margin-bottom: 0; }
        &.-short .dialog--hint, &.-tiny .dialog--hint { display: none; }
        &.-short ChoiceRow, &.-tiny ChoiceRow { margin-top: 0; }
    }
    """

    def __init__(
        self,
        model: Model,
        path: str,
        *,
        name: str | None = None,
        among: dict[str, str] | None = None,
    ) -> None:
        super().__init__()
        self._model = model
        self._path = path
        self._old = model[path].name if path else model.name
        self._start = self._old if name is None else name
        self._among = among or {}
        self._proposal = self._propose() if name is None else ""
        self.heading = f"Rename {path}" if path else "Rename the model"

    def compose_body(self) -> Iterable[Widget]:
        """Yield the input, what is wrong with it, what a new name means, and buttons."""
        yield Input(self._start, highlighter=SafeInput(), id="name")
        yield Static(id="note")
        for sentence in self._consequences():
            yield Static(Content(sentence), classes="dialog--hint")
        yield ChoiceRow((Choice("rename", "Rename", "primary"), Choice("cancel", "Cancel")))

    def on_mount(self) -> None:
        """Select the name: typing replaces it."""
        keys = "enter rename · esc cancel"
        if self._proposal:
            keys = "↓ take the proposal · " + keys
        self.query_one("DialogBox").border_subtitle = keys
        field = self.query_one("#name", Input)
        field.focus()
        field.select_all()
        self._check()

    @property
    def value(self) -> str:
        """The name as typed."""
        return self.query_one("#name", Input).value

    def _propose(self) -> str:
        if not self._path or not self._model[self._path].auto_named:
            return ""
        from kerastui.edits.proposals import propose_names

        index = self._model.index[self._path]
        return propose_names(self._model, (index,)).get(self._path, "")

    def _consequences(self) -> tuple[str, ...]:
        if not self._path:
            return ()
        return consequences_of(self._model, (self._model.index[self._path],))

    def _problem(self) -> str:
        given = {**self._among, self._path: self.value}
        return name_problems(self._model, given).get(self._path, "")

    def _check(self) -> None:
        problem = self._problem()
        note = self.query_one("#note", Static)
        note.set_class(bool(problem), "-problem")
        about = "It can be called so." if self.value != self._old else self._about()
        note.update(Content(f"✗ {problem}" if problem else about))

    def _about(self) -> str:
        if not self._path:
            return f"{safe_text(self._model.class_name, 60)}, the whole model."
        layer = self._model[self._path]
        said = safe_text(layer.class_name, 60)
        if layer.auto_named:
            said += ", named by Keras"
        return f"{said}. Proposal: {self._proposal}" if self._proposal else f"{said}."

    @on(Input.Changed)
    def check(self, event: Input.Changed) -> None:
        """Check what was typed."""
        event.stop()
        self._check()

    def action_propose(self) -> None:
        """Put the proposed name into the field."""
        if self._proposal:
            self.query_one("#name", Input).value = self._proposal

    @on(Input.Submitted)
    def action_accept(self) -> None:
        """Leave with the name, if it can be given; the line below the field says why not."""
        if self._problem():
            self.app.bell()
        else:
            self.dismiss(self.value)

    @on(ChoiceRow.Chosen)
    def choose(self, event: ChoiceRow.Chosen) -> None:
        """Do what the button says."""
        if event.choice.id == "rename":
            self.action_accept()
        else:
            self.dismiss(None)

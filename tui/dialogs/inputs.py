"""Asking what ``x`` is: numbers from a file, or made ones."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, cast

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from kerastui.model import safe_text
from kerastui.session.inside.inputs import said_shape
from kerastui.session.protocol import Tensor

from .base import Dialog, SafeInput
from .choices import Choice, ChoiceRow
from .completion import expand
from .path_field import PathField
from .segments import Segments
from .source_field import FormPathField

How = Literal["file", "zeros", "ones", "normal"]
_HOWS = (("file", "a file"), ("normal", "normal"), ("zeros", "zeros"), ("ones", "ones"))
_FILES = ".npy, .npz, .csv, an image, or a dataset: data.h5:/group/x"
_ABOUT = {
    "normal": "Normal numbers, the same for the same seed; word numbers for an Embedding.",
    "zeros": "Zeros, in the shapes above.",
    "ones": "Ones, in the shapes above.",
}
_HDF5 = (".h5", ".hdf5", ".he5", ".hdf", ".nc", ".mat")
_SHOWN = 6
"""Inputs of the model that are listed."""
MAX_SEED = 2**32 - 1
MAX_BATCH = 65_536


@dataclass(frozen=True)
class InputChoice:
    """How x is made, as `Session.set_input` takes it."""

    how: How
    file: str = ""
    """An absolute path, with ``:/dataset`` for one inside an HDF5 file; "" if it is made."""
    seed: int = 0
    batch: int = 1


class InputsDialog(Dialog[InputChoice | None]):
    """Shows the model's inputs, and asks for a file or how to make numbers.

    What is in the file, and whether it fits, is for the Keras process to say.

    Args:
        inputs: of the live model.
    """

    BINDING_GROUP_TITLE = "Input x"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "Set x", id="inputs.accept", show=False),
        Binding("ctrl+t", "step", "Where x comes from", id="inputs.how", show=False),
    ]

    DEFAULT_CSS = """
    InputsDialog {
        DialogBox { width: 84; padding: 0 1; }
        #shapes { width: 100%; height: auto; padding: 0 1; margin-bottom: 1; }
        #body { width: 100%; height: 7; padding: 0 1; }
        #about { width: 100%; height: auto; color: $text-muted; }
        #about.-problem { color: $text-error; }
        #body .numbers { layout: horizontal; width: 100%; height: 1; }
        .numbers Static { width: auto; color: $text-muted; }
        .numbers Input { width: 14; margin: 0 2 0 1; }
        &.-short #shapes, &.-tiny #shapes { margin-bottom: 0; }
        &.-short ChoiceRow, &.-tiny ChoiceRow { margin-top: 0; }
    }
    """

    heading = "Input x"

    def __init__(self, inputs: Sequence[Tensor], start: InputChoice | None = None) -> None:
        super().__init__()
        self._inputs = tuple(inputs)
        self._start = start or InputChoice("file")

    def compose_body(self) -> Iterable[Widget]:
        """Yield the model's inputs, the choice, and the fields for it."""
        yield Static(inputs_text(self._inputs), id="shapes")
        yield Segments("from", _HOWS, self._start.how, key="^t", id="how")
        with Container(id="body"):
            yield FormPathField(self._start.file, Path.cwd(), rows=5, id="file")
            with Container(classes="numbers"):
                yield Static("batch")
                yield _number(self._start.batch, "batch")
                yield Static("seed", id="seed-label")
                yield _number(self._start.seed, "seed")
            yield Static(id="about")
        yield ChoiceRow((Choice("set", "Set x", "primary"), Choice("cancel", "Cancel")))

    def on_mount(self) -> None:
        """Begin in the field of the file."""
        self.query_one("DialogBox").border_subtitle = "enter set x · tab fields · esc cancel"
        self.query_one(PathField).set_note(_FILES)
        self._draw()
        self._focus_field()

    def on_resize(self) -> None:
        """Show fewer completions where there is little room."""
        rows = max(0, min(5, self.size.height - 10 - min(_SHOWN, len(self._inputs))))
        self.query_one(PathField).set_rows(rows)
        self.query_one("#body").styles.height = rows + 2

    @property
    def how(self) -> How:
        """What is chosen."""
        return cast("How", self.query_one("#how", Segments).value)

    def _draw(self) -> None:
        how = self.how
        self.query_one("#file").display = how == "file"
        self.query_one(".numbers").display = how != "file"
        for name in ("#seed", "#seed-label"):
            self.query_one(name).display = how == "normal"
        self._say(_ABOUT.get(how, ""))

    def _say(self, text: str, *, problem: bool = False) -> None:
        about = self.query_one("#about", Static)
        about.display = self.how != "file"
        about.set_class(problem, "-problem")
        about.update(Content(f"✗ {text}" if problem else text))

    def _focus_field(self) -> None:
        if self.how == "file":
            self.query_one(PathField).input.focus()
        else:
            self.query_one("#batch").focus()

    def action_step(self) -> None:
        """Go to the next way."""
        self.query_one("#how", Segments).action_step(1)
        self._draw()
        self._focus_field()

    @on(Segments.Changed)
    def how_changed(self, event: Segments.Changed) -> None:
        """Show the fields of another way."""
        event.stop()
        self._draw()

    @on(PathField.Changed)
    def file_changed(self) -> None:
        """What was said about the last file is stale."""
        self.query_one(PathField).set_note(_FILES)

    @on(PathField.Submitted)
    @on(Input.Submitted)
    def action_accept(self) -> None:
        """Leave with the choice; stay if a field is wrong, and say so."""
        how = self.how
        if how == "file":
            self._accept_file()
            return
        batch = _whole(self.query_one("#batch", Input).value, 1, MAX_BATCH)
        seed = _whole(self.query_one("#seed", Input).value, 0, MAX_SEED)
        if batch is None:
            self._refuse("batch", f"The batch is a whole number from 1 to {MAX_BATCH:,}.")
        elif how == "normal" and seed is None:
            self._refuse("seed", f"The seed is a whole number from 0 to {MAX_SEED:,}.")
        else:
            self.dismiss(InputChoice(how, seed=seed or 0, batch=batch))

    def _refuse(self, field: str, sentence: str) -> None:
        self.app.bell()
        self._say(sentence, problem=True)
        self.query_one(f"#{field}").focus()

    def _accept_file(self) -> None:
        field = self.query_one(PathField)
        try:
            place = absolute_place(field.value, field.base)
        except ValueError as error:
            self.app.bell()
            field.set_note(f"{error}.", "problem")
            field.input.focus()
            return
        self.dismiss(InputChoice("file", place))

    @on(ChoiceRow.Chosen)
    def chosen(self, event: ChoiceRow.Chosen) -> None:
        """Do what the button says."""
        event.stop()
        if event.choice.id == "set":
            self.action_accept()
        else:
            self.dismiss(None)


def inputs_text(inputs: Sequence[Tensor]) -> Content:
    """Say what the model takes, an input a line."""
    if not inputs:
        return Content("The model does not say which inputs it takes.")
    lines: list[Content] = []
    for tensor in inputs[:_SHOWN]:
        shape = said_shape(tensor.shape or (None,))
        lines.append(
            Content.assemble(
                Content.styled(safe_text(tensor.name, 40), "bold"),
                Content(f"  {safe_text(shape, 100)}  "),
                Content.styled(safe_text(tensor.dtype, 20), "$text-muted"),
            )
        )
    rest = len(inputs) - _SHOWN
    if rest > 0:
        lines.append(Content(f"… and {rest:,} more"))
    return Content("\n").join(lines)


def absolute_place(text: str, base: Path) -> str:
    """Return an absolute path, with its dataset: ``data.h5:x`` is ``/…/data.h5:/x``.

    Raises ValueError: nothing is typed, or it cannot be a path.
    """
    text = text.strip()
    if not text:
        raise ValueError("Type the path of a file")
    path, colon, inner = text.rpartition(":")
    if not (
        colon and len(path) > 1 and inner and path.lower().endswith((".h5", ".hdf5", ".keras"))
    ):
        path, inner = text, ""
    whole = os.path.abspath(expand(path, base))  # noqa: PTH100  links stay as typed
    return f"{whole}:/{inner.lstrip('/')}" if inner else whole


def _number(value: int, name: str) -> Input:
    return Input(
        str(value), highlighter=SafeInput(), compact=True, max_length=10,
        restrict="[0-9]*", select_on_focus=True, id=name,
    )  # fmt: skip


def _whole(text: str, low: int, high: int) -> int | None:
    return int(text) if text.isdigit() and text.isascii() and low <= int(text) <= high else None

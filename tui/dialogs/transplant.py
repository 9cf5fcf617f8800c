"""Asking for another model file, whose weights are taken over where names match."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, cast

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from kerastui.edits.transplant import Transplant, match
from kerastui.errors import KerastuiError
from kerastui.model import Model, safe_text
from kerastui.model.figures import plural

from ...widgets.pair_list import PairList
from .base import Dialog
from .choices import Choice, ChoiceRow
from .completion import MODELS
from .path_field import PathField
from .segments import Segments
from .source_field import FormPathField
from .weight_answers import Ask
from .weight_fields import existing_file

PAUSE = 0.2
"""Seconds without a keystroke after which the file is read."""
_NOTE = "a model file, or one of weights only"


class TransplantDialog(Dialog[Transplant]):
    """Dismissed with what matches, or None.

    Args:
        model: the description; it does not change meanwhile.
        index: of the layer that was chosen; its part of the model, or the whole one, gets
            the weights.
        ask: asks the clerk.
        selected: indices of the selected rows, if more than one.
        folder: where relative paths start.
    """

    BINDING_GROUP_TITLE = "Transplant weights"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t", "scope", "Which layers", id="transplant.scope", show=False,
                tooltip="The layer that was chosen with all inside, or the whole model"),
    ]  # fmt: skip

    DEFAULT_CSS = """
    TransplantDialog {
        DialogBox { width: 100; height: 90%; padding: 0 1; }
        #summary { width: 100%; height: 1; padding: 0 1; text-style: bold; }
        PairList { width: 100%; }
        ChoiceRow { margin-top: 0; }
    }
    """

    heading = "Transplant weights"

    def __init__(
        self,
        model: Model,
        index: int,
        ask: Ask,
        *,
        selected: tuple[int, ...] = (),
        folder: Path | None = None,
    ) -> None:
        super().__init__()
        self._model = model
        self._index = index
        self._ask = ask
        self._selected = selected if len(selected) > 1 else ()
        self._folder = folder or Path.cwd()
        self._other: Model | None = None
        self._found: Transplant | None = None
        self._waiting = ""

    def compose_body(self) -> Iterable[Widget]:
        """Yield the file, the part of the model, what matches, and buttons."""
        layer = self._model.layers[self._index]
        part = plural(len(self._selected), "selected row") if self._selected else layer.path
        scopes = (("model", "the whole model"), ("part", safe_text(part, 40)))
        inside = bool(self._selected) or layer.end > self._index + 1
        if not any(self._model.layers[i].weights for i in self._chosen()):
            scopes, inside = scopes[:1], False  # nothing there could get weights
        yield FormPathField("", self._folder, rows=3, endings=MODELS, id="path")
        yield Segments("for", scopes, "part" if inside else "model", key="^t", id="scope")
        yield Static(id="summary")
        yield PairList(id="pairs")
        yield ChoiceRow((Choice("take", "Take over", "primary"), Choice("cancel", "Cancel")))

    def on_mount(self) -> None:
        """Begin with the file."""
        self.query_one("DialogBox").border_subtitle = "enter take over · ^t which · esc cancel"
        field = self.query_one(PathField)
        field.set_note(_NOTE)
        field.input.focus()

    def on_resize(self) -> None:
        """Show fewer completions where there is little room."""
        self.query_one(PathField).set_rows(3 if self.size.height >= 20 else 1)

    @on(PathField.Changed)
    def path_changed(self, event: PathField.Changed) -> None:
        """Read the file, once nobody types any more."""
        event.stop()
        self._other = self._found = None
        self._waiting = ""
        self.run_worker(self._open(event.value), group="open", exclusive=True)

    @on(Segments.Changed)
    def scope_changed(self, event: Segments.Changed) -> None:
        """Match other layers."""
        event.stop()
        self.run_worker(self._match(), group="match", exclusive=True)

    async def _open(self, text: str) -> None:
        field = self.query_one(PathField)
        path = await existing_file(text, field.base, PAUSE)
        note, tone = _NOTE, ""
        if path is not None:
            field.set_note("reading …")
            try:
                self._other = cast("Model", await self._ask("open", str(path)))
                note = f"{self._other.class_name} {self._other.name}".strip()
            except KerastuiError as error:
                note, tone = str(error), "problem"
        field.set_note(safe_text(note or _NOTE, 300), "problem" if tone else "")
        await self._match()

    async def _match(self) -> None:
        other = self._other
        if other is None:
            self._show(None)
            return
        indices, root = self._part()
        # A thread: there may be tens of thousands of weights.
        self._show(await asyncio.to_thread(match, self._model, other, indices, root))
        if self._waiting == self.query_one(PathField).value:
            self.action_accept()

    def _part(self) -> tuple[Iterable[int], str]:
        """Return the layers that get weights, and the path of what was chosen."""
        layers = self._model.layers
        if self.query_one("#scope", Segments).value == "model":
            return range(len(layers)), ""
        return self._chosen(), "" if self._selected else layers[self._index].path

    def _chosen(self) -> Iterable[int]:
        """Return what was chosen before, with all inside."""
        layers = self._model.layers
        if self._selected:
            return {j for i in self._selected for j in range(i, layers[i].end)}
        return range(self._index, layers[self._index].end)

    def _show(self, found: Transplant | None) -> None:
        self._found = found
        self.query_one(PairList).show(found)
        summary = self.query_one("#summary", Static)
        if found is None:
            summary.update("")
            return
        taken, left = len(found.of("match")), len(found.pairs) - len(found.of("match"))
        text = f"{plural(taken, 'weight')} to take over"
        stay = "stays as it is" if left == 1 else "stay as they are"
        summary.update(Content(text + (f", {left:,} {stay}" if left else "")))

    def action_scope(self) -> None:
        """Take the part, or the whole model."""
        self.query_one("#scope", Segments).action_step(1)

    @on(PathField.Submitted)
    def action_accept(self) -> None:
        """Leave with what matches, as soon as the file has been read."""
        if self._found is None:
            self._waiting = self.query_one(PathField).value
            if not self._waiting:
                self.app.bell()
        elif self._found.of("match"):
            self.dismiss(self._found)
        else:
            self._waiting = ""
            self.app.bell()

    @on(ChoiceRow.Chosen)
    def choose(self, event: ChoiceRow.Chosen) -> None:
        """Do what the button says."""
        event.stop()
        if event.choice.id == "take":
            self.action_accept()
        else:
            self.dismiss(None)

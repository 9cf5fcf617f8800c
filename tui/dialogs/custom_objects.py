"""Asking for what a model needs and Keras lacks: layers, metrics, activations and their kin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from kerastui.session.answers import Answer
from kerastui.session.protocol import Need

from ..background import NewestFirst, post
from .base import Dialog, paragraphs
from .choices import Choice, ChoiceRow
from .custom_editor import AnswerEditor
from .custom_form import CustomForm, FormRow, Look, Source
from .custom_looking import CustomObjects, Defines, looks_at
from .custom_options import CustomOptions
from .custom_table import NeedTable
from .custom_words import intro
from .segments import Segments

_BUTTONS = (
    Choice("load", "Load", "primary", "Load the model with these answers"),
    Choice("rest", "Stand-ins for the rest", hint="One for each name without an answer"),
    Choice("cancel", "Cancel", hint="Do not load the model"),
)


class CustomObjectsDialog(Dialog[CustomObjects | None]):
    """A table of the missing names, and below it the answer to the highlighted one.

    Args:
        needs: the missing names; at least one.
        kept: earlier answers, by name.
        defines: asks the Keras process which names a file or module defines, as
            `Session.defines` does; waited for on a thread.
        error: why the answers given last did not serve.
        problems: the same by name: ``LoadFailed.fields["problems"]``.
        keras: which Keras would load the file.
        compile: whether its compile section would be loaded.
        folders: where modules are imported from besides the working directory.
    """

    BINDING_GROUP_TITLE = "Custom objects"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "Next, or load", id="custom.accept", show=False,
                tooltip="Go to the next name without an answer; load when there is none"),
        Binding("ctrl+down", "row(1)", "Next name", id="custom.next", show=False),
        Binding("ctrl+up", "row(-1)", "Previous name", id="custom.previous", show=False),
        Binding("ctrl+t", "step('way')", "Where it comes from", id="custom.way", show=False),
        Binding("ctrl+r", "step('remember')", "Remember", id="custom.remember", show=False),
        Binding("ctrl+o", "step('compile')", "Compile section", id="custom.compile", show=False),
        Binding("ctrl+b", "step('keras')", "Which Keras", id="custom.keras", show=False),
    ]  # fmt: skip

    DEFAULT_CSS = """
    CustomObjectsDialog {
        DialogBox { width: 132; padding: 0 1; }
        #intro, #problem { padding: 0 1; }
        #rows { width: 100%; height: 4; margin-top: 1; }
        #editor { margin-top: 1; }
        &.-low #rows, &.-low #editor, &.-low ChoiceRow { margin-top: 0; }
    }
    """

    heading = "Custom objects"

    @dataclass
    class Looked(Message):
        """The Keras process has looked at a file or module."""

        source: Source
        look: Look

    def __init__(
        self,
        needs: Sequence[Need],
        kept: Mapping[str, Answer],
        defines: Defines,
        *,
        error: str = "",
        problems: Sequence[Mapping[str, Any]] = (),
        keras: str = "keras",
        compile: bool = True,
        folders: Sequence[Path | str] = (),
    ) -> None:
        super().__init__()
        self.form = CustomForm.of(needs, kept, problems)
        self.form.compile = compile
        self._defines = defines
        self._error = error
        self._keras = keras
        self._folders = tuple(Path(folder) for folder in folders)
        self._current = 0
        self._tried = False
        """Enter was pressed on this row: what is wrong with it is shown as wrong."""
        self._waits = False
        """Enter was pressed before the file was looked at."""
        self._looker = NewestFirst[tuple[Source, ...]]("look at sources", self._look)

    # -- the widgets ----------------------------------------------------------------------------

    def compose_body(self) -> Iterable[Widget]:
        """Yield the table, the fields for one row, the options and the buttons."""
        yield Static(Content(intro(self.form.rows, self._keras)), id="intro")
        yield Static(id="problem", classes="dialog--problem")
        yield NeedTable(self.form, id="rows")
        yield AnswerEditor(self.form, self._folders, id="editor")
        own = any(row.need.own for row in self.form.rows)
        yield CustomOptions(
            compile=self.form.compile,
            keras=self._keras,
            ask_keras=own or self._keras != "keras",
            id="options",
        )
        yield ChoiceRow(_BUTTONS)

    def on_mount(self) -> None:
        """Begin at the first wrong answer, or else at the first row without one."""
        self.query_one("DialogBox").border_subtitle = "enter next, load · tab fields · esc cancel"
        wrong = (i for i, row in enumerate(self.form.rows) if row.problem)
        self._go(next(wrong, self.form.first_open() or 0))
        self._ask()

    def on_resize(self) -> None:
        """Share the lines out."""
        self.set_class(self.size.height < 26, "-low")
        self.query_one(AnswerEditor).set_rows(max(0, min(5, self.size.height - 21)))
        self.call_after_refresh(self._size_table)

    def _size_table(self) -> None:
        """Give the table what the others leave."""
        box, table = self.query_one("DialogBox"), self.query_one(NeedTable)
        others = box.virtual_size.height - table.size.height
        room = max(3, self.size.height - 2 - others)
        table.styles.height = min(room, len(self.form.rows) + 1)

    # -- the highlighted row --------------------------------------------------------------------

    @property
    def row(self) -> FormRow:
        """The highlighted row."""
        return self.form.rows[self._current]

    @on(NeedTable.Highlighted)
    def row_highlighted(self, event: NeedTable.Highlighted) -> None:
        """Show another row's answer."""
        if event.row != self._current and event.row == event.table.cursor:
            self._show(event.row)

    def _show(self, index: int) -> None:
        editor = self.query_one(AnswerEditor)
        editor.keep_typed()
        self._current = index
        self._tried = self._waits = False
        editor.show(self.row)
        self._draw()

    def _go(self, index: int) -> None:
        self._show(index)
        self.query_one(NeedTable).cursor = index
        self.query_one(AnswerEditor).focus_answer()

    def _draw(self) -> None:
        """Draw what depends on the answers."""
        self.query_one(AnswerEditor).draw(tried=self._tried)
        for button in self.query_one(ChoiceRow).buttons:
            if button.choice.id == "rest":
                button.disabled = self.form.first_open() is None
        problem, text = self.query_one("#problem", Static), self._problem()
        problem.display = bool(text)
        problem.update(Content.assemble("✗ ", paragraphs(text, 400)))
        self.query_one(NeedTable).refresh()
        self.call_after_refresh(self._size_table)

    def _problem(self) -> str:
        """What the user's code said, as Python does; else why loading failed."""
        if not self.row.problem:
            return self._error
        room = min(14, self.size.height - 26)
        lines = self.row.details.rstrip().splitlines()[1:-1][-room:] if room > 0 else []
        return "\n".join([self.row.problem, *lines])

    # -- what is typed and chosen -----------------------------------------------------------------

    @on(AnswerEditor.Edited)
    def edited(self, event: AnswerEditor.Edited) -> None:
        """Have a new file looked at."""
        self._waits = self._tried = False
        self._error = ""
        self._draw()
        self._ask()

    @on(Segments.Changed, "#compile")
    def compile_changed(self) -> None:
        """Without the compile section, fewer names are needed."""
        self.form.compile = self.query_one(CustomOptions).compile
        self._draw()

    def action_step(self, name: str) -> None:
        """Go to the next option of one of the choices."""
        editor, found = self.query_one(AnswerEditor), self.query(f"#{name}")
        if found:
            found.first(Segments).action_step(1)
        if name == "way" and self.focused is not None and editor in self.focused.ancestors:
            self.call_after_refresh(editor.focus_answer)

    def action_row(self, by: int) -> None:
        """Go to another row, with the focus where it is answered."""
        self._go((self._current + by) % len(self.form.rows))

    # -- looking at files -------------------------------------------------------------------------

    def _ask(self) -> None:
        sources = tuple(s for s in self.form.typed_sources() if s not in self.form.looks)
        if sources:
            self._looker.ask(sources)

    def _look(self, sources: tuple[Source, ...]) -> None:
        names = [row.need.name for row in self.form.rows]
        for source, look in looks_at(sources, names, self._defines):
            post(self, self.Looked(source, look))

    def on_custom_objects_dialog_looked(self, message: Looked) -> None:
        """Show what a file defines, and go on if Enter was pressed already."""
        self.form.looks[message.source] = message.look
        self._draw()
        if self._waits and message.source == self.form.source(self.row):
            self._go_on()

    # -- going on ---------------------------------------------------------------------------------

    @on(AnswerEditor.Accepted)
    def action_accept(self) -> None:
        """Go to the next row that has no answer; load when every row has one."""
        self.query_one(AnswerEditor).keep_typed()
        source = self.form.source(self.row) if self.form.way(self.row) == "source" else None
        if source is not None:
            look = self.form.looks.get(source)
            if look is not None and look.problem:
                del self.form.looks[source]  # it may have been mended meanwhile
            if source not in self.form.looks:
                self._waits = True
                self._draw()
                self._ask()
                return
        self._go_on()

    def _go_on(self) -> None:
        self._waits = False
        self._tried = True
        form = self.form
        if form.is_open(self.row):
            self.app.bell()  # what is said below the field tells why
            self._draw()
            self.query_one(AnswerEditor).focus_answer()
            return
        following = form.first_open(self._current)
        if following is None:
            self._leave()
        else:
            self._go(following)

    @on(ChoiceRow.Chosen)
    def chosen(self, event: ChoiceRow.Chosen) -> None:
        """Do what the button says."""
        event.stop()
        if event.choice.id == "cancel":
            self.action_cancel()
        elif event.choice.id == "load":
            self.action_accept()
        else:
            self.query_one(AnswerEditor).keep_typed()
            self.form.stand_in_for_rest()
            self._draw()
            self.query_one(ChoiceRow).buttons[0].focus()

    def action_cancel(self) -> None:
        """Leave without answers."""
        self._looker.close()
        self.dismiss(None)

    def _leave(self) -> None:
        self._looker.close()
        options = self.query_one(CustomOptions)
        self.dismiss(
            CustomObjects(
                tuple(self.form.answers()), options.remember, options.compile, options.keras
            )
        )

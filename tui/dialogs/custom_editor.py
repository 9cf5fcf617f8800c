"""The fields in which one missing name is answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from kerastui.model import safe_text

from . import custom_words as words
from .base import SafeInput
from .custom_form import CustomForm, FormRow, Way, syntax_problem
from .path_field import PathField
from .segments import Segments
from .source_field import SourceField

_EXAMPLE = "lambda x: K.relu(x, max_value=20.0)"


class AnswerEditor(Vertical):
    """Name and use of one row, the ways to answer it, and the field of the chosen way.

    Args:
        form: the rows; what is typed goes into the row that is shown.
        folders: where modules are imported from besides the working directory.
    """

    DEFAULT_CSS = """
    AnswerEditor {
        width: 100%;
        height: auto;
        #title { width: 100%; height: auto; padding: 0 1; }
        #body { width: 100%; height: 6; padding: 0 1; }
        #body > Static, #body > Input { width: 100%; }
        #body > Static { height: auto; color: $text-muted; }
        #body > .-problem { color: $text-error; }
    }
    """

    @dataclass
    class Edited(Message):
        """The row has another answer now."""

        row: FormRow

    @dataclass
    class Accepted(Message):
        """Enter was pressed in a field."""

    def __init__(self, form: CustomForm, folders: Sequence[Path], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.form = form
        self._folders = folders
        self._row = form.rows[0]
        self._shown = False

    def compose(self) -> ComposeResult:
        """Yield what is said of the row, the choice, and a field for each way."""
        yield Static(id="title")
        yield Segments("from", (), "", key="^t", id="way")
        with Container(id="body"):
            yield SourceField(self.form.base, self._folders, id="source")
            yield Input(
                placeholder=_EXAMPLE, highlighter=SafeInput(), compact=True,
                select_on_focus=False, id="expression",
            )  # fmt: skip
            yield Static(id="about")

    @property
    def _source(self) -> SourceField:
        return self.query_one(SourceField)

    @property
    def _expression(self) -> Input:
        return self.query_one("#expression", Input)

    def set_rows(self, rows: int) -> None:
        """Show at most `rows` completions; the editor keeps that height."""
        self._source.set_rows(rows)
        self.query_one("#body").styles.height = rows + 3

    def show(self, row: FormRow) -> None:
        """Show another row."""
        self._row, self._shown = row, True
        self._source.set_value(row.source)
        self._expression.value = row.expression
        self._expression.cursor_position = len(row.expression)

    def keep_typed(self) -> None:
        """Take what is in the fields into the row: their messages may still be on the way."""
        if self._shown:
            self._take_source(self._source.value)
            self._take_expression(self._expression.value)

    def _take_source(self, text: str) -> bool:
        row = self._row
        changed = text != row.source
        if changed:
            row.way, row.source = "source", text
            row.forget_problem()
        return changed

    def _take_expression(self, text: str) -> bool:
        row = self._row
        changed = text != row.expression
        if changed:
            row.way, row.expression = "expression", text
            row.forget_problem()
        return changed

    def draw(self, *, tried: bool) -> None:
        """Draw what depends on answers; `tried`: say what is wrong with this one."""
        row, way = self._row, self.form.way(self._row)
        title = [
            Content.styled(safe_text(row.need.name, 120), "bold"),
            Content(f" · {words.where_used(row.need)}"),
        ]
        if row.need.own:
            title.append(Content.styled(f" · {words.own_class(row.need)}", "$text-warning"))
        self.query_one("#title", Static).update(Content.assemble(*title))
        options = tuple((w, words.WAYS[w]) for w in row.ways)
        self.query_one("#way", Segments).set_options(options, way)
        self._source.display = way == "source"
        self._expression.display = way == "expression"
        about = self.query_one("#about", Static)
        about.display = way != "source"
        if way == "source":
            self._source.set_note(*words.about_look(self.form, row, tried=tried))
            return
        problem = syntax_problem(row.expression) if way == "expression" and tried else ""
        about.set_class(bool(problem), "-problem")
        about.update(Content(f"✗ {problem}" if problem else words.about_way(row, way)))

    def focus_answer(self) -> None:
        """Put the focus where this row is answered."""
        way = self.form.way(self._row)
        if way == "source":
            self._source.input.focus()
        elif way == "expression":
            self._expression.focus()
        else:
            self.query_one("#way").focus()

    @on(PathField.Changed)
    def source_changed(self, event: PathField.Changed) -> None:
        """Take the file or module; one of the row before is none of this row's."""
        event.stop()
        if event.value == self._source.value and self._take_source(event.value):
            self.post_message(self.Edited(self._row))

    @on(Input.Changed, "#expression")
    def expression_changed(self, event: Input.Changed) -> None:
        """Take the expression."""
        event.stop()
        if event.value == self._expression.value and self._take_expression(event.value):
            self.post_message(self.Edited(self._row))

    @on(Segments.Changed)
    def way_changed(self, event: Segments.Changed) -> None:
        """Take another way to answer."""
        event.stop()
        if event.value != self.form.way(self._row):
            self._row.way = cast("Way", event.value)
            self._row.forget_problem()
            self.post_message(self.Edited(self._row))

    @on(PathField.Submitted)
    @on(Input.Submitted)
    def submitted(self, event: Message) -> None:
        """Enter in a field."""
        event.stop()
        self.post_message(self.Accepted())

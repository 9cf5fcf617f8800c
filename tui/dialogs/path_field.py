"""An input for a path, with completion from the disk as one types."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.suggester import SuggestionReady
from textual.widgets import Input, Static
from textual.widgets.input import Selection

from kerastui.model import safe_text

from ..background import NewestFirst, post
from .base import SafeInput
from .completion import Completion, complete

ROWS = 5
"""Options shown at a time."""


class PathInput(Input):
    """The input itself: draws safely, and takes its ghost text from the field."""

    BINDING_GROUP_TITLE = "Path"

    def on_key(self, event: events.Key) -> None:
        """A ``/`` or ``~`` typed over a selection begins a new path."""
        if event.character in ("/", "~") and not self.selection.is_empty:
            self.selection = Selection(0, len(self.value))

    def suggest(self, suggestion: str) -> None:
        """Show `suggestion` as ghost text behind the cursor."""
        if suggestion.startswith(self.value):
            self.post_message(SuggestionReady(self.value, suggestion))


class PathField(Vertical):
    """A path input with options below it.

    Tab completes as a shell does, up and down walk the options, Enter takes the one that is
    highlighted, or else submits. Folders are read on a thread of its own.

    Args:
        value: the text at first.
        base: where relative paths start.
        rows: how many options to show; the field keeps that height.
        endings: of the files that are offered, in lower case; none: all are. Any may be typed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete", id="path.complete", show=False,
                tooltip="Complete the path as far as it is unambiguous"),
        Binding("up", "step(-1)", "Previous option", id="path.previous", show=False),
        Binding("down", "step(1)", "Next option", id="path.next", show=False),
    ]  # fmt: skip

    DEFAULT_CSS = """
    PathField {
        height: auto;
        PathInput { width: 100%; }
        .path--note { width: 100%; height: auto; color: $text-muted; }
        .path--note.-problem { color: $text-error; }
        .path--note.-warning { color: $text-warning; }
        .path--options { width: 100%; color: $text-muted; }
    }
    """

    @dataclass
    class Changed(Message):
        """The text is another now."""

        field: PathField
        value: str

        @property
        def control(self) -> PathField:
            """The field."""
            return self.field

    @dataclass
    class Submitted(Message):
        """Enter was pressed on what is typed."""

        field: PathField
        value: str

        @property
        def control(self) -> PathField:
            """The field."""
            return self.field

    @dataclass
    class Completed(Message):
        """The thread has read the folder."""

        completion: Completion

        def can_replace(self, message: Message) -> bool:
            """Only the newest completion counts."""
            return isinstance(message, PathField.Completed)

    def __init__(
        self,
        value: str,
        base: Path,
        *,
        rows: int = ROWS,
        endings: tuple[str, ...] = (),
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._endings = endings
        self._start = value
        self.base = base
        """Where relative paths start."""
        self._rows = rows
        self._completion = Completion("")
        self._chosen = -1
        self._tab_waits = False
        self._completer = NewestFirst[str]("complete path", self._complete)

    def compose(self) -> ComposeResult:
        """Yield the input and the options."""
        yield PathInput(self._start, highlighter=SafeInput(), select_on_focus=False, compact=True)
        yield Static(classes="path--note")
        yield Static(classes="path--options")

    def on_mount(self) -> None:
        """Keep the height, so that nothing below jumps."""
        self.query_one(".path--options").styles.height = self._rows

    @property
    def input(self) -> PathInput:
        """The input."""
        return self.query_one(PathInput)

    @property
    def value(self) -> str:
        """What is typed."""
        return self.input.value

    def set_value(self, value: str) -> None:
        """Replace the text; the cursor goes to its end."""
        self.input.value = value
        self.input.cursor_position = len(value)

    def set_rows(self, rows: int) -> None:
        """Show at most `rows` options from now on."""
        self._rows = rows
        self.query_one(".path--options").styles.height = rows
        self._draw()

    def set_note(self, text: str, tone: Literal["", "problem", "warning"] = "") -> None:
        """Say something about the path, below it."""
        note = self.query_one(".path--note", Static)
        note.set_class(tone == "problem", "-problem")
        note.set_class(tone == "warning", "-warning")
        note.update(Content({"problem": "✗ ", "warning": "▲ "}.get(tone, "") + text))

    def enter_folder(self) -> None:
        """The text names a folder: offer what is inside."""
        if not self.value.endswith(("/", os.sep)):
            self.set_value(self.value + os.sep)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Ask for completions of the new text."""
        event.stop()
        self._chosen = -1
        self._completer.ask(event.value)
        self.post_message(self.Changed(self, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the highlighted option into the input, or say that Enter was pressed."""
        event.stop()
        if self._chosen >= 0:
            self.set_value(self._completion.options[self._chosen])
        else:
            self.post_message(self.Submitted(self, event.value))

    def _complete(self, text: str) -> None:
        post(self, self.Completed(complete(text, self.base, endings=self._endings)))

    def on_path_field_completed(self, message: Completed) -> None:
        """Show the options, unless the text has changed since."""
        if message.completion.text != self.value:
            return
        self._completion = message.completion
        self._chosen = -1
        self._draw()
        if self._tab_waits:
            self.action_complete()
        elif message.completion.options and self.value:
            self.input.suggest(message.completion.options[0])

    def _draw(self) -> None:
        options = self._completion.options
        if options == (self.value,):
            options = ()
        first = min(max(0, self._chosen - self._rows + 1), max(0, len(options) - self._rows))
        lines: list[Content] = []
        for i, option in enumerate(options[first : first + self._rows], first):
            name = safe_text(_last(option))
            chosen = i == self._chosen
            lines.append(
                Content.styled(f"▸ {name}", "bold $text-primary")
                if chosen
                else Content(f"  {name}")
            )
        rest = len(options) - first - len(lines)
        if rest > 0 and lines:
            lines[-1] = Content.assemble(lines[-1], f"   … and {rest:,} more")
        self.query_one(".path--options", Static).update(Content("\n").join(lines))

    def action_complete(self) -> None:
        """Complete as far as all options agree; when they do not, go through them."""
        if self._completion.text != self.value:
            self._tab_waits = True  # the folder is being read
            return
        self._tab_waits = False
        if not self._completion.options:
            return
        if len(self._completion.common) > len(self.value):
            self.set_value(self._completion.common)
        elif self._completion.options != (self.value,):
            self.action_step(1)

    def action_step(self, by: int) -> None:
        """Highlight the option before or after; -1 stands for what is typed itself."""
        count = len(self._completion.options)
        if count and self._completion.text == self.value:
            self._chosen = (self._chosen + 1 + by) % (count + 1) - 1
            self._draw()


def _last(option: str) -> str:
    """Return the last part of a path, with its separator if it is a folder."""
    body = option.rstrip("/\\")
    return option[max(body.rfind("/"), body.rfind("\\")) + 1 :]

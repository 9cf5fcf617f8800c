"""The console's input: several lines of Python with history, colours and completion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, cast

from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.document._document import Document
from textual.message import Message
from textual.widgets import TextArea

from .python_text import is_complete, python_spans


class ConsoleInput(TextArea):
    """Python input. Enter runs it when it is complete, otherwise it begins a new line.

    It knows no session: it posts `Submitted` and `HelpWanted`, and is given completions.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Run", id="console.run",
                tooltip="Run the input; begins a new line while it is incomplete"),
        Binding("alt+enter,ctrl+j", "newline", "New line", id="console.newline", show=False,
                tooltip="Begin a new line whatever stands there"),
        Binding("tab", "complete", "Complete", id="console.complete",
                tooltip="Complete the name at the cursor, or indent"),
        Binding("up", "older", "Older", id="console.older", show=False,
                tooltip="Earlier input (on the first line)"),
        Binding("down", "newer", "Newer", id="console.newer", show=False,
                tooltip="Later input (on the last line)"),
        Binding("ctrl+r", "recall", "Search history", id="console.recall",
                tooltip="Search the history backwards"),
        Binding("ctrl+l", "clear", "Clear", id="console.clear-input", show=False,
                tooltip="Empty the input"),
    ]  # fmt: skip

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"console-input--{name}"
        for name in ("keyword", "string", "number", "comment", "builtin", "function")
    }

    DEFAULT_CSS = """
    ConsoleInput {
        height: auto; max-height: 12; min-height: 1; border: none; padding: 0;
        background: transparent;
        &:focus { border: none; }
        & > .console-input--keyword { color: $text-accent; text-style: bold; }
        & > .console-input--string { color: $text-success; }
        & > .console-input--number { color: $text-warning; }
        & > .console-input--comment { color: $text-muted; text-style: italic; }
        & > .console-input--builtin { color: $text-primary; }
        & > .console-input--function { color: $text-primary; text-style: bold; }
    }
    """

    @dataclass
    class Submitted(Message):
        """The user wants this code run."""

        input: ConsoleInput
        code: str

        @property
        def control(self) -> ConsoleInput:
            """The input."""
            return self.input

    @dataclass
    class HelpWanted(Message):
        """Completions (or the signature of a call) are wanted at an offset in code."""

        input: ConsoleInput
        code: str
        offset: int
        signature: bool

        @property
        def control(self) -> ConsoleInput:
            """The input."""
            return self.input

    @dataclass
    class RecallWanted(Message):
        """The user wants to search the history."""

        input: ConsoleInput

        @property
        def control(self) -> ConsoleInput:
            """The input."""
            return self.input

    @dataclass
    class ChoosingKey(Message):
        """While there is something to choose from: move by `step`, or (0) take what is lit."""

        input: ConsoleInput
        step: int

        @property
        def control(self) -> ConsoleInput:
            """The input."""
            return self.input

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(
            "", id=id, show_line_numbers=False, tab_behavior="focus", soft_wrap=True,
            placeholder="an expression, e.g.  model.summary()   W['conv1/kernel'].mean()",
        )  # fmt: skip
        self.inputs: list[str] = []
        self.choosing = False
        """Whether the arrows, Enter and Tab belong to a list of offers."""
        self._place: int | None = None
        self._draft = ""
        self._spans: tuple[str, dict[int, list[tuple[int, int, str]]]] = ("", {})

    async def _on_key(self, event: events.Key) -> None:
        """Do what our keys mean in the order in which they come.

        As priority bindings they would overtake what was typed just before them, and bound
        as usual, what follows would overtake them.
        """
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if (binding.id or "").startswith("console."):
                event.stop()
                event.prevent_default()
                await self.run_action(binding.action)
                return
        await super()._on_key(event)

    # -- running --------------------------------------------------------------------------------

    def action_submit(self) -> None:
        """Run the input if it is complete Python."""
        code = self.text
        if self.choosing:
            self.post_message(self.ChoosingKey(self, 0))
            return
        if not code.strip():
            return
        if not is_complete(code) and not self._ends_with_blank_line():
            self.action_newline()
            return
        if not self.inputs or self.inputs[-1] != code:
            self.inputs.append(code)
        self._place = None
        self.text = ""
        self.post_message(self.Submitted(self, code.rstrip()))

    def _ends_with_blank_line(self) -> bool:
        return "\n" in self.text and not self.text.rpartition("\n")[2].strip()

    def action_newline(self) -> None:
        """Begin a line with the indentation that Python would want."""
        row, column = self.cursor_location
        line = str(self.document.get_line(row))[:column]
        indent = line[: len(line) - len(line.lstrip())]
        if line.rstrip().endswith(":"):
            indent += " " * 4
        self.insert("\n" + indent)

    def action_clear(self) -> None:
        """Empty the input."""
        self.text = ""

    # -- history --------------------------------------------------------------------------------

    def action_older(self) -> None:
        """Go up a line, or to the input before this one; or through offers."""
        if self.choosing:
            self.post_message(self.ChoosingKey(self, -1))
            return
        if self.cursor_location[0] > 0:
            self.action_cursor_up()
            return
        place = len(self.inputs) if self._place is None else self._place
        if place == len(self.inputs):
            self._draft = self.text
        if place > 0:
            self._recall(place - 1)

    def action_newer(self) -> None:
        """Go down a line, or to the input after this one; or through offers."""
        if self.choosing:
            self.post_message(self.ChoosingKey(self, 1))
            return
        if self.cursor_location[0] < self.document.line_count - 1:
            self.action_cursor_down()
        elif self._place is not None:
            self._recall(self._place + 1)

    def _recall(self, place: int) -> None:
        at_end = place >= len(self.inputs)
        self._place = None if at_end else place
        self.text = self._draft if at_end else self.inputs[place]
        self.move_cursor(self.document.end)

    def action_recall(self) -> None:
        """Ask for a search through the history."""
        self.post_message(self.RecallWanted(self))

    # -- completion -----------------------------------------------------------------------------

    @property
    def _document(self) -> Document:
        return cast("Document", self.document)

    @property
    def offset_in_code(self) -> int:
        """The cursor's place as an offset in `text`."""
        return self._document.get_index_from_location(self.cursor_location)

    def action_complete(self) -> None:
        """Ask for completions; at the beginning of a line, indent."""
        if self.choosing:
            self.post_message(self.ChoosingKey(self, 0))
            return
        row, column = self.cursor_location
        before = str(self.document.get_line(row))[:column]
        if not before.strip():
            self.insert(" " * 4)
        else:
            self.ask_help(signature=False)

    def ask_help(self, signature: bool) -> None:
        """Ask for completions at the cursor, or the signature of the call that it is in."""
        wanted = self.HelpWanted(self, self.text, self.offset_in_code, signature)
        # Textual takes who calls for the sender, beyond which a message does not rise.
        self.post_message(wanted.set_sender(self))

    def stands_before_cursor(self, text: str) -> bool:
        """Whether `text` ends where the cursor is."""
        return self.text[: self.offset_in_code].endswith(text)

    def accept(self, completion: str, replaced: int) -> None:
        """Put a completion in place of the `replaced` characters before the cursor."""
        end = self.offset_in_code
        start = self._document.get_location_from_index(max(0, end - replaced))
        self.replace(completion, start, self.cursor_location)

    # -- colours --------------------------------------------------------------------------------

    def get_line(self, line_index: int) -> Text:
        """Return a line with Python's colours."""
        line = super().get_line(line_index)
        for start, end, name in self._highlights_of(line_index):
            line.stylize(self._colour(name), start, end)
        return line

    def _colour(self, name: str) -> Style:
        return self.get_component_rich_style(f"console-input--{name}", partial=True)

    def _highlights_of(self, line_index: int) -> list[tuple[int, int, str]]:
        if self._spans[0] != self.text:
            self._spans = (self.text, python_spans(self.text))
        return self._spans[1].get(line_index, [])

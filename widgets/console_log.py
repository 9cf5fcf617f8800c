"""What was run in the console and what came of it."""

from __future__ import annotations

from collections import deque
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import RichLog

from kerastui.model import safe_text

MAX_LINES = 20_000
_LINE = 4_000
"""Characters of one line that are shown."""


class ConsoleLog(RichLog, can_focus=True):
    """Inputs, printed text, values and problems, newest at the foot.

    Text comes from the user's code and from files: nothing in it is taken for markup or for
    an escape sequence of the terminal.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy_last", "Copy", id="console.copy",
                tooltip="Copy the last output to the clipboard, over SSH too"),
        Binding("ctrl+l", "clear_log", "Clear", id="console.clear",
                tooltip="Empty the console's log"),
    ]  # fmt: skip

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"console-log--{role}" for role in ("code", "value", "problem", "note", "stderr")
    }

    DEFAULT_CSS = """
    ConsoleLog {
        background: transparent; height: 1fr; padding: 0 1; scrollbar-size-vertical: 1;
        & > .console-log--code { color: $text-accent; }
        & > .console-log--value { color: $text; text-style: bold; }
        & > .console-log--problem { color: $text-error; }
        & > .console-log--note { color: $text-muted; }
        & > .console-log--stderr { color: $text-warning; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, max_lines=MAX_LINES, wrap=True, markup=False, highlight=False)
        self._tail = ("", "")
        """A printed line that has not ended yet: its stream and text."""
        self._last: deque[str] = deque(maxlen=MAX_LINES)
        """The output of the last input, for copying."""

    @property
    def output(self) -> str:
        """All that the last input brought, as text."""
        return "\n".join(self._last)

    def begin(self, code: str) -> None:
        """Show an input."""
        self.end_line()
        self._last.clear()
        for k, line in enumerate(code.splitlines()):
            self._put(("› " if k == 0 else "  ") + line, "code", kept=False)

    def printed(self, text: str, stream: str = "stdout") -> None:
        """Show what was printed; the last line may go on."""
        if self._tail[1] and self._tail[0] != stream:
            self.end_line()
        *lines, rest = (self._tail[1] + text.replace("\r\n", "\n")).split("\n")
        for line in lines[-MAX_LINES:]:
            self._put(line.rpartition("\r")[2], "" if stream == "stdout" else "stderr")
        self._tail = (stream, rest[-_LINE:])

    def end_line(self) -> None:
        """Show a printed line that has not ended."""
        stream, text = self._tail
        self._tail = ("", "")
        if text:
            self._put(text, "" if stream == "stdout" else "stderr")

    def say(self, text: str, role: str = "note") -> None:
        """Show a text of several lines in a role: ``value``, ``problem`` or ``note``."""
        self.end_line()
        for line in text.splitlines() or [""]:
            self._put(line, role)

    def _put(self, line: str, role: str, kept: bool = True) -> None:
        shown = safe_text(line, _LINE)
        if kept:
            self._last.append(shown)
        style = self.get_component_rich_style(f"console-log--{role}", partial=True) if role else ""
        self.write(Text(shown, style=style))

    def action_copy_last(self) -> None:
        """Copy the output of the last input."""
        self.app.copy_to_clipboard(self.output)
        self.app.notify("Copied the last output.", markup=False)

    def action_clear_log(self) -> None:
        """Empty the log."""
        self.clear()

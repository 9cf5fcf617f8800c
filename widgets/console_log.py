"""What was run in the console and what came of it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import ClassVar

from rich.console import RenderableType
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widgets import RichLog

from kerastui.model import safe_text

MAX_LINES = 20_000
_LINE = 4_000
"""Characters that go into one line; the rest goes into the next."""
_PROSE = 60
"""Lines of a text from which on it is broken at the edge, not between words: faster."""


class ConsoleLog(RichLog, can_focus=True):
    """Inputs, printed text, values and problems, newest at the foot.

    Text comes from the user's code and from files: nothing in it is taken for markup or for
    an escape sequence of the terminal.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", id="console.search", key_display="/",
                tooltip="Search what the console shows"),
        Binding("n", "find(-1)", "Earlier match", id="console.find-earlier", show=False,
                tooltip="Go to the match before"),
        Binding("N", "find(1)", "Later match", id="console.find-later", show=False,
                tooltip="Go to the match after"),
        Binding("y", "copy('last')", "Copy", id="console.copy",
                tooltip="Copy the last output to the clipboard, over SSH too"),
        Binding("Y", "copy('all')", "Copy all", id="console.copy-all", show=False,
                tooltip="Copy all that the console shows"),
        Binding("m", "more", "More", id="console.more", show=False,
                tooltip="Show more of a long string"),
        Binding("ctrl+l", "clear_log", "Clear", id="console.clear", show=False,
                tooltip="Empty the console's log"),
    ]  # fmt: skip

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"console-log--{role}" for role in ("code", "value", "problem", "note", "stderr", "match")
    }

    DEFAULT_CSS = """
    ConsoleLog {
        background: transparent; height: 1fr; padding: 0 1; scrollbar-size: 1 1; scrollbar-gutter: stable;
        & > .console-log--code { color: $text-accent; }
        & > .console-log--value { color: $text; text-style: bold; }
        & > .console-log--problem { color: $text-error; }
        & > .console-log--note { color: $text-muted; }
        & > .console-log--stderr { color: $text-warning; }
        & > .console-log--match { background: $warning; color: black; }
    }
    """

    @dataclass
    class SearchWanted(Message):
        """The user wants to search the log."""

        log: ConsoleLog

    @dataclass
    class MoreWanted(Message):
        """The user wants the next page of a long string."""

        log: ConsoleLog

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(
            id=id, max_lines=MAX_LINES, min_width=1, wrap=True, markup=False, highlight=False
        )
        self._tail = ("", "")
        """A printed line that has not ended yet: its stream and text."""
        self._last: deque[str] = deque(maxlen=MAX_LINES)
        """The output of the last input, for copying."""
        self._query = ""
        self._place = -1
        """The line that the search is at."""

    @property
    def output(self) -> str:
        """All that the last input brought, as text."""
        return "\n".join(self._last)

    # -- filling ---------------------------------------------------------------------------------

    def begin(self, code: str) -> None:
        """Show an input."""
        self.end_line()
        self._last.clear()
        self.auto_scroll = True
        for k, line in enumerate(code.splitlines()):
            self._put(("› " if k == 0 else "  ") + line, "code", kept=False)

    def printed(self, text: str, stream: str = "stdout") -> None:
        """Show what was printed; the last line may go on."""
        if self._tail[1] and self._tail[0] != stream:
            self.end_line()
        *lines, rest = (self._tail[1] + text.replace("\r\n", "\n")).split("\n")
        self._put_all(
            [line.rpartition("\r")[2] for line in lines[-MAX_LINES:]],
            "" if stream == "stdout" else "stderr",
        )
        while len(rest) > _LINE:
            self._put_all([rest[:_LINE]], "" if stream == "stdout" else "stderr")
            rest = rest[_LINE:]
        self._tail = (stream, rest)

    def end_line(self) -> None:
        """Show a printed line that has not ended."""
        stream, text = self._tail
        self._tail = ("", "")
        if text:
            self._put_all([text], "" if stream == "stdout" else "stderr")

    def say(self, text: str, role: str = "note", wrapped: bool = True) -> None:
        """Show a text of several lines in a role: ``value``, ``problem``, ``note`` or "" (plain).

        What is not `wrapped` (a table) is as wide as it is, and scrolled to.
        """
        self.end_line()
        lines = text.splitlines()[-MAX_LINES:] or [""]
        if wrapped and len(lines) < _PROSE:
            for line in lines:
                self._put(line, role)
        else:
            self._put_all(lines, role, wrapped)

    def picture(self, picture: RenderableType) -> None:
        """Show a picture."""
        self.end_line()
        self.write(picture)

    def _put(self, line: str, role: str, kept: bool = True) -> None:
        """Write a line, broken between words."""
        for start in range(0, len(line) or 1, _LINE):
            shown = safe_text(line[start : start + _LINE], _LINE)
            if kept:
                self._last.append(shown)
            self.write(Text(shown, style=self._style(role)))

    def _put_all(self, lines: list[str], role: str, wrapped: bool = True) -> None:
        """Write many lines at once, broken at the edge: a thousand take some milliseconds."""
        width = self.scrollable_content_region.width
        pieces = [p for line in lines for p in _pieces(line)]
        self._last.extend(pieces)
        if not width:  # not laid out yet: it is written as soon as it is
            self.write(Text("\n".join(pieces), style=self._style(role)))
            return
        style = self._style(role)
        rows = [row for p in pieces for row in (_broken(p, width) if wrapped else [p])]
        strips = [Strip([Segment(row, style)]) for row in rows]
        self.lines.extend(strips)
        surplus = len(self.lines) - MAX_LINES
        if surplus > 0:
            del self.lines[:surplus]
            self._start_line += surplus
        widest = max((strip.cell_length for strip in strips), default=0)
        self._widest_line_width = max(self._widest_line_width, widest)
        self.virtual_size = Size(self._widest_line_width, len(self.lines))
        self.refresh()
        if self.auto_scroll:
            self.scroll_end(animate=False, immediate=False, x_axis=False)

    def _style(self, role: str) -> Style:
        if not role:
            return Style()
        return self.get_component_rich_style(f"console-log--{role}", partial=True)

    # -- searching -------------------------------------------------------------------------------

    def search(self, query: str) -> int:
        """Highlight what contains `query`, go to the last match, and return how many lines do."""
        self._query, self._place = query.lower(), len(self.lines)
        self._line_cache.clear()
        self.refresh()
        if query:
            self.action_find(-1)
        return len(self._matches())

    def _matches(self) -> list[int]:
        query = self._query
        return [k for k, s in enumerate(self.lines) if query in s.text.lower()] if query else []

    def action_find(self, step: int) -> None:
        """Go to the match before or after, round the end."""
        found = self._matches()
        if not found:
            return
        if step < 0:
            self._place = max((k for k in found if k < self._place), default=found[-1])
        else:
            self._place = min((k for k in found if k > self._place), default=found[0])
        self.auto_scroll = False
        self.scroll_to(y=max(0, self._place - self.size.height // 2), animate=False)

    def render_line(self, y: int) -> Strip:
        """Draw a line, with what the search has found."""
        strip = super().render_line(y)
        if not self._query:
            return strip
        text = strip.text.lower()
        style = self.get_component_rich_style("console-log--match")
        start = text.find(self._query)
        while start >= 0:
            end = start + len(self._query)
            before, match, after = _divided(strip, start, end)
            strip = Strip.join([before, match.apply_style(style), after])
            start = text.find(self._query, end)
        return strip

    # -- wishes ----------------------------------------------------------------------------------

    def action_search(self) -> None:
        """Ask for a search line."""
        self.post_message(self.SearchWanted(self))

    def action_more(self) -> None:
        """Ask for more of a long string."""
        self.post_message(self.MoreWanted(self))

    def action_copy(self, what: str) -> None:
        """Copy the output of the last input, or everything."""
        text = self.output if what == "last" else "\n".join(s.text.rstrip() for s in self.lines)
        if not text:
            self.app.notify("There is nothing to copy yet.", markup=False)
            return
        self.app.copy_to_clipboard(text)
        self.app.notify(f"Copied {len(text):,} characters.", markup=False)

    def action_clear_log(self) -> None:
        """Empty the log."""
        self.clear()


def _pieces(line: str) -> list[str]:
    """Return a line made safe, in pieces of `_LINE` characters."""
    if len(line) <= _LINE:
        return [safe_text(line, _LINE)]
    return [safe_text(line[k : k + _LINE], _LINE) for k in range(0, len(line), _LINE)]


def _broken(line: str, width: int) -> list[str]:
    """Return a line as rows of at most `width` cells."""
    if line.isascii():
        if len(line) <= width:
            return [line]
        return [line[k : k + width] for k in range(0, len(line), width)]
    from rich.cells import cell_len, chop_cells

    return [line] if cell_len(line) <= width else chop_cells(line, width)


def _divided(strip: Strip, start: int, end: int) -> tuple[Strip, Strip, Strip]:
    """Cut a strip at characters; wide ones take two cells."""
    from rich.cells import cell_len

    text = strip.text
    left, right = cell_len(text[:start]), cell_len(text[:end])
    return strip.crop(0, left), strip.crop(left, right), strip.crop(right)

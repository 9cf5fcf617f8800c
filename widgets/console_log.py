"""What was run in the console and what came of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from rich.segment import Segment, Segments
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from .log_rows import LINE, Row, Said, Wrap, broken, cells, pieces

if TYPE_CHECKING:
    from textual.app import App
    from textual.reactive import Reactive

MAX_LINES = 20_000
_PROSE = ("note", "problem")
_SHORT = 200
"""Characters of a text that is broken between words like prose."""


class ConsoleLog(ScrollView, can_focus=True):
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
        background: transparent; height: 1fr; padding: 0 1;
        scrollbar-size: 1 1; scrollbar-gutter: stable;
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
        super().__init__(id=id)
        self.lines: list[Row] = []
        self._said: deque[Said] = deque(maxlen=MAX_LINES)
        self._width = 0
        self._widest = 0
        self._follows = True
        """Whether what is new is scrolled to."""
        self._tail = ("", "")
        """A printed line that has not ended yet: its stream and text."""
        self._last: deque[str] = deque(maxlen=MAX_LINES)
        """The output of the last input, for copying."""
        self._query = ""
        self._place = -1
        """The row that the search is at."""

    @property
    def output(self) -> str:
        """All that the last input brought, as text."""
        return "\n".join(self._last)

    # -- filling ---------------------------------------------------------------------------------

    def begin(self, code: str) -> None:
        """Show an input."""
        self.end_line()
        self._last.clear()
        self._follows = True
        lines = [("› " if k == 0 else "  ") + line for k, line in enumerate(code.splitlines())]
        self._put(lines, "code", "words", kept=False)

    def printed(self, text: str, stream: str = "stdout") -> None:
        """Show what was printed; the last line may go on."""
        if self._tail[1] and self._tail[0] != stream:
            self.end_line()
        *lines, rest = (self._tail[1] + text.replace("\r\n", "\n")).split("\n")
        if len(rest) > LINE:
            lines.append(rest[: len(rest) // LINE * LINE])
            rest = rest[len(lines[-1]) :]
        role = "" if stream == "stdout" else "stderr"
        self._put([line.rpartition("\r")[2] for line in lines[-MAX_LINES:]], role, "edge")
        self._tail = (stream, rest)

    def end_line(self) -> None:
        """Show a printed line that has not ended."""
        stream, text = self._tail
        self._tail = ("", "")
        if text:
            self._put([text], "" if stream == "stdout" else "stderr", "edge")

    def say(self, text: str, role: str = "note", wrapped: bool = True) -> None:
        """Show a text of several lines in a role: ``value``, ``problem``, ``note`` or "" (plain).

        What is not `wrapped` (a table) is as wide as it is, and scrolled to.
        """
        self.end_line()
        prose = not text.startswith("Traceback") and (role in _PROSE or len(text) < _SHORT)
        wrap: Wrap = "no" if not wrapped else "words" if prose else "edge"
        self._put(text.splitlines()[-MAX_LINES:] or [""], role, wrap)

    def picture(self, picture: Segments) -> None:
        """Show a picture."""
        self.end_line()
        strips = Strip.from_lines(list(Segment.split_lines(picture.segments)))
        self._said.append(Said("", "", "no", tuple(strips)))
        self._show(Row("", "", strip) for strip in strips)

    def _put(self, lines: list[str], role: str, wrap: Wrap, kept: bool = True) -> None:
        found = [piece for line in lines for piece in pieces(line)]
        if kept:
            self._last.extend(found)
        self._said.extend(Said(piece, role, wrap) for piece in found)
        if self._width:
            width = self._width
            self._show(Row(row, role) for p in found for row in broken(p, width, wrap))

    def _show(self, rows: Iterable[Row]) -> None:
        """Add rows at the foot; the oldest go when there are too many."""
        begin = len(self.lines)
        self.lines.extend(rows)
        new = self.lines[begin:]
        surplus = len(self.lines) - MAX_LINES
        if surplus > 0:
            del self.lines[:surplus]
        self._widest = max(self._widest, max(map(cells, new), default=0))
        self._grow()
        self.refresh()
        self.call_after_refresh(self._follow)

    def _grow(self) -> None:
        """Take the size of all rows.

        Set as usual, it would have Textual lay out and paint the whole screen anew for each
        line, though nothing but the scroll bars depends on it.
        """
        size = Size(self._widest, len(self.lines))
        self.set_reactive(cast("Reactive[Size]", ConsoleLog.virtual_size), size)
        self._scroll_update(size)

    def _follow(self) -> None:
        """Scroll to what is new, if nobody has gone elsewhere meanwhile."""
        if self._follows:
            self.scroll_end(animate=False, immediate=True, x_axis=False)

    def on_resize(self) -> None:
        """Lay out for the new width."""
        width = self.scrollable_content_region.width
        self.call_after_refresh(self._follow)
        if width == self._width:
            return
        self._width, self._widest = width, 0
        self.lines.clear()
        self._show(
            row
            for said in self._said
            for row in (
                [Row("", "", strip) for strip in said.picture]
                or [Row(text, said.role) for text in broken(said.text, width, said.wrap)]
            )
        )

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Who scrolls up wants to read: what is new waits below."""
        super().watch_scroll_y(old_value, new_value)
        self._follows = new_value >= self.max_scroll_y

    # -- searching -------------------------------------------------------------------------------

    def search(self, query: str) -> int:
        """Highlight what contains `query`, go to the last match, and return how many rows do."""
        self._query, self._place = query.lower(), len(self.lines)
        self.refresh()
        if query:
            self.action_find(-1)
        return len(self._matches())

    def _matches(self) -> list[int]:
        query = self._query
        return [k for k, row in enumerate(self.lines) if query in row.text.lower()] if query else []

    def action_find(self, step: int) -> None:
        """Go to the match before or after, round the end."""
        found = self._matches()
        if not found:
            return
        if step < 0:
            self._place = max((k for k in found if k < self._place), default=found[-1])
        else:
            self._place = min((k for k in found if k > self._place), default=found[0])
        self._follows = False
        top = max(0, self._place - self.size.height // 2)
        self.scroll_to(y=top, animate=False, immediate=True)

    # -- drawing ---------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Draw a row, with what the search has found."""
        left, top = self.scroll_offset
        width, plain = self.scrollable_content_region.width, self.rich_style
        if top + y >= len(self.lines):
            return Strip.blank(width, plain)
        row = self.lines[top + y]
        strip = row.strip or Strip(self._segments(row))
        return strip.crop_extend(left, left + width, plain).apply_style(plain)

    def _segments(self, row: Row) -> list[Segment]:
        style = self._style(row.role) if row.role else Style()
        if not self._query:
            return [Segment(row.text, style)]
        found, lower = self._style("match"), row.text.lower()
        segments: list[Segment] = []
        done, start = 0, lower.find(self._query)
        while start >= 0:
            end = start + len(self._query)
            segments += [Segment(row.text[done:start], style), Segment(row.text[start:end], found)]
            done, start = end, lower.find(self._query, end)
        return [*segments, Segment(row.text[done:], style)]

    def _style(self, role: str) -> Style:
        return self.get_component_rich_style(f"console-log--{role}", partial=True)

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
        app = cast("App[Any]", self.app)  # pyright: ignore[reportUnknownMemberType]
        if not text:
            app.notify("There is nothing to copy yet.", markup=False)
            return
        app.copy_to_clipboard(text)
        app.notify(f"Copied {len(text):,} characters.", markup=False)

    def action_clear_log(self) -> None:
        """Empty the log."""
        self._said.clear()
        self.lines.clear()
        self._widest = 0
        self._show(())

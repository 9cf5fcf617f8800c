"""The console: a log, a grid for arrays, offers and the input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Input, Static

from kerastui.model import safe_text
from kerastui.session.protocol import Trouble, Value

from ..widgets.array_grid import ArrayGrid
from ..widgets.array_view import ArrayView
from ..widgets.console_input import ConsoleInput
from ..widgets.console_log import ConsoleLog
from ..widgets.offer_list import OfferList
from .console_entry import EntryPanel
from .console_values import arrays_of, described

_BESIDE_GRID = 14
"""Rows of a console with a grid that are not the grid's."""
_GRID_FRAME = 2
"""Rows of a grid that are no values: the numbers of the columns, the scroll bar."""
_BESIDE_PICTURE = 4
"""Rows of a console that a picture leaves free: border, input, what was run."""


@dataclass
class Paged:
    """A long string, of which only the beginning is shown."""

    id: str
    shown: int
    length: int


class ConsolePanel(EntryPanel):
    """Shows what the Keras process answers; it knows no session and sends no request itself.

    The screen listens to the messages of its input, log and grid.
    """

    BINDING_GROUP_TITLE = "Console"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Back", id="console.close", tooltip="Back to the layers"),
        Binding("ctrl+o", "go_on", "Log, grid", id="console.go-on",
                tooltip="Go on to the log, the grid, and back to the input"),
        Binding("ctrl+f", "search", "Search log", id="console.search-log", show=False,
                tooltip="Search what the console shows"),
        Binding("ctrl+t", "next_array", "Next array", id="console.next-array", show=False,
                tooltip="Show the next array of a list or dictionary in the grid"),
    ]  # fmt: skip

    DEFAULT_CSS = """
    ConsolePanel {
        height: 14; border: round $border-blurred; border-title-color: $text-muted;
        border-subtitle-color: $text-muted; padding: 0;
        &:focus-within { border: round $border; }
        #console-hint { height: auto; max-height: 3; padding: 0 1; color: $text-muted; }
        #console-view { height: 1; color: $text-muted; padding: 0 1; display: none; }
        #console-grid { height: 2fr; min-height: 4; padding: 0 1; display: none; }
        &.-array #console-view, &.-array #console-grid { display: block; }
        #console-search { height: 1; border: none; padding: 0 1; display: none; }
        #console-line { height: auto; max-height: 12; layout: horizontal; }
        #console-sign { width: 3; color: $text-accent; padding: 0 0 0 1; }
        ConsoleInput { width: 1fr; }
    }
    """

    waiting: reactive[int] = reactive(0)
    """Inputs that wait for the one before them, or for Keras."""

    class Closed(Message):
        """The user goes back to the layers."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.paged: Paged | None = None
        """The long string that is shown in part."""
        self._arrays: list[tuple[str, Value]] = []
        self._place = 0
        self._has_picture = False

    def compose(self) -> ComposeResult:
        """Log above, input below."""
        yield ConsoleLog(id="console-log")
        yield Static(id="console-view")
        yield ArrayGrid(id="console-grid")
        yield OfferList(id="console-offers")
        yield Static(id="console-hint")
        yield Input(id="console-search", placeholder="search the log", compact=True)
        with Vertical(id="console-line"):
            yield Static("›", id="console-sign")
            yield ConsoleInput(id="console-input")

    def on_mount(self) -> None:
        """Name the panel."""
        self.border_title = "Console"
        self.hint("")
        self.fit()

    def watch_waiting(self, waiting: int) -> None:
        """Say on the border how many inputs wait."""
        self.border_subtitle = f"{waiting} waiting" if waiting else ""

    @property
    def log_view(self) -> ConsoleLog:
        """What was run and what came of it."""
        return self.query_one(ConsoleLog)

    @property
    def grid(self) -> ArrayGrid:
        """The values of the last array."""
        return self.query_one(ArrayGrid)

    @property
    def array(self) -> Value | None:
        """The array that the grid shows."""
        return self._arrays[self._place][1] if self._arrays else None

    # -- results ----------------------------------------------------------------------------------

    def show_value(self, value: Value, name: str = "") -> None:
        """Show a value; arrays with a grid."""
        if value.form == "none":
            return
        lead = f"{name} = " if name else ""
        self.log_view.say(lead + described(value), "value", wrapped=value.form not in _WIDE)
        if value.form == "string" and len(value.text) < value.length:
            self.paged = Paged(value.id, len(value.text), value.length)
            self._tell_page(self.paged)
        self._has_picture = False
        self._arrays, self._place = arrays_of(value, name), 0
        self.set_class(bool(self._arrays), "-array")
        self.fit()
        self._show_array()

    def _show_array(self) -> None:
        array = self.array
        if array is not None:
            self.grid.show(array.shape, array.dtype)

    def room_for_picture(self) -> tuple[int, int]:
        """Make room for a picture; return the columns and rows that it has."""
        self._has_picture = True
        self.hide_grid()
        self.fit()
        width = self.log_view.scrollable_content_region.width
        return max(8, width), max(4, self.fitting_height() - _BESIDE_PICTURE)

    def show_page(self, text: str) -> None:
        """Show the next page of a long string."""
        paged = self.paged
        if paged is None:
            return
        self.log_view.say(text, "", wrapped=True)
        paged.shown += len(text)
        if text and paged.shown < paged.length:
            self._tell_page(paged)
        else:
            self.paged = None

    def _tell_page(self, paged: Paged) -> None:
        left = paged.length - paged.shown
        self.log_view.say(f"… {left:,} more characters: m in the log (Ctrl+O) shows on.", "note")

    def show_printed(self, text: str, stream: str) -> None:
        """Show what code prints; an array of an earlier input makes room for it."""
        self.hide_grid()
        self.log_view.printed(text, stream)

    def show_trouble(self, trouble: Trouble) -> None:
        """Show an exception as Python would, short."""
        self.hide_grid()
        text = trouble.traceback or f"{trouble.type}: {trouble.message}"
        self.log_view.say(text, "problem")

    def hide_grid(self) -> None:
        """Give the log the grid's room."""
        if self._arrays:
            self._arrays = []
            self.remove_class("-array")
            self.fit()

    def on_array_grid_view_changed(self, message: ArrayGrid.ViewChanged) -> None:
        """Say which axes are seen, and what is under the cursor."""
        message.stop()
        self.grid.styles.max_height = message.view.row_count + _GRID_FRAME
        name = self._arrays[self._place][0] if self._arrays else ""
        shown = self.grid.describe(name)
        if len(self._arrays) > 1:
            shown += f"   {self._place + 1} of {len(self._arrays)} (^t)"
        self.query_one("#console-view", Static).update(Content(safe_text(shown, 300)))

    # -- searching the log ------------------------------------------------------------------------

    def on_console_log_search_wanted(self) -> None:
        """Open the search line."""
        self.action_search()

    def action_search(self) -> None:
        """Open the search line."""
        line = self.query_one("#console-search", Input)
        line.display = True
        line.focus()

    def on_input_changed(self, message: Input.Changed) -> None:
        """Find as the user types."""
        message.stop()
        found = self.log_view.search(message.value)
        if message.value:
            self.hint(f"{found:,} lines. Enter: the match before. Esc: done." if found
                      else "Nothing found.")  # fmt: skip

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Go to the match before."""
        message.stop()
        self.log_view.action_find(-1)

    def _close_search(self) -> None:
        line = self.query_one("#console-search", Input)
        line.display = False
        line.value = ""
        self.log_view.search("")
        self.hint("")
        self.log_view.focus()

    # -- keys -------------------------------------------------------------------------------------

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Keep letters from the layer table's keys.

        Who is in the log or the grid, and meant to type, would freeze layers unseen.
        """
        return character is not None and character.isprintable()

    def action_close(self) -> None:
        """Close the offers, the search, the grid, then the console."""
        if self.offers.is_open:
            self.close_offers()
        elif self.query_one("#console-search").display:
            self._close_search()
        elif self.grid.has_focus or self.log_view.has_focus:
            self.input.focus()
        elif self._arrays:
            self.hide_grid()
        else:
            self.post_message(self.Closed())

    def action_go_on(self) -> None:
        """Go through input, grid and log."""
        stops = [self.input, *([self.grid] if self._arrays else []), self.log_view]
        here = next((k for k, w in enumerate(stops) if w.has_focus), -1)
        stops[(here + 1) % len(stops)].focus()

    def action_next_array(self) -> None:
        """Show the next array of a container."""
        if self._arrays:
            self._place = (self._place + 1) % len(self._arrays)
            self._show_array()

    # -- height -----------------------------------------------------------------------------------

    def wanted_height(self) -> int:
        """Return the rows for an array or a picture, fewer for lines of text."""
        if self.array is not None:
            rows = ArrayView.of(self.array.shape).row_count
            return max(16, min(self.room * 3 // 5, rows + _BESIDE_GRID))
        if self._has_picture:
            return max(16, self.room * 3 // 5)
        return max(10, min(16, self.room // 2))


_WIDE = ("model", "table")
"""Forms that are as wide as they are."""

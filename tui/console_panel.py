"""The console: a log, a grid for arrays, completion and the input."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from kerastui.model import safe_text
from kerastui.session.protocol import Completion, Signature, Trouble, Value

from ..widgets.array_grid import ArrayGrid
from ..widgets.array_view import ArrayView
from ..widgets.console_input import ConsoleInput, history_matches
from ..widgets.console_log import ConsoleLog
from .console_values import describe

MAX_OFFERS = 200
HEIGHTS = (8, 60)


class ConsolePanel(Vertical):
    """Shows what the Keras process answers; it knows no session and posts no request itself.

    The screen listens to the messages of its input and grid.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Back", id="console.close", tooltip="Back to the layers"),
        Binding("ctrl+up", "grow(3)", "Taller", id="console.taller", show=False,
                tooltip="Make the console taller"),
        Binding("ctrl+down", "grow(-3)", "Lower", id="console.lower", show=False,
                tooltip="Make the console lower"),
        Binding("ctrl+o", "log", "Log", id="console.log", show=False,
                tooltip="Go through input, log and grid"),
    ]  # fmt: skip

    DEFAULT_CSS = """
    ConsolePanel {
        height: 14; border: round $border-blurred; border-title-color: $text-muted; padding: 0;
        &:focus-within { border: round $border; }
        #console-hint { height: auto; max-height: 3; color: $text-muted; padding: 0 1; }
        #console-offers {
            height: auto; max-height: 8; border: none; padding: 0 1; background: $panel;
            display: none;
        }
        #console-view { height: 1; color: $text-muted; padding: 0 1; display: none; }
        #console-grid { height: 2fr; min-height: 4; padding: 0 1; display: none; }
        &.-array #console-view, &.-array #console-grid { display: block; }
        #console-line { height: auto; max-height: 12; layout: horizontal; }
        #console-sign { width: 3; color: $text-accent; padding: 0 0 0 1; }
        ConsoleInput { width: 1fr; }
    }
    """

    class Closed(Message):
        """The user goes back to the layers."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.array: Value | None = None
        """The array that the grid shows."""
        self._replaced = 0
        self._recalling = False

    def compose(self) -> ComposeResult:
        """Log above, input below."""
        yield ConsoleLog(id="console-log")
        yield Static(id="console-view")
        yield ArrayGrid(id="console-grid")
        yield OptionList(id="console-offers", markup=False)
        yield Static(id="console-hint")
        with Vertical(id="console-line"):
            yield Static("›", id="console-sign")
            yield ConsoleInput(id="console-input")

    def on_mount(self) -> None:
        """Name the panel."""
        self.border_title = "Console"
        self.hint("")

    @property
    def log_view(self) -> ConsoleLog:
        """What was run and what came of it."""
        return self.query_one(ConsoleLog)

    @property
    def input(self) -> ConsoleInput:
        """Where code is typed."""
        return self.query_one(ConsoleInput)

    @property
    def grid(self) -> ArrayGrid:
        """The values of the last array."""
        return self.query_one(ArrayGrid)

    @property
    def offers(self) -> OptionList:
        """What may be written at the cursor, or earlier inputs."""
        return self.query_one("#console-offers", OptionList)

    def hint(self, text: str) -> None:
        """Show a line above the input; text of the user's code is made safe."""
        hint = self.query_one("#console-hint", Static)
        hint.display = bool(text)
        hint.update(Content(safe_text(text, 400)))

    # -- results ----------------------------------------------------------------------------------

    def show_value(self, value: Value, name: str = "") -> None:
        """Show a value; an array with its grid."""
        if value.form == "none":
            return
        self.log_view.say((f"{name} = " if name else "") + describe(value), "value")
        if value.form == "array" and value.shape and 0 not in value.shape:
            self.array = value
            self.add_class("-array")
            self.styles.height = max(22, self.size.height) if self.screen.size.height > 40 else 16
            self.grid.show(value.shape)

    def show_trouble(self, trouble: Trouble) -> None:
        """Show an exception as Python would, short."""
        text = trouble.traceback or f"{trouble.type}: {trouble.message}"
        self.log_view.say(text, "problem")

    def hide_grid(self) -> None:
        """Give the log the grid's room."""
        self.array = None
        self.remove_class("-array")

    def on_array_grid_view_changed(self, message: ArrayGrid.ViewChanged) -> None:
        """Say which axes are seen."""
        self._tell_view(message.view)

    def _tell_view(self, view: ArrayView) -> None:
        self.query_one("#console-view", Static).update(Content(safe_text(view.describe(), 300)))

    # -- completion and history -------------------------------------------------------------------

    def offer(self, completion: Completion, offset: int) -> None:
        """Offer completions; a single one is taken at once."""
        self._recalling = False
        self._replaced = max(0, offset - completion.start)
        offers = completion.offers[:MAX_OFFERS]
        if len(offers) == 1:
            self.input.accept(offers[0].text, self._replaced)
        elif offers:
            self._list((o.text, f"{safe_text(o.text, 80):<32} {safe_text(o.kind, 40)}")
                       for o in offers)  # fmt: skip
        else:
            self.hint("nothing to complete here")

    def show_signature(self, signature: Signature | None) -> None:
        """Show the call that the cursor is in."""
        self.hint("" if signature is None else " — ".join(filter(None, (
            signature.text, signature.doc))))  # fmt: skip

    def on_console_input_recall_wanted(self, message: ConsoleInput.RecallWanted) -> None:
        """Offer earlier inputs that contain what is typed."""
        message.stop()
        found = list(history_matches(self.input.inputs, self.input.text))[:MAX_OFFERS]
        if not found:
            self.hint("no earlier input contains this")
            return
        self._recalling = True
        self._list((code, safe_text(code.replace("\n", " ⏎ "), 200)) for code in found)

    def _list(self, rows: Iterable[tuple[str, str]]) -> None:
        self._codes = dict(enumerate(rows))
        self.offers.set_options(
            Option(Content(shown), id=str(k)) for k, (_, shown) in self._codes.items()
        )
        self.offers.display = True
        self.offers.highlighted = 0
        self.offers.focus()

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """Take a completion or an earlier input."""
        message.stop()
        text = self._codes[int(message.option_id or 0)][0]
        self._close_offers()
        if self._recalling:
            self.input.text = text
            self.input.move_cursor(self.input.document.end)
        else:
            self.input.accept(text, self._replaced)

    def _close_offers(self) -> None:
        self.offers.display = False
        self.input.focus()

    def on_text_area_changed(self) -> None:
        """A hint is about what was typed before."""
        self.hint("")

    # -- keys -------------------------------------------------------------------------------------

    def insert(self, expression: str) -> None:
        """Put an expression at the input's cursor."""
        self.input.insert(expression)
        self.input.focus()

    def action_close(self) -> None:
        """Close the offers, the grid, then the console."""
        if self.offers.display:
            self._close_offers()
        elif self.array is not None:
            self.hide_grid()
            self.input.focus()
        else:
            self.post_message(self.Closed())

    def action_grow(self, rows: int) -> None:
        """Make the console taller or lower."""
        lowest, highest = HEIGHTS
        room = min(highest, max(lowest, self.screen.size.height - 8))
        self.styles.height = min(room, max(lowest, self.outer_size.height + rows))

    def action_log(self) -> None:
        """Go through input, log and grid."""
        stops = [self.input, self.log_view, *([self.grid] if self.array else [])]
        here = next((k for k, w in enumerate(stops) if w.has_focus), -1)
        stops[(here + 1) % len(stops)].focus()

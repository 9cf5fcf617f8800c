"""Code in, values out, and what it changes in the document."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import work
from textual.binding import Binding, BindingType

from kerastui.errors import KerastuiError, WorkerDied

from .keras_screen import KerasScreen, Role

if TYPE_CHECKING:
    from kerastui.session.protocol import Result, Value

    from ..widgets.array_grid import ArrayGrid
    from ..widgets.console_input import ConsoleInput
    from ..widgets.console_log import ConsoleLog
    from .console_panel import ConsolePanel
    from .keras_link import KerasLink


class EvaluatingScreen(KerasScreen):
    """Evaluates what is typed, and shows what comes of it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "console", "Console", id="keras.console",
                tooltip="Open the console; Keras starts and loads the model meanwhile"),
    ]  # fmt: skip

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.turn = asyncio.Lock()
        """Held by what talks to the live model: one evaluation at a time."""
        self.round = 0
        """Grows with each interrupt: what waits its turn since before is dropped."""

    # -- the panel ------------------------------------------------------------------------------

    @property
    def console(self) -> ConsolePanel | None:
        """The console, if it was opened."""
        found = self.query("#console")
        return cast("ConsolePanel", found.first()) if found else None

    async def open_console(self) -> ConsolePanel:
        """Show the console, which is made here."""
        panel = self.console
        if panel is None:
            from .console_history import load
            from .console_panel import ConsolePanel

            panel = ConsolePanel(id="console")
            await self.mount(panel, before="#totals")
            panel.input.inputs = await asyncio.to_thread(load)
        panel.display = True
        return panel

    async def action_console(self) -> None:
        """Open the console and have Keras load the model."""
        panel = await self.open_console()
        panel.input.focus()
        self.load_soon()

    def on_console_panel_closed(self) -> None:
        """Back to the layers; the console keeps what it shows."""
        if self.console is not None:
            self.console.display = False
        self.table.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the Tab key to the console while that has the focus."""
        if action == "panel" and self.console is not None and self.console.has_focus_within:
            return False
        return super().check_action(action, parameters)

    def interrupt(self) -> bool:
        """Stop the evaluation that runs, or what waits its turn; False if nothing does.

        In the console Ctrl+C never quits: it comes a moment too late too easily.
        """
        self.round += 1
        if super().interrupt() or self.turn.locked():
            return True
        panel = self.console
        if panel is None or not panel.has_focus_within:
            return False
        if panel.input.text:
            panel.input.action_clear()
        else:
            panel.hint("Nothing runs. Ctrl+Q quits kerastui, Esc goes back to the layers.")
        return True

    def say(self, text: str, role: Role = "note") -> None:
        """Tell something in the console; problems also where it is closed."""
        panel = self.console
        if panel is not None:
            panel.log_view.say(text, role)
        if panel is None or not panel.display:
            super().say(text, role)

    def show_printed(self, text: str, stream: str) -> None:
        """Stream what code prints."""
        if self.console is not None:
            self.console.show_printed(text, stream)

    def layer_path(self) -> str:
        """Return the path of the highlighted layer, or ``""``."""
        model = self.model
        return model.layers[self.current].path if model is not None and model.layers else ""

    # -- evaluating -----------------------------------------------------------------------------

    def on_console_input_submitted(self, message: ConsoleInput.Submitted) -> None:
        """Run what was typed."""
        from .console_history import add_soon

        add_soon(message.code)
        self._evaluate(message.code, self.layer_path(), self.round)

    @work(group="evaluate")
    async def _evaluate(self, code: str, layer: str, round_: int) -> None:
        panel = await self.open_console()
        panel.waiting += 1
        async with self.turn:
            panel.waiting -= 1
            if round_ != self.round:
                return
            panel.log_view.begin(code)
            if not await self.ready() or self.document is None:
                return
            if round_ != self.round:
                self.say("Interrupted before it began.")
                return
            document = self.document
            before = document.model
            try:
                result = await self.link().evaluate(document, code, layer)
            except WorkerDied:
                return  # said already, with its state
            except KerastuiError as error:
                self.say(str(error), "problem")
                return
            finally:
                if document.model is not before:
                    self.refresh_document()
            await self._drained()
            await self._show_result(panel, result)

    async def _drained(self) -> None:
        """Wait until what was printed before has been shown."""
        done = asyncio.Event()
        self.call_later(done.set)
        await done.wait()

    async def _show_result(self, panel: ConsolePanel, result: Result) -> None:
        panel.log_view.end_line()
        if result.lost:
            panel.log_view.say(f"… {result.lost:,} more characters were printed.", "note")
        if result.status == "interrupted":
            panel.log_view.say("Interrupted; the model is as it was.", "note")
        elif result.trouble is not None:
            panel.show_trouble(result.trouble)
            if result.trouble.type == "NameError" and self.link().model is None:
                panel.log_view.say("There is no live model; Esc, then c, tries to load it.")
        elif result.value is not None:
            await self.show_value(panel, result.value)

    async def show_value(self, panel: ConsolePanel, value: Value, name: str = "") -> None:
        """Show a value in the console, called `name` there."""
        from .console_values import is_short, row_text

        if value.form == "figure":
            await self._show_figure(panel, value)
            return
        panel.show_value(value, name)
        if is_short(value):
            rows = await self.link().window(value, (slice(0, value.shape[0]),), False)
            panel.log_view.say(row_text(rows), "value")

    async def _show_figure(self, panel: ConsolePanel, value: Value) -> None:
        from ..widgets.picture import CannotShow, half_blocks

        log = panel.log_view
        columns, rows = panel.room_for_picture()
        try:
            log.picture(await asyncio.to_thread(half_blocks, value.picture, columns, rows))
        except CannotShow as error:
            log.say(str(error), "note")

    def weights_changed(self) -> None:
        """Take weights that code has changed, once nothing else talks to the model."""
        self._settle()

    @work(group="settle")
    async def _settle(self) -> None:
        async with self.turn:
            document, link = self.document, self._link
            if document is None or link is None or link.model is None:
                return
            try:
                if await link.mirror.settle(document):
                    self.refresh_document()
            except KerastuiError as error:
                self.say(str(error), "problem")

    # -- help while typing ----------------------------------------------------------------------

    @work(group="help", exclusive=True)
    async def on_console_input_help_wanted(self, message: ConsoleInput.HelpWanted) -> None:
        """Complete, or show the signature of the call that the cursor is in."""
        panel, link = self.console, self._link
        if panel is None:
            return
        if link is None or not link.runs:
            if not message.signature:
                panel.hint("Completion comes as soon as Keras is there.")
            return
        try:
            await self._help(panel, link, message)
        except KerastuiError:
            return  # no help: the process went, and says so itself

    async def _help(
        self, panel: ConsolePanel, link: KerasLink, message: ConsoleInput.HelpWanted
    ) -> None:
        session = link.session
        if message.signature:
            shown = await link.ask(session.signature(message.code, message.offset))
            if panel.input.text == message.code:
                panel.show_signature(shown)
        else:
            found = await link.ask(session.complete(message.code, message.offset))
            if panel.input.text == message.code:
                panel.offer(found, message.offset)

    @work(group="grid", exclusive=True)
    async def on_array_grid_window_wanted(self, message: ArrayGrid.WindowWanted) -> None:
        """Fetch what the grid shows: no more crosses the process border."""
        panel, link = self.console, self._link
        if panel is None or link is None or panel.array is None:
            return
        try:
            rows = await link.window(panel.array, message.index, message.view.flipped)
        except KerastuiError as error:
            panel.hint(str(error))
            return
        message.grid.supply(message, rows)

    @work(group="page", exclusive=True)
    async def on_console_log_more_wanted(self, message: ConsoleLog.MoreWanted) -> None:
        """Fetch the next page of a long string."""
        panel, link = self.console, self._link
        if panel is None or link is None or panel.paged is None:
            return
        paged = panel.paged
        try:
            panel.show_page(await link.ask(link.session.text(paged.id, paged.shown)))
        except KerastuiError as error:
            panel.hint(str(error))

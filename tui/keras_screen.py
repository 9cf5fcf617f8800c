"""Keras beside the table: its state in the header, the console, what either changes."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.message import Message

from kerastui.errors import KerastuiError

from ..widgets.model_header import ModelHeader
from .filing_screen import FilingScreen

if TYPE_CHECKING:
    from kerastui.edits.document import Document

    from ..widgets.array_grid import ArrayGrid
    from ..widgets.console_input import ConsoleInput
    from .console_panel import ConsolePanel
    from .keras_link import KerasLink
    from .keras_options import KerasOptions

TICK = 0.5
"""Seconds between two looks at the elapsed time."""


class KerasScreen(FilingScreen):
    """Starts and asks the Keras process when it is needed, never before."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "console", "Console", id="keras.console",
                tooltip="Open the console; it loads the model into Keras"),
        Binding("e", "run_to_here", "Run to here", id="keras.run", show=False,
                tooltip="Evaluate the model up to this layer and show its output"),
        Binding("x", "input", "Input x", id="keras.input", show=False,
                tooltip="Load or make the input x for evaluations"),
        Binding("a", "insert", "Insert", id="keras.insert", show=False,
                tooltip="Put this layer's expression into the console"),
        Binding("A", "insert('weight')", "Insert weight", id="keras.insert-weight", show=False,
                tooltip="Put the expression of this layer's first weight into the console"),
        Binding("ctrl+k", "stop_keras", "Stop Keras", id="keras.stop", show=False,
                tooltip="End the Keras process; edits are kept, c starts it again"),
    ]  # fmt: skip

    @dataclass
    class Told(Message):
        """The Keras process says something (posted from its threads)."""

        event: Any

    keras_options: KerasOptions | None = None
    _link: KerasLink | None = None
    _loading: asyncio.Task[bool] | None = None

    # -- the process --------------------------------------------------------------------------

    def link(self) -> KerasLink:
        """Return the way to the Keras process, which is made here."""
        if self._link is None:
            from .background import post
            from .keras_link import KerasLink

            self._link = KerasLink(
                self.keras_options, self.clerk, lambda event: post(self, self.Told(event))
            )
            self.set_interval(TICK, self._show_state)
        return self._link

    def close_session(self) -> None:
        """End the Keras process, with the program."""
        if self._link is not None:
            self._link.close()

    def show_document(self, document: Document) -> None:
        """A new document: what Keras holds is another model."""
        super().show_document(document)
        if self._link is not None:
            self._link.forget()
        if self.keras_options is not None and self.keras_options.load:
            self.call_after_refresh(self._load_soon)

    @work(group="keras", exclusive=True)
    async def _load_soon(self) -> None:
        await self.ready()

    async def ready(self) -> bool:
        """Have this document's model live in Keras; say in the console why if it cannot be."""
        if self._loading is None or self._loading.done():
            self._loading = asyncio.ensure_future(self._make_ready())
        return await asyncio.shield(self._loading)  # who waits may be cancelled

    async def _make_ready(self) -> bool:
        document = self.document
        if document is None:
            return False
        link = self.link()
        try:
            fresh = await link.load(self.app, document)
        except KerastuiError as error:
            self._show_state()
            await self._say(str(error), "problem")
            return False
        if fresh:
            await self._greet(link)
        return True

    async def _greet(self, link: KerasLink) -> None:
        for line in link.greeting():
            await self._say(line, "note")
        shapes = await link.output_shapes()
        self.table.show_output_shapes(shapes)

    async def _say(self, text: str, role: str) -> None:
        panel = self.console
        if panel is not None:
            panel.log_view.say(text, role)
        elif role == "problem":
            self.tell(text, "error")

    def on_keras_screen_told(self, message: Told) -> None:
        """Show what the Keras process says: its state, printed text, changed weights."""
        from kerastui.session.protocol import Changes, Output

        event = message.event
        if isinstance(event, Output):
            if self.console is not None:
                self.console.log_view.printed(event.text, event.stream)
        elif isinstance(event, Changes):
            if event.weights:
                self._take_weights(event.weights)
        else:
            self._show_state()

    def _show_state(self) -> None:
        if self._link is not None and self.is_attached:
            text = self._link.state_text(time.monotonic())
            self.query_one("#header", ModelHeader).set_session(text)

    def interrupt(self) -> bool:
        """Stop the evaluation that runs; False if none does."""
        return self._link is not None and self._link.interrupt()

    def action_stop_keras(self) -> None:
        """End the Keras process."""
        if self._link is not None and self._link.session.alive:
            self._link.session.kill()
            self.tell("Keras was stopped; the next evaluation starts it again.")

    # -- the console --------------------------------------------------------------------------

    @property
    def console(self) -> ConsolePanel | None:
        """The console, if it was opened."""
        from .console_panel import ConsolePanel

        found = self.query(ConsolePanel)
        return found.first() if found else None

    async def action_console(self) -> None:
        """Open the console and have Keras load the model."""
        panel = await self._open_console()
        panel.input.focus()
        self._load_soon()

    async def _open_console(self) -> ConsolePanel:
        panel = self.console
        if panel is None:
            from .console_history import load
            from .console_panel import ConsolePanel

            panel = ConsolePanel(id="console")
            await self.mount(panel, before="#totals")
            panel.input.inputs = await asyncio.to_thread(load)
        panel.display = True
        return panel

    def on_console_panel_closed(self) -> None:
        """Back to the layers; the console keeps what it shows."""
        if self.console is not None:
            self.console.display = False
        self.table.focus()

    def on_console_input_submitted(self, message: ConsoleInput.Submitted) -> None:
        """Run what was typed."""
        from .background import start_thread
        from .console_history import add

        code = message.code
        start_thread("history", lambda: add(code))
        if self.console is not None:
            self.console.log_view.begin(code)
        self._evaluate(code)

    @work(group="evaluate")
    async def _evaluate(self, code: str) -> None:
        if self.console is None or not await self.ready() or self.document is None:
            return
        try:
            await self.link().sync(self.document)
            result = await self.link().evaluate(code, self._layer_path())
        except KerastuiError as error:
            await self._say(str(error), "problem")
            return
        panel = self.console
        panel.log_view.end_line()
        if result.lost:
            panel.log_view.say(f"… {result.lost:,} more characters were printed.", "note")
        if result.status == "interrupted":
            panel.log_view.say("Interrupted; the model is as it was.", "note")
        elif result.trouble is not None:
            panel.show_trouble(result.trouble)
        elif result.value is not None:
            panel.show_value(result.value)
        self.link().take_flags(self.document, result.flags)
        if result.flags:
            self.refresh_document()

    @work(group="weights")
    async def _take_weights(self, weights: Any) -> None:
        if self.document is not None:
            try:
                await self.link().take_weights(self.document, weights)
            except KerastuiError as error:
                self.tell(str(error), "error")
            self.refresh_document()

    @work(group="help", exclusive=True)
    async def on_console_input_help_wanted(self, message: ConsoleInput.HelpWanted) -> None:
        """Complete, or show the signature of the call that the cursor is in."""
        panel, link = self.console, self._link
        if panel is None or link is None or not link.session.alive:
            return
        try:
            if message.signature:
                shown = await link.ask(link.session.signature(message.code, message.offset))
                panel.show_signature(shown)
            else:
                found = await link.ask(link.session.complete(message.code, message.offset))
                panel.offer(found, message.offset)
        except KerastuiError:
            return  # no help: the process went, and says so itself

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

    # -- inputs and layers --------------------------------------------------------------------

    def _layer_path(self) -> str:
        model = self.model
        return model.layers[self.current].path if model is not None and model.layers else ""

    @work(group="run", exclusive=True)
    async def action_run_to_here(self) -> None:
        """Evaluate the model up to the highlighted layer."""
        panel = await self._open_console()
        path = self._layer_path()
        if not await self.ready() or self.document is None:
            return
        panel.log_view.begin(f"# output of {path} for x")
        try:
            await self.link().sync(self.document)
            made = await self.link().run_to(path)
        except KerastuiError as error:
            await self._say(str(error), "problem")
            return
        for note in made.notes:
            panel.log_view.say(note, "note")
        panel.show_value(made.value, path)

    @work(group="input", exclusive=True)
    async def action_input(self) -> None:
        """Ask how x is made, and make it."""
        from .dialogs.inputs import InputsDialog

        panel = await self._open_console()
        if not await self.ready():
            return
        loaded = self.link().session.loaded
        choice = await self.app.push_screen_wait(InputsDialog(loaded.inputs if loaded else ()))
        if choice is None:
            return
        try:
            made = await self.link().set_input(choice)
        except KerastuiError as error:
            await self._say(str(error), "problem")
            return
        for note in made.notes:
            panel.log_view.say(note, "note")
        panel.show_value(made.value, "x")
        panel.input.focus()

    async def action_insert(self, what: str = "layer") -> None:
        """Put the expression of the highlighted layer, or its first weight, into the console."""
        model = self.model
        if model is None or not model.layers:
            return
        layer = model.layers[self.current]
        expression = f"L[{layer.path!r}]"
        if what == "weight":
            if not layer.weights:
                self.tell("This layer has no weights of its own.")
                return
            expression = f"W[{layer.path + '/' + layer.weights[0].name!r}]"
        panel = await self._open_console()
        panel.insert(expression)
        self._load_soon()

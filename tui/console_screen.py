"""The console under the table: inputs for the model, runs to a layer, and its expressions."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from kerastui.errors import KerastuiError, WorkerDied

from .evaluating_screen import EvaluatingScreen


class ConsoleScreen(EvaluatingScreen):
    """Runs the model to a layer, sets its input, and puts layers and weights into the console."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "run_to_here", "Run to here", id="keras.run", show=False,
                tooltip="Run the model with x up to this layer and show its output"),
        Binding("x", "input", "Input x", id="keras.input", show=False,
                tooltip="Load or make the input x for evaluations"),
        Binding("a", "insert('layer')", "Insert layer", id="keras.insert", show=False,
                tooltip="Put this layer's expression into the console"),
        Binding("A", "insert('weight')", "Insert weight", id="keras.insert-weight", show=False,
                tooltip="Put a weight of this layer into the console; again for the next one"),
    ]  # fmt: skip

    async def _with_model(self) -> bool:
        """Have the model live, for what makes no sense without one."""
        if not await self.ready(again=True):
            return False
        return self.link().model is not None and self.document is not None

    @work(group="run", exclusive=True)
    async def action_run_to_here(self) -> None:
        """Run the model up to the highlighted layer."""
        panel = await self.open_console()
        path, round_ = self.layer_path(), self.round
        async with self.turn:
            if round_ != self.round or not await self._with_model():
                return
            panel.log_view.begin(f"# output of {path} for x")
            assert self.document is not None
            try:
                made, notes = await self.link().run_to(self.document, path)
                for note in notes:
                    panel.log_view.say(note, "note")
                await self.show_value(panel, made.value, "_")
            except WorkerDied:
                return
            except KerastuiError as error:
                self.say(str(error), "problem")

    @work(group="input", exclusive=True)
    async def action_input(self) -> None:
        """Ask how x is made, and make it."""
        from .dialogs.inputs import InputsDialog

        panel = await self.open_console()
        if not await self._with_model():
            return
        loaded = self.link().model
        choice = await self.app.push_screen_wait(InputsDialog(loaded.inputs if loaded else ()))
        if choice is None:
            return
        async with self.turn:
            panel.log_view.begin("# the input x")
            try:
                made = await self.link().set_input(choice)
                for note in made.notes:
                    panel.log_view.say(note, "note")
                await self.show_value(panel, made.value, "x")
            except KerastuiError as error:
                self.say(str(error), "problem")
                return
        panel.input.focus()

    async def action_insert(self, what: str) -> None:
        """Put the expression of the highlighted layer, or of its weights, into the console."""
        model = self.model
        if model is None or not model.layers:
            return
        layer = model.layers[self.current]
        path = layer.path
        if self._link is not None and self.document is not None:
            path = self._link.mirror.live_path(self.document, path)
        weights = [f"W[{path + '/' + w.name!r}]" for w in layer.weights]
        if what == "weight" and not weights:
            self.tell("This layer has no weights of its own.")
            return
        panel = await self.open_console()
        panel.insert(weights if what == "weight" else [f"L[{path!r}]"])
        if what == "layer":
            panel.input.focus()
        self.load_soon()

"""Keras beside the table: started when it is needed, its state in the header."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from textual import work
from textual.binding import Binding, BindingType
from textual.message import Message

from kerastui.errors import KerastuiError

from ..widgets.model_header import ModelHeader
from .journal_screen import JournalScreen

if TYPE_CHECKING:
    from textual.timer import Timer

    from kerastui.edits.document import Document

    from .keras_link import KerasLink
    from .keras_options import KerasOptions

TICK = 0.5
"""Seconds between two looks at the elapsed time."""

_UNNOTICED = 0.15
"""Seconds that an evaluation may take before the header says that Keras is busy."""

Role = Literal["note", "problem", "value"]


class KerasScreen(JournalScreen):
    """Starts the Keras process when it is needed, never before, and loads the model there."""

    BINDINGS: ClassVar[list[BindingType]] = [
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
    _ticking: Timer | None = None

    # -- the process ----------------------------------------------------------------------------

    def link(self) -> KerasLink:
        """Return the way to the Keras process, which is made here."""
        if self._link is None:
            from .background import post
            from .keras_link import KerasLink

            self._link = KerasLink(
                self.keras_options, self.clerk, lambda event: post(self, self.Told(event))
            )
            self._ticking = self.set_interval(TICK, self._show_state, pause=True)
        return self._link

    def close_session(self) -> None:
        """End the Keras process, with the program."""
        if self._link is not None:
            self._link.close()

    def show_document(self, document: Document) -> None:
        """Put a newly opened document on the screen: what Keras holds is another model."""
        super().show_document(document)
        if self._link is not None:
            self._link.forget()
        if self.keras_options is not None and self.keras_options.load:
            self.call_after_refresh(self.load_soon)

    @work(group="keras", exclusive=True)
    async def load_soon(self) -> None:
        """Have the model live, also if it could not be loaded before."""
        await self.ready(again=True)

    async def ready(self, again: bool = False) -> bool:
        """Have Keras run, with this document's model; say why if that cannot be.

        Returns whether code can be evaluated. What could not be loaded is tried `again`, or
        left: then there is Keras without a model.
        """
        if self._loading is None or self._loading.done():
            if self.document is not None and self.link().settled(self.document, again):
                return True
            self._loading = asyncio.ensure_future(self._make_ready(again))
        return await asyncio.shield(self._loading)  # who waits may be cancelled

    async def _make_ready(self, again: bool) -> bool:
        document = self.document
        if document is None:
            return False
        link = self.link()
        try:
            if await link.load(self.app, document, again):
                await self._greet(link, document)
        except KerastuiError as error:
            self._show_state()
            self.say(str(error), "problem")
            if not link.runs:
                return False
            self.say("There is no live model; Esc, then c, tries again.")
        return True

    async def _greet(self, link: KerasLink, document: Document) -> None:
        from .keras_link import NO_MODEL
        from .keras_loading import standin_paths

        for line in link.greeting():
            self.say(line)
        if link.model is None:
            self.say(NO_MODEL)
            return
        shapes = await link.output_shapes()
        if self.document is document:
            self.table.show_live(shapes, standin_paths(document.model, link.loading.standins))
            self.show_details()

    def on_keras_screen_told(self, message: Told) -> None:
        """Show what the Keras process says by itself: its state, printed text."""
        from kerastui.session.protocol import Changes, Output, State, StateChanged

        event = message.event
        if isinstance(event, Output):
            if event.number or is_of_use(event.text, event.stream):
                self.show_printed(event.text, event.stream)
        elif isinstance(event, Changes):
            self.weights_changed()
        elif isinstance(event, StateChanged):
            if event.state is State.BUSY:
                # Most evaluations are over before anybody could read that they run, and what
                # is painted at the top and the foot has all between painted with it.
                self.set_timer(_UNNOTICED, self._show_state)
            else:
                self._show_state()
            if event.state is State.DEAD:
                self._say_death(event.detail)

    def _say_death(self, reason: str) -> None:
        if self._loading is not None and not self._loading.done():
            return  # who waits for it says so
        self.say(f"{reason} Your edits are kept; the next evaluation starts it again.", "problem")

    def _show_state(self) -> None:
        if self._link is None or not self.is_attached:
            return
        from .keras_link import TIMED

        self.query_one("#header", ModelHeader).set_session(self._link.state_text(time.monotonic()))
        if self._ticking is not None:
            if self._link.session.state in TIMED:
                self._ticking.resume()
            else:
                self._ticking.pause()

    def interrupt(self) -> bool:
        """Stop the evaluation that runs; False if none does."""
        return self._link is not None and self._link.interrupt()

    def action_stop_keras(self) -> None:
        """End the Keras process."""
        if self._link is not None and self._link.session.alive:
            self._link.session.kill()

    # -- what a console does with it ------------------------------------------------------------

    def say(self, text: str, role: Role = "note") -> None:
        """Tell something about Keras."""
        if role == "problem":
            self.tell(text, "error")

    def show_printed(self, text: str, stream: str) -> None:
        """Show what code has printed."""

    def weights_changed(self) -> None:
        """Take weights that code has changed."""


def is_of_use(text: str, stream: str) -> bool:
    """Whether what is printed while Keras starts or loads helps anybody.

    TensorFlow's native code tells of its build, and Keras that metrics are built later.
    """
    return stream != "native" and not text.startswith("WARNING:absl:Compiled the loaded model")

"""The way from a document to the Keras process: start, load, evaluate."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from kerastui.errors import SessionError
from kerastui.model import safe_text
from kerastui.model.figures import weight_shape
from kerastui.session.client import Session
from kerastui.session.protocol import Changes, Event, Loaded, Made, Result, State, Value

from .console_values import rows_of
from .keras_loading import Loading
from .keras_options import KerasOptions
from .live_mirror import Mirror

if TYPE_CHECKING:
    from textual.app import App

    from kerastui.clerk.client import Clerk
    from kerastui.edits.document import Document
    from kerastui.model import Structure

    from .dialogs.inputs import InputChoice

T = TypeVar("T")
_SIGNS = {State.READY: "●", State.FAILED: "✗", State.DEAD: "✗"}
TIMED = (State.STARTING, State.IMPORTING, State.LOADING, State.BUSY)
_BUSY = (State.BUSY, State.LOADING)
NO_MODEL = (
    "This file holds weights only: there is no model to load. Open the full model file for "
    "that; K, keras, tf and np work here."
)
_NO_INPUT = "There is no input yet"
"""How the worker begins to say that there is no x."""


class KerasLink:
    """One Keras process and the document that it holds.

    Args:
        options: of the command line.
        clerk: reads files.
        on_event: called from threads with what the process says by itself.
    """

    def __init__(
        self, options: KerasOptions | None, clerk: Clerk, on_event: Callable[[Event], object]
    ) -> None:
        self._on_event = on_event
        self.session = Session(self._told)
        self.loading = Loading(self.session, clerk, options or KerasOptions())
        self.mirror = Mirror(self.session, clerk)
        self._document: Document | None = None
        """What was loaded, or could not be; None asks for loading."""
        self._has_model = False
        """Whether its model is live."""
        self._structure: Structure | None = None
        """Which layers of the document were cut or new when it was loaded."""
        self._numbers = itertools.count(1)

    def _told(self, event: Event) -> None:
        if isinstance(event, Changes):
            self.mirror.note(event)
        self._on_event(event)

    async def ask(self, future: Future[T]) -> T:
        """Wait for an answer. Raises SessionError."""
        return await asyncio.wrap_future(future)

    def forget(self) -> None:
        """The document is another one now."""
        self._document = None
        self._has_model = False

    def close(self) -> None:
        """End the process; the files of edited weights go too."""
        self.session.close()
        self.mirror.close()

    def interrupt(self) -> bool:
        """Stop what runs; False if nothing does."""
        busy = self.session.state in _BUSY
        if busy:
            self.session.interrupt()
        return busy

    @property
    def runs(self) -> bool:
        """Whether there is a process with Keras in it."""
        return self.session.alive and self.session.versions is not None

    @property
    def model(self) -> Loaded | None:
        """The live model; None without one."""
        return self.session.loaded if self._has_model else None

    # -- what is said of it ---------------------------------------------------------------------

    def state_text(self, now: float) -> str:
        """Return the state for the header, with the elapsed time of what takes long."""
        session = self.session
        words = [_SIGNS.get(session.state, "◌"), session.state.value]
        if session.state is State.IMPORTING and session.detail:
            words.append(session.detail)
        if session.state in TIMED and now - session.since >= 1:
            words.append(f"{now - session.since:.0f} s")
        version = session.versions
        name = f"{version.keras_module} {version.keras}" if version else "Keras"
        if name.startswith("keras "):
            name = name.capitalize()
        return safe_text(" ".join([name, *words]), 60)

    def greeting(self) -> list[str]:
        """Say which Keras holds the model, and what it could not take."""
        lines: list[str] = []
        version, loaded = self.session.versions, self.model
        if version is not None:
            lines.append(
                f"{version.keras_module} {version.keras} on {version.backend} "
                f"{version.backend_version}, Python {version.python} ({version.executable})"
            )
        if loaded is None:
            return lines
        if loaded.printed:
            lines.append(loaded.printed)
        lines.append(
            f"model is a {loaded.class_name} with {loaded.weights:,} weights, "
            f"{loaded.trainable_weights:,} trainable; also K, keras, tf, np, layer, L, W, x"
        )
        if loaded.left_out:
            lines.append("compiled without " + ", ".join(loaded.left_out))
        if loaded.uncompiled:
            lines.append("not compiled: " + loaded.uncompiled)
        if self.loading.standins:
            plain = {name.rpartition(">")[2] for name in self.loading.standins}
            names = ", ".join(sorted(plain))
            lines.append(f"stand-ins hold weights, but cannot be evaluated: {names}")
        if loaded.missing:
            lines.append("not in the live model: " + ", ".join(loaded.missing[:5]))
        return lines

    # -- loading --------------------------------------------------------------------------------

    def settled(self, document: Document, again: bool = False) -> bool:
        """Whether there is nothing to load: the model is live, or cannot be (see `load`)."""
        if not self.runs or self._document is not document:
            return False
        if self._has_model:
            return document.model.structure == self._structure
        return not (again and document.model.has_flags)

    async def load(self, app: App[Any], document: Document, again: bool = False) -> bool:
        """Have the document's model live; True if something was loaded or started now.

        What could not be loaded is not tried again unless `again` is set: the console goes on
        without a model. Raises SessionError, and KerastuiError of reading the file.
        """
        if self.settled(document, again):
            return False
        self._has_model = False
        if not self.runs:
            await self.loading.start()
        self._document, self._structure = document, document.model.structure
        given = await self._with_layers(document)
        self.mirror.loaded(given.original)
        self.loading.folder = Path(document.original.file.path).parent
        if document.model.has_flags:
            await self._load(app, given)
        return True

    async def _with_layers(self, document: Document) -> Document:
        """Return the document, or, where layers were cut or appended, one that is so in a file.

        It has the file's names, flags and values: the mirror gives it the others. Raises
        KerastuiError when it cannot be written.
        """
        if document.model.structure is None:
            return document
        from kerastui.edits.document import Document as Opened
        from kerastui.edits.structure_changes import edits_of_structure

        original = document.original
        name = f"head-{next(self._numbers)}{Path(original.file.path).suffix}"
        edits = tuple(edits_of_structure(original, document.model))
        target = str(self.mirror.private() / name)
        future = self.loading.clerk.submit("save", original, edits, target, False, False)
        return Opened((await asyncio.wrap_future(future)).model)

    async def _load(self, app: App[Any], document: Document) -> None:
        before = self.session.loaded
        try:
            await self.loading.load(app, document)
        except SessionError:
            if before is not None and self.session.loaded is before:
                # Nothing in the console may be taken for this document's model.
                self.session.close()
                await self.loading.start()
            raise
        self._has_model = True

    # -- evaluating -----------------------------------------------------------------------------

    async def evaluate(self, document: Document, code: str, layer: str) -> Result:
        """Evaluate code with `layer` as the highlighted layer. Raises SessionError.

        The live model has the flags and weights of the document before, and the document
        those of the live model after (weights a moment later: see `Mirror.settle`).
        """
        if self.model is not None:
            await self.mirror.before(document)
        result = await self.ask(self.session.eval(code, layer).future)
        if self.model is not None:
            await self.mirror.after(document, result)
        return result

    async def window(self, array: Value, index: Sequence[int | slice], flipped: bool) -> Any:
        """Return rows of numbers of a window of an array."""
        places = [(i.start, i.stop) if isinstance(i, slice) else i for i in index]
        part = await self.ask(self.session.fetch(array.id, places))
        return rows_of(part, flipped)

    async def run_to(self, document: Document, path: str) -> tuple[Made, list[str]]:
        """Return the output of a layer, and notes; without an x one is made first."""
        await self.mirror.before(document)
        try:
            made = await self.ask(self.session.layer_output(path))
            return made, list(made.notes)
        except SessionError as error:
            if not str(error).startswith(_NO_INPUT):
                raise
        x = await self.ask(self.session.set_input("normal"))
        shape = weight_shape(x.value.shape) if x.value.shape else ""
        note = f"There was no input: x is now {shape or 'a set'} of normal numbers; x makes others."
        made = await self.ask(self.session.layer_output(path))
        return made, [note, *x.notes, *made.notes]

    async def set_input(self, choice: InputChoice) -> Made:
        """Set x."""
        return await self.ask(
            self.session.set_input(
                choice.how, file=choice.file, seed=choice.seed, batch=choice.batch
            )
        )

    async def output_shapes(self) -> dict[str, Any]:
        """Return the output shapes that Keras knows, by path."""
        return await self.ask(self.session.output_shapes())

"""The way from a document to Keras: what is asked before loading, and both kept alike."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from kerastui.errors import LoadFailed, NoKeras
from kerastui.model import safe_text
from kerastui.session import answers
from kerastui.session.answers import Answer
from kerastui.session.client import Session
from kerastui.session.protocol import Event, FlagChange, Made, Need, Result, State, Value
from kerastui.session.tables import flags_of, instances_of, rows_of

from .console_values import rows_of as rows_of_part
from .custom_answers import answer
from .keras_options import KerasOptions

if TYPE_CHECKING:
    from textual.app import App

    from kerastui.clerk.client import Clerk
    from kerastui.edits.document import Document

    from .dialogs.inputs import InputChoice

T = TypeVar("T")
_SIGNS = {State.READY: "●", State.FAILED: "✗", State.DEAD: "✗"}
_TIMED = (State.STARTING, State.IMPORTING, State.LOADING, State.BUSY)


class KerasLink:
    """One Keras process and the document that it holds.

    Args:
        options: of the command line.
        clerk: looks for code in files.
        on_event: called from threads with what the process says by itself.
    """

    def __init__(
        self, options: KerasOptions | None, clerk: Clerk, on_event: Callable[[Event], object]
    ) -> None:
        self.options = options or KerasOptions()
        self.clerk = clerk
        self.session = Session(lambda event: (on_event(event), None)[1])
        self.keras = self.options.keras
        self._document: Document | None = None
        """Whose model is live."""
        self._weights: dict[tuple[str, str], str] = {}
        """Files whose values were given to live weights."""
        self._folder: Path | None = None
        self._compile = True

    async def ask(self, future: Future[T]) -> T:
        """Wait for an answer. Raises SessionError."""
        return await asyncio.wrap_future(future)

    def forget(self) -> None:
        """The document is another one now."""
        self._document = None

    def close(self) -> None:
        """End the process; the files of edited weights go too."""
        self.session.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def interrupt(self) -> bool:
        """Stop what runs; False if nothing does."""
        busy = self.session.state in (State.BUSY, State.LOADING)
        if busy:
            self.session.interrupt()
        return busy

    def state_text(self, now: float) -> str:
        """Return the state for the header, with the elapsed time of what takes long."""
        session = self.session
        words = [_SIGNS.get(session.state, "◌"), session.state.value]
        if session.state is State.IMPORTING and session.detail:
            words.append(session.detail)
        if session.state in _TIMED and now - session.since >= 1:
            words.append(f"{now - session.since:.0f} s")
        version = session.versions
        name = f"{version.keras_module} {version.keras}" if version else "Keras"
        return safe_text(" ".join([name if version else "Keras", *words]), 60)

    # -- loading ------------------------------------------------------------------------------

    async def load(self, app: App[Any], document: Document) -> bool:
        """Have the document's model live; True if it was loaded now.

        Asks for custom objects and for consent to code first. Raises SessionError and
        KerastuiError of reading the file.
        """
        if self._document is document and self.session.alive and self.session.loaded:
            return False
        await self._start()
        path = document.model.file.path
        trust, sha256 = await self._consent(app, path)
        try:
            chosen = await self._chosen(app, path, "")
        except LoadFailed as error:
            return await self._other_keras(app, document, error)
        while True:
            try:
                await self._load(document, chosen, trust, sha256)
                return True
            except LoadFailed as error:
                if error.fields.get("why", error.fields.get("kind")) == "answers":
                    chosen = await self._chosen(app, path, str(error))
                    continue
                return await self._other_keras(app, document, error)

    async def _start(self) -> None:
        if not self.session.alive:
            options = self.options
            self._document = None
            await self.ask(
                self.session.start(
                    options.python, self.keras, options.paths, options.memory_limit
                )
            )

    async def _load(
        self, document: Document, chosen: Sequence[Answer], trust: bool, sha256: str
    ) -> None:
        original = document.original
        await self.ask(
            self.session.load(
                original.file.path,
                rows=rows_of(original),
                flags=flags_of(document.model) if original.has_flags else None,
                answers=[a.row() for a in chosen],
                instances=instances_of(original),
                compile=self._compile,
                trust=trust,
                sha256=sha256,
            )
        )
        self._document = document
        self._weights = {}

    async def _other_keras(self, app: App[Any], document: Document, error: LoadFailed) -> bool:
        """Offer Keras 2 for a file that Keras 3 refuses."""
        if self.keras != "keras" or error.fields.get("kind") not in (None, "keras"):
            raise error
        from .dialogs.confirm import ConfirmDialog

        message = f"{error}\n\nOlder files often load with tf_keras (Keras 2). Try it?"
        choices = (("tf_keras", "Try tf_keras"), ("no", "Not now"))
        if await app.push_screen_wait(ConfirmDialog(error.title, message, choices)) != "tf_keras":
            raise error
        self.keras = "tf_keras"
        self.session.close()
        try:
            return await self.load(app, document)
        except NoKeras:
            self.keras = "keras"
            raise

    async def _consent(self, app: App[Any], path: str) -> tuple[bool, str]:
        """Show code that the file holds, before anything is loaded, and ask."""
        found, sha256 = await self.ask(self.clerk.submit("scan", path))
        importing = self.keras == "tf_keras"
        if not found.needs_consent_in(importing=importing):
            return False, ""
        if self.options.trust or await asyncio.to_thread(answers.may_run, sha256):
            return True, sha256
        from .dialogs.code_consent import CodeConsentDialog

        if not await app.push_screen_wait(CodeConsentDialog(found.findings)):
            raise LoadFailed(
                "Not loaded: the file holds code, and you did not agree to run it.", kind="code"
            )
        await asyncio.to_thread(answers.agree, sha256, path)
        return True, sha256

    async def _chosen(self, app: App[Any], path: str, problem: str) -> list[Answer]:
        """Return what stands for the names that Keras lacks; ask for what nobody gave."""
        needs = await self.ask(self.session.needs(path))
        if not needs:
            return []
        folder = Path(path).parent
        kept = await asyncio.to_thread(answers.recall, folder)
        options = self.options
        got, missing = await asyncio.to_thread(
            lambda: answer(
                self.session,
                needs,
                given=options.custom_objects,
                expressions=dict(options.custom_expressions),
                remembered=kept,
            )
        )
        if not missing and not problem:
            return got
        return await self._asked(app, folder, needs, {**kept, **{a.name: a for a in got}}, problem)

    async def _asked(
        self,
        app: App[Any],
        folder: Path,
        needs: Sequence[Need],
        kept: dict[str, Answer],
        problem: str,
    ) -> list[Answer]:
        from .dialogs.custom_objects import CustomObjectsDialog

        dialog = CustomObjectsDialog(needs, kept, self.session.defines, error=problem)
        choice = await app.push_screen_wait(dialog)
        if choice is None:
            raise LoadFailed(
                "Not loaded: " + ", ".join(safe_text(n.plain_name, 60) for n in needs[:5])
                + " must be given first; c asks again.", kind="cancelled",
            )  # fmt: skip
        if choice.remember:
            await asyncio.to_thread(answers.remember, folder, choice.answers)
        self._compile = choice.compile
        if choice.keras != self.keras:
            self.keras = choice.keras
            self.session.close()
            await self._start()
        return list(choice.answers)

    def greeting(self) -> list[str]:
        """Say which Keras holds the model, and what it could not take."""
        lines: list[str] = []
        version, loaded = self.session.versions, self.session.loaded
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
        if loaded.missing:
            lines.append("not in the live model: " + ", ".join(loaded.missing[:5]))
        return lines

    # -- evaluating ---------------------------------------------------------------------------

    async def sync(self, document: Document) -> None:
        """Give the live model the flags and weights that the table shows."""
        model = document.model
        if model.has_flags:
            await self.ask(self.session.set_trainable(flags_of(model)))

    async def evaluate(self, code: str, layer: str) -> Result:
        """Evaluate code with `layer` as the highlighted layer. Raises WorkerDied."""
        return await self.ask(self.session.eval(code, layer).future)

    async def window(self, array: Value, index: Sequence[int | slice], flipped: bool) -> Any:
        """Return rows of numbers of a window of an array."""
        places = [(i.start, i.stop) if isinstance(i, slice) else i for i in index]
        part = await self.ask(self.session.fetch(array.id, places))
        return rows_of_part(part, flipped)

    async def run_to(self, path: str) -> Made:
        """Return the output of a layer; without an x, one of normal numbers is made first."""
        return await self.ask(self.session.layer_output(path))

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

    # -- what the console changed -------------------------------------------------------------

    def take_flags(self, document: Document, flags: Sequence[FlagChange]) -> None:
        """Make flags that code has set an edit of the document. Raises BadEdit."""
        model = document.model
        if not flags or not model.has_flags:
            return
        wanted = list(model.effective)
        for change in flags:
            i = model.index.get(change.path)
            if i is not None:
                wanted[i] = change.trainable
        document.set_states(wanted, "console: trainable")

    async def take_weights(self, document: Document, weights: Sequence[Any]) -> None:
        """Make weights that code has assigned edits of the document. Raises KerastuiError."""
        from kerastui.edits.weights import SetWeight

        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="kerastui-weights-"))
        edits: list[Any] = []
        for change in weights:
            made = await self.ask(self.session.export_weight(change.path, change.name))
            kept = self._folder / Path(made).name
            await asyncio.to_thread(shutil.move, made, kept)
            edits.append(
                SetWeight(
                    change.path, change.name, change.index, str(kept), change.shape, change.dtype,
                    "console",
                )
            )  # fmt: skip
        names = ", ".join(f"{c.path}/{c.name}" for c in weights[:2])
        document.apply(*edits, title=f"console: {safe_text(names, 80)}")

"""What is asked before a model is loaded: consent to code, custom objects, another Keras."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from kerastui.errors import LoadFailed, NoKeras, SessionError
from kerastui.model import Model, safe_text
from kerastui.session import answers
from kerastui.session.answers import Answer
from kerastui.session.client import Session
from kerastui.session.protocol import Need
from kerastui.session.tables import flags_of, instances_of, rows_of

from .custom_answers import answer
from .keras_options import KerasOptions

if TYPE_CHECKING:
    from textual.app import App

    from kerastui.clerk.client import Clerk
    from kerastui.edits.document import Document

T = TypeVar("T")
_NAMED = 5
"""Names that are said before the rest is only counted."""
_FIND = "__import__('importlib.util').util.find_spec('tf_keras') is not None"


class _OtherKeras(Exception):
    """The user wants the file loaded by another Keras: all that was asked is asked anew."""

    def __init__(self, keras: str) -> None:
        super().__init__(keras)
        self.keras = keras


class Loading:
    """Starts the process and loads models, asking what has to be asked.

    Args:
        session: the Keras process.
        clerk: looks for code in files.
        options: of the command line.
    """

    def __init__(self, session: Session, clerk: Clerk, options: KerasOptions) -> None:
        self.session = session
        self.clerk = clerk
        self.options = options
        self.keras = options.keras
        self.standins: frozenset[str] = frozenset()
        """Names of layer classes for which stand-ins were loaded."""
        self.folder: Path | None = None
        """Where answers are remembered, if not beside the file that is loaded."""
        self._compile = options.compile
        self._given: dict[Path, dict[str, Answer]] = {}
        """What was answered here, by folder, remembered or not."""

    async def start(self) -> None:
        """Start the process. Raises NoKeras, WorkerDied."""
        options = self.options
        await _got(
            self.session.start(options.python, self.keras, options.paths, options.memory_limit)
        )

    async def load(self, app: App[Any], document: Document) -> None:
        """Load the document's model. Raises SessionError, and KerastuiError of reading it."""
        try:
            await self._load_asking(app, document)
        except _OtherKeras as wanted:
            # Another Keras may lack other names, and may import what this one would not.
            await self._restart(app, document, wanted.keras)

    async def _load_asking(self, app: App[Any], document: Document) -> None:
        path = document.original.file.path
        trust, sha256 = await self._consent(app, path)
        chosen = await self._chosen(app, path)
        while True:
            try:
                await self._load(document, chosen, trust, sha256)
                return
            except LoadFailed as error:
                why = error.fields.get("why")
                if why == "answers":
                    chosen = await self._chosen(app, path, error)
                elif why == "keras" and await self._may_use_keras_2(app, error):
                    await self._restart(app, document, "tf_keras")
                    return
                else:
                    raise

    async def _load(
        self, document: Document, chosen: Sequence[Answer], trust: bool, sha256: str
    ) -> None:
        original = document.original
        await _got(
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
        self.standins = frozenset(
            name for a in chosen if a.how == "standin" and a.kind == "layer"
            for name in (a.name, a.name.rpartition(">")[2])
        )  # fmt: skip

    # -- another Keras --------------------------------------------------------------------------

    async def _may_use_keras_2(self, app: App[Any], error: LoadFailed) -> bool:
        """Offer Keras 2 for a file that Keras 3 refuses, if it is installed."""
        if self.keras != "keras" or not await self._has_keras_2():
            return False
        from .dialogs.confirm import ConfirmDialog

        message = f"{error}\n\nOlder files often load with tf_keras (Keras 2). Try it?"
        choices = (("tf_keras", "Try tf_keras"), ("no", "Not now"))
        return (
            await app.push_screen_wait(ConfirmDialog(error.title, message, choices)) == "tf_keras"
        )

    async def _has_keras_2(self) -> bool:
        try:
            found = await _got(self.session.eval(_FIND).future)
        except SessionError:
            return False
        return found.value is not None and found.value.text == "True"

    async def _restart(self, app: App[Any], document: Document, keras: str) -> None:
        """Load with another Keras in another process."""
        before, self.keras = self.keras, keras
        self.session.close()
        try:
            await self.start()
        except NoKeras:
            self.keras = before
            raise
        await self.load(app, document)

    # -- consent to code ------------------------------------------------------------------------

    async def _consent(self, app: App[Any], path: str) -> tuple[bool, str]:
        """Show code that the file holds, before anything is loaded, and ask."""
        found, sha256 = await _got(self.clerk.submit("scan", path))
        if not found.needs_consent_in(importing=self._imports()):
            return False, ""
        if self.options.trust or await asyncio.to_thread(answers.may_run, sha256):
            return True, sha256
        from .dialogs.code_consent import CodeConsentDialog

        dialog = CodeConsentDialog(found.findings, found.why, self._python())
        if not await app.push_screen_wait(dialog):
            raise LoadFailed(
                "Not loaded: the file holds code, and you did not agree to run it.", why="code"
            )
        await asyncio.to_thread(answers.agree, sha256, path)
        return True, sha256

    def _imports(self) -> bool:
        """Whether this Keras imports the modules that a file names (3.12 and later ask first)."""
        versions = self.session.versions
        if versions is None or versions.keras_module != "keras":
            return True
        parts = [*versions.keras.split("."), "0"][:2]
        return not all(p.isdigit() for p in parts) or tuple(map(int, parts)) < (3, 12)

    def _python(self) -> tuple[int, int] | None:
        """The version of the Python that would run the code."""
        versions = self.session.versions
        parts = versions.python.split(".")[:2] if versions is not None else []
        whole = len(parts) == 2 and all(part.isdigit() for part in parts)
        return (int(parts[0]), int(parts[1])) if whole else None

    # -- custom objects -------------------------------------------------------------------------

    async def _chosen(
        self, app: App[Any], path: str, problem: LoadFailed | None = None
    ) -> list[Answer]:
        """Return what stands for the names that Keras lacks; ask for what nobody gave."""
        needs = await _got(self.session.needs(path))
        folder = self.folder or Path(path).parent
        kept = await asyncio.to_thread(answers.recall, folder)
        kept = {**kept, **self._given.get(folder, {})}
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
        if problem is not None and not needs:
            raise problem  # an expression of the command line; a form has no row for it
        if not missing and problem is None:
            return got
        asked = await self._asked(app, folder, needs, {**kept, **{a.name: a for a in got}}, problem)
        needed = {need.name for need in needs}
        return [*asked, *(a for a in got if a.name not in needed)]  # names that Keras knows too

    async def _asked(
        self,
        app: App[Any],
        folder: Path,
        needs: Sequence[Need],
        kept: dict[str, Answer],
        problem: LoadFailed | None,
    ) -> list[Answer]:
        from .dialogs.custom_objects import CustomObjectsDialog

        dialog = CustomObjectsDialog(
            needs,
            kept,
            self.session.defines,
            error=str(problem or ""),
            problems=_problems(problem),
            keras=self.keras,
            compile=self._compile,
            folders=self.options.paths,
        )
        choice = await app.push_screen_wait(dialog)
        if choice is None:
            names = ", ".join(safe_text(n.plain_name, 60) for n in needs[:_NAMED])
            more = f" and {len(needs) - _NAMED} more" if len(needs) > _NAMED else ""
            raise LoadFailed(
                f"Not loaded: {names}{more} must be given first; c asks again.", why="cancelled"
            )
        if choice.remember:
            await asyncio.to_thread(answers.remember, folder, choice.answers)
        self._compile = choice.compile
        self._given.setdefault(folder, {}).update({a.name: a for a in choice.answers})
        if choice.keras != self.keras:
            raise _OtherKeras(choice.keras)
        return list(choice.answers)


def standin_paths(model: Model, names: frozenset[str]) -> list[str]:
    """Return the paths of the layers whose class is one of `names`."""
    return [x.path for x in model.layers if x.class_name in names] if names else []


def _problems(error: LoadFailed | None) -> list[dict[str, Any]]:
    """Return what was wrong, a name each; the process may say anything."""
    said: Any = error.fields.get("problems") if error is not None else None
    rows = cast("list[Any]", said) if isinstance(said, list) else []
    return [cast("dict[str, Any]", row) for row in rows if isinstance(row, dict)]


async def _got(future: Future[T]) -> T:
    return await asyncio.wrap_future(future)

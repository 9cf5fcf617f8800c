"""Opening, saving and quitting: what passes between the document and the disk."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from pathlib import Path
from typing import Any, ClassVar, cast

from textual import work
from textual.binding import Binding, BindingType

from kerastui.clerk.client import Clerk
from kerastui.edits.document import Document
from kerastui.errors import FileChanged, KerastuiError, SaveCancelled
from kerastui.model import Destination, Goal, Model, safe_text

from ..widgets.model_header import ModelHeader
from .editing_screen import EditingScreen
from .paths import absolute
from .save_review import review


class FilingScreen(EditingScreen):
    """Opens, saves and closes documents with the clerk's help; the screen never waits."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", id="file.save", key_display="^s",
                tooltip="Write the changes back to the file"),
        Binding("w", "save_as", "Save as", id="file.save-as", show=False,
                tooltip="Write the model with its changes to another file"),
        Binding("E", "write_mapping", "Name mapping", id="file.name-mapping", show=False,
                tooltip="Write which layers were called how before they were renamed, as JSON"),
        Binding("o", "open", "Open", id="file.open", show=False,
                tooltip="Pick another model file"),
        Binding("R", "reload", "Reload", id="file.reload", show=False,
                tooltip="Read the file again from disk"),
        Binding("q", "quit", "Quit", id="file.quit",
                tooltip="Quit; asks when there are unsaved changes"),
    ]  # fmt: skip

    def __init__(self, clerk: Clerk, path: str | None, opening: Future[Any] | None) -> None:
        super().__init__()
        self.clerk = clerk
        self.path = path
        self._opening = opening
        self._saving = False

    # -- opening --------------------------------------------------------------------------------

    def begin(self) -> None:
        """Show what the program was started with: a model file, or a folder to pick from."""
        opening, self._opening = self._opening, None
        if opening is None:
            self.call_after_refresh(self.pick, Path(self.path or "."))
        elif opening.done():
            self._opened(opening)
        else:
            name = Path(self.path or "").name
            self.query_one("#header", ModelHeader).announce(f"opening {name} …")
            self._await_opening(opening)

    @work(group="open", exclusive=True)
    async def _await_opening(self, opening: Future[Any]) -> None:
        await asyncio.wait([asyncio.wrap_future(opening)])
        self._opened(opening)

    def _opened(self, opening: Future[Any]) -> None:
        error = opening.exception()
        if error is None:
            self.show_document(Document(opening.result()))
            self._remember()
            return
        if not isinstance(error, KerastuiError):
            raise error
        if self.document is None:
            # Nothing to go back to: one sentence on the command line.
            self.fail(str(error))
        else:
            self.show_error(error)

    def _remember(self) -> None:
        from . import recent
        from .background import start_thread

        if self.document is not None:
            path = Path(self.document.model.file.path)
            start_thread("remember", lambda: recent.add(path))

    def fail(self, sentence: str) -> None:
        """End the program with a sentence and exit status 2."""
        from .app import KerastuiApp

        self.ending = True
        assert isinstance(self.app, KerastuiApp)
        self.app.fail(safe_text(sentence, 2000))

    def show_error(self, error: KerastuiError) -> None:
        """Show what went wrong in a dialog."""
        from .dialogs.confirm import ErrorDialog

        self.app.push_screen(ErrorDialog(error.title, str(error)))

    @work(group="open", exclusive=True)
    async def open_file(self, path: Path) -> None:
        """Read another model file and show it; on failure the present one stays."""
        self.table.loading = True
        future = self.clerk.submit("open", str(path))
        await asyncio.wait([asyncio.wrap_future(future)])
        self.table.loading = False
        self._opened(future)
        self.table.focus()
        self.refresh_bindings()

    @work(group="pick", exclusive=True)
    async def pick(self, folder: Path) -> None:
        """Offer the model files of a folder."""
        from . import recent
        from .picker import PickerScreen

        recents = await asyncio.to_thread(recent.load)
        picker = PickerScreen(folder, recents, glance=self._glance)
        path = cast("Path | None", await self.app.push_screen_wait(picker))
        if path is not None:
            self.open_file(path)
        elif self.document is None:
            self.app.exit()

    def _glance(self, path: str) -> Any:
        return self.clerk.call("glance", path)

    @work(group="ask", exclusive=True)
    async def action_open(self) -> None:
        """Pick another file, after asking about unsaved changes."""
        if await self._may_leave("Open another file"):
            path = Path(self.document.model.file.path) if self.document else Path()
            self.pick(path.parent)

    @work(group="ask", exclusive=True)
    async def action_reload(self) -> None:
        """Read the file again, after asking about unsaved changes."""
        if self.document is not None and await self._may_leave("Reload"):
            self.open_file(Path(self.document.model.file.path))

    # -- saving -----------------------------------------------------------------------------------

    @work(group="ask", exclusive=True)
    async def action_save(self) -> None:
        """Write the changes back."""
        await self.save()

    @work(group="ask", exclusive=True)
    async def action_save_as(self) -> None:
        """Ask where to, then write there."""
        await self.save_as()

    async def save_as(self) -> bool:
        """Ask for another path and save there; say whether it is saved."""
        from .dialogs.save_as import SaveAsDialog

        if self.document is None:
            return False
        dialog = SaveAsDialog(Path(self.document.model.file.path), self.document.model.format)
        goal = cast("Destination | None", await self.app.push_screen_wait(dialog))
        return goal is not None and await self.save(goal)

    async def save(self, target: Destination | None = None) -> bool:
        """Save to `target` (None: the opened file); say whether it is saved.

        Only what was read back from the disk and found right is called saved.
        """
        document = self.document
        if document is None or self._saving:
            return False
        if target is None and not document.changed:
            self.tell("There is nothing to save: no changes.")
            return False
        self._saving = True
        try:
            goal = target or document.original.file.path
            choice = await review(self, document, str(goal))
            return choice is not None and await self._save(document, goal, backup=choice.backup)
        finally:
            self._saving = False

    async def _save(
        self, document: Document, target: Goal, *, overwrite: bool = False, backup: bool = False
    ) -> bool:
        model = document.model
        try:
            saved = await self._run_save(document, target, overwrite, backup)
        except FileChanged as error:
            answer = await self._ask(
                error.title, f"{error}", ("overwrite", "Overwrite it"), ("elsewhere", "Save as…"),
                ("cancel", "Cancel"),
            )  # fmt: skip
            if answer == "overwrite":
                return await self._save(document, target, overwrite=True, backup=backup)
            if answer == "elsewhere":
                self._saving = False
                return await self.save_as()
            return False
        except SaveCancelled:
            self.tell("Cancelled; the file is as it was.")
            return False
        except KerastuiError as error:
            self.show_error(error)
            return False
        self._adopt(document, model, saved.model)
        slots = f" {saved.slots.sentence}" if saved.slots.touched else ""
        self.tell(f"Saved and checked: {saved.path}.{slots}")
        if saved.backup:
            self.tell(f"The old file is kept as {saved.backup}.")
        return True

    def _adopt(self, document: Document, meant: Model, written: Model) -> None:
        """Take what was written as the file on disk, unless other edits came meanwhile."""
        document.saved_as(written, unchanged_since=meant)
        self.refresh_document()
        self._remember()

    async def _run_save(
        self, document: Document, target: Goal, overwrite: bool, backup: bool
    ) -> Any:
        from .dialogs.progress import progress_shown

        if absolute(str(target)) == absolute(document.original.file.path):
            document.saving()
        async with progress_shown(self.app, "Saving", on_cancel=self.clerk.cancel) as progress:
            future = self.clerk.submit(
                "save", document.original, document.edits, target, overwrite, backup,
                progress=progress.report,
            )  # fmt: skip
            return await asyncio.wrap_future(future)

    @work(group="save", exclusive=True)
    async def action_write_mapping(self) -> None:
        """Ask where to, and write old and new paths of layers as JSON."""
        import json

        from kerastui.edits.rename import name_mapping

        from .dialogs.save_as import SaveAsDialog

        if self.opened is None or self.model is None:
            return
        mapping = name_mapping(self.opened, self.model)
        if not mapping["layers"] and "model" not in mapping:
            self.tell("Nothing has been renamed since the file was opened.")
            return
        dialog = SaveAsDialog(Path(self.model.file.path).with_suffix(".names.json"))
        dialog.heading = "Write the old and new names"
        goal = cast("Destination | None", await self.app.push_screen_wait(dialog))
        if goal is not None:
            text = json.dumps(mapping, indent=2) + "\n"
            try:
                await asyncio.wrap_future(self.clerk.submit("save_text", text, goal))
            except KerastuiError as error:
                self.show_error(error)
            else:
                self.tell(f"Written: {goal}.")

    # -- leaving ----------------------------------------------------------------------------------

    async def _ask(self, title: str, message: str, *answers: tuple[str, str]) -> str | None:
        from .dialogs.confirm import ConfirmDialog

        return await self.app.push_screen_wait(ConfirmDialog(title, message, answers))

    async def _may_leave(self, what: str) -> bool:
        """Ask about unsaved changes; say whether the document may be left."""
        document = self.document
        if document is None or not document.changed:
            return True
        count = len(document.changes)
        answer = await self._ask(
            what,
            f"{count:,} change{'s' if count > 1 else ''} to "
            f"{Path(document.model.file.path).name} {'are' if count > 1 else 'is'} not saved.",
            ("save", "Save"), ("discard", "Discard"), ("stay", "Stay"),
        )  # fmt: skip
        return answer == "discard" or (answer == "save" and await self.save())

    @work(group="ask", exclusive=True)
    async def action_quit(self) -> None:
        """Quit, after asking about unsaved changes."""
        if await self._may_leave("Quit"):
            self.leave()

    def leave(self) -> None:
        """End the program."""
        self.app.exit()

"""Edits survive a crash: a journal beside each document, offered at the next opening."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from textual import work
from textual.message import Message

from kerastui.edits.document import Document
from kerastui.model.figures import plural

from .background import post, start_thread
from .filing_screen import FilingScreen

if TYPE_CHECKING:
    from kerastui.journal.recorder import Recorder

    from .leftovers import Found, Leftover


class JournalScreen(FilingScreen):
    """Has each document's steps written down, and takes up what an earlier kerastui left.

    The disk is asked on threads; the screen goes on meanwhile.
    """

    @dataclass
    class Ready(Message):
        """The journal's modules were imported."""

        document: Document

    @dataclass
    class LeftFound(Message):
        """It was looked for what is left of a document's file."""

        document: Document
        found: Found

    @dataclass
    class Trouble(Message):
        """The journal cannot be written as it should."""

        sentence: str

    _recorder: Recorder | None = None

    def show_document(self, document: Document) -> None:
        """Put a newly opened document on the screen; the one before was left for good."""
        super().show_document(document)
        recorder, self._recorder = self._recorder, None
        if recorder is not None:
            start_thread("journal-end", recorder.discard)
        # After the first frame, which must not wait for an import.
        self.call_after_refresh(lambda: start_thread("journal-look", lambda: self._look(document)))

    def _look(self, document: Document) -> None:
        from . import leftovers, temporary

        if post(self, self.Ready(document)):
            found = leftovers.look_for(leftovers.journals_folder(), document.original)
            if not post(self, self.LeftFound(document, found)):
                found.release()
            temporary.sweep(leftovers.journals_folder())

    def on_journal_screen_ready(self, message: Ready) -> None:
        """Begin the journal."""
        from kerastui.journal.recorder import Recorder

        from .leftovers import journals_folder

        document = message.document
        if document is not self.document:
            return
        self._recorder = Recorder(
            journals_folder(), document, lambda sentence: post(self, self.Trouble(sentence))
        )
        document.watcher = self._recorder
        self._recorder.catch_up()  # with keys that came before

    def on_journal_screen_trouble(self, message: Trouble) -> None:
        """Say it."""
        self.tell(message.sentence, "warning")

    def on_journal_screen_left_found(self, message: LeftFound) -> None:
        """Offer what was left, unless the user has begun already."""
        document, found = message.document, message.found
        for sentence in found.troubles:
            self.tell(sentence, "warning")
        if document is not self.document or not found.leftovers:
            found.release()
        elif document.history:
            found.release()
            self.tell("There are unsaved changes of an earlier kerastui; open the file again.")
        else:
            self._offer(document, found)

    @work(group="recover")
    async def _offer(self, document: Document, found: Found) -> None:
        from .dialogs.recover import RecoverDialog

        try:
            while found.leftovers:
                answer = cast(
                    "str | None",
                    await self.app.push_screen_wait(RecoverDialog(found.leftovers[0])),
                )
                leftover = found.leftovers.pop(0)
                if answer == "take" and self._take_up(document, leftover):
                    return
                if answer == "discard":
                    start_thread("journal-end", leftover.folder.remove)
                else:
                    leftover.folder.release()
        finally:
            found.release()

    def _take_up(self, document: Document, leftover: Leftover) -> bool:
        """Go on with what was left; say whether that could be done."""
        if document is not self.document or leftover.document is None or self._recorder is None:
            return False
        document.adopt(leftover.document)
        self._recorder.adopt(leftover.folder)
        self.refresh_document()
        self.tell(f"Taken up: {plural(len(document.changes), 'change')}, not saved yet.")
        return True

    def leave(self) -> None:
        """End the program: nothing is unsaved, or not wanted."""
        if self._recorder is not None:
            self._recorder.discard()
        super().leave()

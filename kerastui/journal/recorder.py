"""Watches a document and has its journal written, without ever waiting for the disk."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ..edits import Document, Step
from ..edits.changes import Edit
from ..errors import BadEdit
from ..model import FileIdentity
from . import lines
from .folder import Folder
from .worker import Worker
from .writer import Writer

PATIENCE = 3.0
"""Seconds that leaving waits for the disk at most."""


class Recorder:
    """A document's watcher: each step is in the journal a moment after it was done.

    What is to be written goes to a thread. The journal is made by the first step, and is gone
    after a save and after `discard`.

    Args:
        root: the folder of all journals.
        document: what is watched.
        on_trouble: called from a thread, once for each kind of trouble, with a sentence.
    """

    def __init__(self, root: Path, document: Document, on_trouble: Callable[[str], object]) -> None:
        self._document = document
        self._worker = Worker("journal")
        self._writer = Writer(root, self._worker, on_trouble)
        self._done = 0
        """Steps in the journal that can be undone there."""
        self._undone = 0

    # -- what the document tells ----------------------------------------------------------------

    def applied(self, step: Step) -> None:
        """Write a step."""
        self._done, self._undone = self._done + 1, 0
        self._write_step(step.title, step.edits)

    def undone(self, step: Step) -> None:
        """Write that the last step was undone; where it is not in the journal, what is left."""
        if self._done:
            self._done, self._undone = self._done - 1, self._undone + 1
            self._put(lambda file: self._writer.append(file, lines.UNDO))
        else:
            self._write_state()

    def redone(self, step: Step) -> None:
        """Write that it was done again."""
        self._done += 1
        if self._undone:
            self._undone -= 1
            self._put(lambda file: self._writer.append(file, lines.REDO))
        else:
            self._write_step(step.title, step.edits)

    def saving(self) -> None:
        """Note what the file will say: whoever finds it so need not ask about these steps."""
        if not self._worker.idle:
            model = self._document.model
            self._put(lambda file: self._writer.append(file, lines.saving(model)))

    def saved(self) -> None:
        """Begin anew: the edits are in the file, but for those that came meanwhile."""
        self._done = self._undone = 0
        if not self._worker.idle:
            self._worker.put(self._writer.drop)
        self.catch_up()

    # -- and the screen -------------------------------------------------------------------------

    def catch_up(self) -> None:
        """Write what differs from the file already."""
        if self._document.changed:
            self._write_state()

    def adopt(self, folder: Folder) -> None:
        """Go on with the journal of a process that died; the document has its steps already."""
        done, undone = self._document.history, self._document.undone
        self._done, self._undone = len(done), len(undone)
        self._put(lambda file: self._writer.adopt(folder, file, done, undone))

    def flush(self, seconds: float = PATIENCE) -> bool:
        """Wait until all that was told is with the operating system; False after `seconds`."""
        return self._worker.idle or self._worker.wait(seconds)

    def discard(self) -> None:
        """Remove the journal; nothing is recorded any more. Waits for the disk a little."""
        if self._document.watcher is self:
            self._document.watcher = None
        if not self._worker.idle:
            self._worker.put(self._writer.remove)
            self._worker.wait(PATIENCE)
            self._worker.stop()

    # -- writing --------------------------------------------------------------------------------

    def _write_step(self, title: str, edits: Sequence[Edit]) -> None:
        now = time.time()
        self._put(lambda file: self._writer.step(file, title, edits, now))

    def _write_state(self) -> None:
        try:
            edits, now = self._document.edits, time.time()
        except BadEdit:  # layers that a save cut came back, which no edit can say
            return
        self._put(lambda file: self._writer.state(file, edits, now))

    def _put(self, job: Callable[[FileIdentity], None]) -> None:
        file = self._document.original.file
        self._worker.put(lambda: job(file))

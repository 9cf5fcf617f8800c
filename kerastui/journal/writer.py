"""The file of a journal: appended to line by line, each whole or not there."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..edits import Step
from ..edits.changes import Edit
from ..model import FileIdentity
from . import lines
from .folder import Folder, create, key_of
from .keeper import Keeper
from .worker import Worker


class Writer:
    """Writes steps; all its methods run on one thread, the worker's.

    Once a step could not be written nothing more is, until the next save: later steps mean
    nothing without it. What was written before stays.
    """

    def __init__(self, root: Path, worker: Worker, on_trouble: Callable[[str], object]) -> None:
        self._root = root
        self._on_trouble = on_trouble
        self._keeper = Keeper(worker, self._note_kept, on_trouble)
        self._folder: Folder | None = None
        self._key: str = ""
        self._owned: list[Folder] = []
        """Folders whose files the document may still name; removed at the end."""
        self._descriptor = -1
        self._failed = False

    def step(self, file: FileIdentity, title: str, edits: Sequence[Edit], now: float) -> None:
        """Append a step."""
        self._with_edits(file, edits, lambda base: lines.applied(title, edits, base, now))

    def state(self, file: FileIdentity, edits: Sequence[Edit], now: float) -> None:
        """Append that only these edits count, from the file on."""
        self._with_edits(file, edits, lambda base: lines.state(edits, base, now))

    def append(self, file: FileIdentity, record: Mapping[str, Any]) -> None:
        """Append a record."""
        self._attempt(file, lambda: self._write(lines.line(record)))

    def drop(self) -> None:
        """Remove the steps: they are saved. Kept values stay, undone steps may need them."""
        self._close()
        self._failed = False
        if self._folder is not None:
            with suppress(OSError):
                self._folder.journal.unlink()

    def adopt(
        self, folder: Folder, file: FileIdentity, done: Sequence[Step], undone: Sequence[Step]
    ) -> None:
        """Go on in a folder that another process left, with the steps that are left of it.

        The file is put in place as a whole: at each moment the old or the new one is there.
        """
        self._close()
        self._folder, self._key = folder, key_of(file.path)
        self._owned.append(folder)
        base, now = str(folder.path), time.time()
        records = [lines.header(file, now)]
        records += [lines.applied(s.title, s.edits, base, now) for s in (*done, *undone)]
        records += [dict(lines.UNDO)] * len(undone)
        draft = folder.journal.with_suffix(".draft")
        try:
            self._descriptor = _opened(draft, os.O_TRUNC)
            self._write(b"".join(lines.line(record) for record in records))
            os.fsync(self._descriptor)
            draft.replace(folder.journal)
            self._keeper.sync_entry(folder)
        except OSError as error:
            self._fail(error)
        for step in (*done, *undone):
            self._keeper.keep(folder, step.edits)

    def remove(self) -> None:
        """Remove everything; nothing comes after it."""
        self._close()
        self._failed = True
        self._keeper.stop()
        for folder in self._owned:
            folder.remove()
        self._owned.clear()
        self._folder = None

    # -------------------------------------------------------------------------------------------

    def _with_edits(
        self,
        file: FileIdentity,
        edits: Sequence[Edit],
        record: Callable[[str], Mapping[str, Any]],
    ) -> None:
        def write() -> None:
            assert self._folder is not None
            self._write(lines.line(record(str(self._folder.path))))
            self._keeper.keep(self._folder, edits)

        self._attempt(file, write)

    def _note_kept(self, folder: Folder, file: str, name: str) -> None:
        if folder is self._folder and self._descriptor >= 0 and not self._failed:
            with suppress(OSError):
                self._write(lines.line(lines.kept(file, name)))

    def _attempt(self, file: FileIdentity, write: Callable[[], None]) -> None:
        if self._failed:
            return
        try:
            self._begin(file)
            write()
            self._keeper.sync(self._descriptor)
        except OSError as error:
            self._fail(error)

    def _begin(self, file: FileIdentity) -> None:
        """Have a journal for `file` open, with its header."""
        key = key_of(file.path)
        if self._descriptor >= 0 and key == self._key:
            return
        self._close()
        if self._folder is None or key != self._key:
            self._folder, self._key = create(self._root, file.path), key
            self._owned.append(self._folder)
        self._descriptor = _opened(self._folder.journal, os.O_APPEND | os.O_TRUNC)
        self._write(lines.line(lines.header(file, time.time())))
        self._keeper.sync_entry(self._folder)

    def _write(self, data: bytes) -> None:
        """Write all of it or nothing. Raises OSError."""
        size = os.fstat(self._descriptor).st_size
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(self._descriptor, left) :]
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._descriptor, size)
            raise

    def _fail(self, error: OSError) -> None:
        self._failed = True
        self._on_trouble(
            f"Edits cannot be kept for the case of a crash ({error.strerror or error}); they are "
            "as safe as kerastui runs, save soon."
        )

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            self._keeper.forget()
            os.close(descriptor)


def _opened(path: Path, flags: int) -> int:
    common = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    return os.open(path, common | flags, 0o600)

"""What may take long: writing through to the disk, and copies of temporary arrays."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from ..edits.changes import Edit
from ..model import figures
from .folder import Folder
from .values import MAX_BYTES, is_temporary, keep, sources_of
from .worker import Worker

Noted = Callable[[Folder, str, str], None]


class Keeper:
    """Works beside the writer, on a thread of its own, so that steps never wait for it.

    Args:
        writer: the writer's thread, to which news of copies go.
        on_kept: called there with the folder, the temporary file and the copy's name.
        on_trouble: called from the thread, once for each kind of trouble, with a sentence.
    """

    def __init__(self, writer: Worker, on_kept: Noted, on_trouble: Callable[[str], object]) -> None:
        self._writer = writer
        self._on_kept = on_kept
        self._on_trouble = on_trouble
        self._worker = Worker("journal-keeper")
        self._due = -1
        """The file that is to be written through, while that waits for its turn."""
        self._seen: set[tuple[str, str]] = set()
        self._bytes = 0
        self._told = False

    def sync(self, descriptor: int) -> None:
        """Write a file through to the disk soon; asked while one waits, that one does."""
        if self._due < 0:
            self._due = descriptor
            self._worker.put(self._sync)

    def forget(self) -> None:
        """The file is closed: the next that is opened, maybe a lock, may have its number."""
        self._due = -1

    def sync_entry(self, folder: Folder) -> None:
        """Write through to the disk that the folder exists, and what is in it."""
        for path in (folder.path, folder.path.parent):
            self._worker.put(lambda path=path: _sync_folder(path))

    def keep(self, folder: Folder, edits: Sequence[Edit]) -> None:
        """Copy the temporary files that the edits name into the folder, each once."""
        for source in sources_of(edits):
            key = (str(folder.path), source.file)
            if is_temporary(source.file) and key not in self._seen:
                self._seen.add(key)
                number = len(self._seen)
                self._worker.put(lambda file=source.file, n=number: self._keep(folder, file, n))

    def stop(self) -> None:
        """End the thread; what waits for it is still done, and finds its folder gone."""
        if not self._worker.idle:
            self._worker.stop()

    def _sync(self) -> None:
        descriptor, self._due = self._due, -1
        if descriptor >= 0:
            with suppress(OSError):  # closed this very moment
                os.fsync(descriptor)

    def _keep(self, folder: Folder, file: str, number: int) -> None:
        try:
            size = os.stat(file).st_size  # noqa: PTH116
            if self._bytes + size > MAX_BYTES:
                self._tell(f"{figures.size(size)} are too large")
                return
            name = keep(file, folder.values, number)
        except OSError as error:
            if folder.path.exists():
                self._tell(error.strerror or str(error))
            return
        self._bytes += size
        self._writer.put(lambda: self._on_kept(folder, file, f"{folder.values.name}/{name}"))

    def _tell(self, why: str) -> None:
        if not self._told:
            self._told = True
            self._on_trouble(
                f"New values of weights cannot be kept for the case of a crash ({why}); they "
                "are as safe as kerastui runs, save soon."
            )


def _sync_folder(path: Path) -> None:
    with suppress(OSError):  # some systems cannot; then nothing can be done
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

"""The picker's threads: one that scans a folder, one that looks into the files in view."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from textual.message import Message
from textual.message_pump import MessagePump

from kerastui.errors import KerastuiError

from .background import post, start_thread
from .picker_listing import Detail
from .picker_scan import Entry, existing, scan


class GlanceLike(Protocol):
    """What a glance at a file tells (a `kerastui.files.Glance`)."""

    @property
    def format(self) -> str | None:
        """A `kerastui.model.Format`."""
        ...

    @property
    def keras_version(self) -> str:
        """As the file says; may be empty."""
        ...

    @property
    def problem(self) -> str:
        """Why it cannot be opened, a sentence; empty if nothing is known against it."""
        ...


class Scan:
    """One look at a folder, or at the recent files. It ends early when it is stopped."""

    @dataclass
    class Found(Message):
        """Some more entries."""

        scan: Scan
        entries: tuple[Entry, ...]

    @dataclass
    class Finished(Message):
        """That was all; `problem` is a sentence, if there is something to say."""

        scan: Scan
        problem: str

    def __init__(self, target: MessagePump) -> None:
        self._target = target
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Nobody wants the rest."""
        self._stopped.set()

    def look_into(self, folder: Path) -> Scan:
        """Begin to scan a folder."""
        start_thread("scan folder", lambda: self._finish(self._folder(folder)))
        return self

    def look_for(self, paths: Sequence[Path]) -> Scan:
        """Begin to look which of `paths` exist."""
        start_thread("find recent files", lambda: self._finish(self._recents(paths)))
        return self

    def _folder(self, folder: Path) -> str:
        return scan(folder, self._report, self._stopped.is_set)

    def _recents(self, paths: Sequence[Path]) -> str:
        self._report(tuple(existing(paths, self._stopped.is_set)))
        return ""

    def _report(self, entries: tuple[Entry, ...]) -> None:
        if not self._stopped.is_set():
            post(self._target, self.Found(self, entries))

    def _finish(self, problem: str) -> None:
        if not self._stopped.is_set():
            post(self._target, self.Finished(self, problem))


class Details:
    """Looks into files, those first that are wanted now, each once.

    Args:
        target: gets a `Known` for each file.
        glance: blocking; may raise KerastuiError.
    """

    @dataclass
    class Known(Message):
        """A file was looked into."""

        entry: Entry
        detail: Detail

    def __init__(self, target: MessagePump, glance: Callable[[str], GlanceLike]) -> None:
        self._target = target
        self._glance = glance
        self._lock = threading.Lock()
        self._wanted: list[Entry] = []
        self._begun: set[Entry] = set()
        self._running = False

    def want(self, entries: Sequence[Entry]) -> None:
        """Look into these next; what was wanted before and is not among them can wait."""
        with self._lock:
            self._wanted = [entry for entry in entries if entry not in self._begun]
            if self._running or not self._wanted:
                return
            self._running = True
        start_thread("look into files", self._run)

    def stop(self) -> None:
        """Nobody wants to know any more."""
        with self._lock:
            self._wanted = []

    def _next(self) -> Entry | None:
        with self._lock:
            while self._wanted:
                entry = self._wanted.pop(0)
                if entry not in self._begun:
                    self._begun.add(entry)
                    return entry
            self._running = False
            return None

    def _run(self) -> None:
        while (entry := self._next()) is not None:
            try:
                found = self._glance(str(entry.path))
                detail = Detail(found.format or "", found.keras_version, found.problem)
            except KerastuiError as error:
                detail = Detail(problem=str(error))
            post(self._target, self.Known(entry, detail))

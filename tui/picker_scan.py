"""Looking for model files in a folder. Blocking, in pieces: for a thread.

A file is listed by its name (``.h5`` and its kin, whatever is inside) or, under another
name, by its first bytes. Only regular files are opened, and of those only a few bytes are
read, after everything with a telling name has been reported.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

NAMES = (".h5", ".hdf5", ".keras", ".hdf", ".he5")
"""Endings of names that say HDF5 or Keras."""

_OTHER_KINDS = (
    ".c .cfg .cpp .csv .css .gif .gz .html .ini .ipynb .jpeg .jpg .js .json .jsonl .log .md "
    ".mp3 .mp4 .npy .npz .pdf .png .py .pyc .rst .sh .so .svg .tar .tfrecord .tgz .toml .ts "
    ".tsv .txt .wav .whl .xml .xz .yaml .yml .zip"
)
_NEVER = frozenset(_OTHER_KINDS.split())
_HDF5 = b"\x89HDF\r\n\x1a\n"
_HDF5_AT = (0, 512, 1024, 2048)
_ARCHIVE = re.compile(
    rb"PK\x03\x04.{26}(config\.json|metadata\.json|model\.weights\.h5|assets/)", re.DOTALL
)
_MIN_SIZE = 128
_BATCH_SECONDS = 0.08

Sort = Literal["name", "age", "size"]
SORTS: tuple[Sort, ...] = ("name", "age", "size")


@dataclass(frozen=True)
class Entry:
    """A folder or a model file."""

    path: Path
    is_folder: bool = False
    size: int = 0
    mtime: float = 0.0
    """Seconds since the epoch."""

    @cached_property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.name or str(self.path)

    @cached_property
    def order(self) -> tuple[tuple[int, int, str], ...]:
        """What its name is sorted by; kept, as thousands are sorted again and again."""
        return natural(self.name)


class Stopped(Exception):
    """Nobody wants to know any more."""


def scan(
    folder: Path, report: Callable[[tuple[Entry, ...]], None], stopped: Callable[[], bool]
) -> str:
    """Report subfolders and model files of `folder` in batches, as they are found.

    Returns a sentence when the folder cannot be read or holds a SavedModel, else "".
    Gives up soon after `stopped()` turns true.
    """
    batch = _Batches(report, stopped)
    unknown: list[tuple[str, os.stat_result]] = []
    saved_model = False
    try:
        with os.scandir(folder) as found:
            for item in found:
                batch.tick()
                if item.name == "saved_model.pb":
                    saved_model = True
                _sort_out(item, folder, batch, unknown)
        for name, info in unknown:
            batch.tick()
            if looks_like_model(folder / name):
                batch.add(Entry(folder / name, False, info.st_size, info.st_mtime))
        batch.flush()
    except Stopped:
        return ""
    except OSError as error:
        batch.flush()
        return f"This folder cannot be read: {error.strerror or error}."
    return (
        "This folder is a TensorFlow SavedModel, which kerastui does not read; "
        "save the model as .keras or .h5 with Keras."
        if saved_model
        else ""
    )


class _Batches:
    """Collects entries and reports them every few hundredths of a second."""

    def __init__(
        self, report: Callable[[tuple[Entry, ...]], None], stopped: Callable[[], bool]
    ) -> None:
        self._report = report
        self._stopped = stopped
        self._entries: list[Entry] = []
        self._next = time.monotonic() + _BATCH_SECONDS

    def add(self, entry: Entry) -> None:
        _ = entry.order  # computed here, on the thread, and kept
        self._entries.append(entry)

    def tick(self) -> None:
        if self._stopped():
            raise Stopped
        if time.monotonic() >= self._next:
            self.flush()

    def flush(self) -> None:
        if self._entries:
            self._report(tuple(self._entries))
            self._entries = []
        self._next = time.monotonic() + _BATCH_SECONDS


def _sort_out(
    item: os.DirEntry[str],
    folder: Path,
    batch: _Batches,
    unknown: list[tuple[str, os.stat_result]],
) -> None:
    name = item.name
    # Keras keeps the weights that it downloads in ~/.keras: the one hidden folder of interest.
    if name.startswith(".") and name != ".keras":
        return
    try:
        if item.is_dir():
            batch.add(Entry(folder / name, True, 0, item.stat().st_mtime))
            return
        lowered = name.lower()
        ending = os.path.splitext(lowered)[1]  # noqa: PTH122  ten times faster than Path.suffix
        if ending in _NEVER or not item.is_file():
            return
        info = item.stat()
    except OSError:  # a link that leads nowhere, a file that is gone already
        return
    if lowered.endswith(NAMES):
        batch.add(Entry(folder / name, False, info.st_size, info.st_mtime))
    elif info.st_size >= _MIN_SIZE:
        unknown.append((name, info))


def looks_like_model(path: Path) -> bool:
    """Say whether the first bytes are those of HDF5 or of a Keras archive."""
    try:
        # Not blocking: between the look at its kind and now it may have become a pipe.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            head = file.read(_HDF5_AT[-1] + len(_HDF5)) or b""
    except OSError:
        return False
    if _ARCHIVE.match(head):
        return True
    return any(head.startswith(_HDF5, at) for at in _HDF5_AT)


def existing(paths: Iterable[Path], stopped: Callable[[], bool]) -> Iterator[Entry]:
    """Yield an entry for each of `paths` that is a regular file still."""
    for path in paths:
        if stopped():
            return
        try:
            info = path.stat()
        except (OSError, ValueError):
            continue
        if stat.S_ISREG(info.st_mode):
            yield Entry(path, False, info.st_size, info.st_mtime)


_NUMBERS = re.compile(r"(\d+)")


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key that sorts ``epoch_2`` before ``epoch_10``, ignoring case."""
    return tuple(
        # Digits beyond what an int may be read from compare by length and text.
        (0, len(part.lstrip("0")), part.lstrip("0")) if part.isdecimal() else (1, 0, part)
        for part in _NUMBERS.split(name.casefold())
    )


def arrange(entries: Sequence[Entry], sort: Sort) -> list[Entry]:
    """Return folders first, then files; by name, newest first or largest first."""
    if sort == "age":
        return sorted(entries, key=lambda e: (not e.is_folder, -e.mtime, e.order))
    if sort == "size":
        return sorted(entries, key=lambda e: (not e.is_folder, -e.size, e.order))
    return sorted(entries, key=lambda e: (not e.is_folder, e.order))


def matching(entries: Iterable[Entry], text: str, *, whole_path: bool = False) -> list[Entry]:
    """Return the entries whose name (or path) contains every word of `text`, ignoring case."""
    words = text.casefold().split()
    if not words:
        return list(entries)
    return [
        entry
        for entry in entries
        if all(w in (str(entry.path) if whole_path else entry.name).casefold() for w in words)
    ]

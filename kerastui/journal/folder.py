"""Folders of journals: made, found, locked, set aside."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from .locks import try_lock

LOCK, JOURNAL, VALUES = "lock", "journal.jsonl", "values"
_ASIDE = "damaged-"


def key_of(path: str | os.PathLike[str]) -> str:
    """Return what journals for the model file at `path` begin with."""
    real = os.fsencode(os.path.realpath(path))
    return hashlib.sha256(real).hexdigest()[:24]


class Folder:
    """A journal's folder, which this process has locked."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @property
    def journal(self) -> Path:
        """The file of steps."""
        return self.path / JOURNAL

    @property
    def values(self) -> Path:
        """Where arrays are kept."""
        return self.path / VALUES

    def release(self) -> None:
        """Let go of the lock; the folder stays."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def remove(self) -> None:
        """Remove the folder and all in it."""
        # The journal first: half a removal must not leave one without its values.
        with suppress(OSError):
            self.journal.unlink()
        shutil.rmtree(self.path, ignore_errors=True)
        self.release()

    def set_aside(self) -> Path:
        """Give it a name under which it is never found again, and return that."""
        aside = self.path.with_name(_ASIDE + self.path.name)
        with suppress(OSError):
            self.path.rename(aside)
        self.release()
        return aside


def create(root: Path, path: str | os.PathLike[str]) -> Folder:
    """Make a folder for a new journal of the model file at `path`. Raises OSError."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    for attempt in range(100):
        name = f"{key_of(path)}-{time.time_ns() + attempt:020d}-{os.getpid()}"
        with suppress(FileExistsError):
            (root / name).mkdir(mode=0o700)
            folder = lock(root / name)
            if folder is not None:
                return folder
    raise FileExistsError(17, "cannot make a folder of its own", str(root))


def lock(path: Path) -> Folder | None:
    """Lock an existing folder; None while another process has it, or it is gone."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
    try:
        descriptor = os.open(path / LOCK, flags, 0o600)
    except OSError:
        return None
    if try_lock(descriptor) and _still_there(path / LOCK, descriptor):
        return Folder(path, descriptor)
    os.close(descriptor)
    return None


def _still_there(path: Path, descriptor: int) -> bool:
    """Whether nobody removed the folder between opening and locking."""
    with suppress(OSError):
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    return False


def paths_of(root: Path, path: str | os.PathLike[str]) -> list[Path]:
    """Return the folders with journals of the model file at `path`, the newest first."""
    key = key_of(path)
    found = [folder for folder in _all(root) if folder.name.startswith(key + "-")]
    return sorted((f for f in found if (f / JOURNAL).exists()), reverse=True)


def left_behind(root: Path, path: str | os.PathLike[str]) -> list[Folder]:
    """Lock and return those that nobody holds, the newest first."""
    locked = (lock(folder) for folder in paths_of(root, path))
    return [folder for folder in locked if folder is not None]


def sweep(root: Path) -> None:
    """Remove the folders of dead processes that hold no journal any more."""
    for path in _all(root):
        if path.name.startswith(_ASIDE) or (path / JOURNAL).exists():
            continue
        if (path / LOCK).exists() or _is_old(path):
            folder = lock(path)
            # Looked at again under the lock: it may have been written meanwhile.
            if folder is not None and not folder.journal.exists():
                folder.remove()
            elif folder is not None:
                folder.release()


def _is_old(path: Path) -> bool:
    """Whether a folder without a lock is not just being made."""
    with suppress(OSError):
        return time.time() - path.stat().st_mtime > 60
    return False


def _all(root: Path) -> Iterator[Path]:
    try:
        yield from [entry for entry in root.iterdir() if entry.is_dir()]
    except OSError:
        return

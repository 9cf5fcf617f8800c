"""A file beside the target, renamed over it when it is whole: the old or the new, never less.

The only place that creates, syncs and renames. Names of files being written begin with a dot
and tell host and process, so that what a killed process left behind is found and removed.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import secrets
import stat
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from ..model import Consent
from .copying import copy_range
from .landing import land

_STALE = re.compile(r"\..*\.kerastui-([0-9a-f]{6})-(\d+)-[0-9a-f]+\.tmp\Z", re.DOTALL)
_BINARY = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)


class Draft:
    """A file that is not yet in its place: `path` beside the target, `descriptor` to write."""

    def __init__(self, target: Path, mode: int = 0o666) -> None:
        self.target = target
        self.path = target.with_name(_draft_name(target.name))
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY
        self.descriptor = os.open(self.path, flags, mode)
        self.mode = stat.S_IMODE(os.fstat(self.descriptor).st_mode)
        """The mode that a new file here gets: `mode` without what the umask takes away."""
        if hasattr(os, "fchmod"):
            os.fchmod(self.descriptor, 0o600)
        self._syncing: ThreadPoolExecutor | None = None
        self._syncs: list[Future[None]] = []

    def sync(self) -> None:
        """Begin to bring what is written so far to the disk, in a thread; `synced` waits."""
        if self._syncing is None:
            self._syncing = ThreadPoolExecutor(1)
        self._syncs.append(self._syncing.submit(os.fsync, self.descriptor))

    def synced(self) -> None:
        """Wait until all that `sync` began is done. Raises OSError if it failed."""
        while self._syncs:
            self._syncs.pop().result()

    def close(self) -> None:
        """Give the descriptor back, if that has not been done."""
        if self._syncing is not None:
            self._syncing.shutdown()
            self._syncing = None
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def reopen(self) -> None:
        """Open it again, after something else (h5py) wrote to it by name."""
        self.close()
        self.descriptor = os.open(self.path, os.O_RDWR | _BINARY)

    def empty(self) -> None:
        """Begin again, with nothing written."""
        os.ftruncate(self.descriptor, 0)
        os.lseek(self.descriptor, 0, os.SEEK_SET)

    def settle(self, like: os.stat_result | None) -> None:
        """Bring the bytes to the disk, with mode and, if possible, owner of `like`."""
        mode = self.mode if like is None else stat.S_IMODE(like.st_mode)
        if hasattr(os, "fchmod"):
            here = os.fstat(self.descriptor)
            if like and (here.st_uid, here.st_gid) != (like.st_uid, like.st_gid):
                with suppress(OSError):  # only root may give files away
                    os.fchown(self.descriptor, like.st_uid, like.st_gid)
            os.fchmod(self.descriptor, mode)
        os.fsync(self.descriptor)

    def put_in_place(self, consent: Consent = "anything") -> None:
        """Give it the target's name, in place of what may be replaced; sync the folder.

        Raises OSError, and SaveFailed where something else is there; then nothing moved.
        """
        self.close()
        land(self.path, self.target, consent)
        sync_folder(self.target.parent)


@contextmanager
def draft_beside(target: Path, mode: int = 0o666) -> Generator[Draft]:
    """Yield a fresh `Draft`; whatever happens, no draft is left behind.

    Raises OSError when the folder does not take a file.
    """
    draft = Draft(target, mode)
    try:
        yield draft
    finally:
        draft.close()
        with suppress(FileNotFoundError):
            draft.path.unlink()


def copy_attributes(source: Path, draft: Draft) -> None:
    """Copy extended attributes (labels, ACLs, comments), as far as the system permits."""
    if not hasattr(os, "listxattr"):
        return
    try:
        names = os.listxattr(source)
    except OSError:
        return
    for name in names:
        with suppress(OSError):  # security labels are the system's business
            os.setxattr(draft.descriptor, name, os.getxattr(source, name))


def backup_of(target: Path) -> Path:
    """Return the name under which an earlier `target` is kept: the whole name and ``.bak``."""
    return target.with_name(f"{target.name}.bak")


def keep_backup(target: Path) -> Path:
    """Keep what `target` holds as `backup_of` it as well, in place of an earlier backup.

    A hard link, which takes no room and no time; where the file system has none, a copy.
    The earlier backup is whole until the new one is. Raises OSError.
    """
    backup = backup_of(target)
    beside = target.with_name(_draft_name(target.name))
    try:
        os.link(target, beside)
    except OSError:
        _copy_with_attributes(target, backup)
        return backup
    try:
        beside.replace(backup)
    finally:  # renaming one name of a file over another of its names does nothing at all
        with suppress(FileNotFoundError):
            beside.unlink()
    return backup


def _copy_with_attributes(source: Path, target: Path) -> None:
    with source.open("rb") as file, draft_beside(target) as draft:
        status = os.fstat(file.fileno())
        copy_range(file.fileno(), 0, status.st_size, draft.descriptor)
        copy_attributes(source, draft)
        os.utime(draft.path, ns=(status.st_atime_ns, status.st_mtime_ns))
        draft.settle(status)
        draft.put_in_place()


def sweep(folder: Path) -> int:
    """Remove drafts whose process on this host is gone; return how many.

    Never raises for a file that cannot be removed: it is nobody's save that fails by it.
    """
    removed = 0
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            match = _STALE.match(entry.name)
            if match is None or match[1] != _host() or _alive(int(match[2])):
                continue
            with suppress(OSError):
                if entry.is_file(follow_symlinks=False):
                    os.unlink(entry.path)  # noqa: PTH108
                    removed += 1
    return removed


def sync_folder(folder: Path) -> None:
    """Bring a rename in `folder` to the disk, where folders can be synced."""
    if os.name == "nt":
        return
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _draft_name(name: str) -> str:
    ending = f".kerastui-{_host()}-{os.getpid()}-{secrets.token_hex(3)}.tmp"
    room = 250 - len(ending)  # most file systems take 255 bytes
    short = os.fsdecode(os.fsencode(name)[:room])
    return f".{short}{ending}"


@cache
def _host() -> str:
    return hashlib.sha256(platform.node().encode("utf-8", "replace")).hexdigest()[:6]


def _alive(process: int) -> bool:
    if process == os.getpid():
        return True
    if os.name == "nt":  # os.kill would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True

"""From the system's errors to sentences."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

from ..errors import SaveFailed

_NUMBER = re.compile(r"errno = (\d+)")
_REASONS = {
    errno.ENOSPC: "the disk is full; free some space or save elsewhere",
    getattr(errno, "EDQUOT", -1): "your disk quota is used up; free some space or save elsewhere",
    errno.EFBIG: "the file would be larger than the system allows",
    errno.EACCES: "there is no permission to write in that folder; save elsewhere",
    errno.EPERM: "the system does not permit it; save elsewhere",
    errno.EROFS: "the file system is read-only; save elsewhere",
    errno.ENOENT: "the folder does not exist",
    errno.ENOTDIR: "part of the path is not a folder",
    errno.EISDIR: "the target is a folder; name a file in it",
    errno.ELOOP: "the target is a symbolic link that leads to itself",
    errno.ENAMETOOLONG: "the name is too long",
    errno.EBUSY: "the file is in use by the system (a mount point); save elsewhere",
    errno.EIO: "the disk reported an error",
    errno.ENXIO: "the target is no ordinary file",
}


def failed(target: str | os.PathLike[str], error: Exception) -> SaveFailed:
    """Return one clear sentence for an error while writing `target`."""
    reason = reason_of(error)
    return SaveFailed(f"{os.fspath(target)} was not saved: {reason}. The old file is untouched.")


def reason_of(error: Exception) -> str:
    """Return why something could not be written and what to do, the end of a sentence."""
    number = number_of(error)
    reason = _REASONS.get(number) if number else None
    if reason is None:
        reason = os.strerror(number).lower() if number else f"HDF5 reports: {_first_line(error)}"
    return reason


def number_of(error: BaseException) -> int:
    """Return the system's error number, which HDF5 hides in its message; 0 if there is none."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno:
            return seen.errno
        match = _NUMBER.search(str(seen))
        if match:
            return int(match[1])
        seen = seen.__cause__ or seen.__context__
    return 0


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def check_backup(backup: Path) -> None:
    """Raise SaveFailed where something that is no file has the backup's name."""
    if backup.exists() and not backup.is_file():
        raise SaveFailed(
            f"No backup can be kept: {backup} is no ordinary file. Nothing was written; rename "
            "it, or save without a backup."
        )


def check_target(target: Path) -> None:
    """Raise SaveFailed for a target that cannot or must not be replaced."""
    if target.is_dir():
        raise SaveFailed(f"{target} is a folder; name a file in it.")
    if target.is_symlink():  # after all links were followed
        raise failed(target, OSError(errno.ELOOP, ""))
    if target.exists() and not target.is_file():
        raise SaveFailed(f"{target} is no ordinary file; nothing was written.")
    if target.exists() and not os.access(target, os.W_OK):
        raise SaveFailed(f"{target} is write-protected; change its mode or save elsewhere.")

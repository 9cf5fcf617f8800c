"""Copying bytes from one open file to another, by the fastest way that the system has.

A clone shares the blocks (btrfs, XFS, APFS-like file systems), `os.copy_file_range` stays
inside the kernel, `os.sendfile` as well; reading and writing works everywhere. None of them
takes more memory than one piece.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable

PIECE = 32 << 20
"""Bytes between two looks at `cancelled` and two reports of progress."""
_BUFFER = 1 << 20
_FICLONE = 0x40049409  # linux/fs.h: _IOW(0x94, 9, int)
# What says "not this way", rather than "this cannot be written".
_OTHER_WAY = {
    errno.EXDEV,
    errno.EINVAL,
    errno.ENOSYS,
    errno.EOPNOTSUPP,
    errno.ENOTSUP,
    errno.EBADF,
    errno.EPERM,
    errno.ETXTBSY,
    errno.ENOTTY,
}

Progress = Callable[[float], None]


def clone(source: int, target: int) -> bool:
    """Let the whole of file `target` share the blocks of `source`; say whether that went.

    Both are descriptors. Only Linux has this call; elsewhere the answer is no.
    """
    if not sys.platform.startswith("linux"):
        return False
    import fcntl

    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError:
        return False
    return True


def copy_range(
    source: int,
    offset: int,
    length: int,
    target: int,
    progress: Progress | None = None,
) -> None:
    """Append `length` bytes of `source` from `offset` on at the position of `target`.

    `progress` is called with the number of bytes of each piece; what it raises ends the copy.
    Raises OSError (ENOSPC, EFBIG, …), and EOFError if the source is shorter than that.
    """
    ways = [way for way in (_in_kernel, _by_sendfile, _by_hand) if way is not None]
    done = 0
    while done < length:
        piece = min(PIECE, length - done)
        try:
            count = ways[0](source, offset + done, piece, target)
        except OSError as error:
            if len(ways) == 1 or error.errno not in _OTHER_WAY:
                raise
            ways.pop(0)
            continue
        if count == 0:
            if len(ways) == 1:
                raise EOFError("the file has become shorter")
            ways.pop(0)  # some file systems answer 0 for what they cannot do
            continue
        done += count
        if progress is not None:
            progress(count)


_Way = Callable[[int, int, int, int], int]


def _copy_file_range(source: int, offset: int, length: int, target: int) -> int:
    return os.copy_file_range(source, target, length, offset)


def _sendfile(source: int, offset: int, length: int, target: int) -> int:
    return os.sendfile(target, source, offset, length)


def _by_hand(source: int, offset: int, length: int, target: int) -> int:
    os.lseek(source, offset, os.SEEK_SET)
    data = os.read(source, min(length, _BUFFER))
    write_all(target, data)
    return len(data)


_in_kernel: _Way | None = _copy_file_range if hasattr(os, "copy_file_range") else None
# Elsewhere than on Linux sendfile writes to sockets only.
_by_sendfile: _Way | None = _sendfile if sys.platform.startswith("linux") else None


def write_all(target: int, data: bytes | bytearray | memoryview) -> None:
    """Write all of `data`; the system may take it in parts. Raises OSError."""
    view = memoryview(data)
    while view:
        count = os.write(target, view)
        view = view[count:]

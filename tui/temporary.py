"""Folders for arrays in the system's temporary folder, and those that dead kerastuis left there.

Each holds a locked file as long as its owner lives; a folder whose lock can be had is nobody's.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from kerastui.journal.folder import JOURNAL, LOCK, Folder, lock

VALUES, WEIGHTS = "kerastui-values-", "kerastui-weights-"
_FRESH = 60
"""Seconds in which a folder without a lock may be one that is being made."""


def make(prefix: str) -> Folder:
    """Make a folder, locked, whose name begins with `prefix`. Raises OSError."""
    path = Path(tempfile.mkdtemp(prefix=prefix))
    folder = lock(path)
    if folder is None:
        raise OSError(11, "cannot be locked", str(path))
    return folder


def sweep(journals: Path) -> None:
    """Remove the folders of kerastuis that are no more; for a thread. Never raises for them.

    One that a journal in the folder `journals` speaks of stays: its arrays may not be kept
    anywhere else.
    """
    found = [path for path in _ours() if (path / LOCK).exists() or _is_old(path)]
    spoken_of = _journals(journals) if found else b""
    for path in found:
        if path.name.encode() not in spoken_of:
            folder = lock(path)
            if folder is not None:
                folder.remove()


def _ours() -> list[Path]:
    """Return the folders, no links, that kerastuis of this user made."""
    found: list[Path] = []
    try:
        with os.scandir(tempfile.gettempdir()) as entries:
            for entry in entries:
                if entry.name.startswith((VALUES, WEIGHTS)) and entry.is_dir(follow_symlinks=False):
                    owner = entry.stat(follow_symlinks=False).st_uid
                    if not hasattr(os, "getuid") or owner == os.getuid():
                        found.append(Path(entry.path))
    except OSError:
        pass  # what cannot be looked at now stays for another time
    return found


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > _FRESH
    except OSError:
        return False


def _journals(root: Path) -> bytes:
    """Return the text of all journals."""
    texts: list[bytes] = []
    for path in root.glob(f"*/{JOURNAL}"):
        try:
            texts.append(path.read_bytes())
        except OSError:
            continue
    return b"\n".join(texts)

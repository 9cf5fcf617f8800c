"""The files that were opened last, kept in the user's state folder.

A convenience: whatever is wrong with the list (damaged, not writable, written by two
kerastuis at once), nothing more is lost than the list.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

from kerastui.journal.locks import try_lock

from .paths import absolute

MAX_FILES = 30
_MAX_BYTES = 1_000_000
_LOCK_SECONDS = 0.5


def state_file() -> Path:
    """Return where the list is kept (it need not exist)."""
    given = os.environ.get("XDG_STATE_HOME", "")
    if os.path.isabs(given):  # noqa: PTH117  the specification ignores relative ones
        return Path(given) / "kerastui" / "recent.json"
    from platformdirs import user_state_dir

    return Path(user_state_dir("kerastui", appauthor=False)) / "recent.json"


def load() -> list[Path]:
    """Return the files, the last opened first; whether they still exist is not looked at."""
    return [Path(path) for path in _read(state_file())]


def add(path: Path | str) -> None:
    """Put `path` at the head of the list. Never raises for what the disk does."""
    entry = str(absolute(path))
    target = state_file()
    with suppress(OSError):
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _locked(target.with_suffix(".lock")):
            others = [other for other in _read(target) if other != entry]
            _write(target, [entry, *others][:MAX_FILES])


def _read(target: Path) -> list[str]:
    """Return the paths in the file; what is not a list of paths counts as empty."""
    try:
        with target.open("rb") as file:
            data: Any = json.loads(file.read(_MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return []
    files: Any = cast("dict[str, Any]", data).get("files") if isinstance(data, dict) else None
    if not isinstance(files, list):
        return []
    paths = [p for p in cast("list[Any]", files) if isinstance(p, str) and _sound(p)]
    return list(dict.fromkeys(paths))[:MAX_FILES]


def _sound(path: str) -> bool:
    return 0 < len(path) <= 4096 and "\0" not in path and os.path.isabs(path)  # noqa: PTH117


def _write(target: Path, paths: list[str]) -> None:
    """Replace the file as a whole: a reader sees the old or the new list."""
    handle, name = tempfile.mkstemp(prefix="recent-", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            json.dump({"version": 1, "files": paths}, file, indent=1)
        Path(name).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


@contextmanager
def _locked(lock: Path) -> Generator[None]:
    """Hold a lock among kerastuis, or go on without when somebody keeps it too long."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + _LOCK_SECONDS
        while not try_lock(descriptor) and time.monotonic() < deadline:
            time.sleep(0.01)
        yield
    finally:
        os.close(descriptor)  # which lets go of the lock

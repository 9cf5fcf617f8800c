"""What the user answered: custom objects for each folder of models, consent for contents.

Kept in one small JSON file in the user's config directory (``custom_objects.json``), fit to
be read and edited by hand::

    {
      "folders": {
        "/home/me/models": [
          {"name": "f1", "kind": "metric", "how": "file", "value": "/home/me/metrics.py"}
        ]
      },
      "may_run": {
        "9f86d081…": {"file": "transfer.hdf5", "on": "2026-11-24"}
      }
    }

A damaged file counts as empty and is set aside (``….damaged``) before it is written anew.
Consent is given to a file's content, by SHA-256, never to its name.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, cast

How = Literal["file", "module", "expression", "classic", "standin"]
HOWS = frozenset({"file", "module", "expression", "classic", "standin"})
MAX_FOLDERS = 500
MAX_CONSENTS = 2000
_MAX_BYTES = 4 << 20
_BLOCK = 1 << 20
_LOCK_SECONDS = 2.0


@dataclass(frozen=True)
class Answer:
    """One missing name and where it comes from."""

    name: str
    """The key that Keras looks up, as `needs.find` gives it."""
    kind: str
    how: How
    value: str = ""
    """A path (absolute), a dotted module, an expression, a classic's name, or nothing."""

    def row(self) -> dict[str, str]:
        """Return it as the worker's `custom.resolve` takes it."""
        return asdict(self)


def store() -> Path:
    """Return where answers are kept (it need not exist)."""
    given = os.environ.get("XDG_CONFIG_HOME", "")
    if os.path.isabs(given):  # noqa: PTH117  the specification ignores relative ones
        return Path(given) / "kerastui" / "custom_objects.json"
    from platformdirs import user_config_dir

    return Path(user_config_dir("kerastui", appauthor=False)) / "custom_objects.json"


def content_hash(path: Path | str, stop: Callable[[], bool] | None = None) -> str:
    """Return the SHA-256 of a file's content. Raises OSError; InterruptedError if stopped."""
    digest = hashlib.sha256()
    with Path(path).open("rb") as stream:
        while block := stream.read(_BLOCK):
            if stop is not None and stop():
                raise InterruptedError
            digest.update(block)
    return digest.hexdigest()


def recall(folder: Path | str) -> dict[str, Answer]:
    """Return the answers for models in a folder, by name. What makes no sense is left out."""
    folders = _section(_read(store()), "folders")
    rows = folders.get(_key(folder))
    if not isinstance(rows, list):
        return {}
    found = (_answer(row) for row in cast("list[Any]", rows))
    return {answer.name: answer for answer in found if answer is not None}


def remember(folder: Path | str, answers: Iterable[Answer]) -> None:
    """Keep answers for a folder; those for other names stay. Raises OSError."""
    added = {answer.name: answer for answer in answers}

    def change(data: dict[str, Any]) -> None:
        folders = _section(data, "folders")
        kept = {answer.name: answer for answer in _rows(folders.pop(_key(folder), None))}
        kept.update(added)
        folders[_key(folder)] = [answer.row() for answer in kept.values()]
        data["folders"] = dict(list(folders.items())[-MAX_FOLDERS:])

    _update(change)


def forget(folder: Path | str, names: Iterable[str] | None = None) -> None:
    """Drop the answers for a folder: the given names, or all. Raises OSError."""
    dropped = None if names is None else set(names)

    def change(data: dict[str, Any]) -> None:
        folders = _section(data, "folders")
        rows = _rows(folders.pop(_key(folder), None))
        kept = [] if dropped is None else [a.row() for a in rows if a.name not in dropped]
        if kept:
            folders[_key(folder)] = kept
        data["folders"] = folders

    _update(change)


def may_run(content: str) -> bool:
    """Whether the user agreed to run the code of a file with this content hash."""
    return bool(content) and content in _section(_read(store()), "may_run")


def agree(content: str, file: Path | str) -> None:
    """Keep the user's consent for a content; `file` only tells readers. Raises OSError."""
    if len(content) != 64:
        raise ValueError("Consent is given to a SHA-256 in hexadecimal digits.")

    def change(data: dict[str, Any]) -> None:
        agreed = _section(data, "may_run")
        agreed.pop(content, None)
        agreed[content] = {"file": Path(file).name, "on": date.today().isoformat()}
        data["may_run"] = dict(list(agreed.items())[-MAX_CONSENTS:])

    _update(change)


def withdraw(content: str) -> None:
    """Drop the consent for a content. Raises OSError."""

    def change(data: dict[str, Any]) -> None:
        agreed = _section(data, "may_run")
        agreed.pop(content, None)
        data["may_run"] = agreed

    _update(change)


def _key(folder: Path | str) -> str:
    """The folder's true place, so that a link and a relative path find the same answers."""
    return os.path.realpath(Path(folder).expanduser())


def _section(data: dict[str, Any], name: str) -> dict[str, Any]:
    found: Any = data.get(name)
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _rows(rows: Any) -> list[Answer]:
    items = cast("list[Any]", rows) if isinstance(rows, list) else []
    return [answer for answer in map(_answer, items) if answer is not None]


def _answer(row: Any) -> Answer | None:
    if not isinstance(row, dict):
        return None
    entry = cast("dict[str, Any]", row)
    fields = {key: entry.get(key, "") for key in ("name", "kind", "how", "value")}
    if not all(isinstance(value, str) for value in fields.values()):
        return None
    if fields["how"] not in HOWS or not fields["name"]:
        return None
    return Answer(**fields)


def _read(target: Path) -> dict[str, Any]:
    return _parse(target)[0]


def _parse(target: Path) -> tuple[dict[str, Any], bool]:
    """Return what the file says, and whether it is whole (a missing one is)."""
    try:
        with target.open("rb") as stream:
            text = stream.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return {}, True
    except OSError:
        return {}, False
    try:
        data: Any = json.loads(text) if len(text) <= _MAX_BYTES else None
    except (ValueError, RecursionError):
        return {}, False
    if not isinstance(data, dict):
        return {}, False
    return cast("dict[str, Any]", data), True


def _update(change: Callable[[dict[str, Any]], None]) -> None:
    target = store()
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _locked(target.with_suffix(".lock")):
        data, whole = _parse(target)
        if not whole:
            with suppress(OSError):
                target.replace(target.with_suffix(".damaged"))
        change(data)
        _write(target, data)


def _write(target: Path, data: dict[str, Any]) -> None:
    """Write beside the target and rename: another kerastui reads the old or the new."""
    text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    handle, name = tempfile.mkstemp(prefix=".custom-", dir=target.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


@contextmanager
def _locked(path: Path) -> Generator[None]:
    """Hold off other kerastuis for a moment; without locks (or too long held) go on."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    with path.open("a") as stream:
        until = time.monotonic() + _LOCK_SECONDS
        while True:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() > until:
                    break
                time.sleep(0.01)
        yield

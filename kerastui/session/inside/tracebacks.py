"""What the user sees of an exception: their own line, and where it went wrong."""

from __future__ import annotations

import linecache
import os
import traceback
from typing import Any

from .texts import say

_HERE = os.path.dirname(os.path.abspath(__file__))
_KEPT_SOURCES = 200
_MAX_FRAMES = 12
_sources: list[str] = []


def remember(name: str, source: str) -> None:
    """Let tracebacks and `inspect` show lines of code that was typed."""
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    _sources.append(name)
    if len(_sources) > _KEPT_SOURCES:
        linecache.cache.pop(_sources.pop(0), None)


def short(error: BaseException, folders: list[str]) -> dict[str, Any]:
    """Return ``type``, ``message``, ``line`` (of the typed code) and ``traceback``.

    The traceback holds the frames of typed code and of files in `folders`, and the innermost
    frame of a library; how many are left out between them is said.
    """
    if isinstance(error, SyntaxError) and (error.filename or "").startswith("<console"):
        lines = _only(error)
        return _row(error, error.lineno or 0, lines)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not _is_ours(f)]
    typed = [f for f in frames if f.filename.startswith("<console")]
    lines = ["Traceback (most recent call last):"] if frames else []
    lines += _frames(frames, folders)
    cause = error.__cause__
    tail = _only(error)
    if cause is not None and cause is not error:
        tail.append(f"caused by {type(cause).__name__}: {say(cause, 500)}")
    return _row(error, (typed[-1].lineno or 0) if typed else 0, lines + tail)


def _row(error: BaseException, line: int, lines: list[str]) -> dict[str, Any]:
    return {
        "type": type(error).__name__,
        "message": say(error),
        "line": line,
        "traceback": "\n".join(lines),
    }


def _only(error: BaseException) -> list[str]:
    if isinstance(error, SyntaxError):
        return "".join(traceback.format_exception_only(type(error), error)).rstrip().split("\n")
    message = say(error)
    name = type(error).__name__
    notes = getattr(error, "__notes__", None)
    lines = [f"{name}: {message}" if message else name]
    if isinstance(notes, list):
        lines += [str(note)[:500] for note in notes[:5]]
    return lines


def _frames(frames: Any, folders: list[str]) -> list[str]:
    shown = [i for i, f in enumerate(frames) if _is_users(f.filename, folders)]
    if frames and (len(frames) - 1) not in shown:
        shown.append(len(frames) - 1)
    if len(shown) > _MAX_FRAMES:
        half = _MAX_FRAMES // 2
        shown = shown[:half] + shown[-half:]
    lines: list[str] = []
    last = -1
    for i in shown:
        if i > last + 1:
            count = i - last - 1
            lines.append(f"  … {count} more frame{'' if count == 1 else 's'}")
        lines += traceback.format_list([frames[i]])[0].rstrip("\n").split("\n")
        last = i
    return lines


def _is_ours(frame: Any) -> bool:
    return os.path.dirname(frame.filename) == _HERE


def _is_users(filename: str, folders: list[str]) -> bool:
    if filename.startswith("<console") or filename == "<expression>":
        return True
    if filename.startswith("<") or f"{os.sep}site-packages{os.sep}" in filename:
        return False
    return any(filename.startswith(folder + os.sep) for folder in folders)

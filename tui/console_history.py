"""What was typed into the console, kept between runs in the user's state folder."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

from . import recent
from .background import start_thread

MAX_INPUTS = 1000
_MAX_BYTES = 4 << 20
_MAX_CODE = 20_000
_coming: SimpleQueue[str] = SimpleQueue()
_writer: Thread | None = None


def history_file() -> Path:
    """Return where the history is kept: one JSON string a line, oldest first."""
    return recent.state_file().with_name("console_history.jsonl")


def load() -> list[str]:
    """Return the inputs, oldest first. What is no JSON string is left out."""
    try:
        with history_file().open("rb") as stream:
            lines = stream.read(_MAX_BYTES).splitlines()
    except OSError:
        return []
    found: list[str] = []
    for line in lines[-MAX_INPUTS:]:
        with suppress(ValueError, RecursionError):
            code: Any = json.loads(line)
            if isinstance(code, str):
                found.append(code)
    return found


def add_soon(code: str) -> None:
    """Keep an input, on a thread that lives on: to start one costs as much as an evaluation."""
    global _writer
    _coming.put(code)
    if _writer is None:
        _writer = start_thread("history", _write)


def _write() -> None:
    while True:
        add(_coming.get())


def add(code: str) -> None:
    """Keep an input. Appending a line is safe among several kerastuis. Never raises."""
    if not code.strip() or len(code) > _MAX_CODE:
        return
    target = history_file()
    with suppress(OSError):
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if target.exists() and target.stat().st_size > _MAX_BYTES // 2:
            kept = load()[-MAX_INPUTS // 2 :]
            spare = target.with_suffix(".tmp")
            spare.write_text("".join(json.dumps(c) + "\n" for c in kept), encoding="ascii")
            spare.replace(target)
        with target.open("a", encoding="ascii") as stream:
            stream.write(json.dumps(code) + "\n")

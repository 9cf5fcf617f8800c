"""Parsing a model's configuration: JSON of an untrusted file, with caps."""

from __future__ import annotations

import json
import sys
import threading
from typing import Any

from ..errors import UnreadableFile, UnsafeFile

MAX_BYTES = 64 << 20
MAX_DEPTH = 10_000
"""Nested brackets (a model in a model costs four; 500 models deep are 2,000)."""
_STACK = 128 << 20
_turn = threading.Lock()


def parse_json(text: str | bytes, what: str) -> Any:
    """Return the parsed JSON. `what` names it in messages (``model_config``).

    Raises UnsafeFile for what is too long or too deep, UnreadableFile for what is no JSON.
    """
    if len(text) > MAX_BYTES:
        raise UnsafeFile(
            f"The file's {what} has {len(text):,} bytes; kerastui reads at most {MAX_BYTES:,}."
        )
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise UnreadableFile(f"The file's {what} is not valid UTF-8 text.") from error
    try:
        return _loads(text, what)
    except RecursionError:
        return _parse_deep(text, what)


def parse_object(text: str | bytes, what: str) -> dict[str, Any]:
    """Return the parsed JSON, which must be an object. Raises as `parse_json`."""
    value = parse_json(text, what)
    if not isinstance(value, dict):
        raise UnreadableFile(f"The file's {what} is not a JSON object; kerastui cannot read it.")
    return value  # pyright: ignore[reportUnknownVariableType]


def _loads(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        if isinstance(error, json.JSONDecodeError):
            where = f"is not valid JSON (at character {error.pos:,})"
        else:  # Python refuses integers of over 4,300 digits
            where = "holds a number of thousands of digits"
        raise UnreadableFile(f"The file's {what} {where}.") from error


def _parse_deep(text: str, what: str) -> Any:
    """Parse on a thread with a big stack and a higher recursion limit.

    Python's own limit (1,000) is too low for a few hundred nested models. From Python 3.12
    on the C parser has a limit of its own, which the setting does not move.
    """
    outcome: list[Any] = []

    def work() -> None:
        try:
            outcome.append(_loads(text, what))
        except RecursionError:
            outcome.append(
                UnsafeFile(f"The file's {what} is nested too deep for kerastui to read.")
            )
        except UnreadableFile as error:
            outcome.append(error)

    with _turn:
        limit, stack = sys.getrecursionlimit(), threading.stack_size(_STACK)
        sys.setrecursionlimit(max(limit, MAX_DEPTH))
        try:
            thread = threading.Thread(target=work, name="kerastui-json")
            thread.start()
            thread.join()
        finally:
            threading.stack_size(stack)
            sys.setrecursionlimit(limit)
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return outcome[0]

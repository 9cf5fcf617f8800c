"""What commands print: nothing that is wrong with standard output or error is a traceback."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress


def ready() -> None:
    """Make standard output and error usable whatever they are.

    A closed one (``>&-``) swallows what is printed; what an ASCII one lacks is escaped.
    """
    if sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison] - closed by the caller
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    if sys.stderr is None:  # pyright: ignore[reportUnnecessaryComparison]
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def put(text: str) -> None:
    """Write all of a text to standard output; that nobody reads on (``| head``) is no error.

    Raises OSError (a full disk), of which `cli.run` makes a sentence.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        silence()


def tell(text: str) -> None:
    """Say something on standard error, if that can be written."""
    with suppress(OSError):
        print(f"kerastui: {text}", file=sys.stderr)  # noqa: T201


def silence() -> None:
    """Let what is still to be flushed to standard output go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

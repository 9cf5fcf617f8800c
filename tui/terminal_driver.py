"""What the screen is written to: the terminal, also where standard error is none.

Textual writes to standard error, so that ``kerastui MODEL 2>errors`` would draw its screen into
the file and show nothing.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.driver import Driver


def for_the_terminal(driver: type[Driver]) -> type[Driver]:
    """Return Textual's driver, or one that writes to standard output if only that is a terminal."""
    error, output = sys.__stderr__, sys.__stdout__
    if (error is not None and error.isatty()) or output is None or not output.isatty():
        return driver

    class OnStandardOutput(driver):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            # As standard error does, it writes what it cannot encode as an escape.
            self._file = open(  # noqa: SIM115
                output.fileno(), "w", encoding=output.encoding, errors="backslashreplace",
                newline="", closefd=False,
            )  # fmt: skip

    return OnStandardOutput

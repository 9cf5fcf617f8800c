"""Standard output and error of the user's code: streamed, and capped."""

from __future__ import annotations

import codecs
import io
import os
import sys
from typing import Any

from .outbox import Outbox

MAX_PRINTED = 1 << 20
"""Characters of one evaluation's printing that reach the screen."""


class Printing:
    """Where ``print`` goes while the user's code runs."""

    def __init__(self, outbox: Outbox, limit: int = MAX_PRINTED) -> None:
        self._outbox = outbox
        self._limit = limit
        self._number = 0
        self._room = 0
        self.total = 0
        self.streams = (Stream(self, "stdout", 1), Stream(self, "stderr", 2))

    def begin(self, number: int) -> None:
        """Begin evaluation `number`: its streams become ``sys.stdout`` and ``sys.stderr``."""
        self._number, self._room, self.total = number, self._limit, 0
        sys.stdout, sys.stderr = self.streams
        if sys.stdin is None or sys.stdin.closed:  # `exit()` closes it
            sys.stdin = open(os.devnull)  # and stays open

    def write(self, stream: str, text: str) -> None:
        """Pass on what there is room for; count the rest."""
        self.total += len(text)
        if self._room > 0 and text:
            kept = text[: self._room]
            self._room -= len(kept)
            self._outbox.printed(self._number, stream, kept)

    @property
    def lost(self) -> int:
        """How many characters were not passed on."""
        return max(0, self.total - self._limit)


class Stream(io.TextIOBase):
    """A text stream that cannot be closed."""

    def __init__(self, printing: Printing, name: str, descriptor: int) -> None:
        super().__init__()
        self._printing = printing
        self._descriptor = descriptor
        self.name = name
        self.mode = "w"

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """UTF-8, everywhere."""
        return "utf-8"

    @property
    def buffer(self) -> Any:
        """A stream of bytes, for code that writes to ``sys.stdout.buffer``."""
        return _Bytes(self)

    def writable(self) -> bool:
        """It is."""
        return True

    def isatty(self) -> bool:
        """It is no terminal."""
        return False

    def fileno(self) -> int:
        """The descriptor that native code writes to; it reaches the screen as well."""
        return self._descriptor

    def write(self, text: str, /) -> int:
        """Write text."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._printing.write(self.name, text)
        return len(text)

    def close(self) -> None:
        """Stay open: the next evaluation prints too."""


class _Bytes(io.RawIOBase):
    def __init__(self, stream: Stream) -> None:
        super().__init__()
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        piece = bytes(data)
        self._stream.write(self._decoder.decode(piece))
        return len(piece)

    def close(self) -> None:
        pass

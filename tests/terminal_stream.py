"""Feed pyte with what a modern program writes, minus what pyte cannot parse.

pyte 0.8 draws the parameters of control sequences with the markers ``<``, ``=``, ``>``
(``\\x1b[>1u`` leaves "1u" on the screen) and of those with an intermediate byte
(``\\x1b[?2026$p``). They, OSC and DCS strings are taken out here; titles and clipboard
writes are kept for the tests to look at. The alternate screen is a cleared one.
"""

from __future__ import annotations

import base64
import re

import pyte

_STRING = re.compile(rb"\x1b([\]PX^_])(.*?)(?:\x07|\x1b\\)", re.S)
_FOREIGN = re.compile(rb"\x1b\[(?:[<=>][0-?]*[ -/]*[@-~]|[0-?]*[ -/]+[@-~]|[0-?]*:[0-?]*[@-~])")
_ALTERNATE = re.compile(rb"\x1b\[\?(?:1049|47|1047)[hl]")
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_](?:(?!\x07|\x1b\\).)*)?\Z", re.S)


class TerminalStream:
    """Bytes in, a pyte screen drawn. Sequences may be cut anywhere between two feeds."""

    def __init__(self, screen: pyte.Screen) -> None:
        self.titles: list[str] = []
        self.clipboard: list[str] = []
        self._screen = screen
        self._stream = pyte.ByteStream(screen)
        self._held = b""

    def feed(self, data: bytes) -> None:
        """Draw `data`; an unfinished sequence at its end waits for the rest."""
        data = self._held + data
        cut = _UNFINISHED.search(data)
        self._held = data[cut.start() :] if cut else b""
        data = data[: cut.start()] if cut else data
        data = _FOREIGN.sub(b"", _STRING.sub(self._keep_string, data))
        first, *rest = _ALTERNATE.split(data)
        self._stream.feed(first)
        for part in rest:
            self._screen.reset()
            self._stream.feed(part)

    def _keep_string(self, match: re.Match[bytes]) -> bytes:
        kind, _, text = match.group(2).partition(b";")
        if match.group(1) == b"]" and kind in (b"0", b"2"):
            self.titles.append(text.decode(errors="replace"))
        elif match.group(1) == b"]" and kind == b"52":
            copied = base64.b64decode(text.partition(b";")[2])
            self.clipboard.append(copied.decode(errors="replace"))
        return b""

"""Run a program in a real pseudo-terminal behind pyte's emulation of a screen. POSIX only.

with Terminal(["kerastui", "model.h5"], columns=120, rows=40) as terminal:
    terminal.wait_for("conv1")
    terminal.press("down", "space", "ctrl+s")
    assert b"\\x1b]0;pwned" not in terminal.raw
"""

from __future__ import annotations

import fcntl
import os
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import pyte
from terminal_stream import TerminalStream

T = TypeVar("T")

PATIENCE = 120.0
"""Seconds that anything may take on a machine that is slow or busy; nothing waits them out."""

KEYS = {
    "enter": "\r", "tab": "\t", "shift+tab": "\x1b[Z", "escape": "\x1b", "space": " ",
    "backspace": "\x7f", "delete": "\x1b[3~", "up": "\x1b[A", "down": "\x1b[B",
    "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F",
    "pageup": "\x1b[5~", "pagedown": "\x1b[6~", "f1": "\x1bOP",
    "shift+up": "\x1b[1;2A", "shift+down": "\x1b[1;2B",
}  # fmt: skip


def installed_program(name: str = "kerastui") -> str:
    """Return the console script that was installed beside the running Python."""
    path = Path(sys.executable).parent / name
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: install the package (pip install -e .)")
    return str(path)


class Terminal:
    """A program in a pseudo-terminal, and what its screen shows.

    Args:
        command: program and arguments.
        columns, rows: size of the screen.
        env: added to the environment (``None`` as a value removes a variable).
        cwd: where the program runs.
    """

    def __init__(
        self,
        command: Sequence[str],
        columns: int = 80,
        rows: int = 24,
        env: Mapping[str, str | None] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.raw = bytearray()
        """Every byte that the program wrote to the terminal, in order."""
        self._changed = threading.Condition()
        self._screen = pyte.Screen(columns, rows)
        self._stream = TerminalStream(self._screen)
        self._master, slave = os.openpty()
        _set_size(slave, columns, rows)
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            list(command),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=_environment(env or {}),
            cwd=cwd,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, name="pty reader", daemon=True)
        self._reader.start()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- what the program says --------------------------------------------------------------

    @property
    def lines(self) -> list[str]:
        """The rows of the screen, without trailing blanks."""
        with self._changed:
            return [row.rstrip() for row in self._screen.display]

    def screen_text(self) -> str:
        """The screen as text."""
        return "\n".join(self.lines)

    @property
    def titles(self) -> list[str]:
        """Window titles that were set (OSC 0 and 2)."""
        return self._stream.titles

    @property
    def clipboard(self) -> list[str]:
        """Texts that were copied to the clipboard (OSC 52)."""
        return self._stream.clipboard

    def row_of(self, pattern: str) -> int:
        """Return the number of the first screen row that `pattern` (a regex) matches."""
        for number, line in enumerate(self.lines):
            if re.search(pattern, line):
                return number
        raise AssertionError(f"no row matches {pattern!r}:\n{self.screen_text()}")

    # -- what the user does -----------------------------------------------------------------

    def send(self, text: str) -> None:
        """Send characters as they are."""
        os.write(self._master, text.encode())

    def press(self, *keys: str) -> None:
        """Press keys by name (``down``, ``ctrl+s``, ``a``), a moment apart as people do."""
        for key in keys:
            if key.startswith("ctrl+") and len(key) == 6:
                self.send(chr(ord(key[5].upper()) - 64))
            else:
                self.send(KEYS.get(key, key))
            time.sleep(0.03)  # an escape right before another key would read as alt+key

    def click(self, column: int, row: int) -> None:
        """Click with the left button (cells counted from 0)."""
        for final in "Mm":
            self.send(f"\x1b[<0;{column + 1};{row + 1}{final}")

    def resize(self, columns: int, rows: int) -> None:
        """Make the terminal another size; the kernel tells the program."""
        with self._changed:
            self._screen.resize(rows, columns)
            _set_size(self._master, columns, rows)

    # -- waiting ----------------------------------------------------------------------------

    def wait_for(self, pattern: str, timeout: float = PATIENCE) -> re.Match[str]:
        """Wait until `pattern` (a regex, multi-line) is on the screen; return the match."""
        found = self._wait(lambda text: re.search(pattern, text, re.M), f"{pattern!r}", timeout)
        assert found is not None
        return found

    def wait_gone(self, pattern: str, timeout: float = PATIENCE) -> None:
        """Wait until `pattern` is no longer on the screen."""
        self._wait(lambda text: not re.search(pattern, text, re.M), f"no {pattern!r}", timeout)

    def wait_raw(self, needle: bytes, timeout: float = PATIENCE) -> float:
        """Wait until `needle` was written; return the seconds from launch to then."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while needle not in self.raw:
                if not self._changed.wait(deadline - time.monotonic()):
                    raise AssertionError(f"{needle!r} was not written in {timeout} s")
            return time.perf_counter() - self.started

    def wait_exit(self, timeout: float = PATIENCE) -> int:
        """Wait for the program's end and return its exit status."""
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running:\n{self.screen_text()}") from None
        self._reader.join(5)
        return status

    def _wait(self, test: Callable[[str], T], wanted: str, timeout: float) -> T:
        deadline = time.monotonic() + timeout
        while True:
            with self._changed:
                found = test("\n".join(row.rstrip() for row in self._screen.display))
                if found:
                    return found
                left = deadline - time.monotonic()
                ended = not self._reader.is_alive()
                if left > 0 and not ended:
                    self._changed.wait(min(left, 0.5))
                    continue
            why = "the program ended" if ended else f"{timeout:g} s passed"
            raise AssertionError(f"waited for {wanted}; {why}. Screen:\n{self.screen_text()}")

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65536)
            except OSError:  # Linux answers EIO once the last writer has closed
                data = b""
            with self._changed:
                self.raw += data
                self._stream.feed(data)
                self._changed.notify_all()
            if not data:
                return

    def close(self) -> None:
        """End the program, if it still runs, and all that it started in this terminal."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self._reader.join(5)
        os.close(self._master)


def _environment(extra: Mapping[str, str | None]) -> dict[str, str]:
    """The user's environment in a terminal of 24-bit colour; PYTHONPATH does not leak in."""
    env = {k: v for k, v in os.environ.items() if k not in {"LINES", "COLUMNS", "PYTHONPATH"}}
    env |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
    for name, value in extra.items():
        env.pop(name, None)
        if value is not None:
            env[name] = value
    return env


def _set_size(terminal: int, columns: int, rows: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)

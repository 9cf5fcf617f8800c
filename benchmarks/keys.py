"""Keys to a real terminal while Keras is busy: from the key to what it paints.

The program runs in a pseudo-terminal; the cursor is moved through the layers, and the time is
taken until the terminal gets the next output. At rest, while TensorFlow is imported, and while
an evaluation keeps all cores busy.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import termios
import time
from pathlib import Path

BUSY = "while True: np.dot(np.ones((900, 900)), np.ones((900, 900)))"


class Keyboard:
    """A program in a pseudo-terminal, and somebody who types into it."""

    def __init__(self, command: list[str], columns: int = 160, rows: int = 50) -> None:
        self.child, self.master = pty.fork()
        if self.child == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.execv(command[0], command)
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, size)
        self.text = b""
        """What was painted since the last text that was waited for."""

    def read(self, seconds: float) -> bytes:
        """Return what comes within some seconds; b"" if nothing does."""
        if not select.select([self.master], [], [], max(0, seconds))[0]:
            return b""
        data = os.read(self.master, 1 << 16)
        self.text += data
        return data

    def wait_for(self, needle: bytes, seconds: float = 120) -> None:
        """Read until `needle` came; it may have come while keys were timed."""
        until = time.monotonic() + seconds
        while needle not in self.text:
            if time.monotonic() > until:
                raise SystemExit(f"{needle!r} never came")
            self.read(0.1)
        self.text = self.text.rpartition(needle)[2]

    def quiet(self, seconds: float = 0.05) -> None:
        """Read until nothing comes for a moment."""
        while self.read(seconds):
            pass

    def send(self, keys: str) -> None:
        """Type."""
        os.write(self.master, keys.encode())

    def latency(self, key: str) -> float:
        """Return the seconds from a key to the output that follows."""
        self.quiet(0.02)
        began = time.perf_counter()
        self.send(key)
        if not self.read(2):
            raise SystemExit(f"{key!r} painted nothing")
        return time.perf_counter() - began

    def p95(self, seconds: float) -> tuple[float, int]:
        """Return the 95th percentile for keys sent during some seconds, and their number."""
        taken: list[float] = []
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            taken += [self.latency("\x1b[B"), self.latency("\x1b[A")]
            time.sleep(0.03)
        return sorted(taken)[int(len(taken) * 0.95)], len(taken)

    def close(self) -> None:
        """End the program; its Keras process has to follow by itself."""
        os.kill(self.child, 9)
        os.waitpid(self.child, 0)
        os.close(self.master)


def typing(program: str, model: Path) -> list[tuple[str, float]]:
    """Return what was measured: a phase, and the 95th percentile in seconds."""
    keyboard = Keyboard([program, str(model)])
    try:
        keyboard.wait_for(b"Freeze to here")
        keyboard.quiet(0.5)
        rest, _ = keyboard.p95(3)
        keyboard.send("c")
        keyboard.wait_for(b"importing")
        keyboard.send("\x1b")  # the console closes, Keras goes on
        time.sleep(0.3)
        importing, _ = keyboard.p95(4)
        keyboard.wait_for(b"ready")
        keyboard.send("c")
        time.sleep(0.3)
        keyboard.send(BUSY + "\r")
        keyboard.wait_for(b"busy")
        keyboard.send("\x1b")
        time.sleep(0.3)
        busy, _ = keyboard.p95(6)
        return [("at rest", rest), ("TensorFlow imports", importing), ("an evaluation runs", busy)]
    finally:
        keyboard.close()

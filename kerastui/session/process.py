"""The Keras process and its pipes; knows nothing of what is said through them."""

from __future__ import annotations

import codecs
import contextlib
import os
import queue
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, cast

from .inside import wire

WORKER = Path(__file__).resolve().parent / "worker.py"
HELLO_SECONDS = 60.0
"""An interpreter that has not said hello by then is none."""
_NOISE = 1 << 16
"""Bytes skipped before the worker's first word (start-up files may print)."""
_LAST_WORDS = 4000

Receive = Callable[[dict[str, Any], bytes], None]


class Process:
    """A worker, from its start to its end.

    One thread, the keeper, starts it and waits for its end: the kernel is told to kill the
    worker when *that thread* dies, so it must be no short-lived one. Two threads read, one
    writes; whoever sends never waits.
    """

    def __init__(
        self,
        command: Callable[[], str],
        receive: Receive,
        native: Callable[[str], None],
        ended: Callable[[Exception | None, int], None],
    ) -> None:
        """Prepare; nothing happens before `start`.

        Args:
            command: finds the interpreter; may take a moment and raise.
            receive: gets each message, in a thread of ours.
            native: gets what native code and child processes print.
            ended: is called once, with what `command` or the start raised, or None, and with
                the exit status (negative: a signal).
        """
        self._command = command
        self._receive = receive
        self._native = native
        self._ended = ended
        self._popen: subprocess.Popen[bytes] | None = None
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._reading = threading.Lock()
        self._life = -1
        self._closing = False
        self._spoke = threading.Event()
        self.started = threading.Event()
        self.gone = threading.Event()
        self.executable = ""
        """The interpreter, once it was found."""
        self.last_words = ""
        self.garbled = ""
        """What came instead of a message, if that is why the process was ended."""

    def start(self) -> None:
        """Start the keeper, which starts the process."""
        threading.Thread(target=self._keep, name="kerastui-keeper", daemon=True).start()

    @property
    def pid(self) -> int | None:
        """The process's id, once it is started."""
        return self._popen.pid if self._popen is not None else None

    @property
    def spoke(self) -> bool:
        """Whether the worker has said its first word: the interpreter is a Python."""
        return self._spoke.is_set()

    def send(self, message: dict[str, Any]) -> None:
        """Send a message (soon). After the end this does nothing."""
        self._outgoing.put(wire.encode(message))

    def kill(self) -> None:
        """End the process, and the processes that it started, at once."""
        popen = self._popen
        if popen is None:
            self._closing = True
        elif os.name == "posix":
            if popen.poll() is None:
                _kill_group(popen.pid)
        else:
            popen.kill()

    def close(self, seconds: float = 2.0) -> None:
        """Let the process end, and wait for that."""
        self._closing = True
        self._outgoing.put(None)
        self._hang_up()
        if self._popen is not None and not self.gone.wait(seconds):
            self.kill()
            self.gone.wait(seconds)

    def settle(self, seconds: float = 0.05) -> None:
        """Wait until what native code has printed so far was passed on."""
        popen = self._popen
        if os.name != "posix" or popen is None or popen.stderr is None:
            return
        for _ in range(int(seconds / 0.001)):
            with self._reading:
                try:
                    if not select.select([popen.stderr], [], [], 0)[0]:
                        return
                except (OSError, ValueError):
                    return
            self.gone.wait(0.001)

    def _keep(self) -> None:
        problem: Exception | None = None
        status = 0
        try:
            popen = self._spawn(self._command())
        except Exception as error:  # handed on: the screen says it
            problem = error
        else:
            status = self._attend(popen)
        self.gone.set()
        self.started.set()
        self._ended(problem, status)

    def _attend(self, popen: subprocess.Popen[bytes]) -> int:
        readers = [
            threading.Thread(target=work, args=(popen,), name=f"kerastui-{name}", daemon=True)
            for name, work in (("messages", self._read), ("native", self._listen))
        ]
        for thread in readers:
            thread.start()
        threading.Thread(
            target=self._write, args=(popen,), name="kerastui-requests", daemon=True
        ).start()
        self.started.set()
        if self._closing:
            self._hang_up()
        status = self._wait(popen)
        if os.name == "posix":
            _kill_group(popen.pid)  # children that the user's code has left
        for thread in readers:
            thread.join(1.0)
        self._outgoing.put(None)
        self._hang_up()
        return status

    def _wait(self, popen: subprocess.Popen[bytes]) -> int:
        timer = threading.Timer(HELLO_SECONDS, self._give_up)
        timer.daemon = True
        timer.start()
        try:
            return popen.wait()
        finally:
            timer.cancel()

    def _give_up(self) -> None:
        if not self.spoke:
            self.garbled = "it did not answer"
            self.kill()

    def _spawn(self, executable: str) -> subprocess.Popen[bytes]:
        self.executable = executable
        environ = dict(os.environ, PYTHONIOENCODING="utf-8")
        environ.pop("__PYVENV_LAUNCHER__", None)  # macOS: else another environment's packages
        command = [executable, str(WORKER)]
        ours: tuple[int, ...] = ()
        if os.name == "posix":
            end, self._life = os.pipe()
            ours = (end,)
            command += ["--life", str(end)]
        try:
            self._popen = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=ours,
                env=environ,
                # A group of its own: Ctrl+C in the terminal is the screen's business, and
                # what the user's code starts can be ended along with it.
                start_new_session=True,
            )
        finally:
            for descriptor in ours:
                os.close(descriptor)
        return self._popen

    def _write(self, popen: subprocess.Popen[bytes]) -> None:
        stream = cast("IO[bytes]", popen.stdin)
        with contextlib.suppress(OSError, ValueError):
            while (data := self._outgoing.get()) is not None:
                stream.write(data)
                stream.flush()
        with contextlib.suppress(OSError, ValueError):
            stream.close()

    def _read(self, popen: subprocess.Popen[bytes]) -> None:
        stream = cast("IO[bytes]", popen.stdout)
        try:
            self._skip_noise(stream)
            self._spoke.set()
            while True:
                self._receive(*wire.read(cast("Any", stream)))
        except (EOFError, OSError):
            return
        except wire.Nonsense as error:
            self.garbled = str(error)
            self.kill()

    def _skip_noise(self, stream: IO[bytes]) -> None:
        """Read up to and including the worker's first word. Raises EOFError, Nonsense."""
        seen = b""
        while not seen.endswith(wire.MAGIC):
            byte = stream.read(1)
            if not byte:
                raise EOFError
            seen += byte
            if len(seen) > _NOISE:
                raise wire.Nonsense("something that is no Python printed " + repr(seen[:60]))

    def _listen(self, popen: subprocess.Popen[bytes]) -> None:
        descriptor = cast("IO[bytes]", popen.stderr).fileno()
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while True:
            try:
                if os.name == "posix":
                    select.select([descriptor], [], [])
                    with self._reading:
                        data = os.read(descriptor, 1 << 16)
                        self._tell(decoder.decode(data))
                else:
                    data = os.read(descriptor, 1 << 16)
                    self._tell(decoder.decode(data))
            except (OSError, ValueError):
                return
            if not data:
                return

    def _tell(self, text: str) -> None:
        if text:
            self.last_words = (self.last_words + text)[-_LAST_WORDS:]
            self._native(text)

    def _hang_up(self) -> None:
        life, self._life = self._life, -1
        if life >= 0:
            with contextlib.suppress(OSError):
                os.close(life)


def _kill_group(pid: int) -> None:
    if os.name == "posix" and sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)

"""The clerk's own side: reads requests from standard input, one thread does the work."""

from __future__ import annotations

import gc
import os
import queue
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import KerastuiError, UnreadableFile
from .frames import read_frame, write_frame
from .looking import LookingDesk

Report = Callable[[str, float], None]


class Desk(LookingDesk):
    """What the clerk does: one method a request."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.number = -1
        """The request that is being worked on."""
        self.unwanted: set[int] = set()
        """Requests that were cancelled before they began."""
        self._lock = threading.Lock()

    def begin(self, number: int) -> None:
        """Take note of the request that is worked on from now on."""
        with self._lock:
            self.number = number
            self.stop.clear()
            if number in self.unwanted:
                self.unwanted.discard(number)
                self.stop.set()

    def cancel(self, numbers: tuple[int, ...]) -> None:
        """Stop these requests, begun or not; with none named the present one."""
        with self._lock:
            if not numbers or self.number in numbers:
                self.stop.set()
            self.unwanted.update(n for n in numbers if n > self.number)

    def open(self, report: Report, path: str) -> Any:
        """Read a model file into its description."""
        from ..files import open_model

        return open_model(path)

    def tidy(self, path: str) -> None:
        """Remove what saves that were killed have left beside a model file."""
        with suppress(OSError, ValueError):
            folder = Path(path).resolve().parent
            # Only a folder that has any is worth the import.
            if any(".kerastui-" in name for name in os.listdir(folder)):  # noqa: PTH208
                from ..saving.atomic import sweep

                sweep(folder)

    def glance(self, report: Report, path: str) -> Any:
        """Look at a file just enough to list it."""
        from ..files import glance

        return glance(path)

    def scan(self, report: Report, path: str) -> Any:
        """Look for code in a model file: what was found, and the content's SHA-256."""
        from ..checks.code_scan import scan
        from ..files import read_configs
        from ..session.answers import content_hash

        found = scan(*read_configs(path))
        return found, content_hash(path, self.stop.is_set) if found.verdict != "clean" else ""

    def export(self, report: Report, source: Any, target: str) -> None:
        """Write the array that a source names to a .npy file."""
        from ..saving.export import export_array

        export_array(source, target)

    def arrays(self, report: Report, path: str) -> Any:
        """List the arrays of a .npy, an .npz or a model file."""
        from ..making.arrays import arrays_in

        return arrays_in(path)

    def make(
        self, report: Report, layer: Any, name: str, present: Any, recipe: Any, target: str | None
    ) -> Any:
        """Compute new values of a layer's weight; write them to `target`, or only sum up."""
        from ..making.making import make

        weight = next(w for w in layer.weights if w.name == name)
        return make(layer, weight, present, recipe, target)

    def loss(self, report: Report, sources: tuple[Any, ...], dtype: str) -> Any:
        """Find out what arrays lose in another dtype."""
        from ..making.losses import loss_of

        return loss_of(sources, dtype)

    def plan(self, report: Report, model: Any, edits: tuple[Any, ...]) -> Any:
        """Find out what saving `edits` would do besides, without writing anything."""
        from ..edits import Document
        from ..edits.save_summary import SaveSummary
        from ..saving import plan_save

        document = Document(model)
        document.apply(*edits)
        plan = plan_save(document)
        slots = plan.slots.sentence if plan.slots.touched else ""
        return SaveSummary(plan.reordered, slots, plan.warnings)

    def save_text(self, report: Report, text: str, target: Any) -> Any:
        """Write a text that the screen has made."""
        from ..analysis.export_file import save_bytes

        return save_bytes(target, text.encode("utf-8", "surrogateescape"))

    def save(
        self,
        report: Report,
        model: Any,
        edits: tuple[Any, ...],
        target: Any,
        overwrite: bool,
        backup: bool = False,
    ) -> Any:
        """Apply `edits` to the file that `model` was read from and write `target`."""
        from ..edits import Document
        from ..saving import save

        document = Document(model)
        document.apply(*edits)
        return save(
            document,
            target,
            overwrite_changed=overwrite,
            backup=backup,
            progress=report,
            cancelled=self.stop.is_set,
        )


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer requests until their stream ends."""
    desk = Desk()
    jobs: queue.SimpleQueue[tuple[int, str, tuple[Any, ...]] | None] = queue.SimpleQueue()
    worker = threading.Thread(target=_work, args=(desk, jobs, replies))
    worker.start()
    while True:
        try:
            number, request, args = read_frame(requests)
        except (EOFError, OSError):
            break
        if request == "cancel":
            desk.cancel(args)
        else:
            jobs.put((number, request, args))
    jobs.put(None)
    worker.join()


def _work(
    desk: Desk, jobs: queue.SimpleQueue[tuple[int, str, tuple[Any, ...]] | None], replies: BinaryIO
) -> None:
    while (job := jobs.get()) is not None:
        number, request, args = job
        desk.begin(number)

        def report(stage: str, fraction: float, number: int = number) -> None:
            write_frame(replies, (number, "progress", (stage, fraction)))

        try:
            try:
                answer = (number, "done", getattr(desk, request)(report, *args))
            except KerastuiError as error:
                answer = (number, "error", type(error)(str(error)))
            except MemoryError:
                answer = (number, "error", UnreadableFile("There is not enough memory for this."))
            except Exception as error:  # the border of a process: the user hears of it
                what = f"{type(error).__name__}: {error}"
                answer = (number, "error", UnreadableFile(f"This failed unexpectedly ({what})."))
            write_frame(replies, answer)
        except OSError:
            return  # the screen is gone
        if request == "open":
            desk.tidy(args[0])


def give_way(niceness: int) -> None:
    """Let other processes have the cores first, the screen's own above all."""
    if niceness and hasattr(os, "nice"):
        os.nice(niceness)
        # Linux may share cores out among sessions, and by niceness only within each of them.
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(niceness), encoding="ascii")


def main() -> None:
    """Run the clerk on standard input and output; the argument is its niceness."""
    give_way(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    # Whatever a library prints must not get between the messages.
    sink = os.open(os.devnull, os.O_RDWR)
    os.dup2(sink, 0)
    os.dup2(sink, 1)
    sys.setswitchinterval(0.001)
    # Reading a model makes many objects that stay and little garbage: look for it seldom.
    gc.set_threshold(100_000, 20, 50)
    serve(requests, replies)

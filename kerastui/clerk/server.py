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
from .seen import SeenDesk

Report = Callable[[str, float], None]


class Desk(SeenDesk):
    """What the clerk does: one method a request."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.number = -1
        """The request that is being worked on."""
        self.unwanted: set[int] = set()
        """Requests that were cancelled before they began."""
        self._lock = threading.Lock()
        self._looking: Any = None
        self._drawing: Any = None

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

    def statistics(
        self, report: Report, model: Any, keys: Any, quantiles: bool, duplicates: bool
    ) -> Any:
        """Return figures and flags of weights: all of them (None), or those of some keys."""
        from ..analysis.statistics import statistics_of

        return statistics_of(
            model,
            keys,
            quantiles=quantiles,
            duplicates=duplicates,
            progress=report,
            cancelled=self.stop.is_set,
        )

    def histogram(
        self, report: Report, file: Any, dataset: str, low: Any, high: Any, bins: int
    ) -> Any:
        """Return how many elements lie in bins between two numbers (None: least, greatest)."""
        return self._look().histogram(report, file, dataset, low, high, bins)

    def sketch(self, report: Report, file: Any, dataset: str, bins: int) -> Any:
        """Return a histogram of a sample, at once."""
        return self._look().sketch(file, dataset, bins)

    def window(
        self, report: Report, file: Any, dataset: str, rows: Any, columns: Any, at: Any
    ) -> Any:
        """Return the values of a window into an array."""
        return self._look().window(file, dataset, rows, columns, at)

    def find(self, report: Report, file: Any, dataset: str, sought: Any, after: Any) -> Any:
        """Return the place of an array's largest, smallest or next NaN element."""
        return self._look().find(report, file, dataset, sought, after)

    def gallery(self, report: Report, file: Any, dataset: str, options: Any) -> Any:
        """Return a convolution's filters as tiles of pixels."""
        return self._pictures().gallery(report, file, dataset, options)

    def filter_figures(self, report: Report, file: Any, dataset: str, options: Any) -> Any:
        """Return norm, least and greatest value of every filter."""
        return self._pictures().filter_figures(report, file, dataset, options)

    def heat_map(self, report: Report, file: Any, dataset: str, options: Any) -> Any:
        """Return a slice as pixels."""
        return self._pictures().heat_map(report, file, dataset, options)

    def draw_gallery(self, report: Report, *args: Any) -> Any:
        """Write a convolution's filters as a picture."""
        return self._pictures().draw_gallery(report, *args)

    def draw_heat_map(self, report: Report, *args: Any) -> Any:
        """Write a slice as a picture."""
        return self._pictures().draw_heat_map(report, *args)

    def sixels(self, report: Report, pictures: Any) -> Any:
        """Return pictures as Sixel."""
        from ..analysis.sixel import sixels

        return sixels(pictures)

    def compare(self, report: Report, old: str, new: str) -> Any:
        """Compare two model files. It may take long: a clerk of its own keeps others free."""
        from ..analysis.compare import compare

        return compare(old, new, self._watched(report))

    def trail(self, report: Report, paths: tuple[str, ...]) -> Any:
        """Follow weights through checkpoints; see `compare`."""
        from ..analysis.trail import trail

        return trail(paths, self._watched(report))

    def save_text(self, report: Report, text: str, target: str) -> Any:
        """Write a text that the screen has made."""
        from ..analysis.export_file import save_bytes

        return save_bytes(target, text.encode("utf-8", "surrogateescape"))

    def _watched(self, report: Report) -> Callable[[float], None]:
        """Return what passes on the share that is done, and stops when the screen wants it."""
        from ..analysis.results import Cancelled

        def watch(share: float) -> None:
            if self.stop.is_set():
                raise Cancelled
            report("comparing", share)

        return watch

    def get_ready(self, report: Report) -> None:
        """Import what looks into arrays."""
        self._look()

    def _look(self) -> Any:
        """Return what keeps the file open that is looked into."""
        if self._looking is None:
            from ..analysis.looking import Looking

            self._looking = Looking(self.stop.is_set)
        return self._looking

    def _pictures(self) -> Any:
        """Return what makes pictures of arrays, and keeps the last one's numbers."""
        if self._drawing is None:
            from ..analysis.pictures import Pictures

            self._drawing = Pictures(self.stop.is_set)
        return self._drawing

    def save(
        self,
        report: Report,
        model: Any,
        edits: tuple[Any, ...],
        target: str,
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


def main() -> None:
    """Run the clerk on standard input and output; the argument is its niceness."""
    if hasattr(os, "nice"):
        os.nice(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
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

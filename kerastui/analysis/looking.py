"""Looking into one array after the other, as a screen does: the file stays open meanwhile.

So the next step of a grid finds libhdf5's unpacked chunks where the last one left them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack

from ..files.arrays import ArrayFile, StoredArray, check_same, open_arrays
from ..model import FileIdentity
from .histogram import histogram_of
from .progress import Meter, Report
from .results import Found, Histogram, Window
from .window import Part, Sought, find, window_of


class Looking:
    """Answers questions about single arrays; `cancelled` says whether to stop meanwhile.

    All of them raise UnreadableFile when the file is not the one it was, and what the functions
    of the same names raise.
    """

    def __init__(self, cancelled: Callable[[], bool]) -> None:
        self._cancelled = cancelled
        self._stack = ExitStack()
        self._file: FileIdentity | None = None
        self._arrays: ArrayFile | None = None
        self._array: StoredArray | None = None

    def window(
        self,
        file: FileIdentity,
        dataset: str,
        rows: Part,
        columns: Part | None,
        at: Sequence[int],
    ) -> Window:
        """Return the values of a window; see `window_of`."""
        return window_of(self._at(file, dataset), rows, columns, at)

    def histogram(
        self,
        report: Report,
        file: FileIdentity,
        dataset: str,
        low: float | None,
        high: float | None,
        bins: int,
    ) -> Histogram | None:
        """Return the histogram; see `histogram_of`."""
        array = self._at(file, dataset)
        passes = 1 if low is not None and high is not None else 2
        meter = self._meter(report, array, passes)
        return histogram_of(array, low, high, bins, meter)

    def find(
        self,
        report: Report,
        file: FileIdentity,
        dataset: str,
        sought: Sought,
        after: Sequence[int] | None,
    ) -> Found | None:
        """Return the place of a remarkable element; see `find` in `window`."""
        array = self._at(file, dataset)
        return find(array, sought, after, self._meter(report, array, 1))

    def close(self) -> None:
        """Close the file."""
        self._file = self._arrays = self._array = None
        self._stack.close()

    def _meter(self, report: Report, array: StoredArray, passes: int) -> Meter:
        return Meter(passes * array.size * array.dtype.itemsize, report, self._cancelled)

    def _at(self, file: FileIdentity, dataset: str) -> StoredArray:
        """Return the array, opening the file if it is another than before."""
        if file != self._file or self._arrays is None:
            self.close()
            # Whether it is the same is checked at each question, not when it is closed.
            check_same(file.path, file)
            self._arrays = self._stack.enter_context(open_arrays(file.path))
            self._file = file
        try:
            check_same(file.path, file)
            if self._array is None or self._array.path != dataset:
                self._array = None  # its chunks are let go before others come
                self._array = self._arrays.array(dataset)
        except Exception:
            self.close()
            raise
        return self._array

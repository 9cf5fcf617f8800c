"""Looking into one array after the other, as a screen does: the file stays open meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..files.arrays import StoredArray
from ..model.places import Place
from .histogram import histogram_of
from .places import Places
from .progress import Meter, Report
from .results import Found, Histogram, Sketch, Window
from .sketch import sketch_of
from .window import Part, Sought, find, window_of


class Looking:
    """Answers questions about single arrays; `cancelled` says whether to stop meanwhile.

    A `file` is the model's own (the array is its `dataset`), or another place (`place_of`), whose
    values are rounded to the dtype that it states. All methods raise UnreadableFile when the file
    is not the one it was, and what the functions of the same names raise.
    """

    def __init__(self, cancelled: Callable[[], bool]) -> None:
        self._cancelled = cancelled
        self._places = Places()

    def window(
        self,
        file: Place,
        dataset: str,
        rows: Part,
        columns: Part | None,
        at: Sequence[int],
    ) -> Window:
        """Return the values of a window; see `window_of`."""
        return window_of(self._places.array(file, dataset), rows, columns, at)

    def histogram(
        self,
        report: Report,
        file: Place,
        dataset: str,
        low: float | None,
        high: float | None,
        bins: int,
    ) -> Histogram | None:
        """Return the histogram; see `histogram_of`."""
        array = self._places.array(file, dataset)
        passes = 1 if low is not None and high is not None else 2
        meter = self._meter(report, array, passes)
        return histogram_of(array, low, high, bins, meter)

    def sketch(self, file: Place, dataset: str, bins: int) -> Sketch | None:
        """Return the histogram of a sample; see `sketch_of`."""
        return sketch_of(self._places.array(file, dataset), bins)

    def find(
        self,
        report: Report,
        file: Place,
        dataset: str,
        sought: Sought,
        after: Sequence[int] | None,
    ) -> Found | None:
        """Return the place of a remarkable element; see `find` in `window`."""
        array = self._places.array(file, dataset)
        return find(array, sought, after, self._meter(report, array, 1))

    def close(self) -> None:
        """Close the file."""
        self._places.close()

    def _meter(self, report: Report, array: StoredArray, passes: int) -> Meter:
        return Meter(passes * array.size * array.dtype.itemsize, report, self._cancelled)

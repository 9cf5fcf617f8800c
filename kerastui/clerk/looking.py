"""The clerk's requests about weights: figures, what views show, two models compared."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from .seen import Report, SeenDesk


class LookingDesk(SeenDesk):
    """A part of the `Desk`: one method a request."""

    stop: threading.Event
    _looking: Any = None
    _drawing: Any = None

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

"""The clerk's requests about weights as matrices, and for saving what is seen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

Report = Callable[[str, float], None]


class SeenDesk:
    """A part of the `Desk`: one method a request."""

    stop: threading.Event
    _seeing: Any = None

    def export_weight(self, report: Report, file: Any, dataset: str, target: Any) -> Any:
        """Write a whole weight as .npy or CSV."""
        return self._seen().export_weight(report, file, dataset, target)

    def export_slice(
        self,
        report: Report,
        file: Any,
        dataset: str,
        rows: Any,
        columns: Any,
        at: Any,
        target: Any,
    ) -> Any:
        """Write a slice of a weight as .npy or CSV."""
        return self._seen().export_slice(report, file, dataset, rows, columns, at, target)

    def draw_histogram(
        self, report: Report, histogram: Any, title: str, log: bool, target: Any
    ) -> Any:
        """Write a histogram as a picture."""
        from ..analysis.drawing_plots import draw_histogram

        return draw_histogram(histogram, title, log, target)

    def export_histogram(self, report: Report, histogram: Any, target: Any) -> Any:
        """Write a histogram's bins as CSV."""
        from ..analysis.drawing_plots import export_histogram

        return export_histogram(histogram, target)

    def draw_histograms(
        self, report: Report, rows: Any, ends: Any, log: bool, title: str, target: Any
    ) -> Any:
        """Write histograms below each other as a picture."""
        from ..analysis.drawing_rows import draw_histograms

        return draw_histograms(rows, ends, log, title, target)

    def export_histograms(self, report: Report, rows: Any, target: Any) -> Any:
        """Write the bins of several histograms as CSV."""
        from ..analysis.drawing_rows import export_histograms

        return export_histograms(rows, target)

    def projection(self, report: Report, file: Any, dataset: str, along: Any) -> Any:
        """Return the rows or columns of a matrix as points on planes."""
        return self._seen().projection(report, file, dataset, along)

    def neighbours(
        self, report: Report, file: Any, dataset: str, along: Any, number: int, count: int
    ) -> Any:
        """Return which rows or columns are next to one."""
        return self._seen().neighbours(report, file, dataset, along, number, count)

    def draw_projection(
        self, report: Report, projection: Any, axes: Any, marks: Any, title: str, target: Any
    ) -> Any:
        """Write a projection as a picture."""
        from ..analysis.drawing_plots import draw_projection

        return draw_projection(projection, axes, marks, title, target)

    def export_projection(self, report: Report, projection: Any, target: Any) -> Any:
        """Write the points of a projection as .npy or CSV."""
        from ..analysis.drawing_plots import export_projection

        return export_projection(projection, target)

    def spectrum(self, report: Report, file: Any, dataset: str) -> Any:
        """Return the singular values of a weight."""
        return self._seen().spectrum(report, file, dataset)

    def draw_spectrum(
        self, report: Report, spectrum: Any, log: bool, title: str, target: Any
    ) -> Any:
        """Write singular values as a picture."""
        from ..analysis.drawing_plots import draw_spectrum

        return draw_spectrum(spectrum, log, title, target)

    def export_spectrum(self, report: Report, spectrum: Any, target: Any) -> Any:
        """Write singular values as .npy or CSV."""
        from ..analysis.drawing_plots import export_spectrum

        return export_spectrum(spectrum, target)

    def _seen(self) -> Any:
        """Return what keeps the file open, and the last numbers that took long."""
        if self._seeing is None:
            from ..analysis.seen import Seen

            self._seeing = Seen(self.stop.is_set)
        return self._seeing

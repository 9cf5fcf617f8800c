"""What is seen of a weight as a matrix, and saved: numbers that took long are kept for the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..files.stored_array import StoredArray
from ..model import Goal
from ..model.places import Place
from .export import export_slice, export_weight
from .export_results import Saved
from .matrix_results import Neighbours, Projection, Spectrum
from .neighbours import neighbours_of
from .places import Places
from .progress import Meter, Report
from .projection import SHOWN, Along, Basis, passes, project
from .spectrum import spectrum_of
from .window import Part


class Seen:
    """Answers questions about single arrays; `cancelled` says whether to stop meanwhile.

    What the methods raise is told where the functions of their names are.
    """

    def __init__(self, cancelled: Callable[[], bool]) -> None:
        self._cancelled = cancelled
        self._places = Places()
        self._basis: tuple[object, Basis] | None = None
        self._spectrum: tuple[object, Spectrum] | None = None

    def export_weight(self, report: Report, place: Place, dataset: str, target: Goal) -> Saved:
        """Write a whole weight to a file."""
        array = self._places.array(place, dataset)
        return export_weight(array, target, place, self._meter(report, "writing", array))

    def export_slice(
        self,
        report: Report,
        place: Place,
        dataset: str,
        rows: Part | int | None,
        columns: Part | int | None,
        at: Sequence[int],
        target: Goal,
    ) -> Saved:
        """Write a slice of a weight to a file."""
        array = self._places.array(place, dataset)
        meter = self._meter(report, "writing", array)
        return export_slice(array, rows, columns, at, target, place, meter)

    def projection(self, report: Report, place: Place, dataset: str, along: Along) -> Projection:
        """Return rows or columns as points."""
        return self._projected(report, place, dataset, along).projection

    def neighbours(
        self, report: Report, place: Place, dataset: str, along: Along, number: int, count: int
    ) -> Neighbours:
        """Return a point and those next to it."""
        basis = self._projected(report, place, dataset, along)
        array = self._places.array(place, dataset)
        meter = self._meter(report, "comparing", array)
        return neighbours_of(array, along, number, basis, count, meter)

    def spectrum(self, report: Report, place: Place, dataset: str) -> Spectrum:
        """Return a weight's singular values."""
        array, key = self._places.array(place, dataset), (place, dataset)
        if self._spectrum is None or self._spectrum[0] != key:
            meter = self._meter(report, "reading", array)
            self._spectrum = key, spectrum_of(array, meter, self._cancelled)
        return self._spectrum[1]

    def _projected(self, report: Report, place: Place, dataset: str, along: Along) -> Basis:
        array, key = self._places.array(place, dataset), (place, dataset, along)
        if self._basis is None or self._basis[0] != key:
            meter = self._meter(report, "reading", array, passes(array))
            self._basis = None
            self._basis = key, project(array, along, SHOWN, meter, self._cancelled)
        return self._basis[1]

    def _meter(self, report: Report, stage: str, array: StoredArray, passes: int = 1) -> Meter:
        total = passes * array.size * array.dtype.itemsize
        meter = Meter(total, report, self._cancelled)
        meter.stage = stage
        return meter

"""The views of a weight, in the order of their tabs."""

from __future__ import annotations

from .figures_view import FiguresTab
from .filters_view import FiltersView
from .heat_map_view import HeatMapView
from .histogram_view import HistogramView
from .projection_view import ProjectionView
from .spectrum_view import SpectrumView
from .values_view import ValuesView
from .view import LookView

VIEWS: tuple[type[LookView], ...] = (
    HistogramView,
    ValuesView,
    FiltersView,
    HeatMapView,
    ProjectionView,
    SpectrumView,
    FiguresTab,
)

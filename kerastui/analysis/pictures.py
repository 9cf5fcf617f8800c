"""Pictures of single weights for the screen: filters as tiles, slices as heat maps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ..files.arrays import StoredArray
from ..model import Goal
from .export_results import Saved
from .picture_blocks import Blocks, blocks_of, size_of
from .picture_colours import INF, NAN, SCREEN_LEVELS, coloured, largest, palette
from .picture_results import FilterFigures, Gallery, GalleryOptions, HeatMap, HeatOptions
from .picture_tiles import figures_of, gallery_of
from .places import Place, Places
from .progress import Meter, Report

CLIP = 0.99
"""Which quantile of absolute values a clipped scale ends at."""


class Pictures:
    """Answers for one file after the other; `cancelled` says whether to stop meanwhile.

    The last slice's blocks are kept, so that another scale needs no reading.
    """

    def __init__(self, cancelled: Callable[[], bool]) -> None:
        self._cancelled = cancelled
        self._places = Places()
        self._kept: tuple[object, Blocks] | None = None

    def gallery(
        self, report: Report, file: Place, dataset: str, options: GalleryOptions
    ) -> Gallery:
        """Return filters as tiles; see `gallery_of`."""
        array = self._places.array(file, dataset)
        return gallery_of(array, options, self._meter(report, _bytes(array)))

    def filter_figures(
        self, report: Report, file: Place, dataset: str, options: GalleryOptions
    ) -> FilterFigures:
        """Return norm, least and greatest value of every filter; see `figures_of`."""
        array = self._places.array(file, dataset)
        return figures_of(array, options, self._meter(report, _bytes(array)))

    def heat_map(self, report: Report, file: Place, dataset: str, options: HeatOptions) -> HeatMap:
        """Return a slice as pixels; see `blocks_of`."""
        array = self._places.array(file, dataset)
        # What only concerns colours is left out of what the blocks are known by.
        key = file, dataset, replace(options, clip=False, palette="dark")
        if self._kept is None or self._kept[0] != key:
            meter = self._meter(report, size_of(array, options))
            self._kept = key, blocks_of(array, options, meter)
        return heat_map_of(self._kept[1], options)

    def draw_gallery(
        self,
        report: Report,
        file: Place,
        dataset: str,
        options: GalleryOptions,
        order: Sequence[int] | None,
        columns: int,
        titles: tuple[str, str],
        target: Goal,
    ) -> Saved:
        """Write filters as a picture; see `drawing_pictures.draw_gallery`."""
        from .drawing_pictures import draw_gallery

        array = self._places.array(file, dataset)
        meter = self._meter(report, _bytes(array))
        return draw_gallery(array, options, order, columns, titles, target, file, meter)

    def draw_heat_map(
        self,
        report: Report,
        file: Place,
        dataset: str,
        options: HeatOptions,
        title: str,
        names: tuple[str, str],
        target: Goal,
    ) -> Saved:
        """Write a slice as a picture; see `drawing_pictures.draw_heat_map`."""
        from .drawing_pictures import draw_heat_map

        array = self._places.array(file, dataset)
        meter = self._meter(report, size_of(array, options))
        return draw_heat_map(array, options, title, names, target, file, meter)

    def _meter(self, report: Report, total: int) -> Meter:
        return Meter(total, report, self._cancelled)


def heat_map_of(blocks: Blocks, options: HeatOptions, levels: int = SCREEN_LEVELS) -> HeatMap:
    """Colour the blocks of a slice, on a scale that is centred at zero."""
    values = blocks.values
    sizes = np.abs(values[np.isfinite(values)])
    limit = float(largest(values))
    if options.clip and sizes.size:
        limit = float(np.quantile(sizes, CLIP)) or limit
    colours = palette(options.palette, levels)
    return HeatMap(
        height=values.shape[0],
        width=values.shape[1],
        rgb=coloured(values, limit, colours).tobytes(),
        values=np.ascontiguousarray(values).tobytes(),
        row_edges=tuple(blocks.row_edges.tolist()),
        column_edges=tuple(blocks.column_edges.tolist()),
        limit=limit,
        beyond=int(np.count_nonzero(sizes > limit)),
        nan=blocks.nan,
        inf=blocks.inf,
        palette=colours.tobytes(),
        nan_colour=bytes(NAN),
        inf_colour=bytes(INF),
    )


def _bytes(array: StoredArray) -> int:
    return array.size * array.dtype.itemsize
